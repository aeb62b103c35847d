"""Was it by these coins that original and control were told apart? What a bound from one training run rests on.

`split` lets every person be held out by a coin of their own, drawn from a hash of who they are and the seed. So the coins
can be tossed again: all people of both tables together, and the draws must send exactly the control's people to the
control. It shows that no row was moved, lost or changed since. It cannot show that the seed was unknown to whoever trained.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.kernels.hashing import uniform
from synthprivacy.results.files import read_json
from synthprivacy.schemata import shown
from synthprivacy.tables.canonical import stack
from synthprivacy.tables.identity import count_text
from synthprivacy.tables.people import likeness_keys, person_keys
from synthprivacy.tables.split import FORMAT
from synthprivacy.tables.table import BoolArray, KeyArray

_DIGITS = 12
"""As many as a result keeps, so that what is computed again from the file is the same."""
_REMEDY = "pass the tables and the split.json that one run of `synthprivacy split` wrote, unchanged"


def facts_of(split: Mapping[str, Any] | str | os.PathLike[str]) -> Mapping[str, Any]:
    """Return the facts of a split, read from its `split.json` where a path is given.

    Raises
    ------
    DataError
        If the file cannot be read.
    ConfigError
        If it holds no facts of a split.
    """
    facts = split if isinstance(split, Mapping) else read_json(split, written_by="synthprivacy split")
    if not isinstance(facts, Mapping) or facts.get("format") != FORMAT:
        msg = f"split must be what `synthprivacy split` wrote, of the format {FORMAT}; pass its split.json"
        raise ConfigError(msg)
    return facts


def inclusion_of(original: pa.Table, control: pa.Table, facts: Mapping[str, Any]) -> float:
    """Return the chance of every person to be trained on, once the coins of a split have led to these very tables.

    Rows without an id have no person but their content, and among equal ones their number in the members' table, which
    nobody knows any more. So of equal rows only how many are in the control is compared with the draws: which of them
    they are makes no difference to any attack.

    Parameters
    ----------
    original, control : pyarrow.Table
        In canonical form, as `load` returns them.
    facts : mapping
        From `facts_of`: ``seed``, ``unit`` and ``share``; where there are ``train`` and ``control``, their numbers of
        rows and people are compared too.

    Raises
    ------
    ConfigError
        If the facts are incomplete or out of range, or name a unit that is no column.
    DataError
        If the tables differ in their columns, or are not what the draws make of their people.
    """
    seed, unit, share = _settings(facts)
    for label, frame in (("original", original), ("control", control)):
        if unit is not None and unit not in frame.column_names:
            msg = f"the unit of the split must be a column of {label}: {shown(unit)!r} is none; {_REMEDY}"
            raise ConfigError(msg)
    members = _together(original, control)
    in_control = np.arange(len(members)) >= len(original)
    people, likeness = person_keys(members, unit), likeness_keys(members, unit)
    _require_sizes(facts, people, in_control)
    drawn = uniform(people, seed) < share
    moved = _unlike(likeness, drawn, in_control)
    if moved:
        msg = (
            f"original and control must be the sides that the coins of split.json give: of {len(members):,} rows "
            f"{count_text(moved, len(members))} are elsewhere; {_REMEDY}"
        )
        raise DataError(msg)
    return round(1.0 - share, _DIGITS)


def _settings(facts: Mapping[str, Any]) -> tuple[int, str | None, float]:
    """Return seed, unit and share."""
    seed, unit, share = (facts.get(name) for name in ("seed", "unit", "share"))
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**64:
        raise ConfigError(f"the seed of a split must be a whole number from 0 to 2^64 - 1; {_REMEDY}")
    if unit is not None and not isinstance(unit, str):
        raise ConfigError(f"the unit of a split must be the name of a column, or null; {_REMEDY}")
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < 1:
        raise ConfigError(f"the share of a split must be between 0 and 1; {_REMEDY}")
    return seed, unit, float(share)


def _together(original: pa.Table, control: pa.Table) -> pa.Table:
    """Return the members' table, but for the order of its rows.

    A column of text may hold whole numbers only on one side, where a CSV file is read as numbers: it was text.
    """
    texts = {
        name
        for frame in (original, control)
        for name in frame.column_names
        if pa.types.is_string(frame.schema.field(name).type) or pa.types.is_dictionary(frame.schema.field(name).type)
        if frame[name].null_count < len(frame)
    }
    sides = [
        pa.table(
            {
                name: pc.cast(frame[name], pa.string())
                if name in texts and pa.types.is_integer(frame.schema.field(name).type)
                else frame[name]
                for name in frame.column_names
            }
        )
        for frame in (original, control)
    ]
    return stack(sides, label="original and control of a split")


def _require_sizes(facts: Mapping[str, Any], people: KeyArray, in_control: BoolArray) -> None:
    """Refuse tables with other numbers of rows or people than the split wrote."""
    for side, rows in (("train", ~in_control), ("control", in_control)):
        told, found = facts.get(side), {"rows": int(rows.sum()), "people": len(np.unique(people[rows]))}
        if told is not None and told != found:
            table = "original" if side == "train" else side
            msg = f"{table} must have the rows and people that split.json tells of, it has other numbers; {_REMEDY}"
            raise DataError(msg)


def _unlike(likeness: KeyArray, drawn: BoolArray, in_control: BoolArray) -> int:
    """Return how many rows are on another side than drawn, however equal rows are matched."""
    _, group = np.unique(likeness, return_inverse=True)
    difference = np.bincount(group, weights=drawn.astype(np.float64) - in_control)
    return int(np.abs(difference).sum())
