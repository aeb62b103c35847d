"""The command line: wrong files, wrong pairs of tables and hostile names."""

from __future__ import annotations

import json
import os
import sys
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from synthprivacy.results import Evaluation

TABLES = ("--original", "train.csv", "--control", "control.csv", "--synthetic", "s=syn.csv")


def files(place):
    """Return the names of everything in a folder, hidden files included."""
    return sorted(path.name for path in place.rglob("*"))


def spoil(place):
    """Write files that are wrong, each in its own way."""
    train = place / "train.csv"
    frame = pd.read_csv(train)
    frame.to_parquet(place / "whole.parquet")
    (place / "cut.parquet").write_bytes((place / "whole.parquet").read_bytes()[:-300])
    (place / "latin.csv").write_bytes(frame.assign(region="Köln").to_csv(index=False).encode("latin-1"))
    (place / "ragged.csv").write_text(train.read_text() + "1,2,3\n")
    (place / "empty.csv").write_text("")
    (place / "header.csv").write_text(train.read_text().partition("\n")[0] + "\n")
    (place / "few.csv").write_text("\n".join(train.read_text().splitlines()[:20]))
    (place / "other.csv").write_text("a,b\n" + "1,2\n" * 200)
    (place / "table.txt").write_text(train.read_text())
    (place / "folder").mkdir()


@pytest.mark.parametrize(
    ("original", "words"),
    [
        ("nothing.csv", "nothing.csv does not exist"),
        ("folder", "folder is a folder without part files"),
        (".", "several formats"),
        ("cut.parquet", "cut.parquet is not a whole Parquet file"),
        ("latin.csv", "latin.csv is not text in the encoding utf-8"),
        ("ragged.csv", "line 242 has 3 fields where the header has 5"),
        ("empty.csv", "empty.csv is empty"),
        ("header.csv", "header.csv has no rows"),
        ("few.csv", "original must have at least 30 people: it has 19"),
        ("other.csv", "14 problems, all listed above; the first: control: column 'a' is missing"),
        ("table.txt", "table.txt is not of an accepted format"),
        ("syn.csv", "original and release s must not be the same file"),
        ("control.csv", "original and control must not be the same file"),
        ("https://example.org/t.csv", "only local files are read"),
    ],
)
def test_wrong_tables(folder, command, tmp_path, original, words):
    """A table that cannot be judged is code 2 with its name and the reason."""
    for table in folder.iterdir():
        (tmp_path / table.name).write_bytes(table.read_bytes())
    spoil(tmp_path)

    done = command("evaluate", "--original", original, *TABLES[2:], folder=tmp_path)

    assert done.code == 2
    assert words in done.last
    assert done.out == ""


def test_wrong_pairs_of_tables(folder, command, tmp_path):
    """A control equal to the original, tables that never vary, and a file of tables in the wrong place are refused."""
    (tmp_path / "copy.csv").write_bytes((folder / "train.csv").read_bytes())
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(
            "x,y\n" + f"1,{name}\n".replace(name, "q") * (200 if name == "a" else 300)
        )
    (tmp_path / "c.toml").write_text('[tables]\noriginal = "nothing.csv"\nsynthetic = { s = "copy.csv" }\n')
    release = ("--synthetic", f"s={folder}/syn.csv")

    equal = command("evaluate", "--original", folder / "train.csv", "--control", "copy.csv", *release, folder=tmp_path)
    still = command("evaluate", "--original", "a.csv", "--synthetic", "s=b.csv", folder=tmp_path)
    missing = command("evaluate", "c.toml", folder=tmp_path)
    table = command("evaluate", "copy.csv", folder=tmp_path)
    alone = command("evaluate", "--original", "copy.csv", folder=tmp_path)
    doubled = command("evaluate", *release, "--synthetic", "s=copy.csv", "--original", "a.csv", folder=tmp_path)

    assert [done.code for done in (equal, still, missing, table, alone, doubled)] == [2] * 6
    assert "the two tables are equal" in equal.last
    assert "all are constant" in still.last
    assert "nothing.csv does not exist" in missing.last
    assert "copy.csv must be a synthprivacy.toml; pass tables by --original" in table.last
    assert "evaluate needs --synthetic NAME=FILE" in alone.last
    assert "s is there twice" in doubled.last


