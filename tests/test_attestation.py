"""What leaves the gate: statements, annotations, cards; each says no more and no less than the verdict."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.config import PlanSettings, Policy, Rule, policy_of_limit
from synthprivacy.errors import DataError
from synthprivacy.gating import decide
from synthprivacy.gating.attestation import Subject, evaluation_digest, to_statement, unverified
from synthprivacy.gating.card import to_card
from synthprivacy.gating.github import to_annotations

POLICY = policy_of_limit(0.05)
FILE = Subject("ctgan.csv", "ctgan", "ab" * 32)
HOSTILE = "a,b:c%0A\r\n::error::x\u202e"


@pytest.fixture
def found(evaluation):
    """Return a function to an evaluation whose unusual people were not looked at apart."""
    return lambda *risks, **parts: evaluation(*risks, plan={"strata": []}, **parts)


def statement(found, policy=POLICY, subjects=(FILE,)):
    """Return the statement about an evaluation, through JSON and back."""
    return json.loads(json.dumps(to_statement(decide(found, policy), found, subjects), allow_nan=False))


class TestStatement:
    """An in-toto statement about the file that was judged."""

    @pytest.mark.parametrize(
        ("changes", "level", "decision", "result"),
        [
            ({"upper": 0.01}, "error", "pass", "PASSED"),
            ({"lower": 0.2, "upper": 0.3}, "warn", "warn", "WARNED"),
            ({"lower": 0.2, "upper": 0.3}, "error", "fail", "FAILED"),
            ({"upper": 0.3}, "error", "inconclusive", "FAILED"),
        ],
    )
    def test_results(self, found, risk, changes, level, decision, result):
        """Inconclusive is FAILED with the word inconclusive beside it, and never PASSED."""
        made = statement(found(risk(**changes)), Policy((Rule("primary.upper", max=0.05, level=level),)))
        evaluation, policy = made["predicate"]["configuration"]

        assert made["predicate"]["result"] == result
        assert evaluation["annotations"]["decision"] == decision
        assert bool(evaluation["annotations"]["reasons"]) == (decision != "pass")
        assert policy["annotations"]["policy"]["rule"][0]["level"] == level
        assert made["subject"] == [
            {"name": "ctgan.csv", "digest": {"sha256": "ab" * 32}, "annotations": {"release": "ctgan"}}
        ]

    def test_a_test_is_in_one_list(self, found, release, risk):
        """A rule that fails on one of two files is no passed test."""
        both = found(releases=[release(risk(upper=0.01), name="a"), release(risk(lower=0.2, upper=0.3), name="b")])
        made = statement(both, subjects=[replace(FILE, release="a"), replace(FILE, release="b")])["predicate"]

        assert "primary.upper ≤ 0.05 linkability.halves" in made["failedTests"]
        assert not set(made["passedTests"]) & set(made["failedTests"])
        assert statement(both, subjects=[replace(FILE, release="a")])["predicate"]["result"] == "PASSED"

    def test_no_subject_no_statement(self, found, risk):
        """A statement is about a file, and about a release that was judged."""
        for subjects in ((), (replace(FILE, release="other"),)):
            with pytest.raises(DataError, match="releases that were judged: ctgan"):
                statement(found(risk()), subjects=subjects)

    def test_it_tells_no_number_that_was_measured(self, found, risk):
        """Statements about no and about nine people found are the same to the byte, and match the public rendering."""
        made = {
            json.dumps(statement(found(risk(original=(hits, 2_000), control=(hits, 2_000), upper=0.3))))
            for hits in (0, 4, 9)
        }
        few = found(risk(original=(4, 2_000), control=(4, 2_000)))

        assert len(made) == 1
        assert evaluation_digest(few) == evaluation_digest(few.public())

    def test_the_reference_library_reads_it(self, found, risk):
        """in-toto's own library parses and validates the statement and its predicate."""
        library = pytest.importorskip("in_toto_attestation.v1.statement", reason="in-toto-attestation is not installed")
        from google.protobuf import json_format
        from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
        from in_toto_attestation.v1 import resource_descriptor, statement_pb2

        made = statement(found(risk(upper=0.01)))
        read = library.Statement.copy_from_pb(json_format.ParseDict(made, statement_pb2.Statement()))
        predicate = json_format.ParseDict(made["predicate"], test_result_pb2.TestResult())

        read.validate()
        for descriptor in predicate.configuration:
            resource_descriptor.ResourceDescriptor.copy_from_pb(descriptor).validate()
        assert predicate.result == "PASSED"
        assert predicate.passed_tests

    def test_verify(self, found, risk):
        """A file, an evaluation and a result are each refused when they are not those of the statement."""
        good, bad = found(risk(upper=0.01)), found(risk(upper=0.3))
        made = statement(good)

        assert unverified(made, FILE.sha256) is None
        assert unverified(made, FILE.sha256, good.public()) is None
        assert "none of the 1 files" in unverified(made, "cd" * 32)
        assert "not the one that was judged" in unverified(made, FILE.sha256, bad)
        assert "the result was FAILED" in unverified(statement(bad), FILE.sha256)

    @pytest.mark.parametrize("cut", ["_type", "subject", "predicateType", "predicate"])
    def test_what_is_no_statement_is_refused(self, found, risk, cut):
        """Without one of its parts it is no statement, and nothing is verified by it."""
        made = statement(found(risk(upper=0.01)))
        del made[cut]

        with pytest.raises(DataError, match="no in-toto statement"):
            unverified(made, FILE.sha256)
        for odd in (None, [], "x", {}, {"subject": [None], "predicate": {}}):
            with pytest.raises(DataError):
                unverified(odd, FILE.sha256)


