"""Are people of the original in the release as they are? Found by hashing, before any distance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from synthprivacy.kernels.hashing import hash_columns
from synthprivacy.results.risk import Check
from synthprivacy.tables.table import Feature, FloatArray, KeyArray, Table

SIGNIFICANCE = 0.001
GROSS = 0.2
"""Share of the control beyond chance that no other explanation than training on it is left for."""
SERIOUS = 0.01
"""Share of the original from which on copies are not a matter of a few people."""

_DECIMALS = 6
_FRACTION = 0.01
_OFF_BOUNDARY = 0.381966
"""Share of a cell by which cells are moved, so that round values do not lie on a boundary."""


@dataclass(frozen=True, slots=True)
class Found:
    """How many people of either table are in the release, in one reading."""

    how: str
    original: int
    originals: int
    control: int
    """0 of 0 without a control."""
    controls: int

    @property
    def is_serious(self) -> bool:
        """Whether at least 1 % of the original is found."""
        return self.original >= SERIOUS * self.originals

    @property
    def excess_p_value(self) -> float:
        """The one-sided p-value of "no more of the original than of the control"."""
        return exceeds(self.original, self.originals, self.control, self.controls)

    @property
    def deficit_p_value(self) -> float:
        """The one-sided p-value of "no more of the control than of the original"."""
        return exceeds(self.control, self.controls, self.original, self.originals)


def count_text(count: int, of: int | None = None) -> str:
    """Return a number of people, of `of`, as text: nothing distinguishes zero from nine, or all from all but nine."""
    if count < 10:
        return "fewer than ten"
    return f"{count:,}" if of is None or count <= of - 10 else "all but fewer than ten"


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # what overflows the grid is read as missing
def find_people(*, original: Table, control: Table | None, release: Table) -> tuple[Found, ...]:
    """Return how many people are in the release, in three readings.

    Encoding has already undone other types and orders of rows and columns. Read are the values as they are; ordered
    columns rounded to the grid on which all of the release's values lie; the same, cut off instead of rounded. A column
    that lies on no grid of at most 6 decimals is read in cells of a hundredth of the release's spread, which also
    bridges float32 and a little noise. A person is found if any of their rows is in the release.

    Parameters
    ----------
    original, control, release : Table
        Encoded by this release.
    """
    grids = [_grid(feature) for feature in release.features]

    def keys(table: Table, snap: Callable[[FloatArray], FloatArray]) -> KeyArray:
        columns = [
            snap((feature.values - origin) / step) if feature.ordered else feature.values
            for feature, (origin, step) in zip(table.features, grids)
        ]
        return hash_columns(columns, len(table))

    read: dict[str, Callable[[Table], KeyArray]] = {
        "as they are": lambda table: table.keys(),
        "rounded": lambda table: keys(table, np.rint),
        "cut off": lambda table: keys(table, _floor),
    }
    readings = []
    for how, key in read.items():
        released = key(release)
        found, others = (
            0 if table is None else _people_found(table, key(table), released) for table in (original, control)
        )
        readings.append(Found(how, found, original.people, others, 0 if control is None else control.people))
    return tuple(readings)


def identity(readings: Sequence[Found], *, name: str) -> Check:
    """Return whether people of the original are in the release, more than chance explains.

    Chance is what happens to the control. *failed*: in a reading, more of the original than of the control
    (p < .001, exact test) and at least 1 % of the original; *warn*: p < .001 alone, or without a control at least 1 %.

    Parameters
    ----------
    readings : sequence of Found
        What `find_people` returned.
    name : str
        What the release is called.

    References
    ----------
    Fisher (1935), The design of experiments, section 21.1 (exact test of two proportions).
    """
    if not readings[0].controls:
        return _without_control(readings[0], name)
    significant = [found for found in readings if found.excess_p_value < SIGNIFICANCE]
    serious = [found for found in significant if found.is_serious]
    told = (serious or significant or list(readings))[0]
    detail = (
        f"{count_text(told.original, told.originals)} of {told.originals:,} people of original are in the release "
        f"{told.how}, {count_text(told.control, told.controls)} of {told.controls:,} of control"
    )
    if serious:
        return Check("identity", "failed", detail, name)
    return Check("identity", "warn" if significant else "ok", detail, name)


def control_in_release(readings: Sequence[Found], *, doubles: float, name: str) -> Check:
    """Return whether the release holds people of the control, more than chance explains: then it is no control.

    *failed*, so that no risk can be interpreted: more of the control than of the original (p < .001, exact test) and
    at least 1 % of it, because the tables may be swapped; or, as they are, 20 points more of the control than chance
    explains, because the control was used in training. *warn*: p < .001 alone.

    Parameters
    ----------
    readings : sequence of Found
        What `find_people` returned.
    doubles : float
        Share of a table as large as the release that chance finds there again: of the original's own people, those
        with a double among the others, in proportion to the release's size.
    name : str
        What the release is called.
    """
    for found in readings:
        told = f"{count_text(found.control, found.controls)} of {found.controls:,} control people are in the release"
        if found.deficit_p_value < SIGNIFICANCE:
            status: Literal["failed", "warn"] = "failed" if found.control >= SERIOUS * found.controls else "warn"
            why = "more than of original: the tables may be swapped, or the control was used in training"
            return Check("control_in_release", status, f"{told} {found.how}, {why}", name)
        if found is readings[0] and found.control > (doubles + GROSS) * found.controls:
            why = f"{GROSS:.0%} of them more than chance explains: the control was used in training"
            return Check("control_in_release", "failed", f"{told} {found.how}, {why}", name)
    return Check("control_in_release", "ok", "the release does not hold more of control than of original", name)


def _without_control(found: Found, name: str) -> Check:
    detail = (
        f"{count_text(found.original, found.originals)} of {found.originals:,} people of original are in the release "
        f"{found.how}; without a control nobody knows how many would be by chance"
    )
    return Check("identity", "warn" if found.is_serious else "ok", detail, name)


def _people_found(table: Table, keys: KeyArray, published: KeyArray) -> int:
    return len(np.unique(table.unit[np.isin(keys, published)]))


def exceeds(successes: int, trials: int, others: int, other_trials: int) -> float:
    """Return the one-sided exact p-value of successes being no likelier than on the other side."""
    return float(stats.hypergeom.sf(successes - 1, trials + other_trials, successes + others, trials))


def _floor(values: FloatArray) -> FloatArray:
    """Return the floor; what is a whole number but for rounding errors stays one."""
    floor: FloatArray = np.floor(values + 1e-6)
    return floor


def _grid(feature: Feature) -> tuple[float, float]:
    """Return origin and step of the grid on which an ordered column of the release lies, or of its cells."""
    if not feature.ordered:
        return 0.0, 1.0
    known = np.unique(feature.values[~np.isnan(feature.values)])
    step = _common_step(known)
    if step > 0:
        return float(known[0]), step
    width = _FRACTION * (feature.spread or feature.scale)
    return feature.low - _OFF_BOUNDARY * width, width


def _common_step(known: FloatArray) -> float:
    """Return the largest step that divides all differences of sorted numbers, 0 where 6 decimals do not suffice."""
    if len(known) < 2:
        return 0.0
    offsets = known - known[0]
    largest = float(np.abs(known[[0, -1]]).max())
    for decimals in range(_DECIMALS + 1):
        scaled = offsets * 10.0**decimals
        noise = 8 * np.finfo(np.float64).eps * largest * 10.0**decimals
        if noise > 0.01 or not scaled[-1] < 2.0**53:
            return 0.0
        whole = np.rint(scaled)
        if np.abs(scaled - whole).max() <= max(noise, 1e-9) and np.diff(whole).min() > 0:
            return float(np.gcd.reduce(whole.astype(np.int64))) / 10.0**decimals
    return 0.0
