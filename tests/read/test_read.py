"""Dataframes come in as one canonical frame, or not at all: laws of `load` for frames."""

from __future__ import annotations

import datetime as dt
import decimal
import os
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from synthprivacy.errors import DataError, NotEnoughDataError
from synthprivacy.schemata.columns import ZONE
from synthprivacy.tables.read import load

SENTINEL = "SENTINEL987654321"
LABELS = pa.dictionary(pa.int32(), pa.string())
INSTANT = pa.timestamp("us")


def column(values, **options) -> pa.ChunkedArray:
    """Return the canonical form of one pandas column."""
    return load(pd.DataFrame({"x": pd.Series(values, **options)}), label="original")["x"]


def refusal(source) -> str:
    """Return the message with which a source is refused, which begins with the label and has no cell in it."""
    with pytest.raises(DataError) as caught:
        load(source, label="control")
    message = str(caught.value)
    assert all(line.startswith("control") for line in message.splitlines())
    assert SENTINEL not in message
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return message


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint32", "int64", "Int64", "int16[pyarrow]", "uint64"])
def test_whole_numbers(dtype):
    """Whole numbers of any width become int64."""
    values = column([0, 1, 100], dtype=dtype)
    assert values.type == pa.int64()
    assert values.to_pylist() == [0, 1, 100]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "Float64", "double[pyarrow]", "Sparse[float64]"])
def test_decimals(dtype):
    """Decimals of any width become float64, NaN becomes missing."""
    values = column([0.5, np.nan, -2.0], dtype=dtype)
    assert values.type == pa.float64()
    assert values.to_pylist() == [0.5, None, -2.0]


def test_float32():
    """A float32 is the shortest decimal that reads back as it."""
    assert column([0.1, 45251.6], dtype="float32").to_pylist() == [0.1, 45251.6]


@pytest.mark.parametrize("dtype", ["object", "string", "string[pyarrow]", "large_string[pyarrow]"])
def test_text(dtype):
    """Text of any dtype becomes string: NUL and the empty string are kept, None is missing."""
    values = column(["a\0b", None, "Zoë", ""], dtype=pd.ArrowDtype(pa.large_string()) if "large" in dtype else dtype)
    assert values.type == pa.string()
    assert values.to_pylist() == ["a\0b", None, "Zoë", ""]


def test_categories():
    """Categories of text stay a hint, categories of numbers become numbers."""
    assert column(["b", None, "a"], dtype="category").type == LABELS
    assert column(["b", None, "a"], dtype="category").to_pylist() == ["b", None, "a"]
    assert column([3, None, 1], dtype="category").to_pylist() == [3, None, 1]
    assert column([1.5, None], dtype="category").type == pa.float64()


def test_instants():
    """Instants become microseconds in UTC, whatever their zone and resolution."""
    utc = pd.to_datetime(pd.Series(["2024-01-31 23:00", None])).dt.tz_localize("UTC")
    moment = dt.datetime(2024, 1, 31, 23)  # noqa: DTZ001 - a moment without a zone is what is read
    for values in (utc, utc.dt.tz_convert("Asia/Tokyo"), utc.dt.tz_localize(None).astype("datetime64[s]")):
        assert column(values).type == INSTANT
        assert column(values).to_pylist() == [moment, None]


def test_zone():
    """A time zone in the source is remembered in the field."""
    naive = pd.to_datetime(pd.Series(["2024-01-31"]))
    for values, zoned in ((naive, False), (naive.dt.tz_localize("UTC"), True)):
        metadata = load(pd.DataFrame({"x": values}), label="original").schema.field("x").metadata
        assert (ZONE in (metadata or {})) is zoned


def test_other_values():
    """Dates, times of day, durations and decimal fractions have one form each."""
    assert column([dt.date(2024, 1, 31), None], dtype=object).type == INSTANT
    assert column([dt.time(1, 0), None], dtype=object).to_pylist() == [dt.timedelta(hours=1), None]
    assert column(pd.to_timedelta([1, None], unit="D")).type == pa.duration("us")
    assert column([decimal.Decimal("1.5"), None], dtype=object).to_pylist() == [1.5, None]


