"""The verdict as JSON: a stable form with a schema, and nothing that the other forms do not say."""

from __future__ import annotations

import json
import subprocess
import sys
from copy import deepcopy
from datetime import date
from importlib.resources import files

import jsonschema
import pytest

from synthprivacy.config import Policy, ReleaseLimits, Rule, Waiver, policy_of_limit
from synthprivacy.gating import decide, to_json, verdict_to_dict
from synthprivacy.results import PrivacyLoss

SCHEMA = json.loads(files("synthprivacy.gating").joinpath("verdict.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
POLICY = policy_of_limit(0.05)
WARNED = Policy((Rule("primary.upper", max=0.05, level="warn"),))
CHANGES = {
    "pass": ({"upper": 0.01}, POLICY, 0),
    "warn": ({"lower": 0.2, "upper": 0.3}, WARNED, 0),
    "fail": ({"lower": 0.2, "upper": 0.3}, POLICY, 1),
    "inconclusive": ({"upper": 0.3}, POLICY, 3),
}
"""A primary risk, a policy and the exit code of each outcome."""


@pytest.fixture
def judged(evaluation, risk):
    """Return a function from an outcome to a verdict, through text and back."""
    return lambda outcome: json.loads(to_json(decide(evaluation(risk(**CHANGES[outcome][0])), CHANGES[outcome][1])))


@pytest.mark.parametrize("outcome", CHANGES)
def test_each_outcome_keeps_the_schema(judged, outcome):
    """Every outcome is valid, says its decision in all and for the release, and gives reasons unless it is a pass."""
    made = judged(outcome)

    assert [error.message for error in VALIDATOR.iter_errors(made)] == []
    assert made["format"] == "synthprivacy/verdict/1"
    assert (made["decision"], made["releases"][0]["decision"]) == (outcome, outcome)
    assert bool(made["reasons"]) == (outcome != "pass")
    assert made["policy"]["rule"][0]["of"] == "primary.upper"


def test_every_part_of_a_policy_and_of_a_verdict_is_valid(evaluation, release, risk):
    """Waivers, limits of a ledger, threats, a recipient, notes and what is proven stand in the JSON, and the schema has them."""
    waiver = Waiver("primary.upper", "public anyway", "the board", date(2999, 1, 31), "linkability.halves")
    policy = Policy(
        (Rule("primary.upper", max=0.05), Rule("shapes.mean", min=0.5, level="warn")),
        (waiver,),
        ReleaseLimits(leak=0.1, rows=9),
        ("linkability",),
        "everybody",
        "wp29",
    )
    loss = PrivacyLoss(1.5, 0.0, 3.0, 90, 100, 400, 0.5, 0.95, "membership.distance")
    found = evaluation(releases=[release(risk(lower=0.2, upper=0.3), privacy_loss=loss)])
    made = verdict_to_dict(decide(found, policy))

    assert [error.message for error in VALIDATOR.iter_errors(made)] == []
    assert made["decision"] == "warn"
    assert made["policy"]["waiver"][0]["owner"] == "the board"
    assert "1.5" in made["releases"][0]["proven"]
    assert "received by everybody" in made["notes"]


def test_no_release_is_valid(evaluation):
    """A verdict without a release is inconclusive, and says why."""
    made = verdict_to_dict(decide(evaluation(releases=[]), POLICY))

    assert VALIDATOR.is_valid(made)
    assert (made["decision"], made["releases"], len(made["reasons"])) == ("inconclusive", [], 1)


@pytest.mark.parametrize(
    ("place", "key", "value"),
    [
        ((), "cell", "O'Brien"),
        (("releases", 0), "cell", "O'Brien"),
        (("releases", 0, "findings", 0), "cell", "O'Brien"),
        (("policy",), "cell", "O'Brien"),
        ((), "decision", "passed"),
        (("releases", 0), "decision", "fail"),
        (("releases", 0, "findings", 0), "status", "fail"),
        ((), "releases", []),
    ],
)
def test_the_schema_refuses_what_contradicts_a_pass_or_is_unknown(judged, place, key, value):
    """An unknown key may be a cell of a person; a pass over something that did not pass is none."""
    made = judged("pass")
    spoiled = deepcopy(made)
    where = spoiled
    for step in place:
        where = where[step]
    where[key] = value

    assert VALIDATOR.is_valid(made)
    assert not VALIDATOR.is_valid(spoiled)


def test_text_is_only_text(evaluation, release, risk):
    """Names and sentences are fit to be printed, wherever they came from, and no number is NaN."""
    hostile = release(risk("inference.\x1b[31m\u202e", lower=0.2, upper=float("nan")), name="a\x00b")
    made = to_json(decide(evaluation(releases=[hostile]), POLICY))

    assert made.replace("\n", "").isprintable()
    assert VALIDATOR.is_valid(json.loads(made))


def test_numbers_are_those_of_the_verdict(evaluation, risk):
    """Bound and limit are the numbers that were compared: what is above the limit is above it in the JSON."""
    (finding,) = (
        finding
        for finding in verdict_to_dict(decide(evaluation(risk(upper=0.0500001)), POLICY))["releases"][0]["findings"]
        if finding["endpoint"] == "linkability.halves"
    )

    assert (finding["bound"], finding["limit"], finding["status"]) == (0.0500001, 0.05, "inconclusive")


class TestCommand:
    """`gate --json`."""

    @pytest.mark.parametrize("outcome", CHANGES)
    def test_a_file_or_stdout(self, evaluation, risk, tmp_path, command, outcome):
        """The file and stdout hold the same JSON, all else is on stderr then, and the exit code is that of the outcome."""
        changes, policy, code = CHANGES[outcome]
        evaluation(risk(**changes), plan={"policy": policy.to_dict()}).to_json(tmp_path / "e.json")
        written = command("gate", "e.json", "--json", "v.json", folder=tmp_path)
        printed = command("gate", "e.json", "--json", "-", "--github", folder=tmp_path)
        made = json.loads((tmp_path / "v.json").read_text(encoding="utf-8"))

        assert (written.code, printed.code) == (code, code)
        assert json.loads(printed.out) == made
        assert made["decision"] == outcome
        assert f"gate   {outcome.upper()}" in printed.err
        assert f"gate   {outcome.upper()}" in written.out
        assert printed.last.startswith(f"exit {code}: {outcome}: ")

    def test_it_does_not_write_over_what_is_read(self, evaluation, risk, tmp_path, command):
        """The evaluation is no place for the verdict."""
        evaluation(risk(upper=0.01)).to_json(tmp_path / "e.json")

        assert command("gate", "e.json", "--limit", "0.05", "--json", "e.json", folder=tmp_path).code == 2

    @pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
    def test_a_stop_while_writing_leaves_nothing(self, tmp_path):
        """Told to end at the moment a file is moved to its place, as a scheduler does, it leaves no part of the file."""
        code = (
            "import os, signal; from synthprivacy.cli import _prepare_streams; "
            "from synthprivacy.results.files import write_text; _prepare_streams(); "
            "os.replace = lambda *_: os.kill(os.getpid(), signal.SIGTERM); "
            "write_text('v.json', '{}', mode=0o600)"
        )
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)

        assert "KeyboardInterrupt" in done.stderr  # of which the command line makes 130
        assert list(tmp_path.iterdir()) == []
