"""No cell of the original or control is in any output, message or representation, however the run goes."""

from __future__ import annotations

import re
import traceback
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import synthprivacy as sp
from synthprivacy.cli import main  # noqa: F401 - loaded before anything is made to fail
from synthprivacy.errors import SynthPrivacyError
from synthprivacy.frames import case_of, read_tables
from synthprivacy.gating import to_junit, to_markdown, to_text
from synthprivacy.reporting import render

ROWS = 240
WORDS = ("XQ7Z94K", "Zanzibaria", "Kowalczyk", "quokka", "Vlissingen")
"""An id, a rare label, a name and a word in free text, and a label that everybody has; capitals do not matter."""
NUMBERS = (98_765_432.125, -87_654_321.375, 71_829_304, 271_828.25)
"""The largest and the smallest of a column, a number of one person, and the scale of a column nobody may know."""
DAY = pd.Timestamp("1911-03-07 05:43:21")
DAYS = (r"1911\D?0?3\D?0?7", r"0?7\D0?3\D1911", r"0?3\D0?7\D1911", r"7 (Mar|März)", r"05:43")
"""The day in the orders people write it; as a count since 1970 it is among the numbers."""
COUNTS = tuple(DAY.value // unit for unit in (10**9, 10**6, 10**3, 1))

NUMBER = re.compile(r"(?<![\w#.])[-+−]?\d[\d,_' ]*(?:\.\d+)?(?:[eE][-+]?\d+)?(?!\w)")


def leaks(text):
    """Return the sentinels in a text: words, the day, or any number within a thousandth of a planted one."""
    found = [word for word in WORDS if word.lower() in text.lower()]
    found += [pattern for pattern in DAYS if re.search(pattern, text)]
    for match in NUMBER.finditer(text):
        try:
            number = float(re.sub(r"[,_' ]", "", match.group().replace("−", "-")))
        except ValueError:
            continue
        found += [str(n) for n in (*NUMBERS, *COUNTS) if abs(abs(number) - abs(n)) < 1e-3 * abs(n)]
    return found


@pytest.mark.parametrize(
    "text",
    [
        *("id xq7z94k", "98765432.125", "9.8765432125e+07", "98,765,432", "-8.765e7", "−87 654 321.4", "1911-03-07"),
        *("07/03/1911", "7 March", "9.877e+07", "71829304", "(271828.25)", "[71_829_304]", str(COUNTS[0]), "19110307"),
    ],
)
def test_the_search_finds_what_it_should(text):
    """Every way to write a sentinel is noticed, so that silence means something."""
    assert leaks(f"text {text}, and more")


def test_the_search_finds_nothing_else():
    """Digests, versions and usual numbers are no sentinels."""
    assert not leaks("sha256:98765432a1 2.5.0 in 1911 rows of 4,000 at most 0.05 #718293")


def people(seed):
    """Return people among whom nobody stands out."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "member": [f"P{seed}-{number:04d}" for number in range(ROWS)],
            "age": rng.integers(18, 90, ROWS),
            "region": rng.choice(["North", "South", "West"], ROWS),
            "income": np.round(rng.normal(40_000, 9_000, ROWS), 2),
            "visits": rng.poisson(4, ROWS),
            "seen": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 90_000_000, ROWS), unit="s"),
            "note": [f"a long note on visit number {number} of person {seed}" for number in rng.permutation(ROWS)],
        }
    )


def planted(seed):
    """Return people with a sentinel in every column."""
    frame = people(seed)
    frame.loc[3, "member"] = WORDS[0] + str(seed)
    frame.loc[5, "region"] = WORDS[1]
    frame.loc[7, "income"], frame.loc[9, "income"] = NUMBERS[:2]
    frame.loc[11, "visits"] = NUMBERS[2]
    frame.loc[13, "seen"] = DAY
    frame.loc[15, "note"] = f"{WORDS[2]} told us of a {WORDS[3]} and of 71829304"
    frame["place"] = WORDS[4]
    frame.loc[::3, "place"] = f"{WORDS[4]}-Oost"
    return frame


def released():
    """Return a release that holds none of it."""
    return people(9).assign(place=np.where(np.arange(ROWS) % 2, "Elsewhere", "Nowhere"))


@pytest.fixture(scope="module")
def evaluation():
    """Return the evaluation of planted tables."""
    schema = sp.schema(planted(1), unit="member", secrets=["region", "income"])
    return sp.evaluate(original=planted(1), control=planted(2), synthetic={"s": released()}, schema=schema)


def test_no_representation_of_a_result_holds_a_cell(evaluation):
    """JSON inside and public, report inside and public, metrics, frame, verdicts and `repr` hold no cell."""
    verdict = sp.gate(evaluation, limit=0.05)
    texts = {
        "json": evaluation.dumps(),
        "public json": evaluation.public().dumps(),
        "repr": repr(evaluation) + repr(evaluation["s"]) + repr(evaluation["s"].worst) + str(verdict) + repr(verdict),
        "notebook": evaluation._repr_html_(),
        "frame": evaluation.to_frame().to_csv(),
        "metrics": repr(evaluation.metrics()),
        "timings": repr(evaluation.timings),
        "report": render([evaluation]),
        "report inside": render([evaluation], inside=True),
        "gate": to_text(verdict) + to_junit(verdict) + to_markdown(verdict),
    }

    assert {name: found for name, text in texts.items() if (found := leaks(text))} == {}


def test_no_representation_of_a_table_holds_a_cell():
    """Schema, plan, frames, case, tables and features may stand in a traceback or a log."""
    tables = {"original": planted(1), "control": planted(2), "synthetic": {"s": released()}}
    schema = sp.schema(planted(1), unit="member", secrets=["region", "income"])
    frames = read_tables(**tables, schema=schema)
    case = case_of(frames, "s")
    plan = sp.plan(**tables, schema=schema)

    shown = [schema, plan, plan.to_dict(), frames, case, case.original, case.original.features, case.control]

    assert [found for value in shown if (found := leaks(repr(value) + str(value)))] == []


@pytest.fixture
def folder(tmp_path):
    """Return a folder with the tables as files."""
    for name, frame in (("train", planted(1)), ("control", planted(2)), ("syn", released())):
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
        frame.to_parquet(tmp_path / f"{name}.parquet", index=False)
    planted(1).to_csv(tmp_path / "members.csv", index=False)
    return tmp_path


TABLES = ("--original", "train.csv", "--control", "control.csv", "--synthetic", "s=syn.csv", "--unit", "member")


def test_the_whole_way_on_the_command_line(folder, command):
    """Neither what is printed nor any file written, but the two sides of a split, holds a cell."""
    before = set(folder.iterdir())
    outputs = ("--json", "e.json", "--html", "e.html", "--metrics", "m.json", "--secret", "region", "--limit", "0.05")
    runs = [
        command("evaluate", *TABLES, *outputs, folder=folder),
        command("evaluate", *TABLES, "--dry-run", folder=folder),
        command("evaluate", *TABLES, "--json", "-", folder=folder),
        command("gate", "e.json", "--limit", "0.05", "--junit", "g.xml", "--md", "g.md", folder=folder),
        command("report", "e.json", "--html", "i.html", "--inside", folder=folder),
        command("init", "train.csv", "--unit", "member", "--secret", "income", folder=folder),
        command("split", "members.csv", "--unit", "member", "--out", "split", folder=folder),
    ]

    assert {done.code for done in runs} <= {0, 1, 3}
    texts = [done.out + done.err for done in runs]
    written = [*(set(folder.iterdir()) - before), folder / "split" / "split.json"]
    texts += [path.read_text(encoding="utf-8") for path in written if path.is_file()]
    assert len(texts) > 12
    assert [found for text in texts if (found := leaks(text))] == []


# ---------------------------------------------------------------------------------------------------- what goes wrong

SPOILED = {
    "a row too long": lambda text: text.replace(WORDS[1], f"{WORDS[1]},{WORDS[1]}"),
    "an open quote": lambda text: text.replace(WORDS[1], f'"{WORDS[1]}'),
    "a quote in the middle": lambda text: text.replace(WORDS[1], f'{WORDS[1]}"x"y'),
    "a null character": lambda text: text.replace(WORDS[1], f"{WORDS[1]}\0"),
    "another encoding": lambda text: text.replace(WORDS[1], f"{WORDS[1]}ü").encode("latin-1"),
    "words among numbers": lambda text: text.replace("98765432.125", f"98765432.125 {WORDS[0]}"),
    "infinity": lambda text: text.replace("-87654321.375", "inf"),
    "a number too large": lambda text: text.replace("71829304,", "71829304" * 40 + ",", 1),
    "a date that is none": lambda text: text.replace("1911-03-07", "1911-03-07-07"),
    "no header": lambda text: text.partition("\n")[2],
    "a header twice": lambda text: text.replace("age", "region", 1),
    "one column": lambda text: "\n".join(line.partition(",")[0] for line in text.splitlines()),
    "one row": lambda text: "\n".join(text.splitlines()[:2]),
    "constant": lambda text: text.splitlines()[0] + "\n" + f"{text.splitlines()[4]}\n" * 200,
}


@pytest.mark.parametrize("spoil", SPOILED)
@pytest.mark.parametrize("table", ["train", "control"])
def test_a_spoiled_file_is_told_without_its_cells(folder, command, spoil, table):
    """Whatever is wrong with a file, no message quotes it."""
    text = (folder / f"{table}.csv").read_text(encoding="utf-8")
    content = SPOILED[spoil](text)
    assert content != text
    (folder / f"{table}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())

    done = command("evaluate", *TABLES, "--json", "e.json", folder=folder)

    header = content.splitlines()[0] if isinstance(content, str) else ""
    if spoil != "no header":  # then its first row is the names of columns
        assert leaks(done.out + done.err) == [], header
    assert "exit 3" not in done.err


DECLARED = [
    *({"kind": kind} for kind in ("number", "integer", "boolean", "datetime", "duration", "code", "category", "text")),
    *({"role": role} for role in ("secret", "quasi_identifier", "weight", "identifier", "group", "ignore")),
    {"kind": "number", "bounds": [0, 1]},
]


@pytest.mark.parametrize("column", ["region", "income", "visits", "seen", "note", "member", "place"])
def test_a_wrong_declaration_is_told_without_cells(column):
    """Whatever a column is declared to be, neither the message nor the chain of errors behind it quotes a cell."""
    for declared in DECLARED:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                schema = sp.schema(planted(1), columns={column: declared})
                read_tables(original=planted(1), control=planted(2), synthetic=released(), schema=schema)
                told = repr(schema)
            except SynthPrivacyError as error:
                told = "".join(traceback.format_exception(error))
        told += "".join(str(warning.message) for warning in caught)
        assert leaks(told) == [], declared


def frames_that_are_wrong():
    """Yield dataframes that cannot be read, each with a sentinel where it goes wrong."""
    frame = planted(1)
    mixed = frame.astype({"income": object})
    mixed.loc[7, "income"] = WORDS[2]
    yield mixed
    yield frame.assign(income=frame["income"].replace(NUMBERS[0], np.inf))
    yield frame.assign(region=[[WORDS[1]]] * ROWS)
    yield frame.assign(region=[{WORDS[1]: NUMBERS[0]}] * ROWS)
    yield frame.assign(region=[object if place else WORDS[1] for place in range(ROWS)])
    yield frame.assign(region=[WORDS[1].encode() + b"\xff"] * ROWS)
    yield frame.assign(income=frame["income"] + 1j)
    yield pa.table({"region": pa.array([{"x": WORDS[1]}] * ROWS), "age": list(range(ROWS))})
    yield pd.concat([frame, frame[["region"]]], axis=1)
    yield frame.iloc[:1]
    yield frame.to_numpy()
    yield frame.to_dict()
    yield frame.to_csv()
    yield frame.iloc[[5, 3]].to_csv(header=False)
    yield frame.to_csv(lineterminator="\n").encode()


def test_wrong_dataframes_are_told_without_cells():
    """A dataframe that cannot be judged is refused with a chain of errors that quotes no cell."""
    told = []
    for frame in frames_that_are_wrong():
        try:
            sp.evaluate(original=frame, control=planted(2), synthetic=released())
        except SynthPrivacyError as error:
            told.append("".join(traceback.format_exception(error)))

    assert len(told) > 9
    assert [found for text in told if (found := leaks(text))] == []


def test_people_on_both_sides_are_told_without_their_ids(folder, command):
    """An id on both sides, and a control that is the original, are told by number only."""
    pd.concat([planted(2), planted(1).head(20)]).to_csv(folder / "control.csv", index=False)
    shared = command("evaluate", *TABLES, folder=folder)
    planted(1).sample(frac=1, random_state=0).to_csv(folder / "control.csv", index=False)
    equal = command("evaluate", *TABLES[:-2], folder=folder)

    assert shared.code == equal.code == 2
    assert "20 of 260 are in both" in shared.last
    assert leaks(shared.err + equal.err) == []


PARTS = [
    "synthprivacy.tables.read.canonical",
    "synthprivacy.frames.encode",
    "synthprivacy.attacking.run_together",
    "synthprivacy.evaluation.check_tables",
    "synthprivacy.evaluation.check_release",
    "synthprivacy.attacking.estimate",
    "synthprivacy.provenance.content_digest",
    "synthprivacy.judging.ladder",
    "synthprivacy.reporting.write",
    "synthprivacy.results.files.os.fsync",
]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kind", [ValueError, OSError])
def test_a_crash_tells_no_cell(folder, command, monkeypatch, part, kind):
    """Whichever part crashes with a cell in its error, the cell is not told and nothing half-written is left."""

    def broken(*_, **__):
        raise kind(f"could not convert {WORDS[1]!r} at {NUMBERS[0]}")

    before = {path.name for path in folder.iterdir()}
    monkeypatch.setattr(part, broken)

    done = command("evaluate", *TABLES, "--html", "e.html", folder=folder)

    assert done.code in ({2, 3} if kind is OSError else {3})
    assert leaks(done.out + done.err) == []
    assert {path.name for path in folder.iterdir()} == before
