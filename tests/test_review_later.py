"""What a last look at the ledger, the programs of others and damaged files found; it does not come back."""

from __future__ import annotations

import json
import os

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from synthprivacy import simulate
from synthprivacy.cli.app import app
from synthprivacy.comparators.training import FEWEST, training_drift
from synthprivacy.config import PlanSettings
from synthprivacy.errors import DataError, SchemaError
from synthprivacy.evaluation import evaluate_frames
from synthprivacy.frames import read_tables
from synthprivacy.generators import Command
from synthprivacy.results import Evaluation
from synthprivacy.schemata import conform, infer
from synthprivacy.tables.former import Former, beside
from synthprivacy.tables.read import load

LABEL = "a release of before"


@pytest.fixture(scope="module")
def four():
    """Return original, control, a release, and one that went out before, of one population."""
    return [simulate.people(300, rng) for rng in np.random.default_rng(5).spawn(4)]


class TestColumnsOfBefore:
    """A table that is out cannot be written again with the columns of today."""

    def test_new_columns_are_missing_and_old_ones_left_out(self, four, tmp_path):
        """It is attacked together with the new release, in the columns both have, and the evaluation says what that took."""
        original, control, release, before = four
        before.drop(columns=["region"]).assign(gone=1).to_csv(tmp_path / "before.csv", index=False)

        frames = read_tables(
            original=original,
            control=control,
            synthetic={"new": release},
            schema=None,
            earlier={LABEL: tmp_path / "before.csv"},
        )
        settings = PlanSettings(attacks=("memorization",), utility=("shapes",), together=True)
        found = evaluate_frames(frames, settings=settings)

        assert frames.earlier[LABEL].column_names == frames.original.column_names
        assert frames.earlier[LABEL]["region"].null_count == len(before)
        assert [one.name for one in found.releases] == ["new", "together"]
        assert sum(note.startswith(f"{LABEL}: 1 of its columns") for note in found.plan["notes"]) == 2

    def test_a_column_of_another_kind_is_refused(self, four, tmp_path):
        """What cannot be compared is not taken for missing."""
        original, control, release, before = four
        before.assign(age="old").to_csv(tmp_path / "before.csv", index=False)

        with pytest.raises(SchemaError, match="age"):
            read_tables(
                original=original,
                control=control,
                synthetic={"new": release},
                schema=None,
                earlier={LABEL: tmp_path / "before.csv"},
            )


@pytest.mark.parametrize("people", [1, 2, FEWEST - 1])
def test_few_people_of_before_show_no_drift(people):
    """No classifier is asked about fewer people than could tell, and none is told of."""
    present, former = (simulate.people(count, np.random.default_rng(count)) for count in (200, people))
    frame = load(present, label="original")
    schema = infer(frame)
    conforming = conform({"original": frame}, schema)[0]["original"]
    held = Former(load(former, label="original of before"), "ctgan (entry 2)")

    found = beside(held, original=conforming, release=conforming, schema=schema)
    check = training_drift(found, name=held.name, rng=np.random.default_rng(0))

    assert check.status == "ok"
    assert f"{FEWEST} are the least" in check.detail


def test_programs_of_others_do_not_get_the_key(monkeypatch, tmp_path):
    """A generator's command runs in our environment without the key that digests of secret tables are made with."""
    monkeypatch.setenv("SYNTHPRIVACY_KEY", "a secret of the house")
    monkeypatch.setenv("ELSE", "kept")
    script = tmp_path / "make.sh"
    script.write_text('env > "$3.env"; cp "$1" "$2"\n', encoding="ascii")
    table = load(pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}), label="original")

    Command(f"sh {script} {{train}} {{out}} {tmp_path / 'seen'}").fit_sample(table, 2, 0)
    seen = (tmp_path / "seen.env").read_text(encoding="utf-8")

    assert "ELSE=kept" in seen
    assert os.environ["SYNTHPRIVACY_KEY"] not in seen


def test_names_of_records_are_looked_at_first(four, tmp_path, monkeypatch):
    """A release whose name can be no file's is refused before anybody is attacked."""
    monkeypatch.chdir(tmp_path)
    for name, table in zip(("train", "control", "one", "two"), four):
        table.to_csv(f"{name}.csv", index=False)
    monkeypatch.setattr("synthprivacy.evaluation.evaluate_frames", lambda *_, **__: pytest.fail("attacked"))
    words = ["evaluate", "--original", "train.csv", "--control", "control.csv", "--records", "who.csv"]

    done = CliRunner().invoke(app, [*words, "--synthetic", "a b=one.csv", "--synthetic", "two=two.csv"])

    assert isinstance(done.exception, DataError)
    assert "to name a file of records" in str(done.exception)


@pytest.mark.parametrize("endpoints", [3, "linkability.halves", [3], {"a": 1}])
def test_a_plan_without_a_list_of_endpoints_is_refused(evaluation, endpoints):
    """An evaluation that was damaged is an error with a remedy, not a crash of the report."""
    found = evaluation().to_dict()
    found["plan"] = {**found["plan"], "endpoints": endpoints}

    with pytest.raises(DataError, match="evaluate again"):
        Evaluation.from_dict(found)


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 400])
def test_a_number_beyond_all_numbers_is_refused(evaluation, risk, number):
    """JSON may write numbers that are read as endless."""
    found = evaluation(risk()).to_dict()
    found["releases"][0]["risks"][0]["value"] = json.loads(number)

    with pytest.raises(DataError, match="evaluate again"):
        Evaluation.from_dict(found)
