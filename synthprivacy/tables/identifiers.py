"""Columns that no attack uses: does the release hold the real ones?"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.results.risk import Check
from synthprivacy.schemata import Schema
from synthprivacy.tables.identity import SERIOUS, SIGNIFICANCE, count_text, exceeds


def check_identifiers(
    *, original: pa.Table, control: pa.Table | None, release: pa.Table, schema: Schema, name: str
) -> Check:
    """Return whether identifiers or texts of the original are in the release more often than those of the control.

    *failed*: in a column, more (p < .001, exact test) and at least 1 % of the different values of the original; *warn*:
    p < .001 alone, or without a control at least 1 %. Numbers are left out: running numbers coincide.

    Parameters
    ----------
    original, control, release : pyarrow.Table
        Frames that conform to `schema`.
    schema : Schema
    name : str
        What the release is called.
    """
    status: Mapping[str, int] = {"ok": 0, "warn": 1, "failed": 2}
    worst = Check("identifiers", "ok", "no identifier or text of the original stands out in the release", name)
    for column in schema.columns:
        if column.name not in schema.excluded or column.name not in release.column_names:
            continue
        values = [_texts(frame, column.name) for frame in (original, control, release)]
        if values[0] is None or values[2] is None:
            continue
        found = _judged(values[0], values[1], values[2], name)
        worst = max(worst, found, key=lambda check: status[check.status])
    return worst


def _judged(original: pa.Array, control: pa.Array | None, release: pa.Array, name: str) -> Check:
    found, of = _found(original, release), len(original)
    elsewhere, of_control = (0, 0) if control is None else (_found(control, release), len(control))
    serious = found >= SERIOUS * of
    detail = (
        f"{count_text(found, of)} of {of:,} different values of original in an excluded column are in the release, "
        f"{count_text(elsewhere, of_control)} of {of_control:,} of control: drop the column, or make new values"
    )
    if control is None:
        return Check("identifiers", "warn" if serious else "ok", detail, name)
    if exceeds(found, of, elsewhere, of_control) < SIGNIFICANCE:
        return Check("identifiers", "failed" if serious else "warn", detail, name)
    return Check("identifiers", "ok", detail, name)


def _texts(frame: pa.Table | None, column: str) -> pa.Array | None:
    """Return the different texts of a column; None if it holds none, or nothing but numbers."""
    if frame is None or column not in frame.column_names:
        return None
    values = frame[column]
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return None
    texts = pc.unique(pc.drop_null(values))
    numbers = pc.match_substring_regex(texts, r"^[0-9.+-]*$")
    return None if not len(texts) or pc.all(numbers).as_py() else texts


def _found(values: pa.Array, release: pa.Array) -> int:
    return int(pc.sum(pc.is_in(values, value_set=release)).as_py() or 0)
