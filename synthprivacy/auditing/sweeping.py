"""Risk and usefulness over a parameter of a generator, or over its training steps: the overfitting curve.

Every setting is audited with the same targets, coins and seeds, so that their differences are those of the settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synthprivacy.auditing import marginals
from synthprivacy.auditing.coding import FloatArray, coded
from synthprivacy.auditing.judging import judge_membership
from synthprivacy.auditing.preparing import Prepared
from synthprivacy.auditing.risks import MembershipRisk
from synthprivacy.auditing.running import Settings, fits_of
from synthprivacy.auditing.worlds import coins_of
from synthprivacy.clock import Progress
from synthprivacy.errors import ConfigError
from synthprivacy.generators.protocol import Generator
from synthprivacy.results.serialize import number


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """One setting."""

    name: str
    membership: MembershipRisk
    likeness: float
    """How like its shares and correlations are to those of people it never saw, a mean over fits, from 0 to 1."""
    reference: float
    """What the people trained on score in the same way."""

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {
            "name": self.name,
            "membership": self.membership.to_dict(),
            "likeness": number(self.likeness),
            "reference": number(self.reference),
        }


def sweep(
    prepared: Prepared,
    generators: Mapping[str, Generator],
    settings: Settings,
    *,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> tuple[SweepPoint, ...]:
    """Return risk and likeness of each setting of a generator, in the order given.

    Parameters
    ----------
    prepared : Prepared
    generators : mapping
        By what charts call them: settings of one generator, or the same one after so many training steps.
    settings : Settings
        With a number of fits for each.
    folder : Path, optional
        Where fits are kept, each setting's in a folder of its own.
    progress : callable, optional

    Raises
    ------
    ConfigError
        If there is no generator, or no number of fits.
    """
    if not generators or settings.fits is None:
        msg = 'a sweep needs generators by name and a number of fits; pass {"name": generator} and fits='
        raise ConfigError(msg)
    study = prepared.membership(settings.rows)
    coins = coins_of(study.worlds, settings.fits)
    numbers = coded(prepared.people, prepared.coding)
    others = _portrait(numbers[:, prepared.original :], study.grid)
    reference = _likeness(_portrait(numbers[:, : prepared.original], study.grid), others)
    found = []
    for place, (name, generator) in enumerate(generators.items()):
        where = None if folder is None else folder / f"{place:02d}"
        readings = fits_of(prepared, generator, settings, study, folder=where, progress=progress)
        risk = judge_membership(
            readings,
            coins,
            prepared.targets.chosen,
            np.random.default_rng([prepared.seed, 14]),
            confidence=settings.confidence,
        )
        likeness = float(np.mean([_likeness((one["histogram"], one["correlation"]), others) for one in readings]))
        found.append(SweepPoint(str(name), risk, likeness, reference))
    return tuple(found)


def _portrait(rows: FloatArray, grid: marginals.Grid) -> tuple[FloatArray, FloatArray]:
    return marginals.histogram(rows, grid), marginals.correlation(rows, grid)


def _likeness(portrait: tuple[FloatArray, FloatArray], others: tuple[FloatArray, FloatArray]) -> float:
    """Return one less the mean of two distances: of shares, as a share of the largest possible, and of correlations."""
    shares = float(np.abs(portrait[0] - others[0]).sum() / max(float((portrait[0] + others[0]).sum()), 1e-12))
    pairs = float(np.abs(portrait[1] - others[1]).mean() / 2.0) if len(others[1]) else 0.0
    return 1.0 - (shares + pairs) / 2.0
