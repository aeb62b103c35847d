"""What every generator of the house owes: the columns, order and types it was given, and the same bytes again."""

import os
import pickle
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from synthprivacy import generators, simulate
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.generators.columns import learned
from synthprivacy.tables.canonical import canonical
from synthprivacy.tables.read import load

EVERY = (
    generators.IndependentMarginals(),
    generators.GaussianCopula(),
    generators.SequentialCART(),
    generators.SequentialCART(minbucket=1),
    generators.SmoothedBootstrap(h=0),
    generators.SmoothedBootstrap(h=0.3),
    generators.Smote(k=3),
    generators.Copier(0.3),
    generators.Memoriser(0.3, base=generators.IndependentMarginals()),
    generators.OutlierCopier(0.1),
    generators.BrokenDP("domain", 1.0, pairs=True),
)
each = pytest.mark.parametrize("generator", EVERY, ids=lambda generator: generator.name)


def awkward(rows=40):
    """Return a table with every type, and everything that tables of people come with."""
    place = np.arange(rows)
    jobs = pa.array([["nurse", "", "élève", 'O\'Neill, "x"'][at % 4] for at in place])
    columns = {
        "größe ✓": pa.array(place * 0.25 - 3, mask=place % 7 == 1),
        "select": pa.array(["x"] * rows).dictionary_encode(),
        "constant": [5] * rows,
        "all missing": pa.nulls(rows, pa.string()),
        "huge": 2**62 + place * 1024,
        "count": pa.array(place % 5 - 2, mask=place % 3 == 1),
        "b-2": pa.array(place % 3 == 0, mask=place % 4 == 1),
        "day": pa.array(np.datetime64("1899-12-31", "us") + place * np.timedelta64(100, "D"), mask=place % 5 == 1),
        "stay": pa.array(place * np.timedelta64(15 * 60, "s")),
        "icd": [None if at % 9 == 1 else f"E1{at % 4}.{at % 7}" for at in place],
        "job": jobs.dictionary_encode(),
        "patient_id": [f"p{at:03}" for at in place],
        "note": [f"was seen in room {at} and sent home" for at in place],
    }
    return canonical(pa.table(columns), label="original")


def digest(table):
    """Return a digest of a table's bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sha256(sink.getvalue()).hexdigest()


@each
def test_columns_order_and_types_are_kept(generator):
    """A release has the schema of what was learned from, rows as asked for, and is canonical already."""
    table = awkward()

    made = generator.fit_sample(table, 55, 3)

    assert made.schema.equals(table.schema, check_metadata=True)
    assert len(made) == 55
    assert canonical(made, label="release").equals(made)
    made.validate(full=True)


@pytest.mark.parametrize("generator", EVERY[:-1], ids=lambda generator: generator.name)
def test_what_is_never_missing_is_never_missing_in_a_release(generator):
    """No missing value is invented, and what is constant or all missing stays so; private noise alone may do it."""
    table = awkward()

    made = generator.fit_sample(table, 200, 1)

    for name in table.column_names:
        if table[name].null_count == 0:
            assert made[name].null_count == 0
    assert made["all missing"].null_count == 200
    assert set(made["constant"].to_pylist()) == {5}


@each
@pytest.mark.parametrize("rows", [0, 1])
def test_one_person_and_no_rows(generator, rows):
    """A table of one person can be learned from, and a release may have one row or none."""
    made = generator.fit_sample(awkward(1), rows, 0)

    assert len(made) == rows
    assert made.schema.equals(awkward(1).schema)


@each
def test_labels_that_nobody_drew_are_not_handed_on(generator):
    """A release's dictionaries hold its own labels only: what a training person has must not travel along unseen."""
    table = awkward()

    made = generator.fit_sample(table, 2, 0)

    drawn = made["job"].combine_chunks()
    assert set(drawn.dictionary.to_pylist()) == set(drawn.to_pylist())


PROGRAM = """
import sys
sys.path.insert(0, {tests!r})
from test_generators import EVERY, digest
from synthprivacy import simulate
from synthprivacy.tables.read import load
table = load(simulate.people(150, 1), label="original")
print("\\n".join(digest(generator.fit_sample(table, 170, 5)) for generator in EVERY))
"""


def test_the_same_bytes_in_another_process_and_with_two_threads():
    """Table, rows and seed settle a release to the byte: in every process and with any number of threads."""
    table = load(simulate.people(150, 1), label="original")
    with threadpool_limits(1):
        here = [digest(generator.fit_sample(table, 170, 5)) for generator in EVERY]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "2")

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(tests=str(Path(__file__).parent))],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | threads | {"PYTHONPATH": str(Path(simulate.__file__).parents[1])},
    )

    assert done.stdout.split() == here


@each
def test_another_seed_makes_another_release(generator):
    """Seeds matter."""
    table = load(simulate.people(60, 1), label="original")

    assert digest(generator.fit_sample(table, 60, 1)) != digest(generator.fit_sample(table, 60, 2))


@each
def test_generators_travel_to_other_processes(generator):
    """A generator is a value: a copy that was sent elsewhere is equal to it."""
    assert pickle.loads(pickle.dumps(generator)) == generator  # noqa: S301 - our own bytes


def test_nobody_to_learn_from():
    """A table without rows is refused."""
    with pytest.raises(NotEnoughDataError, match="at least one row"):
        generators.GaussianCopula().fit_sample(awkward().slice(0, 0), 5, 0)


def test_nothing_of_a_person_is_shown():
    """What a generator learned has no values in its representation: tracebacks are logs."""
    assert "nurse" not in repr(learned(awkward()))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    numbers=st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=12),
    whole=st.integers(-(2**63), 2**63 - 1),
    text=st.text(max_size=3),
    generator=st.sampled_from(EVERY),
)
def test_any_table_can_be_learned_from(numbers, whole, text, generator):
    """Whatever a canonical table holds, a release has its types and no number that is none."""
    rows = len(numbers)
    table = pa.table(
        {
            "x": pa.array(numbers, pa.float64()),
            "n": pa.array([whole if at % 2 else 7 for at in range(rows)], pa.int64()),
            "t": pa.array([text if at % 3 else None for at in range(rows)], pa.string()),
        }
    )

    made = generator.fit_sample(table, 9, 0)

    assert made.schema.equals(table.schema)
    assert len(made) == 9
    assert all(np.isfinite(value) for value in made["x"].to_pylist() if value is not None)
