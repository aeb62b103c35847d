"""Dataframes of any library → one arrow table. The index is ignored, nothing is pickled, no cell enters a message."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pyarrow as pa

from synthprivacy.errors import DataError
from synthprivacy.schemata import shown
from synthprivacy.tables.canonical import ARROW_ERRORS, Rejected, canonical, names_problems, refuse

if TYPE_CHECKING:
    import pandas as pd

ACCEPTED = "a pandas, polars or pyarrow DataFrame, a duckdb relation, or a path to a CSV, Parquet or Feather file"
_REMEDY = "store numbers, text, booleans, dates or durations, or drop the column"
_ENGINE_ERRORS = (("polars.exceptions", "PolarsError"), ("duckdb", "Error"))
"""Base errors of the libraries that may run a query when a lazy frame is collected."""


def from_frame(source: object, *, label: str) -> pa.Table:
    """Return a dataframe as a canonical frame.

    Parameters
    ----------
    source : object
        A frame of pandas, polars (eager or lazy), pyarrow or duckdb, any other that narwhals knows, or anything that
        offers the Arrow C stream.
    label : str
        What the messages call the table.

    Raises
    ------
    DataError
        If the object is no dataframe, or a column cannot be converted; all columns are told at once.
    """
    native = source if isinstance(source, pa.Table) else _collected(source, label)
    if nw.dependencies.is_pandas_dataframe(native):
        return _from_pandas(native, label)
    return canonical(native, label=label)


def _collected(source: Any, label: str) -> Any:
    """Return a frame of pandas or arrow, whatever library it comes from."""
    if nw.dependencies.is_pandas_dataframe(source):
        return source
    try:
        return _converted(source, label)
    except (*ARROW_ERRORS, TypeError, ValueError, OverflowError, *_engine_errors()):
        msg = f"{label}: the {_class_name(source)} cannot be converted to an arrow table; pass {ACCEPTED}"
        raise DataError(msg) from None


def _converted(source: Any, label: str) -> Any:
    frame = nw.from_native(source, pass_through=True)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    if not isinstance(frame, nw.DataFrame):
        if hasattr(source, "__arrow_c_stream__"):
            return pa.table(source)
        msg = f"{label}: a table is expected, not {_class_name(source)}; pass {ACCEPTED}"
        raise DataError(msg)
    native = frame.to_native()
    return native if nw.dependencies.is_pandas_dataframe(native) else frame.to_arrow()


def _from_pandas(frame: pd.DataFrame, label: str) -> pa.Table:
    names = _names(frame.columns, label)
    kept, rejected = {}, []
    for position, name in enumerate(names):
        values = _series(frame.iloc[:, position])
        if isinstance(values, Rejected):
            rejected.append(f"column {shown(name)!r} {values.rule}")
        else:
            kept[name] = values
    return canonical(pa.table(kept), label=label, rejected=rejected)


def _names(columns: pd.Index, label: str) -> list[str]:
    """Return the names as text; whole numbers are names too, as long as all names stay different."""
    if columns.nlevels > 1:
        refuse(label, [f"column names have {columns.nlevels} levels (MultiIndex); flatten them to one string each"])
    problems = [
        f"the name of column {position}, of type {_class_name(name)}, is no valid text; rename it"
        for position, name in enumerate(columns, start=1)
        if not _is_name(name)
    ]
    refuse(label, problems)
    names = [str(name) for name in columns]
    refuse(label, names_problems(names))
    return names


def _is_name(name: object) -> bool:
    if isinstance(name, str):
        return name.encode("utf-8", "replace").decode() == name
    return isinstance(name, int | np.integer) and not isinstance(name, bool)


def _series(series: Any) -> pa.Array | Rejected:
    """Return a pandas column as arrow values, or why it has none."""
    kind = str(series.dtype).partition("[")[0].partition("<")[0]
    if kind == "Sparse":
        series = series.sparse.to_dense()
    try:
        values = pa.array(series.astype("float64") if kind == "float16" else series, from_pandas=True)
    except (*ARROW_ERRORS, TypeError, ValueError, OverflowError):
        return Rejected(_why_object(series) if kind == "object" else f"holds values of dtype {kind}; {_REMEDY}")
    if isinstance(values.type, pa.BaseExtensionType):
        return Rejected(f"holds values of dtype {kind}; {_REMEDY}")
    return values


def _why_object(series: Any) -> str:
    """Return why Python objects are no column; their types may be named, their values not."""
    types = {type(value) for value in series.dropna()}
    if types == {int}:
        return "holds whole numbers beyond 64 bits; store them as text if they are names, as decimals if amounts"
    if types == {str}:
        return "holds text that is not valid UTF-8; repair its encoding"
    names = sorted(shown(kind.__name__) for kind in types)
    listed = f"{', '.join(names[:4])}{', …' if len(names) > 4 else ''}"
    return f"holds objects of {'mixed types' if len(names) > 1 else 'type'} {listed}; {_REMEDY}"


def _engine_errors() -> tuple[type[Exception], ...]:
    modules = ((sys.modules.get(module), name) for module, name in _ENGINE_ERRORS)
    return tuple(getattr(module, name) for module, name in modules if module is not None)


def _class_name(value: object) -> str:
    return shown(type(value).__name__)
