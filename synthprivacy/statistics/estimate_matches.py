"""Isolating predicates as a risk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synthprivacy.results import ByColumns, Matches, MatchesEvidence, Outcome, Risk, Skipped
from synthprivacy.statistics.refusal import refuse, refuse_few_people
from synthprivacy.statistics.sample_size import PEOPLE_NEEDED
from synthprivacy.statistics.singling_out import SinglingOut, alarm, isolated, of_queries, singling_out
from synthprivacy.statistics.trivial_isolation import trivial_isolation, weight

QUERIES_NEEDED = 50
"""Predicates below which nothing is judged."""


def estimate_matches(
    outcome: Outcome,
    original: Matches,
    control: Matches | None,
    *,
    primary: bool,
    confidence: float,
    rng: np.random.Generator,
) -> Risk | Skipped:
    """Return the size-matched residual risk of isolating predicates, the raw rate without a control.

    Parameters as `estimate.estimate`.
    """
    if control is not None and control.weight is not None:
        reason = "needs a control that was held out: how often a predicate fits exactly one person has no weighted form"
        return refuse(outcome, reason, "people of the same population, held out before training", primary=primary)
    if any(side.people < PEOPLE_NEEDED for side in (original, control) if side is not None):
        return refuse_few_people(outcome, primary=primary)
    if original.queries < QUERIES_NEEDED:
        tried = "" if original.drawn is None else f", of {original.drawn:,} tried"
        reason = f"few queries: the release gave {original.queries} predicates to count{tried}, under {QUERIES_NEEDED}"
        return refuse(outcome, reason, f"{QUERIES_NEEDED} predicates", primary=primary)
    drawn = rng.spawn(3)
    found = singling_out(original, control, drawn[0])
    lower, upper = found.interval(confidence, "clopper-pearson")
    if found.saturated and upper > 0:
        reason = "control saturated: every predicate isolates a person without the release"
        return refuse(outcome, reason, "predicates that are less sure to isolate", primary=primary)
    return Risk(
        attack=outcome.attack,
        endpoint=outcome.endpoint,
        primary=primary,
        parameters=outcome.parameters,
        estimand="raw rate, no control" if control is None else "size-matched residual risk R(m) n_T / m",
        estimator="MLE; delete-group jackknife over people, never inside that of independent predicates",
        value=found.value,
        interval=found.interval(confidence, "jeffreys"),
        lower=lower,
        upper=upper,
        excess=None,
        confidence=confidence,
        p_value=None if control is None else alarm(original, control, drawn[1]),
        needed_rows=None,
        evidence=replace(
            _evidence(found, original, control), by_columns=_by_columns(original, control, confidence, drawn[2])
        ),
    )


def _evidence(found: SinglingOut, original: Matches, control: Matches | None) -> MatchesEvidence:
    queries, people = isolated(original)
    return MatchesEvidence(
        queries=found.queries,
        isolated_original=queries,
        isolated_control=None if control is None else isolated(control)[0],
        people=people,
        size=found.size,
        standard_error=found.standard_error,
        of=original.people,
        drawn=original.drawn,
        weight=None if control is None else weight(control),
        trivial=None if control is None else trivial_isolation(weight(control), found.size),
    )


def _by_columns(
    original: Matches, control: Matches | None, confidence: float, rng: np.random.Generator
) -> tuple[ByColumns, ...]:
    """Return each number of columns alone; nothing where there is only one, or where nobody counted them."""
    if original.width is None or not np.any(original.width != original.width[0]):
        return ()
    parts = []
    for columns in np.unique(original.width):
        chosen = np.flatnonzero(original.width == columns)
        here, there = of_queries(original, chosen), None if control is None else of_queries(control, chosen)
        queries, people = isolated(here)
        found = singling_out(here, there, rng) if here.queries >= QUERIES_NEEDED else None
        told = found is not None and not found.saturated
        parts.append(
            ByColumns(
                columns=int(columns),
                queries=here.queries,
                isolated_original=queries,
                isolated_control=None if there is None else isolated(there)[0],
                people=people,
                value=found.value if found is not None and told else None,
                interval=found.interval(confidence) if found is not None and told else None,
            )
        )
    return tuple(parts)
