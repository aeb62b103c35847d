"""The comparator of an evaluation, made from what the plan asks for, and what was checked of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from synthprivacy.comparators.drift import control_drift, drift
from synthprivacy.comparators.near_duplicates import near_duplicates
from synthprivacy.comparators.weighting import weigh
from synthprivacy.errors import ConfigError
from synthprivacy.results import Check, CrossFitted, Holdout, NoComparator, Weighted
from synthprivacy.results.comparator import Comparator, Kind
from synthprivacy.tables.table import Case

if TYPE_CHECKING:
    import numpy as np

WEIGHTS = "control_weights"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case with its comparator."""

    case: Case
    comparator: Comparator
    checks: tuple[Check, ...]


def require_comparator(wanted: Kind | None, *, controlled: bool) -> Kind:
    """Return which comparator there will be: what the plan wants, else a holdout wherever there is a control.

    Raises
    ------
    ConfigError
        If what is wanted needs a control and there is none, or does without and there is one.
    """
    if wanted is None:
        return "holdout" if controlled else "none"
    if wanted in {"holdout", "weighted"} and not controlled:
        msg = f'plan.comparator = "{wanted}" needs a control; pass people the generator never saw, or leave it out'
        raise ConfigError(msg)
    if wanted in {"crossfitted", "none"} and controlled:
        msg = f'plan.comparator = "{wanted}" is for evaluations without a control; leave one of the two out'
        raise ConfigError(msg)
    return wanted


def prepared(case: Case, wanted: Kind | None, rng: np.random.Generator, *, jobs: int = 1) -> Prepared:
    """Return the case as its comparator wants it, with the checks of original against control.

    Parameters
    ----------
    case : Case
    wanted : Kind, optional
        `plan.comparator`.
    rng : numpy.random.Generator
    jobs : int
        Threads.

    Raises
    ------
    ConfigError
        If there is no such comparator for this case.
    """
    kind = require_comparator(wanted, controlled=case.control is not None)
    if case.control is None:
        return Prepared(case, CrossFitted() if kind == "crossfitted" else NoComparator(), ())
    drifting, searching, weighing = rng.spawn(3)
    original, control = case.original, case.control
    near = near_duplicates(original=original, control=control, rng=searching, jobs=jobs)
    if kind == "weighted":
        weighted, facts = weigh(original=original, control=control, rng=weighing)
        checks = (control_drift(facts.balance, original=original, control=control), weights(facts), near)
        return Prepared(replace(case, control=weighted), facts, checks)
    found = drift(original=original, control=control, rng=drifting)
    return Prepared(case, Holdout(), (control_drift(found, original=original, control=control), near))


def prepared_again(first: Prepared, case: Case, rng: np.random.Generator) -> Prepared:
    """Return the case of another release of the same people, with the comparator of the first.

    Weights are made anew, for they depend on how the release encodes people; what was checked of people is checked once.

    Parameters
    ----------
    first : Prepared
    case : Case
    rng : numpy.random.Generator
        In the state in which `prepared` was given it.
    """
    if not isinstance(first.comparator, Weighted) or case.control is None:
        return Prepared(case, first.comparator, ())
    _, _, weighing = rng.spawn(3)
    weighted, facts = weigh(original=case.original, control=case.control, rng=weighing)
    return Prepared(replace(case, control=weighted), facts, (weights(facts),))


def weights(facts: Weighted) -> Check:
    """Return whether a weighted control passes its own checks."""
    if facts.faults:
        return Check(WEIGHTS, "failed", "; ".join(facts.faults))
    return Check(WEIGHTS, "ok", f"the weighted control is worth {facts.effective_people:,.0f} people like the original")