class TestAnnotations:
    """Workflow commands of GitHub."""

    def test_kinds(self, found, risk):
        """Failures and what is inconclusive are errors, warnings are warnings, passes say nothing."""
        warn = Policy((Rule("primary.upper", max=0.05, level="warn"),))

        assert to_annotations(decide(found(risk(upper=0.01)), POLICY)) == ()
        assert to_annotations(decide(found(risk(lower=0.2, upper=0.3)), POLICY))[0].startswith(
            "::error title=privacy gate%3A fail::ctgan: linkability.halves: risk at least 0.2"
        )
        assert to_annotations(decide(found(risk(upper=0.3)), POLICY))[0].startswith("::error title=privacy gate%3A inc")
        assert to_annotations(decide(found(risk(upper=0.3)), warn))[0].startswith("::warning ")
        assert to_annotations(decide(found(releases=[]), POLICY))[0].startswith("::error ")

    def test_names_stay_names(self, found, release, risk):
        """No name ends a property, a command or a line, and all of it is one line."""
        bad = risk(f"inference.{HOSTILE}", lower=0.2, upper=0.3)
        (line,) = to_annotations(decide(found(releases=[release(bad, name=HOSTILE)]), POLICY))

        assert line.isprintable()
        assert line.startswith("::error title=privacy gate%3A fail::")
        assert "%250A" in line

    def test_no_more_than_ten_of_a_kind(self, found, release, risk):
        """GitHub shows ten: the last one counts the rest."""
        risks = [risk(f"inference.c{number}", lower=0.2, upper=0.3) for number in range(12)]
        lines = to_annotations(decide(found(releases=[release(*risks)]), POLICY))

        assert len(lines) == 10
        assert lines[-1].endswith("3 more; see the job summary")


