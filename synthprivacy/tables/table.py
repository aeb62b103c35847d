"""Table and Case: what the science works on. Read-only numpy arrays, no dataframe, no labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from synthprivacy.kernels.hashing import hash_columns
from synthprivacy.schemata import ORDERED, Kind, Schema

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
KeyArray = npt.NDArray[np.uint64]
TextArray = npt.NDArray[np.object_]
Kept = TypeVar("Kept", bound=npt.NDArray[Any])


@dataclass(frozen=True, slots=True, repr=False)
class Feature:
    """One column of a table.

    The values of an *ordered* column are numbers in its own unit (datetimes and durations in microseconds), NaN
    where missing. The values of any other column are codes (as float64), NaN where missing: 0 … levels - 1
    are the release's labels in sorted order, larger codes are labels that the release does not have.
    """

    name: str
    kind: Kind
    values: FloatArray
    """(rows,) read-only."""
    ordered: bool
    """Whether differences mean something; a column that is constant in the release is equal/unequal."""
    levels: int = 0
    """Number of labels of the release (unordered columns)."""
    low: float = 0.0
    """Origin of the distance grid of an ordered column, from the release or the declared bounds."""
    scale: float = 1.0
    """Difference of an ordered column that counts as a whole mismatch."""
    spread: float = 0.0
    """Interquartile range in the release (else the standard deviation): the unit of tolerances."""
    parts: tuple[FloatArray, ...] = ()
    """Codes of the prefixes of a hierarchical code, shortest first; empty for every other kind."""
    unseen: FloatArray = field(default_factory=lambda: np.zeros(0))
    """Marks of the labels that the release lacks, by code from `levels` on: what they are, whoever else is there."""

    def __repr__(self) -> str:
        return f"<feature {self.name}: {self.kind}, {len(self.values)} rows>"  # never a value: tracebacks are logs

    def marks(self) -> FloatArray:
        """Return values that say what a row holds: codes of the release's labels, marks of all others."""
        if not len(self.unseen):
            return self.values
        strange = self.values >= self.levels
        marks = self.values.copy()
        marks[strange] = self.unseen[self.values[strange].astype(np.int64) - self.levels]
        return marks

    def take(self, rows: IntArray) -> Feature:
        """Return the feature of some rows."""
        return replace(self, values=frozen(self.values[rows]), parts=tuple(frozen(part[rows]) for part in self.parts))

    def joined(self, other: Feature) -> Feature:
        """Return the feature over the rows of this table and of another one."""
        return replace(
            self,
            values=frozen(np.concatenate([self.values, other.values])),
            parts=tuple(frozen(np.concatenate(pair)) for pair in zip(self.parts, other.parts)),
        )


@dataclass(frozen=True, slots=True, repr=False)
class Text:
    """One column of free text: no feature, because texts have neither codes nor distances."""

    name: str
    values: TextArray
    """(rows,) read-only; None where missing."""

    def __repr__(self) -> str:
        return f"<text {self.name}: {len(self.values)} rows>"  # never a value: tracebacks are logs

    def take(self, rows: IntArray) -> Text:
        """Return the text of some rows."""
        return Text(self.name, frozen(self.values[rows]))

    def keys(self) -> KeyArray:
        """Return a hash of each text (rows,): equal texts have equal keys, missing ones 0."""
        digests = (
            b"" if text is None else sha256(str(text).encode("utf-8", "surrogatepass")).digest() for text in self.values
        )
        return np.array([int.from_bytes(digest[:8], "little") for digest in digests], dtype=np.uint64)


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """Rows of people, or of a release. Features are sorted by name, rows by content."""

    features: tuple[Feature, ...]
    unit: IntArray
    """(rows,) person codes 0 … people - 1; without a declared unit every row is a person."""
    weight: FloatArray | None = None
    """(people,) how much each person counts; None = all the same. No attacker sees it: `select` leaves it out."""
    texts: tuple[Text, ...] = ()
    """Columns of free text, which only attacks on texts look at; sorted by name."""
    survey: FloatArray | None = None
    """(rows,) how many people of the population each row stands for, 0 where nobody said; None without a column of weights. For
    what is told of the population; `select` leaves it out, and no risk counts by it."""

    def __repr__(self) -> str:
        return f"<table: {len(self)} rows, {len(self.features)} features>"

    def __len__(self) -> int:
        return len(self.unit)

    def __getitem__(self, name: str) -> Feature:
        """Return the feature called `name`."""
        for feature in self.features:
            if feature.name == name:
                return feature
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, sorted."""
        return tuple(feature.name for feature in self.features)

    def text(self, name: str) -> Text | None:
        """Return the free text called `name`, None where the table has none."""
        return next((text for text in self.texts if text.name == name), None)

    @property
    def people(self) -> int:
        """Number of distinct people."""
        return int(self.unit.max()) + 1 if len(self.unit) else 0

    def select(self, names: tuple[str, ...]) -> Table:
        """Return the table with only the features and texts in `names`, and without weights."""
        wanted = frozenset(names)
        features = tuple(feature for feature in self.features if feature.name in wanted)
        return Table(features, self.unit, texts=tuple(text for text in self.texts if text.name in wanted))

    def take(self, rows: IntArray) -> Table:
        """Return some rows, in the order given; people are numbered anew in the order of their old numbers."""
        people, unit = np.unique(self.unit[rows], return_inverse=True)
        weight = None if self.weight is None else frozen(self.weight[people])
        features = tuple(feature.take(rows) for feature in self.features)
        texts = tuple(text.take(rows) for text in self.texts)
        survey = None if self.survey is None else frozen(self.survey[rows])
        return Table(features, frozen(unit.astype(np.int64)), weight, texts, survey)

    def joined(self, other: Table) -> Table:
        """Return the rows of this table followed by those of another one of the same encoding, without weights."""
        features = tuple(mine.joined(theirs) for mine, theirs in zip(self.features, other.features))
        texts = tuple(
            Text(mine.name, frozen(np.concatenate([mine.values, theirs.values])))
            for mine, theirs in zip(self.texts, other.texts)
        )
        return Table(features, frozen(np.concatenate([self.unit, other.unit + self.people])), texts=texts)

    def of_people(self, people: IntArray) -> Table:
        """Return all rows of some people."""
        return self.take(np.flatnonzero(np.isin(self.unit, people)))

    def keys(self) -> KeyArray:
        """Return a hash of each row's visible content: equal rows have equal keys, whatever their place."""
        return hash_columns([feature.marks() for feature in self.features], len(self))


@dataclass(frozen=True, slots=True)
class Case:
    """One release with the people it may have been learned from, all encoded by the release and the schema."""

    name: str
    original: Table
    control: Table | None
    release: Table
    schema: Schema
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """Labels of the release in the columns without an order, by column, in the order of their codes."""
    rows: IntArray | None = None
    """(rows of the original,) which row of the frame each row was; None where nobody kept it."""
    usual: Table | None = None
    """Half of the control, whom attackers study besides the release; None where they study nobody."""
    kept: IntArray | None = None
    """(people of the control,) the codes they had before the others were set apart; None where nobody was."""


def frozen(values: Kept) -> Kept:
    """Return `values`, made read-only."""
    values.setflags(write=False)
    return values


def is_ordered(kind: Kind) -> bool:
    """Return whether values of this kind have distances."""
    return kind in ORDERED
