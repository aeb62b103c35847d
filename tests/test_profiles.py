"""Profiles and the worksheet about limits."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest

import synthprivacy as sp
from synthprivacy.config import PROFILES, Policy, ReleaseLimits, Rule, parse, parse_policy, profile
from synthprivacy.errors import ConfigError
from synthprivacy.gating import decide
from synthprivacy.gating.worksheet import limits_of, origins, worksheet
from synthprivacy.results import Score
from synthprivacy.statistics.sample_size import power_to_pass

GOOD = {
    "singling_out": "singling_out.multivariate",
    "linkability": "linkability.halves",
    "inference": "inference.icd10",
    "membership": "membership.distance",
}


@pytest.fixture
def found(evaluation):
    """Return a function to an evaluation whose unusual people were not looked at apart."""
    return lambda *risks, **parts: evaluation(*risks, plan={"strata": []}, **parts)


@pytest.fixture
def about(found, risk, matches, scores):
    """Return a function from threats to an evaluation that passes everything about them."""
    makers = {"singling_out": matches, "membership": scores}

    def make(*threats, upper=0.01):
        return found(*(makers.get(threat, risk)(GOOD[threat], upper=upper) for threat in threats))

    return make


class TestProfiles:
    """Policies to start from."""

    @pytest.mark.parametrize("name", PROFILES)
    def test_each_says_who_receives_it_and_where_it_comes_from(self, name):
        """Recipient, sources, a reason for its numbers; it survives JSON."""
        shipped = profile(name)

        assert shipped.policy.recipient
        assert shipped.policy.profile == shipped.name == name
        assert shipped.sources
        assert len(shipped.origin) > 50
        assert parse_policy(shipped.policy.to_dict()) == shipped.policy

    @pytest.mark.parametrize("name", PROFILES)
    def test_each_passes_what_it_asks_for_and_nothing_less(self, name, about):
        """With every threat looked at and every bound kept it passes; with one threat less it is inconclusive."""
        policy = profile(name).policy

        assert decide(about(*policy.threats), policy).decision == "pass"
        assert decide(about(*policy.threats, upper=0.9), policy).decision in {"inconclusive", "fail"}
        for threat in policy.threats:
            rest = [other for other in GOOD if other != threat]
            assert decide(about(*rest), policy).decision == "inconclusive"

    def test_the_claim(self):
        """At epsilon the limits are what the trade-off of a claim allows: tanh(ε/2) and 1 - exp(-ε)."""
        membership, linkability = profile("dp-claim", epsilon=2.0).policy.rules

        assert membership.max == pytest.approx((math.exp(2) - 1) / (math.exp(2) + 1))
        assert linkability.max == pytest.approx(1 - math.exp(-2))
        assert profile("dp-claim") == profile("dp-claim", epsilon=1.0)
        # nobody who keeps a <= e^ε c and 1 - c <= e^ε (1 - a) gets above either
        for c in (0.001, 0.1, 1 / (1 + math.exp(2)), 0.5, 0.9):
            a = min(math.exp(2) * c, 1 - math.exp(-2) * (1 - c))
            assert a - c <= membership.max + 1e-12
            assert (a - c) / (1 - c) <= linkability.max + 1e-12

    @pytest.mark.parametrize(
        ("name", "epsilon", "words"),
        [
            ("wp92", None, r"knows no wp92 \(did you mean wp29\?\)"),
            ("wp29", 1.0, "belongs to the profile dp-claim"),
            ("dp-claim", 0.0, "must be above 0"),
            ("dp-claim", math.inf, "must be above 0"),
        ],
    )
    def test_refusals(self, name, epsilon, words):
        """An unknown name is told with the nearest one; epsilon has one place."""
        with pytest.raises(ConfigError, match=words):
            profile(name, epsilon=epsilon)

    def test_in_python(self, about):
        """`gate(profile=)` is the same policy, and the only one."""
        made = about("singling_out", "linkability", "inference")

        assert sp.gate(made, profile="wp29").policy == profile("wp29").policy
        with pytest.raises(ConfigError, match="nor either with a profile"):
            sp.gate(made, profile="wp29", limit=0.05)

    def test_on_the_command_line(self, tmp_path, about, command):
        """`gate --profile` takes it and says for whom; the policy of a file is not mixed with it."""
        about("singling_out", "linkability", "inference").to_json(tmp_path / "e.json")
        done = command("gate", "e.json", "--profile", "wp29", folder=tmp_path)

        assert (done.code, "profile wp29" in done.out, "received by anyone" in done.out) == (0, True, True)
        assert command("gate", "e.json", "--profile", "consensus-2025", folder=tmp_path).code == 3
        assert "did you mean internal" in command("gate", "e.json", "--profile", "intern", folder=tmp_path).last
        for more in (("--limit", "0.1"), ("--policy", "p.toml"), ("--epsilon", "1")):
            assert command("gate", "e.json", "--profile", "wp29", *more, folder=tmp_path).code == 2


class TestPolicy:
    """What a policy may say besides its rules."""

    def test_threats_of_a_policy_must_be_looked_at(self, about):
        """A policy with a threat that no primary endpoint is about is inconclusive, whatever passes."""
        policy = Policy((Rule("primary.upper", max=0.05),), threats=("linkability",))

        assert decide(about("linkability"), policy).decision == "pass"
        assert decide(about("inference"), policy).decision == "inconclusive"

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"threats": ["linkabilty"]}, r"knows no linkabilty \(did you mean linkability\?\)"),
            ({"recipients": "x"}, r"unknown key policy.recipients \(did you mean recipient\?\)"),
            ({"ledger": {"leek": 0.1}}, r"unknown key policy.ledger.leek \(did you mean leak\?\)"),
            ({"ledger": {"leak": 1.5}}, "policy.ledger.leak must lie above 0 and below 1"),
            ({"ledger": {"days": 0}}, "policy.ledger.days must lie above 0"),
            ({"ledger": {"rows": 1.5}}, "policy.ledger.rows must be a whole number"),
        ],
    )
    def test_refusals(self, given, words):
        """What a policy cannot mean is refused with the nearest name."""
        with pytest.raises(ConfigError, match=words):
            parse({"policy": {"rule": [{"of": "primary.upper", "max": 0.05}]} | given})

    @pytest.mark.parametrize(
        ("of", "near"),
        [
            ("linkabilty.halves.upper", "linkability"),
            ("inferenc.icd10.upper", "inference"),
            ("memberships.distance.excess.upper", "membership"),
            ("singling_out.uper", "singling_out"),
        ],
    )
    def test_a_rule_on_an_unknown_metric_is_refused_with_the_nearest_name(self, of, near):
        """A mistyped threat or number is no score that nobody has: it is refused before anything is judged."""
        with pytest.raises(ConfigError, match="bounds nothing") as refused:
            Rule(of, max=0.05)
        assert near in str(refused.value)

    @pytest.mark.parametrize(
        ("of", "near"), [("shape.mean", "shapes"), ("detections.auc", "detection"), ("check.identity", "checks")]
    )
    def test_a_rule_on_an_unknown_family_is_refused_with_the_nearest_name(self, of, near):
        """A family of scores that nobody measures is refused."""
        with pytest.raises(ConfigError, match=rf"did you mean {near}\?"):
            Rule(of, max=0.05)

    def test_a_score_that_is_not_there_is_told_with_the_nearest_name(self, found, risk):
        """What could be there and is not may be another one: inconclusive, with the name that is there."""
        made = found(risk(upper=0.01), scores=[Score("shapes", "mean", 0.9, None, None, "higher")])
        for of, near in (("shapes.mean_control", "shapes.mean"), ("checks.control_weights", "checks.control_drift")):
            rule = Rule(of, min=0.5) if of.startswith("shapes") else Rule(of)
            verdict = decide(made, Policy((rule,)))
            assert verdict.decision == "inconclusive"
            assert f"did you mean {near}?" in str(verdict)

    @pytest.mark.parametrize(
        ("made", "limit", "words"),
        [
            ({"original": (20, 2_000), "control": (20, 2_000), "upper": 0.3}, 0.01, "about 2,400 control people"),
            (
                {"original": (50, 2_000), "control": (20, 2_000), "lower": 0.005, "upper": 0.3},
                0.01,
                "may well show a failure",
            ),
            ({"original": (20, 2_000), "control": (20, 2_000), "upper": 0.3}, 0.2, "more people on both sides"),
            ({"original": (1_200, 2_000), "control": (1_200, 2_000), "upper": 0.3}, 0.001, "more people on both sides"),
        ],
    )
    def test_what_would_settle_it(self, found, risk, made, limit, words):
        """At any limit the people are named with whom a perfect release would pass, unless there are as many already."""
        verdict = decide(found(risk(**made)), Policy((Rule("linkability.halves.upper", max=limit),)))

        assert verdict.decision == "inconclusive"
        assert words in verdict.needs[0]

    def test_limits_over_releases_are_kept(self):
        """They survive JSON, and nothing is written where nothing was said."""
        policy = Policy(
            (Rule("primary.upper", max=0.05),), ledger=ReleaseLimits(leak=0.1, rows=10, epsilon=3.0, days=30)
        )

        assert parse_policy(policy.to_dict()) == policy
        assert set(replace(policy, ledger=None).to_dict()) == {"rule"}


class TestWorksheet:
    """What a limit means in people."""

    def test_people_and_harm(self):
        """Limit times people, times harm."""
        text = worksheet(original=8_000, control=2_000, limits={"mine": 0.02}, harm=50.0)

        assert "mine: up to 160 people" in text
        assert "8,000 in all at 50 each" in text
        assert f"0.02: {power_to_pass(8_000, 2_000, 0.1, 0.02):.0%}" in text

    def test_with_an_evaluation(self, about):
        """The endpoints of the evaluation take the place of the common ones."""
        text = worksheet(original=4_000, control=2_000, limits={"x": 0.05}, evaluation=about(*GOOD))

        for endpoint in GOOD.values():
            assert endpoint in text
        assert "guessed by half" not in text

    def test_every_shipped_limit_has_an_origin(self):
        """Each profile, each rule and each source is told."""
        for name in PROFILES:
            shipped = profile(name)
            assert all(words in origins() for words in (name, shipped.origin, *shipped.sources))
            assert set(limits_of(shipped.policy).values()) == {rule.max for rule in shipped.policy.rules}

    def test_on_the_command_line(self, tmp_path, about, command):
        """With sizes, with an evaluation, or with neither; half a size is refused."""
        about(*GOOD).to_json(tmp_path / "e.json")

        assert "with 4,000 training people" in command("limits", "e.json", folder=tmp_path).out
        assert "where the limits come from" in command("limits", folder=tmp_path).out
        sized = command("limits", "--original", "800", "--control", "200", "--limit", "0.1", folder=tmp_path)
        assert re.search(r"limit 0.1: up to 80 people", sized.out)
        assert command("limits", "--original", "800", folder=tmp_path).code == 2
        assert command("limits", "--original", "8", "--control", "2", "--limit", "5", folder=tmp_path).code == 2
