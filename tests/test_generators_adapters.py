"""Generators of other people: programs that read and write files, and objects that fit and sample."""

import sys
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.generators import Command, FitSample
from synthprivacy.tables.canonical import canonical

PROGRAM = """
import csv
import random
import sys
source, target, rows, seed, what = sys.argv[1:]
if source.endswith(".csv"):
    with open(source, encoding="utf-8", newline="") as file:
        names, *people = csv.reader(file)
else:
    from pyarrow import parquet
    table = parquet.read_table(source)
    names, people = table.column_names, list(zip(*(column.to_pylist() for column in table.columns)))
made = random.Random(int(seed)).choices(people, k=int(rows))
if what == "fails":
    print("a cell", people[0], file=sys.stderr)
    raise SystemExit(3)
if what == "short":
    made = made[1:]
if what == "renamed":
    names[0] = "other"
if what == "words":
    made = [("word", *row[1:]) for row in made]
if what == "reversed":
    names, made = names[::-1], [row[::-1] for row in made]
if what == "nothing":
    raise SystemExit
if target.endswith(".csv"):
    with open(target, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([names, *made])
else:
    parquet.write_table(table.from_pydict(dict(zip(names, zip(*made)))), target)
"""
TABLE = pa.table({"x": [1, 2, None, 4], "y": ["a", "b", "a", None], "z": [0.5, 1.5, 2.5, 3.5]})


def typed(rows=30):
    """Return a table with every type, some values missing."""
    place = np.arange(rows)
    columns = {
        "größe": pa.array(place * 0.25 - 3, mask=place % 7 == 1),
        "all missing": pa.nulls(rows, pa.string()),
        "huge": 2**62 + place * 1024,
        "b-2": pa.array(place % 3 == 0, mask=place % 4 == 1),
        "day": pa.array(np.datetime64("1899-12-31", "us") + place * np.timedelta64(100, "D"), mask=place % 5 == 1),
        "stay": pa.array(place * np.timedelta64(15 * 60, "s")),
        "zip": [f"{at % 3}{at % 7}" for at in place],
        "job": pa.array([["nurse", "élève", 'O\'Neill, "x"'][at % 3] for at in place]).dictionary_encode(),
    }
    return canonical(pa.table(columns), label="original")


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """Return the words that run a generator which is a program."""
    path = tmp_path_factory.mktemp("program") / "make.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return f"'{sys.executable}' '{path}'"


@pytest.mark.parametrize("suffix", ["", ".csv", ".parquet"])
def test_a_program_is_a_generator(program, suffix):
    """A program that reads and writes a file gives back columns in order and of their types, whole numbers with gaps too."""
    generator = Command(f"{program} {{train}}{suffix} {{out}}{suffix} {{rows}} {{seed}} reversed")

    made = generator.fit_sample(TABLE, 7, 3)

    assert made.schema.equals(TABLE.schema)
    assert len(made) == 7
    assert generator.fit_sample(TABLE, 7, 3).equals(made)
    rows = set(map(tuple, zip(*(column.to_pylist() for column in TABLE.columns))))
    assert set(map(tuple, zip(*(column.to_pylist() for column in made.columns)))) <= rows


def test_a_program_gets_every_type(program):
    """Dates, durations, categories, huge numbers, codes and all-missing columns survive the way through CSV."""
    table = typed()

    made = Command(f"{program} {{train}} {{out}} {{rows}} {{seed}} works").fit_sample(table, 60, 1)

    assert made.schema.equals(table.schema)
    for name in ("day", "stay", "zip", "b-2", "huge", "job"):
        assert set(made[name].to_pylist()) <= set(table[name].to_pylist())


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("fails", "exit code 3"),
        ("short", "as many rows as are asked for: 4 of 5"),
        ("renamed", "must return the columns of its table: other, x"),
        ("words", "returns string for column 'x', which holds int64"),
        ("nothing", "left no file"),
    ],
)
def test_a_program_that_fails_is_told_so(program, what, message):
    """A program's failure is told with its rule, and never with what it printed."""
    with pytest.raises(DataError, match=message) as caught:
        Command(f"{program} {{train}} {{out}} {{rows}} {{seed}} {what}").fit_sample(TABLE, 5, 0)

    assert "cell" not in str(caught.value).replace("may hold cells", "")
    assert caught.value.__cause__ is None


