"""The tables of one evaluation: read, brought to one schema, and encoded release by release."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthprivacy.errors import ConfigError, DataError, SchemaError
from synthprivacy.schemata import Schema, conform, infer, shown
from synthprivacy.tables.bernoulli import facts_of, inclusion_of
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load
from synthprivacy.tables.table import Case, IntArray

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, repr=False)
class Frames:
    """The tables of one evaluation, conforming to one schema."""

    original: pa.Table
    control: pa.Table | None
    synthetic: Mapping[str, pa.Table]
    schema: Schema
    notes: tuple[str, ...] = ()
    inclusion: float | None = None
    """Chance of every person to be trained on, where coins told control from original; else None."""
    order: Mapping[str, IntArray] = field(default_factory=dict)
    """Rows of ``original`` and ``control`` in the order that every release meets them in; empty = each in its own."""
    earlier: Mapping[str, pa.Table] = field(default_factory=dict)
    """Tables that went out before: attacked together with the releases, and not judged again."""

    def __repr__(self) -> str:
        return f"<frames: {self.original.num_rows} rows, {len(self.synthetic)} releases>"  # arrow's own shows cells


def read_tables(
    *,
    original: object,
    control: object | None,
    synthetic: object | Mapping[str, object],
    schema: Schema | None,
    encoding: str = "utf-8",
    split: Mapping[str, Any] | str | os.PathLike[str] | None = None,
    earlier: Mapping[str, str | os.PathLike[str]] | None = None,
) -> Frames:
    """Return the tables as conforming frames; the schema is inferred from the original where none is given.

    Raises
    ------
    ConfigError
        If there is a split without a control, or it holds no facts of a split.
    DataError
        If a table cannot be read, there is no release, or original and control are not the two sides of the split.
    SchemaError
        If the tables do not describe the same columns: everything that differs, at once.
    """
    releases = synthetic if isinstance(synthetic, Mapping) else {"synthetic": synthetic}
    given = {**(earlier or {}), **releases}
    if not releases:
        msg = "synthetic must hold at least one table; name one as NAME=FILE"
        raise DataError(msg)
    _refuse_names_of_before(releases, earlier or {})
    _refuse_same_file({"original": original, "control": control} | {f"release {name}": given[name] for name in given})
    frames = {"original": load(original, label="original", encoding=encoding)}
    if control is not None:
        frames["control"] = load(control, label="control", encoding=encoding)
    inclusion = None if split is None else _inclusion(split, frames)
    names = {str(name): f"release {name}" for name in given}
    for name, label in names.items():
        frames[label] = load(given[name], label=label, encoding=encoding)
    known = infer(frames["original"]) if schema is None else schema
    changed: list[str] = []
    for name in earlier or {}:
        frames[names[name]], took = _in_present_columns(frames[names[name]], frames["original"], known, name)
        changed += took
    if len(known.attackable) < 2:
        msg = f"the tables must share at least 2 columns that an attacker could use: {len(known.attackable)}; add columns, or declare the kind of those left out"
        raise SchemaError(msg)
    conforming, notes = conform(frames, known)
    tables = {name: conforming[label] for name, label in names.items()}
    before = {name: tables.pop(name) for name in earlier or {}}
    return Frames(
        conforming["original"], conforming.get("control"), tables, known, (*changed, *notes), inclusion, earlier=before
    )


def _in_present_columns(
    frame: pa.Table, original: pa.Table, schema: Schema, name: str
) -> tuple[pa.Table, Iterator[str]]:
    """Return a table that went out in the columns there are now, and what that took: newer ones are missing in it."""
    import pyarrow as pa

    new = [column for column in schema.names if column not in frame.column_names and column not in schema.excluded]
    there = frame.select([column for column in frame.column_names if column in schema.names])
    for column in new:
        if column in original.column_names:
            there = there.append_column(column, pa.nulls(frame.num_rows, original.schema.field(column).type))
    gone = frame.num_columns + len(new) - there.num_columns
    notes = (
        f"{name}: {count} of its columns {words}"
        for count, words in (
            (len(new), "did not exist yet and are taken for missing: people are recognised in it by the others"),
            (gone, "do not exist any more and were left out"),
        )
        if count
    )
    return there, notes


def _refuse_names_of_before(releases: Mapping[str, object], earlier: Mapping[str, object]) -> None:
    """Refuse a release that has the name of a table that went out before: one of them would be lost."""
    for name in releases:
        if name in earlier:
            msg = f"a release must not be called as a table that went out before: {shown(str(name))}; write NAME=FILE with another name"
            raise ConfigError(msg)


def _inclusion(split: Mapping[str, Any] | str | os.PathLike[str], frames: Mapping[str, pa.Table]) -> float:
    facts = facts_of(split)
    if "control" not in frames:
        msg = "a split needs its control: there is none; pass the control that `synthprivacy split` wrote"
        raise ConfigError(msg)
    return inclusion_of(frames["original"], frames["control"], facts)


def _refuse_same_file(sources: Mapping[str, object]) -> None:
    """Refuse one file in two places: almost surely a mistake, and one that can hide a leak."""
    seen: dict[Path, str] = {}
    for label, source in sources.items():
        if isinstance(source, str | os.PathLike):
            path = Path(source).resolve()
            if path in seen:
                raise DataError(f"{seen[path]} and {label} must not be the same file; pass two different tables")
            seen[path] = label


def case_of(frames: Frames, name: str) -> Case:
    """Return the encoded case of one release."""
    return encode(
        original=frames.original,
        control=frames.control,
        release=frames.synthetic[name],
        schema=frames.schema,
        name=name,
        order=frames.order,
    )


def in_one_order(frames: Frames, first: str) -> Frames:
    """Return the frames with people in the order that the first release gives them, so that all are held to the same ones.

    Tables are encoded by each release anew, and so is the order of their rows. People who are drawn by their place would be
    other people for the next release, and nobody could say which of two releases is safer for them.
    """
    release, schema = frames.synthetic[first], frames.schema
    sides = {"original": frames.original} | ({} if frames.control is None else {"control": frames.control})
    orders = {
        label: encode(original=frame, control=None, release=release, schema=schema).rows
        for label, frame in sides.items()
    }
    return replace(frames, order={label: order for label, order in orders.items() if order is not None})