def test_booleans():
    """Booleans keep their missing values."""
    assert column([True, None, False], dtype="boolean").to_pylist() == [True, None, False]
    assert column([True, None, False], dtype=object).type == pa.bool_()


def test_no_values():
    """A column without values stays, as missing values."""
    assert column([None, None], dtype=object).type == pa.string()
    assert column([np.nan, np.nan]).type == pa.float64()


def test_extremes():
    """The largest and smallest numbers pass unchanged."""
    ends = np.iinfo("int64")
    assert column([ends.min, ends.max]).to_pylist() == [ends.min, ends.max]
    assert column([1e308, -1e308, 5e-324]).to_pylist() == [1e308, -1e308, 5e-324]


class _Hostile:
    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __repr__(self) -> str:
        return SENTINEL

    def __reduce__(self):
        return os.system, (f"touch {self.canary}",)


UNFIT = {
    "complex": [1j, 2j],
    "list": [["a", SENTINEL], ["b"]],
    "struct": [{SENTINEL: SENTINEL}, {SENTINEL: "b"}],
    "binary": [SENTINEL.encode(), b"b"],
    "mixed types int, str": [1, SENTINEL],
    "mixed types bool, int": [True, 1],
    "beyond 64 bits": [2**70, 1],
    "interval": pd.arrays.IntervalArray.from_breaks([0, 1, 2]),
    "pandas.interval": pd.cut([1, 2], [0, 1, 2]),
    "period": pd.period_range("2024", periods=2, freq="D"),
    "infinite": [np.inf, 1.0],
    "uint64": np.array([2**63, 1], dtype="uint64"),
    "not valid UTF-8": pd.Series(["\ud800", "b"], dtype=object),
}


@pytest.mark.parametrize("rule", UNFIT)
def test_unfit_columns(rule):
    """A column without canonical form is refused by name and rule."""
    message = refusal(pd.DataFrame({"good": [1, 2], "odd": UNFIT[rule]}))
    assert "'odd'" in message
    assert rule in message


def test_unfit_together():
    """All unfit columns of a table are told at once."""
    message = refusal(pd.DataFrame({str(i): values for i, values in enumerate(UNFIT.values())}))
    assert len(message.splitlines()) == len(UNFIT)


def test_objects(tmp_path):
    """Objects are refused, and never pickled."""
    canary = tmp_path / "canary"
    assert "_Hostile" in refusal(pd.DataFrame({"x": [_Hostile(canary), _Hostile(canary)]}))
    assert not canary.exists()


def test_number_names():
    """Whole numbers are names as long as all stay different; other objects are not."""
    frame = pd.DataFrame(np.ones((2, 3)), columns=[0, np.int64(7), "a"])
    assert load(frame, label="original").column_names == ["0", "7", "a"]
    message = refusal(pd.DataFrame(np.ones((2, 4)), columns=pd.Index([0, (SENTINEL, "b"), None, True], dtype=object)))
    assert len(message.splitlines()) == 3
    assert "'1' is used 2 times" in refusal(pd.DataFrame(np.ones((2, 2)), columns=[1, "1"]))


@pytest.mark.parametrize(
    ("frame", "rule"),
    [
        (pd.DataFrame(np.ones((2, 2)), columns=["age", "age"]), "'age' is used 2 times"),
        (pd.DataFrame(np.ones((2, 2)), columns=["", "b"]), "column 1 has no name"),
        (pd.DataFrame(np.ones((2, 1)), columns=pd.MultiIndex.from_product([["x"], ["a"]])), "MultiIndex"),
        (pd.DataFrame(index=range(5)), "no columns"),
        (pd.DataFrame(np.ones((2, 1)), columns=pd.Index(["\ud800"], dtype=object)), "column 1"),
        (pa.table([[1], [2]], names=["a", "a"]), "'a' is used 2 times"),
        (pa.table({}), "no columns"),
    ],
)
def test_unfit_names(frame, rule):
    """There must be columns, each with a name of its own on one level."""
    assert rule in refusal(frame)