def test_what_a_program_prints_is_kept_only_where_asked(program, tmp_path, capfd):
    """What a program prints goes to the log that was named, readable by its owner only, and nowhere else."""
    command = f"{program} {{train}} {{out}} {{rows}} {{seed}} fails"
    log = tmp_path / "log.txt"

    with pytest.raises(DataError, match=r"see log\.txt"):
        Command(command, log=str(log)).fit_sample(TABLE, 5, 0)
    with pytest.raises(DataError, match="pass log="):
        Command(command).fit_sample(TABLE, 5, 0)

    assert log.read_text().count("a cell") == 1
    assert log.stat().st_mode & 0o077 == 0
    assert capfd.readouterr() == ("", "")


def test_a_slow_program_is_ended_with_all_it_started(tmp_path):
    """After the timeout nothing of the program is left."""
    mark = tmp_path / "mark"
    child = f"import time,pathlib; time.sleep(1.2); pathlib.Path({str(mark)!r}).touch()"
    parent = f"import subprocess,sys; subprocess.run([sys.executable, '-c', {child!r}, *sys.argv[1:]])"
    path = tmp_path / "slow.py"
    path.write_text(parent, encoding="utf-8")

    with pytest.raises(DataError, match=r"longer than 0\.4 seconds"):
        Command(f"'{sys.executable}' '{path}' {{train}} {{out}}", timeout=0.4).fit_sample(TABLE, 1, 0)
    time.sleep(1.3)

    assert not mark.exists()


def test_no_shell_and_nothing_left_behind(program, tmp_path, monkeypatch):
    """A command is words, not a shell's language, and its folder is gone afterwards."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    made = Command(f"{program} {{train}} {{out}} {{rows}} {{seed}} '$(touch {tmp_path}/x); | works'").fit_sample(
        TABLE, 2, 0
    )

    assert len(made) == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("make --in {train}", r"must name \{train\} and \{out\}"),
        ("make 'x {train} {out}", "open quotation mark"),
    ],
)
def test_commands_that_cannot_work_are_refused(command, message):
    """A command names both files, and closes its quotation marks."""
    with pytest.raises(ConfigError, match=message):
        Command(command)


def test_a_program_that_is_not_there():
    """A command that cannot be started says why."""
    with pytest.raises(DataError, match="cannot be started"):
        Command("no-such-program-anywhere {train} {out}").fit_sample(TABLE, 1, 0)


def test_a_command_is_called_by_its_program():
    """A command's name keeps its arguments to itself, and two commands apart."""
    names = [Command(f"/opt/my gen/make {{train}} {{out}} --key {key}".replace("my gen", "g")).name for key in "ab"]

    assert all(name.startswith("cmd-make-") and "key" not in name for name in names)
    assert len(set(names)) == 2


@pytest.mark.parametrize("model", [GaussianMixture(2), KernelDensity(bandwidth=0.3)], ids=["mixture", "density"])
def test_objects_that_fit_and_sample_are_generators(model):
    """scikit-learn's densities give whole numbers where the table has them, the same for the same seed."""
    rng = np.random.default_rng(0)
    table = pa.table({"x": rng.normal(size=80), "n": rng.integers(0, 9, 80)})
    generator = FitSample(model)

    made = generator.fit_sample(table, 30, 1)

    assert made.schema.equals(table.schema)
    assert generator.fit_sample(table, 30, 1).equals(made)
    assert not generator.fit_sample(table, 30, 2).equals(made)
    assert not hasattr(model, "means_")
    assert generator.name == type(model).__name__


@dataclass
class Repeats:
    """Returns the first row again and again, as a dataframe."""

    frame: pd.DataFrame | None = None

    def fit(self, frame):
        """Remember the people."""
        self.frame = frame

    def sample(self, rows):
        """Return one of them."""
        return self.frame.iloc[[0] * rows]


def test_objects_may_return_dataframes():
    """A model of mixed types is given a dataframe and gives one back."""
    made = FitSample(Repeats(), label="mine").fit_sample(typed(9), 4, 0)

    assert made.to_pylist() == typed(9).take([0] * 4).to_pylist()
    assert made.schema.equals(typed(9).schema)


def test_what_cannot_fit_is_refused():
    """A class is no object, and an object needs both methods."""
    for model in (Repeats, object()):
        with pytest.raises(ConfigError, match="a model must"):
            FitSample(model)


class Fails(Repeats):
    """Quotes a cell when it fails."""

    def fit(self, frame):
        """Fail."""
        raise ValueError(frame.iloc[0, 0])


def test_an_object_that_fails_is_told_so():
    """What a model raises is told by its kind, never by its words."""
    with pytest.raises(DataError, match=r"Fails cannot learn from the table \(ValueError\)") as caught:
        FitSample(Fails()).fit_sample(pa.table({"x": ["a cell"]}), 3, 0)

    assert "a cell" not in str(caught.value)
    assert caught.value.__suppress_context__
