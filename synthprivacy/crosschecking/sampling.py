"""The people whom both sides attack: as many of the original as of the control, the same ones for the same seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from synthprivacy.driver import stream
from synthprivacy.frames import Frames
from synthprivacy.tables.people import person_keys
from synthprivacy.tables.table import IntArray


@dataclass(frozen=True, slots=True, repr=False)
class Drawn:
    """What of the tables of one release is attacked."""

    frames: Frames
    """With nobody but the people attacked."""
    rows: pa.Table
    """As many released rows."""

    def __repr__(self) -> str:
        return f"<{self.frames.original.num_rows} rows of people, {self.rows.num_rows} released ones>"


def drawn(frames: Frames, release: str, attacks: int, seed: int) -> Drawn:
    """Return as many rows of original and control, at most `attacks`, and as many released ones.

    anonymeter attacks rows, in the same number on both sides. Where a person has several, all of them are drawn together,
    until there are enough rows.
    """
    sides = {"original": frames.original} | ({} if frames.control is None else {"control": frames.control})
    chosen = {label: _chosen(frame, frames.schema.unit, attacks, seed, label) for label, frame in sides.items()}
    size = min(len(rows) for rows in chosen.values())
    taken: Mapping[str, pa.Table] = {label: sides[label].take(pa.array(rows[:size])) for label, rows in chosen.items()}
    synthetic = frames.synthetic[release]
    some = stream(seed, "rows").permutation(synthetic.num_rows)[:attacks]
    return Drawn(
        replace(
            frames,
            original=taken["original"],
            control=taken.get("control"),
            synthetic={release: synthetic},
            order={},
        ),
        synthetic.take(pa.array(np.sort(some))),
    )


def _chosen(frame: pa.Table, unit: str | None, attacks: int, seed: int, label: str) -> IntArray:
    keys = person_keys(frame, unit)
    _, person = np.unique(keys, return_inverse=True)
    turn = stream(seed, label).permutation(int(person.max()) + 1)[person.reshape(-1)]
    rows: IntArray = np.argsort(turn, kind="stable")[:attacks]
    return rows