# ---------------------------------------------------------------------------------------------------- hostile names


QUICK = '[plan]\nattacks = ["linkability"]\nutility = ["shapes"]'


@pytest.mark.parametrize(
    "name",
    ["../../x", "<script>alert(1)</script>", "a\nexit 0: pass\x1b[2J\x1b[31m", "\u202egnp", "=cmd|'/c calc'!A0", "a|`b`@c"],
)  # fmt: skip
def test_a_hostile_name_does_no_harm(folder, command, tmp_path, name):
    """A release's name reaches no path, no terminal control, no markup; every output is still what it should be."""
    place = tmp_path / "inner" / "most"
    place.mkdir(parents=True)
    tables = {"original": "train", "control": "control"}
    lines = [f'{key} = "{folder}/{file}.csv"' for key, file in tables.items()]
    (place / "c.toml").write_text(
        "\n".join([QUICK, "[tables]", *lines, "[tables.synthetic]", f'{json.dumps(name)} = "{folder}/syn.csv"'])
    )

    outputs = ("--json", "e.json", "--html", "e.html", "--metrics", "m.json")
    done = command("evaluate", "c.toml", *outputs, "--limit", "0.04", folder=place)
    gate = command("gate", "e.json", "--junit", "g.xml", "--md", "g.md", folder=place)

    assert done.code == gate.code in {1, 3}
    written = ["c.toml", "e.html", "e.json", "e.timings.json", "g.md", "g.xml", "m.json"]
    assert files(tmp_path) == sorted([*written, "inner", "most"])
    for shown in (done.out, done.err, gate.out, gate.err):
        assert all(character.isprintable() or character == "\n" for character in shown)
        assert "exit 0" not in [line[:6] for line in shown.splitlines()]
    assert Evaluation.from_json(place / "e.json").releases[0].name == name
    assert "<script>alert" not in (place / "e.html").read_text()
    assert "<script" not in (place / "g.md").read_text()
    ET.parse(place / "g.xml")  # noqa: S314 - our own file


def test_a_hostile_name_in_a_message_is_spelled_out(folder, command, tmp_path):
    """An error that names a release or a file shows no control character and stays one line."""
    name = "a\nexit 0: pass\x1b[2J\u202e"
    tables = f'original = "{folder}/train.csv"\ncontrol = "{folder}/control.csv"'
    (tmp_path / "c.toml").write_text(f"[tables]\n{tables}\nsynthetic = {{ {json.dumps(name)} = 'nothing.csv' }}\n")

    for arguments in (("evaluate", "c.toml"), ("gate", name), ("report", "c.toml", "--html", name), ("split", name)):
        done = command(*arguments, folder=tmp_path)
        assert done.code == 2
        assert all(character.isprintable() or character == "\n" for character in done.err)
        assert "exit 0" not in [line[:6] for line in done.err.splitlines()]


@pytest.mark.skipif(sys.platform != "linux", reason="file names that are no text")
def test_a_file_name_that_is_no_text_is_refused(folder, command, tmp_path):
    """A release named after a file whose name cannot be printed needs a name of its own."""
    odd = tmp_path / os.fsdecode(b"\xff\x1b.csv")
    odd.write_bytes((folder / "syn.csv").read_bytes())

    done = command("evaluate", *TABLES[:4], "--synthetic", odd, folder=folder)
    named = command("evaluate", *TABLES[:4], "--synthetic", f"s={odd}", "--dry-run", folder=folder)

    assert done.code == 2
    assert "must be printable text" in done.last
    assert named.code == 0
