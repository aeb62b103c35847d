"""No cell of the original or control is in any message of a run that goes wrong."""

from __future__ import annotations

import traceback
import warnings

import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy.cli import main  # noqa: F401 - loaded before anything is made to fail
from synthprivacy.errors import SynthPrivacyError
from synthprivacy.frames import read_tables

WORDS = ("XQ7Z94K", "Zanzibaria", "Kowalczyk", "quokka", "Vlissingen")
"""An id, a rare label, a name and a word in free text, and a label that everybody has; capitals do not matter."""
NUMBERS = (98_765_432.125, -87_654_321.375, 71_829_304, 271_828.25)
"""The largest and the smallest of a column, a number of one person, and the scale of a column nobody may know."""
TABLES = ("--original", "train.csv", "--control", "control.csv", "--synthetic", "s=syn.csv", "--unit", "member")
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
def test_a_spoiled_file_is_told_without_its_cells(folder, command, spoil, table, leaks):
    """Whatever is wrong with a file, no message quotes it."""
    text = (folder / f"{table}.csv").read_text(encoding="utf-8")
    content = SPOILED[spoil](text)
    assert content != text
    (folder / f"{table}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())

    done = command("evaluate", "quick.toml", *TABLES, "--json", "e.json", folder=folder)

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
def test_a_wrong_declaration_is_told_without_cells(column, leaks, planted, released):
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


def test_wrong_dataframes_are_told_without_cells(frames_that_are_wrong, leaks, planted, released):
    """A dataframe that cannot be judged is refused with a chain of errors that quotes no cell."""
    told = []
    for frame in frames_that_are_wrong():
        try:
            sp.evaluate(original=frame, control=planted(2), synthetic=released())
        except SynthPrivacyError as error:
            told.append("".join(traceback.format_exception(error)))

    assert len(told) > 9
    assert [found for text in told if (found := leaks(text))] == []


def test_people_on_both_sides_are_told_without_their_ids(folder, command, leaks, planted):
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
def test_a_crash_tells_no_cell(folder, command, monkeypatch, part, kind, leaks):
    """Whichever part crashes with a cell in its error, the cell is not told and nothing half-written is left."""

    def broken(*_, **__):
        raise kind(f"could not convert {WORDS[1]!r} at {NUMBERS[0]}")

    before = {path.name for path in folder.iterdir()}
    monkeypatch.setattr(part, broken)

    done = command("evaluate", "quick.toml", *TABLES, "--html", "e.html", folder=folder)

    assert done.code in ({2, 3} if kind is OSError else {3})
    assert leaks(done.out + done.err) == []
    assert {path.name for path in folder.iterdir()} == before
