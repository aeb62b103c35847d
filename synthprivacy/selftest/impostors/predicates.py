"""Singling out, judged as if predicates were people, or as if their success fell with size by a fitted curve."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares
from scipy.special import ndtri

from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.driver import run
from synthprivacy.results import Matches, Skipped
from synthprivacy.selftest.catalogue import SCENARIOS
from synthprivacy.selftest.impostors.impostor import Trial, both, tried
from synthprivacy.selftest.impostors.intervals import propagated
from synthprivacy.selftest.scenario import Scenario
from synthprivacy.selftest.subjects import NOMINAL, QUERIES, TARGETS, Reading, Readings, reading_of, stream
from synthprivacy.statistics.singling_out import counts
from synthprivacy.statistics.size_matching import isolation_probability
from synthprivacy.tables.table import Case

FloatArray = npt.NDArray[np.float64]

MANY = 1_000
"""Predicates: the more there are, the surer are they who take them for independent."""
SMALLEST, STEPS, REPEATS = 1_000, 10, 5
"""Parts of the control on which the curve is fitted."""


def size_corrected(_scenario: Scenario, case: Case, seed: int) -> Readings:
    """Read singling out with the successes on the control extrapolated to the size of the original.

    A predicate of weight w isolates somebody of n people with probability ``n w (1 - w)^(n - 1)``. The curve fitted
    takes the weights to be spread evenly up to some largest one, ``norm * integral from 0 to w``, while isolating
    predicates are as rare as they were made to be; and with up to 1,000 control people all parts it is fitted on are
    the whole control, one number for two unknowns. The fit then ends at a factor of ``(n_C + 1) / (n_T + 1)``: half
    the people, half the successes, although small tables are isolated in as easily as large ones. What was taken from
    the control reads as a leak.

    References
    ----------
    Giomi, Boenisch, Wehmeyer and Tasnádi (2023), section 5.1, and the tool published with it.
    """
    found = _matched(case, SinglingOut(3, QUERIES), seed)
    if found is None:
        return both(None, None)
    original, control, house = found
    successes = float((counts(control) == 1).sum())
    successes *= correction(control, original.people, stream(seed, "size correction"))
    hits = float((counts(original) == 1).sum())
    queries = original.queries
    low, high = propagated(np.array([hits]), queries, np.array([min(successes, queries)]), queries)
    value = (hits - successes) / max(queries - successes, 1.0)
    ends = (float(low[0, 0]), float(high[0, 0]))
    return both(Reading(SinglingOut.name, value, ends, *ends, None), house)


def correction(control: Matches, people: int, rng: np.random.Generator) -> float:
    """Return the factor by which the fitted curve changes from the control's size to so many people."""
    sizes = np.repeat(np.linspace(min(SMALLEST, control.people), control.people, STEPS).astype(np.int64), REPEATS)
    successes = np.array([_isolating(control, int(size), rng) for size in sizes], dtype=np.float64)

    def misfit(parameters: FloatArray) -> FloatArray:
        off: FloatArray = parameters[1] * expected(sizes, float(parameters[0])) - successes
        return off

    start = 1.0 / control.people
    begin = np.array([start, 1.0 / expected(sizes[-1:], start)[0]])
    weight, _norm = least_squares(misfit, begin, bounds=([0.0, 0.0], [1.0, np.inf])).x
    there, here = expected(np.array([people, control.people]), weight)
    return float(there / here)


def expected(people: npt.NDArray[np.int64], largest: float) -> FloatArray:
    """Return the integral of ``n w (1 - w)^(n - 1)`` over weights w up to the largest one."""
    missed = (1.0 - largest) ** people.astype(np.float64)
    return np.asarray((1.0 - missed * (1.0 + people * largest)) / (people + 1.0))


def errors_over_predicates(_scenario: Scenario, case: Case, seed: int) -> Readings:
    """Read singling out with a standard error over predicates, original and control paired.

    All predicates are counted on the same two tables: a person at the edge of the original who happens to be alone
    there is isolated by dozens of them at once. They are no sample of anything; people are. With 1,000 predicates on
    500 and 250 people the error is under half the true one.

    References
    ----------
    Specification of this package, section 1.8: in simulation the standardised difference exceeds 1.96 in .15 to .25 of
    releases without a leak.
    """
    found = _matched(case, SinglingOut(3, MANY), seed)
    if found is None:
        return both(None, None)
    original, control, house = found
    size = min(original.people, control.people)
    a, c = (isolation_probability(counts(side), side.people, size) for side in (original, control))
    carried = original.people / size / max(1.0 - float(c.mean()), 1.0 / c.size)
    value = float((a - c).mean()) * carried
    reach = float(ndtri((1.0 + NOMINAL) / 2.0)) * float((a - c).std(ddof=1)) / math.sqrt(a.size) * carried
    ends = (value - reach, value + reach)
    return both(Reading(SinglingOut.name, value, ends, *ends, None), house)


def reject_size_correction(seed: int) -> tuple[Trial, ...]:
    """Return the law that rejects the size correction: false alarms with a control of half the size."""
    return (tried(size_corrected, SCENARIOS["nothing, control x 0.5"], "false alarm", replicates=20, seed=seed),)


def reject_errors_over_predicates(seed: int) -> tuple[Trial, ...]:
    """Return the law that rejects errors over predicates: coverage where nothing leaked."""
    half = replace(SCENARIOS["nothing, continuous"], name="nothing, continuous, control x 0.5", row="N3", control=0.5)
    return (tried(errors_over_predicates, half, "coverage", replicates=40, seed=seed),)


def _matched(case: Case, attack: SinglingOut, seed: int) -> tuple[Matches, Matches, Reading | None] | None:
    """Return the matches on original and control, and what the house reads in them."""
    rng = stream(seed, attack.endpoint)
    outcome = run(attack, case, rng, targets=TARGETS)
    if isinstance(outcome, Skipped):
        return None
    match outcome.answers["original"], outcome.answers["control"]:
        case Matches() as original, Matches() as control:
            return original, control, reading_of(outcome, rng)
    return None


def _isolating(table: Matches, size: int, rng: np.random.Generator) -> int:
    """Return how many predicates isolate one person of a random part of a table."""
    chosen = np.zeros(table.people, dtype=np.bool_)
    chosen[rng.permutation(table.people)[:size]] = True
    found = np.bincount(table.query[chosen[table.person]], minlength=table.queries)
    return int((found == 1).sum())
