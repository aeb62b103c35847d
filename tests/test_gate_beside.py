"""What the gate reads beside the primary endpoints: secondary ones, checks and scores."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from synthprivacy.config import Policy, Rule
from synthprivacy.errors import PolicyError
from synthprivacy.gating import decide
from synthprivacy.gating.decide import REQUIRED
from synthprivacy.gating.secondary import p_value
from synthprivacy.results import Check, Rate, Score

LIMIT = 0.05


def of(*rules, **limits):
    """Return the policy of some rules, or of one."""
    return Policy(tuple(rule if isinstance(rule, Rule) else Rule(rule, **limits) for rule in rules))


class TestSecondary:
    """Endpoints that are not primary can only fail, and only beyond chance among all of them."""

    def test_one_clear_leak_fails(self, evaluation, risk, decision):
        """A secondary endpoint far above the limit fails a release whose primary endpoints pass."""
        leak = risk("inference.icd10", (600, 2_000), (20, 2_000), primary=False)

        assert decision(evaluation(risk(upper=0.01), leak)) == "fail"

    def test_wide_intervals_do_not_block(self, evaluation, risk, decision):
        """A small group with a wide interval is no obstacle, nor is one that cannot be read."""
        wide = risk("inference.icd10@sex=F", (15, 50), (14, 50), primary=False)
        lost = risk("inference.age", primary=False, upper=math.nan, lower=math.nan)

        assert decision(evaluation(risk(upper=0.01), wide, lost)) == "pass"

    @pytest.mark.parametrize(("others", "expected"), [(0, "fail"), (40, "pass")])
    def test_holm(self, evaluation, risk, others, expected, decision):
        """A lower end just above the limit fails alone, and is chance among forty others."""
        near = risk("inference.icd10", (124, 2_000), (0, 2_000), primary=False)
        rest = [risk(f"inference.c{number}", primary=False) for number in range(others)]

        assert LIMIT < near.lower < 0.053
        assert decision(evaluation(risk(upper=0.01), near, *rest)) == expected

    def test_secondary_scores_and_matches_fail(self, evaluation, risk, scores, matches, decision):
        """Membership scores and predicates far above the limit fail as guesses do."""
        everyone = scores(auc=1.0, error=0.0, lower=0.99, upper=1.0, primary=False)
        leaks = (scores(auc=0.8, primary=False), everyone, matches(original=900, people=900, primary=False))
        for leak in leaks:
            assert decision(evaluation(risk(upper=0.01), leak)) == "fail"

    def test_named_endpoints_must_keep_their_limit(self, evaluation, risk, decision):
        """An endpoint that a rule names must be under its limit to pass, though it fails only under Holm."""
        policy = of("inference.icd10@sex=F.upper", max=LIMIT)
        group = "inference.icd10@sex=F"
        outcomes = {(10, 4_000): "pass", (10, 100): "inconclusive", (900, 2_000): "fail"}
        for (hits, people), expected in outcomes.items():
            named = risk(group, (hits, people), (hits if expected != "fail" else 20, people), primary=False)

            assert decision(evaluation(risk(upper=0.9), named), policy) == expected
        assert decision(evaluation(risk(upper=0.9)), policy) == "inconclusive"

    @pytest.mark.parametrize(
        ("hits", "control"), [(130, 0), (150, 0), (140, 10), (400, 240), (1_000, 900), (2_000, 20)]
    )
    def test_p_value_inverts_the_bound(self, risk, hits, control):
        """The p-value is below a tail exactly where the Clopper-Pearson bound at that tail is above the limit."""
        found = risk(original=(hits, 2_000), control=(control, 2_000))
        p = p_value(found, ".upper", LIMIT)
        limits = found.lower + np.array([-0.01, -1e-6, 1e-6, 0.01])

        assert (p <= 0.025) == (found.lower > LIMIT)
        assert [p_value(found, ".upper", limit) <= 0.025 for limit in limits] == (limits < found.lower).tolist()

    def test_named_endpoints_are_in_the_family(self, evaluation, risk, decision):
        """A named endpoint just above its limit fails alone, and is inconclusive among forty others."""
        near = risk("inference.icd10", (124, 2_000), (0, 2_000), primary=False)
        rest = [risk(f"inference.c{number}", primary=False) for number in range(40)]
        policy = of(Rule("primary.upper", LIMIT), Rule("inference.icd10.upper", LIMIT))

        assert decision(evaluation(risk(upper=0.01), near), policy) == "fail"
        assert decision(evaluation(risk(upper=0.01), near, *rest), policy) == "inconclusive"

    def test_p_value_counts_people(self, risk):
        """Several guesses about one person are worth fewer: the same counts with a design effect give a larger p."""
        found = risk(original=(160, 2_000), control=(0, 2_000))
        clustered = replace(found.evidence, original=Rate(160, 2_000, 500, 4.0))

        assert p_value(replace(found, evidence=clustered), ".upper", LIMIT) > p_value(found, ".upper", LIMIT)


class TestChecksAndScores:
    """Rules about anything but risks."""

    @pytest.mark.parametrize(("status", "expected"), [("ok", "pass"), ("warn", "warn"), ("failed", "fail")])
    def test_checks(self, evaluation, risk, status, expected, decision):
        """A check must be ok: a warning warns and a failure fails."""
        found = evaluation(risk(upper=0.01), checks=[Check("identity", status, "seen", "ctgan")])

        assert decision(found, of("checks.identity")) == expected

    def test_identity_fails_without_any_rule(self, evaluation, risk, decision):
        """People copied into a release fail it whatever the policy says, and no other release."""
        found = evaluation(risk(upper=0.01), checks=[Check("identity", "failed", "4,000 of 4,000", "ctgan")])

        assert decision(found) == "fail"
        elsewhere = (replace(found.checks[0], release="cart"), Check("identity", "ok", "none"), *found.checks[1:])
        assert decision(replace(found, checks=elsewhere)) == "pass"
        assert decision(replace(found, comparator={"kind": "none"})) == "fail"

    def test_checks_that_did_not_run(self, evaluation, risk, decision):
        """A check that a rule names and nobody made is inconclusive."""
        found = evaluation(risk(upper=0.01))
        assert decision(replace(found, checks=()), of("checks.identity")) == "inconclusive"

    @pytest.mark.parametrize("name", REQUIRED)
    def test_lost_checks(self, evaluation, risk, name, decision):
        """An evaluation without one of the checks that every run makes cannot pass."""
        found = evaluation(risk(upper=0.01))
        kept = tuple(check for check in found.checks if check.check != name)
        assert decision(found) == "pass"
        assert decision(replace(found, checks=kept)) == "inconclusive"

    @pytest.mark.parametrize(
        ("better", "limits", "interval", "expected"),
        [
            ("higher", {"min": 0.8}, (0.8, 0.9), "pass"),
            ("higher", {"min": 0.8}, (0.7, 0.9), "inconclusive"),
            ("higher", {"min": 0.8}, (0.6, 0.7), "fail"),
            ("higher", {"min": 0.85}, None, "pass"),
            ("higher", {"min": 0.86}, None, "fail"),
            ("lower", {"max": 0.9}, (0.8, 0.9), "pass"),
            ("lower", {"max": 0.8}, (0.7, 0.9), "inconclusive"),
            ("lower", {"max": 0.5}, (0.6, 0.7), "fail"),
            ("lower", {"max": 0.5}, (math.nan, 0.1), "inconclusive"),
        ],
    )
    def test_scores(self, *, evaluation, risk, better, limits, interval, expected, decision):
        """A score passes by the bad end of its interval, fails by the good one, and without one by its value."""
        found = evaluation(risk(upper=0.01), scores=[Score("shapes", "mean", 0.85, None, interval, better)])

        assert decision(found, of("shapes.mean", **limits)) == expected

    def test_scores_that_are_not_there(self, evaluation, risk, decision):
        """A score that is missing or undefined is inconclusive."""
        undefined = Score("shapes", "mean", None, None, None, "higher")

        assert decision(evaluation(risk(upper=0.01)), of("shapes.mean", min=0.5)) == "inconclusive"
        assert decision(evaluation(risk(upper=0.01), scores=[undefined]), of("shapes.mean", min=0.5)) == "inconclusive"

    def test_scores_bounded_on_the_good_side(self, evaluation, risk):
        """A policy that would hold a score down where higher is better cannot be applied."""
        found = evaluation(risk(upper=0.01), scores=[Score("shapes", "mean", 0.9, None, None, "higher")])

        with pytest.raises(PolicyError, match="must set min"):
            decide(found, of("shapes.mean", max=0.5))
