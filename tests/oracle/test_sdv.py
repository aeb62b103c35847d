"""SDV's synthesizers as generators: in an environment that has SDV."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from synthprivacy import simulate
from synthprivacy.errors import ConfigError, DataError
from synthprivacy.generators import named
from synthprivacy.generators.sdv import SYNTHESIZERS, SDVSynthesizer
from synthprivacy.tables.read import load

pytestmark = pytest.mark.oracle
pytest.importorskip("sdv")


@pytest.fixture(scope="module")
def people():
    """Return people of a health survey, with categories stored as such and a length of time."""
    frame = simulate.people(300, 3)
    frame["region"] = frame["region"].astype("category")
    frame["stay"] = pd.to_timedelta(np.arange(300) % 14, unit="D")
    return load(frame, label="original")


def quick(synthesizer):
    """Return a generator that takes seconds."""
    return named(f"sdv:{synthesizer}" + ("" if synthesizer == "GaussianCopula" else ":epochs=2:batch_size=100"))


@pytest.mark.parametrize("synthesizer", SYNTHESIZERS)
def test_every_synthesizer_returns_the_table_it_was_given(people, synthesizer):
    """Columns, order and types are kept, dates are dates of the years they were in, and so many rows come back."""
    made = quick(synthesizer).fit_sample(people, 120, 1)

    assert made.schema.equals(people.schema)
    assert len(made) == 120
    years = made["registered"].to_pandas().dt.year
    assert years.between(2017, 2024).all()
    assert set(made["region"].to_pylist()) <= set(people["region"].to_pylist())


@pytest.mark.parametrize("synthesizer", SYNTHESIZERS)
def test_a_seed_settles_a_release(people, synthesizer):
    """The same seed gives the same rows and another one others; the streams of the caller are as they were."""
    generator = quick(synthesizer)
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002 - the caller's stream is what must not be touched
    drawn = (random.random(), np.random.random())  # noqa: NPY002, S311
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002

    first, again, other = (generator.fit_sample(people, 60, seed) for seed in (1, 1, 2))

    assert first.equals(again)
    assert not first.equals(other)
    assert (random.random(), np.random.random()) == drawn  # noqa: NPY002, S311


def test_the_copula_learns_the_table(people):
    """Shares and means of SDV's copula are near the table's: within .12 and half a standard deviation."""
    made = quick("GaussianCopula").fit_sample(people, 1_000, 0).to_pandas()
    real = people.to_pandas()

    assert abs((made["sex"] == "female").mean() - (real["sex"] == "female").mean()) < 0.12
    assert abs(made["age"].mean() - real["age"].mean()) < real["age"].std() / 2


def test_metadata_of_the_user_rule(people, tmp_path):
    """What the user's metadata call a category is drawn as one: the visits are among those that were seen."""
    from sdv.metadata import Metadata

    frame = people.to_pandas()[["age", "visits", "sex"]]
    metadata = Metadata.detect_from_dataframes({"mine": frame})
    metadata.update_column(column_name="visits", sdtype="categorical", table_name="mine")
    path = tmp_path / "metadata.json"
    metadata.save_to_json(path)
    table = people.select(["age", "visits", "sex"])

    made = SDVSynthesizer(metadata=str(path)).fit_sample(table, 200, 0)

    assert made.schema.equals(table.schema)
    assert set(made["visits"].to_pylist()) <= set(table["visits"].to_pylist())


def test_metadata_that_are_none(people, tmp_path):
    """A file that is no metadata, or metadata of another table, is refused without a cell."""
    from sdv.metadata import Metadata

    path = tmp_path / "metadata.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises((ConfigError, DataError), match=r"metadata|cannot learn"):
        SDVSynthesizer(metadata=str(path)).fit_sample(people, 5, 0)
    other = tmp_path / "other.json"
    Metadata.detect_from_dataframes({"mine": pd.DataFrame({"x": [1.5, 2.5, 2.0]})}).save_to_json(other)
    with pytest.raises(DataError, match="cannot learn from the table"):
        SDVSynthesizer(metadata=str(other)).fit_sample(people, 5, 0)


def test_dates_that_it_cannot_hold():
    """A table with dates outside of SDV's range is refused with the range."""
    table = pa.table({"day": pa.array([-(10**17), 0, 1], pa.int64()).cast(pa.timestamp("us")), "x": [1.0, 2.0, 3.0]})

    with pytest.raises(DataError, match="no dates before 1677"):
        SDVSynthesizer().fit_sample(table, 5, 0)