NAMES = [
    "*",
    "^.*$",
    "a\"g'e`",
    "in\ncome\\",
    "class",
    "index",
    "é",
    "e\u0301",
    "\u202egnp.exe",
    "👩‍👩‍👧",
    "x" * 100_000,
    " ",
]


def test_hostile_names():
    """A name is only a name, in every library."""
    frame = pd.DataFrame([range(len(NAMES))] * 2, columns=NAMES)
    for source in (frame, pl.from_pandas(frame), pl.from_pandas(frame).lazy(), pa.Table.from_pandas(frame)):
        loaded = load(source, label="original")
        assert loaded.column_names == NAMES
        assert [loaded[name].to_pylist() for name in NAMES] == [[i, i] for i in range(len(NAMES))]


def test_names_in_messages():
    """A name in a message is cut and made visible."""
    message = refusal(pd.DataFrame({"\u202ea\n" + "b" * 100_000: [1j]}))
    assert len(message) < 300
    assert "\u202e" not in message
    assert len(message.splitlines()) == 1


PLAIN = pd.DataFrame({"n": [1.5, None], "i": [1, 2], "s": ["a", None], "b": [True, False]})


class _Stream:
    """A frame of an unknown library that offers the Arrow C stream."""

    def __arrow_c_stream__(self, requested_schema=None):
        return pa.table({"n": [1.5, None], "i": [1, 2], "s": ["a", None], "b": [True, False]}).__arrow_c_stream__(
            requested_schema
        )


SOURCES = {
    "polars": pl.from_pandas,
    "lazy": lambda frame: pl.from_pandas(frame).lazy(),
    "arrow": pa.Table.from_pandas,
    "duckdb": lambda frame: duckdb.from_arrow(pa.Table.from_pandas(frame)),
    "stream": lambda _: _Stream(),
    "odd index": lambda frame: frame.set_index(pd.Index([5, 5])),
    "nullable": pd.DataFrame.convert_dtypes,
    "pyarrow": lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
}


@pytest.mark.parametrize("library", SOURCES)
def test_libraries(library):
    """Every library and every index gives the same frame."""
    source = SOURCES[library](PLAIN)
    assert load(source, label="original").equals(load(PLAIN, label="original"))


@pytest.mark.parametrize("source", [np.ones((2, 2)), [1, 2], {"a": [1]}, None, 3, b"x", pa.array([1]), pl.Series([1])])
def test_no_table(source):
    """What is no table is refused with what is accepted."""
    message = refusal(source)
    assert "pandas" in message
    assert "CSV" in message


def test_lazy_failure():
    """What a failing lazy query says about cells is not repeated."""
    frame = pl.DataFrame({"x": ["1", SENTINEL]}).lazy().with_columns(pl.col("x").cast(pl.Int64))
    refusal(frame)


def test_polars_types():
    """Polars categories are a hint like those of pandas, its lists are refused."""
    assert "list" in refusal(pl.DataFrame({"x": [[1], [2]]}))
    assert load(pl.DataFrame({"x": pl.Series(["a", "b"], dtype=pl.Categorical)}), label="r")["x"].type == LABELS


@pytest.mark.parametrize("frame", [PLAIN.iloc[:0], pl.from_pandas(PLAIN).clear()])
def test_no_rows(frame):
    """A table without rows is not enough data."""
    with pytest.raises(NotEnoughDataError, match="release x has no rows"):
        load(frame, label="release x")


def test_source_unchanged():
    """The source is left as it was."""
    frame = PLAIN.copy(deep=True)
    load(frame, label="original")
    pd.testing.assert_frame_equal(frame, PLAIN)


def test_long_cells():
    """Cells of a million characters pass whole."""
    assert [len(cell) for cell in column(["A" * 1_000_000, "b"]).to_pylist()] == [1_000_000, 1]
