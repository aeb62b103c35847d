"""Tables that went out and are kept are attacked together with the next one; all of them at once are no table that goes out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from synthprivacy import simulate
from synthprivacy.config import policy_of_limit
from synthprivacy.errors import DataError
from synthprivacy.gating.attestation import Subject, to_statement
from synthprivacy.gating.decide import decide
from synthprivacy.gating.union import files_of
from synthprivacy.ledger.judging import Attackers, judge, released
from synthprivacy.ledger.keeping import kept_tables, not_kept, place_of
from synthprivacy.ledger.store import append, read
from synthprivacy.results import Evaluation, TableFacts

KEY = b"a key of these tests"
LIMIT, SHARE = 0.1, 0.05
POLICY = policy_of_limit(LIMIT)
ATTACKERS = Attackers("0.1.0", {})
TOLD = (("a", 100), ("b", 100), ("together", 150))
"""Training people copied."""
PLAN = """
[plan]
attacks = ["linkability"]
primary = ["linkability.halves"]
utility = ["shapes"]
"""


@pytest.fixture
def united(evaluation, risk, release):
    """Return a function to an evaluation of releases and of all of them together, the latter with an upper bound of its own."""

    def make(upper=0.01, lower=-0.1, *, names=("a", "b"), together=True):
        good = [release(risk(upper=0.01), name=name) for name in names]
        union = release(risk(upper=upper, lower=lower), name="together")
        made = evaluation(releases=[*good, union], plan={"together": together})
        facts = {name: TableFacts(f"sha256:{name}", 4_000, 4_000, 12) for name in made.synthetic}
        return replace(made, synthetic=facts, control=TableFacts("hmac-sha256:c", 2_000, 2_000, 12))

    return make


def gated(path, found, policy=POLICY):
    """Return the verdict of a gate that remembers."""

    def make(entries):
        return judge(entries, found, policy, key=KEY, attackers=ATTACKERS, today=date(2026, 11, 22))

    return append(path, KEY, make, at="2026-11-22T00:00:00Z")[1]


class TestUnion:
    """All releases together are judged, and are no file."""

    def test_it_is_no_candidate_and_is_not_written_down(self, united, tmp_path):
        """Two releases are two candidates, their union is none of them, and its verdict still decides."""
        verdict = gated(tmp_path / "a.ledger", united())
        entries = read(tmp_path / "a.ledger", KEY)
        failed = gated(tmp_path / "b.ledger", united(upper=0.3, lower=0.2))

        assert [entry.body.get("release") for entry in entries] == [None, "a", "b"]
        assert verdict.decision == "pass"
        assert [release.decision for release in failed.releases] == ["pass", "pass", "fail"]
        assert failed.decision == "fail"

    def test_it_is_held_to_the_share_of_the_last_candidate(self, united, tmp_path):
        """Whoever regenerates until all together pass spends alpha as with any candidate."""
        found = united()
        for seed in range(4):
            verdict = gated(tmp_path / "a.ledger", replace(found, seed=seed))
        bounds = {release.name: release.findings[0].bound for release in verdict.releases}

        assert bounds["together"] == pytest.approx(bounds["b"])
        assert bounds["together"] > bounds["a"] > found["a"].risks[0].upper

    def test_a_release_may_bear_its_name(self, united, evaluation, release, risk):
        """Where nothing was judged together, or there is one release only, `together` is a table like any other."""
        assert files_of(united()) == ("a", "b")
        assert files_of(united(together=False)) == ("a", "b", "together")
        alone = evaluation(releases=[release(risk(), name="together")], plan={"together": True})
        assert files_of(alone) == ("together",)

    def test_no_statement_is_about_it_and_every_statement_knows_it(self, united):
        """It is no subject; a file is attested to pass only where all of them together do."""
        files = [Subject(f"{name}.csv", name, "ab" * 32) for name in ("a", "b", "together")]
        results = {}
        for upper, lower in ((0.01, -0.1), (0.3, 0.2)):
            found = united(upper=upper, lower=lower)
            verdict = decide(found, POLICY)
            results[upper] = to_statement(verdict, found, files[:1])["predicate"]["result"]
            with pytest.raises(DataError, match=r"files of releases that were judged: a, b; name them"):
                to_statement(verdict, found, files[2:])

        assert results == {0.01: "PASSED", 0.3: "FAILED"}

    def test_copies_found_with_tables_of_other_evaluations_are_not_public(self, evaluation, release, risk):
        """What was published of a table that went out, taken from what all together copy, may be fewer than ten people."""
        found = [release(risk("memorization.copies", (hits, 2_000), (hits, 2_000)), name=name) for name, hits in TOLD]
        plan = {"together": True, "earlier": {"ctgan (entry 2)": "sha256:1"}}
        shown, hidden = (evaluation(releases=found, plan=of).public()["together"] for of in ({"together": True}, plan))

        assert [one.endpoint for one in shown.risks] == ["memorization.copies"]
        assert (hidden.risks, [one.endpoint for one in hidden.skipped]) == ((), ["memorization.copies"])

    def test_it_cannot_go_out(self, united, tmp_path, command):
        """`ledger add` knows the files only."""
        united(names=("a",)).to_json(tmp_path / "e.json")

        refused = command("ledger", "add", "a.ledger", "e.json", "--release", "together", folder=tmp_path)
        assert (refused.code, "one of the 1 releases of e.json: a" in refused.last) == (2, True)
        assert command("ledger", "add", "a.ledger", "e.json", folder=tmp_path).code == 0


class TestPlaces:
    """Where a ledger says that tables are."""

    def test_within_the_folder_of_the_ledger_a_place_moves_with_it(self, tmp_path):
        """A file beside the ledger is named from there, one elsewhere by its whole path."""
        inside, outside = tmp_path / "house" / "kept" / "a.csv", tmp_path / "b.csv"

        assert place_of(inside, "1", tmp_path / "house") == {"path": "kept/a.csv", "sha256": "1"}
        assert place_of(outside, "2", tmp_path / "house")["path"] == outside.resolve().as_posix()

    def test_the_last_place_of_a_table_counts(self, united, tmp_path):
        """A table written down again is one table, where it was last said to be; one without a place is counted."""
        found, path = united(), tmp_path / "a.ledger"

        def add(name, kept):
            append(path, KEY, lambda e: released(e, found, name, key=KEY, claim=None, to="", kept=kept), at="T")

        add("a", None)
        add("a", {"path": "old.csv", "sha256": "1"})
        add("b", None)
        add("a", {"path": "new.csv", "sha256": "1"})
        entries = read(path, KEY)
        (table,) = kept_tables(entries, tmp_path)

        assert (table.name, table.path.name) == ("a (entry 3)", "new.csv")
        assert not_kept(entries) == 1
        table.require("1")
        with pytest.raises(DataError, match=r"must be kept as it went out: new\.csv has changed"):
            table.require("2")


@pytest.fixture(scope="module")
def shares(tmp_path_factory):
    """Return a folder with original, control, and three releases that each hold other 5 % of the people, nearly as they are."""
    place = tmp_path_factory.mktemp("shares")
    rng = np.random.default_rng(1)
    original, control, *fresh = (simulate.gaussian(600, 6, stream) for stream in rng.spawn(5))
    moved = original + rng.normal(0.0, 0.006, original.shape)
    releases = {f"r{number}": simulate.copy_share(moved, table, SHARE, rng) for number, table in enumerate(fresh, 1)}
    for name, table in {"train": original, "control": control, **releases}.items():
        table.to_parquet(place / f"{name}.parquet")
    (place / "p.toml").write_text(PLAN)
    return place


def evaluate(command, folder, number, *more):
    """Evaluate a release, and return what the command said and the evaluation."""
    files = ("--original", "train.parquet", "--control", "control.parquet", "--synthetic", f"ctgan=r{number}.parquet")
    done = command("evaluate", "p.toml", *files, "--json", f"e{number}.json", *more, folder=folder)
    return done, None if done.code else Evaluation.from_json(folder / f"e{number}.json")


def test_three_copied_shares_that_pass_alone_fail_by_the_joint_attack(shares, command):
    """Q1: three releases each copy 5 % of the people and pass at 10 %; with the two that are kept, the third fails.

    It fails by the joint attack itself, which finds ``1 - (1 - λ)^3``, before any sum of leaks is looked at.
    """
    for number in (1, 2):
        done, one = evaluate(command, shares, number)
        assert (done.code, decide(one, POLICY).decision) == (0, "pass")
        kept = ("--kept", f"r{number}.parquet")
        assert command("ledger", "add", "a.ledger", f"e{number}.json", *kept, folder=shares).code == 0
    done, joint = evaluate(command, shares, 3, "--ledger", "a.ledger")
    verdict = gated(shares / "fresh.ledger", joint)
    union = joint["together"].risks[0]
    answer = command("gate", "e3.json", "--limit", LIMIT, "--ledger", "a.ledger", folder=shares)

    assert done.code == 0
    assert [release.decision for release in verdict.releases] == ["pass", "fail"]
    assert LIMIT < union.lower <= 1.0 - (1.0 - SHARE) ** 3 <= union.upper
    assert list(joint.plan["earlier"]) == ["ctgan (entry 2)", "ctgan (entry 3)"]
    assert joint.synthetic["together"].rows == 1_800
    assert answer.code == 1
    for words in ("together: FAIL", "all releases together", "attacked together with 2 tables that went out before"):
        assert words in answer.out


class TestKept:
    """What `evaluate --ledger` takes, and refuses."""

    @pytest.fixture
    def house(self, folder, evaluated, tmp_path, command):
        """Return a folder with small tables and a ledger by which one of them went out."""
        for name in ("train", "control", "syn"):
            (tmp_path / f"{name}.csv").write_bytes((folder / f"{name}.csv").read_bytes())
        (tmp_path / "e.json").write_bytes((evaluated / "e.json").read_bytes())
        done = command("ledger", "add", "a.ledger", "e.json", "--kept", "syn.csv", folder=tmp_path)
        assert done.code == 0, done.err
        return tmp_path

    def run(self, command, house, synthetic, *more):
        """Plan an evaluation with what went out."""
        tables = ("--original", "train.csv", "--control", "control.csv", "--synthetic", synthetic)
        return command("evaluate", *tables, "--ledger", "a.ledger", *more, folder=house)

    def test_a_kept_table_is_part_of_the_plan(self, house, command):
        """With one more table there are several releases; the table that went out, evaluated again, is not beside itself."""
        (house / "new.csv").write_text("\n".join((house / "syn.csv").read_text().splitlines()[:150]) + "\n")
        both, again = (self.run(command, house, name, "--dry-run") for name in ("new.csv", "syn.csv"))

        assert (both.code, again.code) == (0, 0)
        assert "membership.differencing" in both.out
        assert "membership.differencing" not in again.out
        assert "kept at syn.csv" in command("ledger", "show", "a.ledger", folder=house).out

    def test_a_changed_or_lost_file_is_refused(self, house, command):
        """One byte more, or no file: exit 2 before anything is read, and it is said which."""
        (house / "new.csv").write_bytes((house / "control.csv").read_bytes() + b"\n")
        (house / "syn.csv").write_bytes((house / "syn.csv").read_bytes() + b"\n")
        changed = self.run(command, house, "new.csv", "--dry-run")
        (house / "syn.csv").unlink()
        lost = self.run(command, house, "new.csv", "--dry-run")

        assert (changed.code, "syn.csv has changed since" in changed.last) == (2, True)
        assert (lost.code, "syn.csv cannot be read" in lost.last) == (2, True)

    def test_nothing_is_written_over_a_kept_table(self, house, command):
        """A kept table and the ledger are read, and no place for a result."""
        (house / "new.csv").write_bytes((house / "control.csv").read_bytes())
        for place in ("syn.csv", "a.ledger"):
            assert self.run(command, house, "new.csv", "--json", place).code == 2

    def test_without_a_place_it_is_said(self, house, command):
        """A table that went out and is kept nowhere is told: nobody believes it was attacked."""
        command("ledger", "add", "b.ledger", "e.json", folder=house)
        tables = ("--original", "train.csv", "--control", "control.csv", "--synthetic", "syn.csv", "--dry-run")
        done = command("evaluate", *tables, "--ledger", "b.ledger", folder=house)

        assert done.code == 0
        assert "does not say where 1 table that went out can be found" in done.err
        assert command("evaluate", *tables, "--ledger", "none.ledger", folder=house).code == 2

    def test_only_the_table_that_was_judged_is_kept(self, house, command):
        """Another file is refused, and the ledger stays as it was."""
        before = (house / "a.ledger").read_bytes()
        done = command("ledger", "add", "a.ledger", "e.json", "--kept", "train.csv", folder=house)

        assert (done.code, "is not the table that was judged" in done.last) == (2, True)
        assert (house / "a.ledger").read_bytes() == before
