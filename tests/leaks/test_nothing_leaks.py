"""No cell of the original or control is in any output or representation of a run that goes well."""

from __future__ import annotations

import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy.cli import main  # noqa: F401 - loaded before anything is made to fail
from synthprivacy.frames import case_of, read_tables
from synthprivacy.gating import to_junit, to_markdown, to_text
from synthprivacy.reporting import render

DAY = pd.Timestamp("1911-03-07 05:43:21")
COUNTS = tuple(DAY.value // unit for unit in (10**9, 10**6, 10**3, 1))


@pytest.mark.parametrize(
    "text",
    [
        *("id xq7z94k", "98765432.125", "9.8765432125e+07", "98,765,432", "-8.765e7", "−87 654 321.4", "1911-03-07"),
        *("07/03/1911", "7 March", "9.877e+07", "71829304", "(271828.25)", "[71_829_304]", str(COUNTS[0]), "19110307"),
    ],
)
def test_the_search_finds_what_it_should(text, leaks):
    """Every way to write a sentinel is noticed, so that silence means something."""
    assert leaks(f"text {text}, and more")


def test_the_search_finds_nothing_else(leaks):
    """Digests, versions and usual numbers are no sentinels."""
    assert not leaks("sha256:98765432a1 2.5.0 in 1911 rows of 4,000 at most 0.05 #718293")


@pytest.fixture(scope="module")
def evaluation(planted, released):
    """Return the evaluation of planted tables."""
    schema = sp.schema(planted(1), unit="member", secrets=["region", "income"])
    return sp.evaluate(original=planted(1), control=planted(2), synthetic={"s": released()}, schema=schema)


def test_no_representation_of_a_result_holds_a_cell(evaluation, leaks):
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


def test_no_representation_of_a_table_holds_a_cell(leaks, planted, released):
    """Schema, plan, frames, case, tables and features may stand in a traceback or a log."""
    tables = {"original": planted(1), "control": planted(2), "synthetic": {"s": released()}}
    schema = sp.schema(planted(1), unit="member", secrets=["region", "income"])
    frames = read_tables(**tables, schema=schema)
    case = case_of(frames, "s")
    plan = sp.plan(**tables, schema=schema)

    shown = [schema, plan, plan.to_dict(), frames, case, case.original, case.original.features, case.control]

    assert [found for value in shown if (found := leaks(repr(value) + str(value)))] == []


TABLES = ("--original", "train.csv", "--control", "control.csv", "--synthetic", "s=syn.csv", "--unit", "member")


def test_the_whole_way_on_the_command_line(folder, command, leaks):
    """Neither what is printed nor any file written, but the two sides of a split, holds a cell."""
    before = set(folder.iterdir())
    outputs = ("--json", "e.json", "--html", "e.html", "--metrics", "m.json", "--secret", "region", "--limit", "0.05")
    runs = [
        command("evaluate", *TABLES, *outputs, folder=folder),
        command("evaluate", *TABLES, "--dry-run", folder=folder),
        command("evaluate", "quick.toml", *TABLES, "--json", "-", folder=folder),
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
