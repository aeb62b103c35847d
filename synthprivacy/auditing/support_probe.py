"""Does a generator take the domain of a column from the people? A promise of differential privacy rules that out.

One made-up person is added who has, in every column, a label that nobody has or a number far beyond everybody's. A
mechanism whose labels and bounds were declared beforehand releases nothing like it; one that learns them from the table
does, in some fits with that person and in none without: a fault that audits of published implementations found.

References
----------
Annamalai, Ganev and De Cristofaro (2024), "What do you want from theory alone?" Experimenting with tight auditing of
differentially private synthetic data generation (domains learned from the data break the promise).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.auditing.coding import Coding, FloatArray, coded
from synthprivacy.auditing.risks import SupportRisk
from synthprivacy.auditing.study import Reading
from synthprivacy.auditing.worlds import fit_seed
from synthprivacy.generators.protocol import Generator
from synthprivacy.statistics.privacy_loss.two_sample import two_sample

LABEL = "synthprivacy-probe"
"""A label that nobody has."""
_FAR = 4.0
"""Ranges of a column between everybody and the probe."""


@dataclass(frozen=True, slots=True, repr=False)
class SupportProbe:
    """Fits with the probe (odd numbers) and without it (even numbers), in the place of the first person."""

    original: int
    """Rows of the original, the first of the people at hand."""
    coding: Coding
    rows: int
    """Of a release."""
    seed: int

    def __repr__(self) -> str:
        return "<support probe>"

    def facts(self) -> dict[str, Any]:
        """Return what the readings depend on besides the people."""
        return {"study": "support", "rows": self.rows, "seed": self.seed}

    def read(self, people: pa.Table, generator: Generator, number: int) -> Reading:
        """Return of each column whether the release holds what no real person has, (columns,)."""
        training = people.slice(0, self.original)
        if number % 2:
            training = pa.concat_tables([probe(training), training.slice(1)])
        release = generator.fit_sample(training, self.rows, fit_seed(self.seed, number))
        return {"moved": self._beyond(coded(release, self.coding), coded(people, self.coding))}

    def _beyond(self, release: FloatArray, people: FloatArray) -> np.ndarray:
        found = []
        for column, made, real in zip(self.coding.columns, release, people):
            known = real[~np.isnan(real)]
            limit = float(known.max() + np.ptp(known)) if column.ordered else float(known.max(initial=0.0))
            found.append(bool((made > limit).any()))  # what is missing is beyond nothing
        return np.array(found, dtype=np.bool_)


def probe(training: pa.Table) -> pa.Table:
    """Return the made-up person, one row: a new label in every column of labels, a number far above all elsewhere."""
    made = {}
    for name in training.column_names:
        values, kind = training[name], training[name].type
        if pa.types.is_string(kind):
            made[name] = pa.array([LABEL])
        elif pa.types.is_dictionary(kind):
            made[name] = pa.array([LABEL]).dictionary_encode()
        elif pa.types.is_boolean(kind) or values.null_count == len(values):
            made[name] = values.slice(0, 1)
        else:
            ticks = values.cast(pa.int64()) if pa.types.is_temporal(kind) else values
            ends = pc.min_max(ticks)
            low, high = ends["min"].as_py(), ends["max"].as_py()
            far = high + _FAR * max(high - low, 1)
            made[name] = pa.array([far if pa.types.is_floating(kind) else round(far)]).cast(kind)
    return pa.table(made, schema=training.schema)


def judge_support(
    probe_game: SupportProbe, readings: Sequence[Reading], *, confidence: float = 0.95
) -> tuple[SupportRisk, ...]:
    """Return for each column how often its domain followed the probe, and the epsilon which that proves.

    A promise of pure differential privacy (replacing one person) bounds the ratio of the two rates by ``e^epsilon``, so
    that what happens with the probe and never without breaks any. One-sided Clopper-Pearson bounds, at a share of the
    error for each column; columns of two truth values have no label to add and are never moved.

    Parameters
    ----------
    probe_game : SupportProbe
    readings : sequence of Reading
        Of the fits from number 0.
    confidence : float
        One-sided, of all columns together.
    """
    moved = np.stack([reading["moved"] for reading in readings])
    inside, outside = moved[1::2], moved[::2]
    each = 1.0 - (1.0 - confidence) / moved.shape[1]
    found = []
    for place, name in enumerate(probe_game.coding.names):
        with_probe, without = int(inside[:, place].sum()), int(outside[:, place].sum())
        bound = two_sample(with_probe, len(inside), without, len(outside), confidence=each)
        found.append(SupportRisk(name, with_probe, without, len(inside), len(outside), bound.epsilon))
    return tuple(found)