class TestCard:
    """The section of a data card."""

    def test_it_says_what_was_judged(self, found, risk, scores, copies):
        """Decision, headline, rules, every primary endpoint with its bound, and sizes."""
        made = found(risk(upper=0.01), scores(), copies=copies())
        text = to_card(decide(made, replace(POLICY, recipient="everybody")), made)

        for words in (
            "## Privacy evaluation",
            "ctgan: pass",
            "20 of 4,000",
            "Released to: everybody",
            "linkability.halves",
        ):
            assert words in text
        assert "4,000 people; control: 2,000 people held out" in text

    def test_it_is_read_off_the_public_rendering(self, found, risk):
        """Cards about no and about nine people found are the same."""
        cards = set()
        for hits in (0, 9):
            made = found(risk(original=(hits, 2_000), control=(100, 2_000)))
            cards.add(to_card(decide(made, POLICY), made))

        assert len(cards) == 1

    def test_names_are_only_names(self, found, release, risk):
        """No markup of a name is markup of the card."""
        made = found(releases=[release(risk(), name="| <b> [x](http://x) @y")])
        text = to_card(decide(made, POLICY), made)

        assert "<b>" not in text
        assert "](" not in text


@pytest.fixture(scope="module")
def attested(tmp_path_factory):
    """Return a folder with a release of every kind of column, and its evaluation."""
    folder = tmp_path_factory.mktemp("attested")
    tables = (simulate.people(240, rng) for rng in np.random.default_rng(5).spawn(3))
    for name, table in zip(("train", "control", "syn"), tables):
        table.to_csv(folder / f"{name}.csv", index=False)
    settings = PlanSettings(attacks=("linkability",), utility=("shapes",))
    files = {"original": folder / "train.csv", "control": folder / "control.csv"}
    sp.evaluate(**files, synthetic={"s": folder / "syn.csv"}, plan=settings).to_json(folder / "e.json")
    return folder


class TestCommands:
    """The same on the command line."""

    @pytest.fixture
    def place(self, attested, tmp_path):
        """Return a folder of its own with the evaluation and the release."""
        for name in ("e.json", "syn.csv"):
            (tmp_path / name).write_bytes((attested / name).read_bytes())
        return tmp_path

    def test_attest_and_verify(self, place, command):
        """The statement names the bytes of the file; a changed file is not verified, another table is not attested."""
        call = ("gate", "e.json", "--limit", "0.9", "--attest", "r.intoto.json", "--synthetic")
        done = command(*call, "s=syn.csv", folder=place)
        made = json.loads((place / "r.intoto.json").read_text())
        result = made["predicate"]["result"]

        assert result == {0: "PASSED", 3: "FAILED"}[done.code]
        verified = command("verify", "r.intoto.json", "syn.csv", folder=place)
        assert verified.code == (0 if result == "PASSED" else 1)
        assert command("verify", "r.intoto.json", "e.json", folder=place).code == 1
        assert command("verify", "e.json", "syn.csv", folder=place).code == 2
        (place / "syn.csv").write_text((place / "syn.csv").read_text().replace("\n", "\r\n"))
        assert command(*call, "s=syn.csv", folder=place).code == done.code  # another file of the same table
        (place / "syn.csv").write_text((place / "syn.csv").read_text().replace("female", "male"))
        refused = command(*call, "s=syn.csv", folder=place)
        assert (refused.code, "is not the table that was judged" in refused.last) == (2, True)
        assert command(*call[:-1], folder=place).code == 2
        assert command(*call, "other=syn.csv", folder=place).code == 2
        assert command(*call[:3], "0.9", "--attest", "syn.csv", "--synthetic", "s=syn.csv", folder=place).code == 2

    def test_on_github(self, place, command):
        """Where GITHUB_ACTIONS is set there are annotations, and the summary is added to."""
        (place / "summary.md").write_text("before\n")
        call = ("gate", "e.json", "--limit", "0.0001")
        done = command(*call, folder=place, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(place / "summary.md"))

        assert "::error title=privacy gate" in done.out
        assert (place / "summary.md").read_text().startswith("before\n## Privacy gate: ")
        assert "::error" not in command(*call, folder=place, GITHUB_ACTIONS="").out
        assert "::error" in command(*call, "--github", folder=place, GITHUB_ACTIONS="", GITHUB_STEP_SUMMARY="").out
        assert done.last.startswith("exit ")

    def test_card(self, place, command):
        """The card is written."""
        command("gate", "e.json", "--limit", "0.9", "--card", "card.md", folder=place)

        assert (place / "card.md").read_text().startswith("## Privacy evaluation")
