"""Rows taken for people."""

from __future__ import annotations

from synthprivacy.driver import run
from synthprivacy.results import Hits, Skipped
from synthprivacy.selftest.catalogue import SCENARIOS
from synthprivacy.selftest.impostors.impostor import Trial, both, tried
from synthprivacy.selftest.scenario import Scenario
from synthprivacy.selftest.subjects import NOMINAL, TARGETS, Reading, Readings, attacks_on, reading_of, stream
from synthprivacy.statistics.residual_risk import residual_risk
from synthprivacy.tables.table import Case

HOUSEHOLDS = SCENARIOS["households copied 0.3"]


def unclustered(scenario: Scenario, case: Case, seed: int) -> Readings:
    """Read linkability with every row as a trial of its own.

    Members of a household are published together or not at all, so a household of ten tells as much as one person.
    With 1 to 10 members each the variance is about seven times that of as many people on their own.

    References
    ----------
    Kish (1965), Survey Sampling, section 8.2, on what neglect of the design effect costs; in most tools every row is a
    trial.
    """
    attack = next(attack for key, attack in attacks_on(scenario, case) if key == "linkability.halves")
    rng = stream(seed, attack.endpoint)
    outcome = run(attack, case, rng, targets=TARGETS)
    if isinstance(outcome, Skipped):
        return both(None, None)
    match outcome.answers["original"], outcome.answers["control"]:
        case Hits() as original, Hits() as control:
            pooled = [float(part.sum()) for side in (original, control) for part in (side.hits, side.trials)]
            risk = residual_risk(*pooled)
            bounds = risk.interval(NOMINAL, "clopper-pearson")
            reading = Reading(attack.name, risk.value, risk.interval(NOMINAL, "jeffreys"), *bounds, None)
            return both(reading, reading_of(outcome, rng))
    return both(None, None)


def reject_unclustered(seed: int) -> tuple[Trial, ...]:
    """Return the law that rejects rows taken for people: coverage where households are published as a whole."""
    return (tried(unclustered, HOUSEHOLDS, "coverage", replicates=40, seed=seed),)
