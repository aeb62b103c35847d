"""The test of the self-test: is every impostor found out?"""

from __future__ import annotations

from synthprivacy.selftest.impostors import IMPOSTORS
from synthprivacy.selftest.impostors.impostor import Rejection
from synthprivacy.selftest.work import results_of


def reject(name: str, seed: int) -> Rejection:
    """Return what became of one impostor."""
    impostor = IMPOSTORS[name]
    return Rejection(name, impostor.what, impostor.trials(seed))


def reject_all(seed: int = 0, *, jobs: int = 1) -> list[Rejection]:
    """Return what became of every impostor; the same seed gives the same answer on any number of processes."""
    return list(results_of(reject, [(name, seed) for name in IMPOSTORS], jobs))


def summary(rejections: list[Rejection]) -> str:
    """Return how many impostors were rejected, in a sentence."""
    return f"{sum(one.rejected for one in rejections)} of {len(rejections)} known-bad estimators rejected"
