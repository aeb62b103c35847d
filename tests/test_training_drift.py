"""Whether the training table has drifted since a release went out: told, and never a reason to fail by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.comparators.training import CHECK, training_drift
from synthprivacy.config import Policy, Rule, policy_of_limit
from synthprivacy.errors import DataError
from synthprivacy.gating.decide import decide
from synthprivacy.ledger.chain import Entry
from synthprivacy.ledger.judging import Attackers, judge
from synthprivacy.ledger.keeping import last_training, training_of
from synthprivacy.ledger.pages import page
from synthprivacy.ledger.store import append, read
from synthprivacy.results import Check, Evaluation
from synthprivacy.schemata import conform, infer
from synthprivacy.tables.former import Former, beside
from synthprivacy.tables.read import load

KEY = b"a key of these tests"
ATTACKERS = Attackers("0.1.0", {})
TABLES = ("--original", "train.csv", "--control", "control.csv", "--synthetic", "s=syn.csv")
PLAN = '[plan]\nattacks = ["linkability"]\nprimary = ["linkability.halves"]\nutility = ["shapes"]\n'
WEIGHT = "weight_kg"


def checked(present, former):
    """Return the check of a training table beside the one of before."""
    frame = load(present, label="original")
    schema = infer(frame)
    conforming, _ = conform({"original": frame}, schema)
    held = Former(load(former, label="original of before"), "ctgan (entry 2)")
    found = beside(held, original=conforming["original"], release=conforming["original"], schema=schema)
    return training_drift(found, name=held.name, rng=np.random.default_rng(0))


@pytest.fixture(scope="module")
def pair():
    """Return two samples of one population."""
    return [simulate.people(900, rng) for rng in np.random.default_rng(71).spawn(2)]


class TestCheck:
    """What is said of two training tables."""

    def test_the_same_rows_are_in_order_in_whatever_order(self, pair):
        """Nothing is asked of a classifier where nothing has changed."""
        check = checked(pair[0], pair[0].sample(frac=1.0, random_state=0))

        assert (check.status, check.detail) == ("ok", "the rows are those of the training table of ctgan (entry 2)")

    def test_other_people_of_the_same_population_are_in_order(self, pair):
        """Whether they are all others, or half of them stayed, who would pull the AUC to .41 if twins met."""
        stayed = pd.concat([pair[0].iloc[:450], pair[1].iloc[:450]], ignore_index=True)

        for former in (pair[1], stayed):
            check = checked(pair[0], former)
            assert (check.check, check.status) == (CHECK, "ok")
            assert float(check.detail.partition("AUC ")[2][:5]) == pytest.approx(0.5, abs=0.05)

    def test_few_people_are_no_drift(self, pair):
        """What so few cannot exclude is said, and is no warning."""
        check = checked(pair[0].iloc[:80], pair[1].iloc[:80])

        assert (check.status, "nor one that matters excluded" in check.detail) == ("ok", True)

    def test_a_population_that_has_moved_is_a_warning(self, pair):
        """Everybody ten years older is noticed, and never fails."""
        check = checked(pair[0].assign(age=pair[0]["age"] + 10), pair[1])

        assert check.status == "warn"
        assert "moved by more than is harmless" in check.detail

    def test_those_who_stayed_do_not_hide_those_who_changed(self, pair):
        """Half of the people are in both tables, the others are ten years older than those they replace: a warning."""
        stayed, joined = pair[0].iloc[:450], pair[1].iloc[:450]
        present = pd.concat([stayed, joined.assign(age=joined["age"] + 10)], ignore_index=True)

        assert checked(present, pair[0]).status == "warn"

    def test_where_people_cannot_be_told_apart_it_is_said(self, pair):
        """In a table of two labels everybody has doubles: nobody is taken for somebody who stayed, and nothing is shown."""
        coarse = [side[["sex", "region"]] for side in pair]
        check = checked(*coarse)

        assert (check.status, "too many rows have doubles" in check.detail) == ("ok", True)

    def test_columns_that_came_and_went_are_counted(self, pair):
        """A new column, two that are gone, one of another kind: a warning with the counts, and the rest is compared."""
        present = pair[0].drop(columns="sex").assign(new=1.0)
        former = pair[1].drop(columns="sex").assign(old=1.0, older="x", **{WEIGHT: "heavy"})
        check = checked(present, former)

        assert check.status == "warn"
        assert "AUC" in check.detail
        for words in ("1 column is new", "2 columns are gone", "1 column is of another kind than before"):
            assert words in check.detail
        assert "heavy" not in check.detail

    def test_without_a_column_in_common_it_is_said(self, pair):
        """Nothing can be compared: a warning, not an error."""
        check = checked(pair[0], pd.DataFrame({"other": np.arange(40.0)}))

        assert (check.status, "no column is shared" in check.detail) == ("warn", True)


class TestGate:
    """What a gate and a ledger make of it."""

    @pytest.fixture
    def drifted(self, evaluation, risk):
        """Return an evaluation that passes, of a training table that has drifted."""
        return evaluation(risk(upper=0.01), checks=[Check(CHECK, "warn", "AUC 0.612, 0.581 to 0.642")])

    def test_it_is_told_and_blocks_nothing(self, drifted):
        """A pass stays one, with a note; a rule on it makes it a warning; without the check the rule is inconclusive."""
        verdict = decide(drifted, policy_of_limit(0.05))
        ruled = Policy((Rule("primary.upper", 0.05), Rule(f"checks.{CHECK}")))
        without = replace(drifted, checks=tuple(check for check in drifted.checks if check.check != CHECK))

        assert verdict.decision == "pass"
        assert f"{CHECK} warn: AUC 0.612" in str(verdict)
        assert [decide(found, ruled).decision for found in (drifted, without)] == ["warn", "inconclusive"]

    def test_the_ledger_shows_it(self, drifted, tmp_path):
        """The last reading stands on its page."""

        def make(entries):
            return judge(
                entries, drifted, policy_of_limit(0.05), key=KEY, attackers=ATTACKERS, today=date(2026, 11, 22)
            )

        append(tmp_path / "a.ledger", KEY, make, at="2026-11-22T00:00:00Z")
        told = page(read(tmp_path / "a.ledger", KEY), attackers=ATTACKERS, today=date(2026, 11, 22))

        assert "training  drift: AUC 0.612" in told


class TestLedger:
    """Where a ledger says that training tables are."""

    def test_the_last_release_that_has_one_counts(self, tmp_path):
        """Its file is known by a keyed digest, and refused once it is another one."""
        bodies = [
            {"release": name, "training": training_of(tmp_path / f"{name}.csv", "1", tmp_path, KEY)} for name in "ab"
        ]
        entries = [
            Entry(number, "T", "released", json.dumps(body), "")
            for number, body in enumerate([*bodies, {"release": "c"}], 2)
        ]
        found = last_training(entries, tmp_path)

        assert (found.name, found.path) == ("b (entry 3)", tmp_path / "b.csv")
        found.require("1", KEY)
        for sha256, key in (("2", KEY), ("1", b"another key of tests")):
            with pytest.raises(DataError, match="the file has changed since"):
                found.require(sha256, key)
        assert last_training(entries[2:], tmp_path) is None

    def test_from_release_to_release(self, tmp_path, command, folder, evaluated):
        """Written down with one release and asked of the next; another table, a changed or lost file are refused; nothing raw."""
        for name in ("train", "control", "syn"):
            (tmp_path / f"{name}.csv").write_bytes((folder / f"{name}.csv").read_bytes())
        (tmp_path / "e.json").write_bytes((evaluated / "e.json").read_bytes())
        (tmp_path / "p.toml").write_text(PLAN)

        def run(*words):
            return command(*words, folder=tmp_path)

        assert CHECK not in (tmp_path / "e.json").read_text()
        wrong = run("ledger", "add", "a.ledger", "e.json", "--training", "control.csv")
        assert (wrong.code, "not the original that was evaluated" in wrong.last) == (2, True)
        added = run("ledger", "add", "a.ledger", "e.json", "--training", "train.csv")
        assert added.code == 0, added.last
        (tmp_path / "train.csv").rename(tmp_path / "of_before.csv")
        lost = run("evaluate", "p.toml", *TABLES, "--ledger", "a.ledger", "--dry-run")
        (tmp_path / "of_before.csv").rename(tmp_path / "train.csv")
        older = pd.read_csv(tmp_path / "train.csv").assign(age=lambda frame: frame["age"] + 10)
        older.to_csv(tmp_path / "next.csv", index=False)
        then = ("--original", "next.csv", *TABLES[2:], "--ledger", "a.ledger")
        done = run("evaluate", "p.toml", *then, "--json", "next.json")
        assert run("evaluate", "p.toml", *then, "--json", "train.csv").code == 2
        check = next(check for check in Evaluation.from_json(tmp_path / "next.json").checks if check.check == CHECK)
        (tmp_path / "train.csv").write_bytes((tmp_path / "train.csv").read_bytes() + b"\n")
        changed = run("evaluate", "p.toml", *then, "--dry-run")

        assert (done.code, check.status) == (0, "warn")
        assert "s (entry 2)" in check.detail
        assert "train.csv" not in (tmp_path / "next.json").read_text() + done.out
        assert (lost.code, changed.code) == (2, 2)
        assert "has changed since" in changed.last
        assert "training table known" in run("ledger", "show", "a.ledger").out
