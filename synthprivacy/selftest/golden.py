"""Numbers others have published, computed again by the code that is used."""

from __future__ import annotations

from collections.abc import Iterator

from synthprivacy.selftest.finding import Finding, exact
from synthprivacy.statistics.privacy_loss.one_run import one_run
from synthprivacy.statistics.privacy_loss.two_sample import ceiling
from synthprivacy.statistics.sample_size import power_to_pass
from synthprivacy.statistics.true_positives import calibration_needed

ONE_RUN = {
    # people, guesses, right, delta → epsilon
    (100, 100, 100, 0.0): 3.493,
    (1_000, 1_000, 600, 0.0): 0.2975,
    (1_000, 1_000, 750, 0.0): 0.9767,
    (1_000, 200, 190, 0.0): 2.3979,
    (10_000, 1_000, 950, 1e-5): 2.691,
}
"""Steinke, Nasr and Jagielski (2023), appendix D, at a confidence of .95: from a run of the published algorithm."""

CEILINGS = {50: 2.57, 100: 3.28, 200: 3.98, 500: 4.91, 1_000: 5.60, 2_000: 6.29, 5_000: 7.21}
"""What a perfect attack on so many people a side can prove, Clopper-Pearson at .95."""

CALIBRATION = {0.1: 29, 0.01: 299, 0.001: 2_995}
"""Non-members without whom a false-positive rate cannot be bounded: ln(.05) / ln(1 - rate)."""

ENOUGH = {(0.05, 0.01): 200, (0.05, 0.1): 750, (0.05, 0.3): 3_000, (0.1, 0.5): 1_500, (0.1, 0.0): 100}
"""(limit, success on the control) → people a side with which a perfect release passes four times in five."""


def findings() -> list[Finding]:
    """Return how far the largest deviation from each published table goes, in units of its last digit."""
    return [
        _off("one-run bounds", 1e-3, _one_run()),
        _off("ceilings of two-sample bounds", 0.005 + 1e-9, _ceilings()),
        _off("calibration people", 0.5, ((calibration_needed(rate), n) for rate, n in CALIBRATION.items())),
        *(_enough(limit, c, people) for (limit, c), people in ENOUGH.items()),
    ]


def _off(table: str, last_digit: float, pairs: Iterator[tuple[float, float]]) -> Finding:
    worst = max(abs(computed - published) for computed, published in pairs)
    return exact("published numbers", table, "deviation", worst, side="at most", bar=last_digit)


def _one_run() -> Iterator[tuple[float, float]]:
    for (people, guesses, right, delta), published in ONE_RUN.items():
        yield one_run(right, guesses, people=people, delta=delta).epsilon, published


def _ceilings() -> Iterator[tuple[float, float]]:
    for people, published in CEILINGS.items():
        yield ceiling(people, people), published


def _enough(limit: float, c: float, people: int) -> Finding:
    power = power_to_pass(people, people, c, limit)
    return exact("power to pass", f"limit {limit:g}, control {c:g}", "sizes tabled", power, side="at least", bar=0.8)
