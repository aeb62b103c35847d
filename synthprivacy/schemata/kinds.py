"""The schema of a table: a kind for every column, each with the reason for the guess.

What is declared is never guessed. Reasons carry counts and no values, so that a schema may be shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.errors import ConfigError
from synthprivacy.schemata.columns import Column, Kind, Schema, shown
from synthprivacy.schemata.rules import constraints_of
from synthprivacy.schemata.settings import Settings, contradictions, settle
from synthprivacy.schemata.text import has_decimal_commas, instants, truths

_FEW = 20
"""Columns with up to this many different values are categories; fewer rows than this prove no identifier."""
_NEARLY_UNIQUE = 0.95
_WORDS_OF_PROSE = 3
_TELLING_TYPES: tuple[tuple[Callable[[Any], bool], Kind, str], ...] = (
    (pa.types.is_boolean, "boolean", "true or false"),
    (pa.types.is_timestamp, "datetime", "dates or times"),
    (pa.types.is_duration, "duration", "lengths of time"),
)
_ID_WORDS = frozenset({"id", "ids", "uuid", "guid", "ssn", "nhs", "mrn", "pid"})
_NUMBER_WORDS = frozenset({"nr", "no", "number", "key"})
_ID_HOLDERS = "account|case|client|customer|member|patient|person|record|row|subject|user"
_CODE_WORDS = r"icd|atc|zip|zipcode|postcode|postal|plz|cpt|snomed|loinc|ndc|naics|nace|isco|isic"


def infer(
    frame: pa.Table,
    *,
    unit: str | None = None,
    secrets: Sequence[str] = (),
    declared: Mapping[str, Mapping[str, Any]] | None = None,
    constraints: Sequence[Mapping[str, Any]] = (),
) -> Schema:
    """Return the schema of the original.

    Parameters
    ----------
    frame : pyarrow.Table
        The original, as `load` returns it.
    unit : str, optional
        Column that says which person a row belongs to.
    secrets : sequence of str
        Columns that must not be guessable.
    declared : mapping of column names to settings, optional
        `kind`, `role`, `bounds`, `theme` (and `reason`) of any column: they win over every guess.
    constraints : sequence of mappings
        Rules that rows must keep, see `constraints_of`.

    Raises
    ------
    ConfigError
        If a declaration is unknown or contradicts another one or the kind of its column, or numbers are written
        with decimal commas: numbers taken for labels would have no distances. All of them at once.
    """
    settings = settle(frame.column_names, unit=unit, secrets=secrets, declared=declared)
    columns = [_column(name, frame[name], settings.get(name, Settings())) for name in frame.column_names]
    guessed = frozenset(name for name in frame.column_names if settings.get(name, Settings()).kind is None)
    problems = contradictions(columns, guessed)
    problems += [
        f"column {shown(name)!r} holds numbers with decimal commas; write decimal points, or declare its kind"
        for name in frame.column_names
        if name in guessed and _has_decimal_commas(frame[name])
    ]
    if problems:
        raise ConfigError("\n".join(problems))
    schema = Schema(tuple(columns), tuple(dict.fromkeys([*secrets, *(declared or {})])))
    return replace(schema, constraints=constraints_of(constraints, schema)) if constraints else schema


def _column(name: str, values: pa.ChunkedArray, setting: Settings) -> Column:
    role = setting.role
    if setting.kind is not None:
        kind, reason = setting.kind, setting.reason
    elif role in {"unit", "identifier"}:
        kind, reason = "identifier", f"declared {role}"
    else:
        kind, reason = _guess(name, values)
    if kind == "identifier" and role is None:
        role = "identifier"
    return Column(name, kind, role, reason, setting.bounds, setting.theme)


def _guess(name: str, values: pa.ChunkedArray) -> tuple[Kind, str]:
    present = values.drop_null()
    if not len(present):
        return "category", "no values"
    for is_type, kind, reason in _TELLING_TYPES:
        if is_type(values.type):
            return kind, reason
    if pa.types.is_integer(values.type):
        return _guess_whole(name, present)
    if pa.types.is_floating(values.type):
        whole = pc.all(pc.equal(pc.floor(present), present)).as_py()
        return ("integer", "whole numbers stored as decimals") if whole else ("number", "numbers")
    return _guess_text(name, present, len(values))


def _guess_whole(name: str, present: pa.ChunkedArray) -> tuple[Kind, str]:
    """Return identifier for numbers that name rows, integer for all others.

    Distinct values alone prove nothing (amounts are often distinct): the name must say so too, or the values must
    count the rows.
    """
    if len(present) >= _FEW and pc.count_distinct(present).as_py() == len(present):
        if _is_id_name(name):
            return "identifier", f"a different whole number in each of {len(present):,} rows, named like an identifier"
        ends = pc.min_max(present).as_py()
        if ends["max"] - ends["min"] == len(present) - 1:
            return "identifier", f"whole numbers that count {len(present):,} rows without a gap"
    return "integer", "whole numbers"


def _guess_text(name: str, present: pa.ChunkedArray, rows: int) -> tuple[Kind, str]:
    text = present.cast(pa.string())
    labels = pc.unique(text)
    if truths(labels) is not None:
        return "boolean", "text that says true or false"
    if instants(labels) is not None:
        return "datetime", "text that is ISO 8601 dates throughout"
    counted = f"text with {len(labels):,} distinct value{'s' * (len(labels) != 1)} in {rows:,} rows"
    if _is_code_name(name):
        return "code", f"{counted}, named like a code"
    if pa.types.is_dictionary(present.type):
        return "category", f"{counted}, stored as categories"
    unique = len(text) >= _FEW and len(labels) >= _NEARLY_UNIQUE * len(text)
    varied = len(labels) > max(_FEW, len(text) // 2)
    if (unique or varied) and _words(text) >= _WORDS_OF_PROSE:
        return "text", f"{counted}, mostly sentences"
    return ("identifier" if unique else "category"), counted


def _has_decimal_commas(values: pa.ChunkedArray) -> bool:
    if not (pa.types.is_string(values.type) or pa.types.is_dictionary(values.type)):
        return False
    text = values.drop_null()
    return has_decimal_commas(text.slice(0, 1).cast(pa.string())) and has_decimal_commas(text.cast(pa.string()))


def _words(text: pa.ChunkedArray) -> float:
    """Return the mean number of words in a cell."""
    return float(pc.mean(pc.count_substring_regex(text, r"\S+")).as_py())


def _is_id_name(name: str) -> bool:
    words = _name_words(name)
    if not words:
        return False
    return words[0] in _ID_WORDS or words[-1] in _ID_WORDS | _NUMBER_WORDS or _is_holder_id(words[-1])


def _is_holder_id(word: str) -> bool:
    return re.fullmatch(rf"({_ID_HOLDERS})(id|nr|no|number|key)", word) is not None


def _is_code_name(name: str) -> bool:
    return any(re.fullmatch(rf"({_CODE_WORDS})[0-9]*(cm|code)?", word) for word in _name_words(name))


def _name_words(name: str) -> list[str]:
    """Return the lower-case words of a name: ``patientId`` and ``Patient ID`` both say patient, id."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name[:200])
    return re.findall(r"[a-z0-9]+", spaced.lower())
