"""Reconstruction from mixtures: people between whom synthetic rows were placed stand where the rows' lines end and cross."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from synthprivacy.attacks.holding import WholeRecord
from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.kernels.segments import SMALLEST, Neighbourhood, crossings, neighbourhood, smallest_angle
from synthprivacy.results import Claims, Scores
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import BoolArray, Feature, FloatArray, Table

NEAR_A_PERSON = 16
"""Synthetic rows that a person is looked at from."""
NEAR_A_ROW = 8
"""Synthetic rows that a row is joined with."""
ROWS = 20_000
"""Synthetic rows that are joined: a sample of a longer release."""
_FEWEST = 3
"""Coordinates below which rows lie in line, and lines cross, by chance."""
_SAME = 1e-6
"""Distance, in scales of the columns, within which a crossing is a person."""
_KNOWN = 0.9
"""A column is a coordinate if at least so many synthetic rows have a value."""


@dataclass(frozen=True, slots=True)
class SegmentEnds(WholeRecord):
    """The attacker holds a whole record and asks whether two synthetic rows lie in one direction from it.

    Rows that were interpolated between a training person and a neighbour do, exactly; from where anybody else stands they
    do not. The score is the decimal logarithm of the smallest angle between two near rows, negative. A person who is
    a row of the release scores highest. Coordinates are the columns that are not rounded, if there are three, else all
    ordered ones; an interpolation that was rounded afterwards is not seen.

    References
    ----------
    Chawla, Bowyer, Hall and Kegelmeyer (2002), SMOTE: synthetic minority over-sampling technique, section 4.2 (what is
    undone). Ganev et al. (2025), SMOTE and Mirrors (arXiv 2510.15083), whose idea this is; the abstract was read only.
    """

    name: ClassVar[str] = "reconstruction"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[SegmentEnds, ...]:
        """Return the one attack on whole records."""
        return (cls(),)

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return "reconstruction.segments"

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {"near": NEAR_A_PERSON}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Place the release.

        Raises
        ------
        NotEnoughDataError
            If it has fewer than three coordinates, or fewer than 17 different rows.
        """
        names, rows = placed(known.releases[0])

        def attacker(people: Table) -> Scores:
            points, complete = positions(people, names)
            scores = np.zeros(len(people))
            scores[complete] = -np.log10(smallest_angle(points[complete], rows, NEAR_A_PERSON))
            return Scores(scores)

        return attacker


@dataclass(frozen=True, slots=True)
class SegmentCrossings(WholeRecord):
    """The attacker reconstructs records from the release alone: where lines through two pairs of near rows cross.

    Claims that a person is in the training table if the ordered columns of the record were reconstructed, or stand in the
    release as they are. Of a release longer than 20,000 rows a sample is joined. Coordinates as in `SegmentEnds`.

    References
    ----------
    As `SegmentEnds`.
    """

    name: ClassVar[str] = "reconstruction"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[SegmentCrossings, ...]:
        """Return the one attack on whole records."""
        return (cls(),)

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return "reconstruction.crossings"

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return "nothing is known of a person: a record that was reconstructed is recognised"

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {"near": NEAR_A_ROW, "rows": ROWS}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Reconstruct whom the release gives away.

        Raises
        ------
        NotEnoughDataError
            If it has fewer than three coordinates, or fewer than 17 different rows.
        """
        names, rows = placed(known.releases[0])
        standing = rows.points
        few = len(standing) <= ROWS
        joined = rows if few else neighbourhood(standing[np.sort(rng.choice(len(standing), ROWS, replace=False))])
        given_away = neighbourhood(np.concatenate([standing, crossings(joined, NEAR_A_ROW)]))

        def attacker(people: Table) -> Claims:
            points, complete = positions(people, names)
            present = np.zeros(len(people), dtype=np.bool_)
            present[complete] = given_away.nearest(points[complete], 1)[0][:, 0] <= _SAME
            return Claims(present)

        return attacker


def placed(release: Table) -> tuple[tuple[str, ...], Neighbourhood]:
    """Return the names of the coordinates, and the different complete rows of the release in them.

    Raises
    ------
    NotEnoughDataError
        If there are too few of either.
    """
    names = _coordinates(release)
    if len(names) < _FEWEST:
        msg = f"only {len(names)} columns are numbers that mixtures could lie between; at least {_FEWEST}"
        raise NotEnoughDataError(msg)
    points, complete = positions(release, names)
    rows = np.unique(points[complete], axis=0)
    if len(rows) <= NEAR_A_PERSON:
        msg = f"only {len(rows)} different synthetic rows are complete; more than {NEAR_A_PERSON}"
        raise NotEnoughDataError(msg)
    return names, neighbourhood(rows)


def positions(table: Table, names: tuple[str, ...]) -> tuple[FloatArray, BoolArray]:
    """Return every row's coordinates (rows, coordinates) in scales of the columns, and which rows are complete."""
    points = np.stack([_place(table[name]) for name in names], axis=1)
    complete = np.isfinite(points).all(axis=1)
    return points, np.asarray(complete, dtype=np.bool_)


def _coordinates(release: Table) -> tuple[str, ...]:
    usable = [
        feature
        for feature in release.features
        if feature.ordered and float(np.isfinite(_place(feature)).mean()) >= _KNOWN
    ]
    unrounded = [feature for feature in usable if feature.kind != "integer"]
    return tuple(feature.name for feature in (unrounded if len(unrounded) >= _FEWEST else usable))


def _place(feature: Feature) -> FloatArray:
    with np.errstate(over="ignore", invalid="ignore"):
        place: FloatArray = (feature.values - feature.low) / feature.scale
    return np.where(np.abs(place) < 1.0 / SMALLEST, place, np.nan)  # beyond, what is left of a difference is no number
