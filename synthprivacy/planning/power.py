"""How often a perfect release would pass an endpoint, as far as the release's marginals and the sizes tell."""

from __future__ import annotations

import numpy as np

from synthprivacy.attacks import ENOUGH, STUDYING, Attack
from synthprivacy.attacks.inference_secrets import blind_guess
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.attacks.reconstruction_segments import SegmentEnds
from synthprivacy.config import EASY, GUESSED
from synthprivacy.planning.plan import POWER
from synthprivacy.statistics.power import needed_for_isolation, power_for_auc, power_for_isolation
from synthprivacy.statistics.sample_size import Scale, needed_control, needed_for_auc, power_to_pass
from synthprivacy.tables.table import Table

_BY_CHANCE = 0.01
"""How often people are linked, or claimed, without any leak, where the release does not tell."""


def decidable(
    attack: Attack, release: Table, sizes: tuple[int, int], limit: float, confidence: float
) -> tuple[float, int | None]:
    """Return how often a perfect release would pass, and the people a side at which it would nearly always."""
    if min(sizes) < 1:
        return 0.0, None
    if attack.name == "membership" or isinstance(attack, SegmentEnds):
        return (
            power_for_auc(*sizes, limit, confidence=confidence),
            needed_for_auc(limit=limit, power=POWER, confidence=confidence),
        )
    if attack.name == "singling_out":
        return (
            power_for_isolation(*sizes, limit, confidence=confidence),
            needed_for_isolation(limit, power=POWER, confidence=confidence),
        )
    share = chance(attack, release)
    if share >= 1.0:
        return 0.0, None
    scale: Scale = "excess" if attack.name in GUESSED and share >= EASY else "residual"
    power = power_to_pass(*sizes, share, limit, scale=scale, confidence=confidence)
    if power >= POWER:
        return power, None
    return power, needed_control(share, limit=limit, power=POWER, scale=scale, confidence=confidence)


def attacked(attack: Attack, people: tuple[int, int], targets: int) -> tuple[int, int]:
    """Return how many training and control people an attack meets: of those it studies none, as `driver.met` has it."""
    original, control = people[0], people[1] - _studied(attack, people[1])
    return (original, control) if attack.everyone else (min(original, targets), min(control, targets))


def with_studied(attack: Attack, met: int | None) -> int | None:
    """Return how many control people bring so many to meet: twice as many where half of them are studied."""
    return met if met is None or not _studied(attack, met) else 2 * met


def _studied(attack: Attack, control: int) -> int:
    return control // 2 if isinstance(attack, STUDYING) and control >= ENOUGH else 0


def chance(attack: Attack, release: Table) -> float:
    """Return how often the attack should succeed without any leak, as far as the release's marginals tell."""
    secret = getattr(attack, "secret", None)
    if secret is not None:
        return blind_guess(release[secret])
    if isinstance(attack, ExactCopies):
        counts = np.unique(release.keys(), return_counts=True)[1]
        return float(counts[counts > 1].sum() / len(release))
    return _BY_CHANCE
