"""The gate: one law per outcome, each with the smallest evaluation that shows it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthprivacy.config import Policy, Rule, policy_of_limit
from synthprivacy.errors import PolicyError
from synthprivacy.gating import decide, exit_code
from synthprivacy.gating.decide import REQUIRED
from synthprivacy.gating.secondary import p_value
from synthprivacy.gating.verdict import worst
from synthprivacy.results import Check, Floor, Rate, Score

LIMIT = 0.05
POLICY = policy_of_limit(LIMIT)
HOSTILE = "</td>|\n`x` [a](http://evil.test) ![b](x) @team #1 www.evil.test <script>\x00\x1b[31m\u202e\ud800"
NOT_NUMBERS = [math.nan, math.inf, -math.inf, None, "0.01", True]


def of(*rules, **limits):
    """Return the policy of some rules, or of one."""
    return Policy(tuple(rule if isinstance(rule, Rule) else Rule(rule, **limits) for rule in rules))


def decision(found, policy=POLICY):
    """Return the decision in one word."""
    return decide(found, policy).decision


class TestOneRule:
    """The decision table of one rule on one primary endpoint."""

    def test_bound_at_the_limit_passes(self, evaluation, risk):
        """A bound at the limit passes; any more does not."""
        assert decision(evaluation(risk(upper=LIMIT))) == "pass"
        assert decision(evaluation(risk(upper=math.nextafter(LIMIT, 1)))) == "inconclusive"

    def test_lower_end_above_the_limit_fails(self, evaluation, risk):
        """A lower end above the limit fails; at the limit nothing is shown yet."""
        assert decision(evaluation(risk(lower=math.nextafter(LIMIT, 1), upper=0.5))) == "fail"
        assert decision(evaluation(risk(lower=LIMIT, upper=0.5))) == "inconclusive"

    def test_in_between_is_inconclusive(self, evaluation, risk):
        """A wide interval is no pass, whatever the value; it says how many people are needed."""
        verdict = decide(evaluation(risk(value=0.0, lower=-0.3, upper=0.3, needed_rows=8_100)), POLICY)

        assert verdict.decision == "inconclusive"
        assert verdict.needs == ("linkability.halves: about 8,100 control people",)

    def test_value_rules_bound_the_value(self, evaluation, risk):
        """`ENDPOINT.value` passes on the value and fails on the lower end."""
        policy = of("linkability.halves.value", max=LIMIT)

        assert decision(evaluation(risk(value=0.04, lower=-0.1, upper=0.3)), policy) == "pass"
        assert decision(evaluation(risk(value=0.06, lower=-0.1, upper=0.3)), policy) == "inconclusive"
        assert decision(evaluation(risk(value=0.2, lower=0.1, upper=0.3)), policy) == "fail"

    def test_warnings_do_not_block(self, evaluation, risk):
        """A rule of level warn that is not met warns, be it broken or undecided."""
        policy = of("primary.upper", max=LIMIT, level="warn")

        assert decision(evaluation(risk(lower=0.1, upper=0.3)), policy) == "warn"
        assert decision(evaluation(risk(lower=0.0, upper=0.3)), policy) == "warn"
        assert decision(evaluation(risk(upper=0.01)), policy) == "pass"

    def test_all_primary_endpoints_must_pass(self, evaluation, risk):
        """One primary endpoint out of two that is not under the limit holds the release back."""
        good, bad = risk(upper=0.01), risk("inference.icd10", upper=0.2, lower=0.0)

        assert decision(evaluation(good, bad)) == "inconclusive"

    def test_unmet_warning_does_not_hide_a_failure(self, evaluation, risk):
        """The worst finding decides."""
        policy = of(Rule("primary.upper", 0.01, level="warn"), Rule("primary.upper", LIMIT))

        assert decision(evaluation(risk(lower=0.1, upper=0.3)), policy) == "fail"
        assert decision(evaluation(risk(upper=0.03)), policy) == "warn"


class TestEasySecrets:
    """A secret that half of the control people give away is judged by the excess a - c."""

    def test_primary_rules_take_the_excess(self, evaluation, risk):
        """From a control success of one half the excess is held against the limit, and the finding says so."""
        easy = risk("inference.sex", (1_000, 2_000), (1_000, 2_000))
        verdict = decide(evaluation(easy), POLICY)

        assert easy.excess.upper < LIMIT < easy.upper
        assert verdict.decision == "pass"
        assert "excess over the control" in verdict.releases[0].findings[0].sentence
        assert decision(evaluation(risk("inference.sex", (999, 2_000), (999, 2_000)))) == "inconclusive"
        assert decision(evaluation(risk("linkability.halves", (1_000, 2_000), (1_000, 2_000)))) == "inconclusive"

    def test_excess_can_fail(self, evaluation, risk):
        """The lower end of the excess above the limit fails."""
        assert decision(evaluation(risk("inference.sex", (1_400, 2_000), (1_000, 2_000)))) == "fail"

    def test_named_rules_take_what_they_name(self, evaluation, risk):
        """`ENDPOINT.upper` means the risk and `ENDPOINT.excess.upper` the excess, easy or not."""
        easy = evaluation(risk("inference.sex", (1_000, 2_000), (1_000, 2_000)))

        assert decision(easy, of("inference.sex.upper", max=LIMIT)) == "inconclusive"
        assert decision(easy, of("inference.sex.excess.upper", max=LIMIT)) == "pass"

    @pytest.mark.parametrize("excess", [None, *NOT_NUMBERS])
    def test_no_excess_no_pass(self, evaluation, risk, excess):
        """An easy secret without a readable excess is inconclusive, however low its risk."""
        easy = risk("inference.sex", (1_000, 2_000), (1_000, 2_000), upper=0.01)
        easy = replace(easy, excess=None if excess is None else replace(easy.excess, upper=excess))

        assert decision(evaluation(easy)) == "inconclusive"


class TestClosed:
    """Whatever is not there or cannot be read is inconclusive, never a pass."""

    def test_absent(self, evaluation, risk):
        """A primary endpoint of the plan that is not among the risks."""
        found = evaluation(risk(upper=0.01), primary=["linkability.halves", "inference.icd10"])

        assert decision(found) == "inconclusive"

    def test_skipped(self, evaluation, risk, skipped):
        """A primary endpoint that was skipped, with what it would need; also beside a risk of the same name."""
        verdict = decide(evaluation(risk(upper=0.01), skipped=[skipped("inference.icd10")]), POLICY)

        assert verdict.decision == "inconclusive"
        assert verdict.needs == ("inference.icd10: 100 people a side",)
        assert decision(evaluation(risk(upper=0.01), skipped=[skipped()])) == "inconclusive"

    @pytest.mark.parametrize("field", ["value", "lower", "upper", "confidence"])
    @pytest.mark.parametrize("wrong", NOT_NUMBERS)
    def test_unreadable(self, evaluation, risk, field, wrong):
        """A number that is missing, infinite, NaN or no number at all."""
        assert decision(evaluation(replace(risk(upper=0.01), **{field: wrong}))) == "inconclusive"

    @pytest.mark.parametrize("interval", [(math.nan, 0.0), (0.0, math.inf), (), None])
    def test_unreadable_interval(self, evaluation, risk, interval):
        """An interval without two finite ends."""
        assert decision(evaluation(risk(upper=0.01, interval=interval))) == "inconclusive"

    def test_bounds_the_wrong_way_round(self, evaluation, risk):
        """A lower bound above the upper one."""
        assert decision(evaluation(risk(lower=0.02, upper=0.01))) == "inconclusive"

    @pytest.mark.parametrize("kind", ["none", "cross_fitted", None])
    def test_no_holdout(self, evaluation, risk, kind):
        """Any comparator but a holdout, whatever the numbers say."""
        for upper, lower in ((0.01, -0.1), (0.9, 0.8)):
            assert decision(evaluation(risk(upper=upper, lower=lower), comparator=kind)) == "inconclusive"

    def test_no_control_counts(self, evaluation, risk, matches):
        """A risk without counts on the control, even if the evaluation claims a holdout."""
        assert decision(evaluation(risk(original=(0, 2_000), control=None))) == "inconclusive"
        assert decision(evaluation(matches(original=0, control=None, people=0))) == "inconclusive"

    @pytest.mark.parametrize("primary", [[], None, "linkability.halves", [1], {"linkability.halves": 1}])
    def test_no_primary(self, evaluation, risk, primary):
        """A plan that declares no primary endpoint, or not as a list of names."""
        found = evaluation(risk(upper=0.01))

        assert decision(replace(found, plan={"primary": primary})) == "inconclusive"
        assert decision(replace(found, plan={})) == "inconclusive"

    def test_no_release(self, evaluation):
        """An evaluation without a release."""
        verdict = decide(evaluation(releases=[]), POLICY)

        assert verdict.decision == "inconclusive"
        assert verdict.reasons

    def test_lost_release(self, evaluation, release, risk):
        """A release that was read and never evaluated."""
        found = evaluation(releases=[release(risk(upper=0.01), name="a"), release(risk(upper=0.01), name="b")])

        assert decision(found) == "pass"
        assert decision(replace(found, releases=found.releases[:1])) == "inconclusive"

    @pytest.mark.parametrize("check", ["control_overlap", "control_drift", "shared_people", "anything"])
    @pytest.mark.parametrize(("lower", "upper"), [(-0.1, 0.01), (0.2, 0.3)])
    def test_not_interpretable(self, evaluation, risk, check, lower, upper):
        """A failed check of the tables makes every risk unreadable, towards pass and towards fail."""
        found = evaluation(risk(lower=lower, upper=upper), checks=[Check(check, "failed", "too much")])

        assert decision(found) == "inconclusive"

    def test_no_level_softens_what_is_missing(self, evaluation, risk, skipped):
        """A policy that only warns still does not pass a primary endpoint that was not judged."""
        policy = of("primary.upper", max=LIMIT, level="warn")

        assert decision(evaluation(risk(upper=0.01), skipped=[skipped("inference.icd10")]), policy) == "inconclusive"

    def test_other_rules_do_not_replace_the_primaries(self, evaluation, skipped):
        """A policy about utility alone does not pass a primary endpoint that was not judged."""
        found = evaluation(skipped=[skipped()], scores=[Score("shapes", "mean", 1.0, 1.0, None, "higher")])

        assert decision(found, of("shapes.mean", min=0.5)) == "inconclusive"

    @settings(deadline=None, max_examples=300, derandomize=True)
    @given(data=st.data())
    def test_never_a_pass(self, *, data, evaluation, risk, scores, matches, skipped):
        """No evaluation with a primary endpoint absent, skipped or not finite passes any policy (300 drawn)."""
        makers = {"linkability.halves": risk, "membership.distance": scores, "singling_out.multivariate": matches}
        names = list(makers)
        good = {name: make(name, lower=-0.01, upper=0.01) for name, make in makers.items()}
        broken = data.draw(st.sampled_from(names))
        how = data.draw(st.sampled_from(["absent", "skipped", "value", "lower", "upper"]))
        parts = {"skipped": [skipped(broken)] if how == "skipped" else []}
        lost = good.pop(broken)
        if how in {"value", "lower", "upper"}:
            good[broken] = replace(lost, **{how: data.draw(st.sampled_from(NOT_NUMBERS))})
        level = data.draw(st.sampled_from(["error", "warn"]))
        rule = data.draw(
            st.sampled_from(["primary.upper", f"{names[0]}.upper", f"{names[1]}.value", f"{broken}.upper"])
        )
        found = evaluation(*good.values(), primary=names, **parts)

        assert decision(found, of(rule, max=0.5, level=level)) == "inconclusive"


class TestFloors:
    """A pass is worth no more than the smallest leak the run would have noticed."""

    @pytest.mark.parametrize(
        ("people", "expected"),
        [(1, "pass"), (200, "pass"), (201, "inconclusive"), (4_000, "inconclusive"), (None, "inconclusive")],
    )
    def test_a_leak_of_the_limit_must_be_noticed(self, evaluation, risk, people, expected):
        """At 5 % of 4,000 people a floor of 200 passes, one more is inconclusive, and so is none at all."""
        verdict = decide(evaluation(risk(upper=0.01), floor=Floor(people, 4_000, {})), POLICY)

        assert verdict.decision == expected
        assert expected == "pass" or "would not have noticed a leak of" in verdict.reasons[0]

    def test_the_reason_names_both_numbers(self, evaluation, risk):
        """It says how large a leak goes unseen, and what the limit is, in people."""
        several, every = (
            decide(evaluation(risk(upper=0.01), floor=Floor(people, 4_000, {})), POLICY).reasons[0]
            for people in (313, None)
        )

        assert "would not have noticed a leak of 312 people, more than the limit of 200" in several
        assert "would not have noticed a leak of all 4,000 people, more than the limit of 200" in every

    @pytest.mark.parametrize(("limit", "expected"), [(0.05, "pass"), (120, "pass"), (80, "inconclusive")])
    def test_copies_are_limited_in_people_too(self, *, evaluation, risk, copies, limit, expected):
        """A rule of `copies.upper` from 1 on is held against the floor as people, below as a share."""
        found = evaluation(risk(upper=0.01), copies=copies(interval=(0, 70)), floor=Floor(100, 4_000, {}))

        assert decision(found, of("copies.upper", max=limit)) == expected

    def test_not_measured_is_no_pass(self, evaluation, risk):
        """Without a floor, or with one that is no number, nothing passes."""
        for floor in (None, *(Floor(people, 4_000, {}) for people in (math.nan, "many", True)), Floor(8, 0, {})):
            assert decision(evaluation(risk(upper=0.01), floor=floor)) == "inconclusive"

    def test_a_warning_only_warns(self, evaluation, risk):
        """The level of the rule is the level of its floor."""
        found = evaluation(risk(upper=0.01), floor=Floor(None, 4_000, {}))

        assert decision(found, of("primary.upper", max=LIMIT, level="warn")) == "warn"

    def test_a_leak_that_was_noticed_is_a_failure(self, evaluation, risk):
        """A release that fails is not excused by what else could have been missed."""
        verdict = decide(evaluation(risk(lower=0.1, upper=0.3), floor=Floor(None, 4_000, {})), POLICY)

        assert verdict.decision == "fail"
        assert len(verdict.reasons) == 1

    def test_withheld_is_ten(self, evaluation, risk):
        """A floor that the public rendering withholds is taken for ten people."""
        found = evaluation(risk(upper=0.01), floor=Floor("<10", 4_000, {}))

        assert decision(found) == "pass"
        assert decision(found, of("linkability.halves.upper", max=0.0024)) == "inconclusive"

    def test_rules_about_no_risk_need_no_floor(self, evaluation, risk):
        """Checks and scores promise nothing about leaks."""
        found = evaluation(
            risk(upper=0.01),
            floor=None,
            checks=[Check("identity", "ok", "none")],
            scores=[Score("shapes", "mean", 0.9, None, None, "higher")],
        )

        assert decision(found, of(Rule("checks.identity"), Rule("shapes.mean", min=0.5))) == "pass"


class TestSecondary:
    """Endpoints that are not primary can only fail, and only beyond chance among all of them."""

    def test_one_clear_leak_fails(self, evaluation, risk):
        """A secondary endpoint far above the limit fails a release whose primary endpoints pass."""
        leak = risk("inference.icd10", (600, 2_000), (20, 2_000), primary=False)

        assert decision(evaluation(risk(upper=0.01), leak)) == "fail"

    def test_wide_intervals_do_not_block(self, evaluation, risk):
        """A small group with a wide interval is no obstacle, nor is one that cannot be read."""
        wide = risk("inference.icd10@sex=F", (15, 50), (14, 50), primary=False)
        lost = risk("inference.age", primary=False, upper=math.nan, lower=math.nan)

        assert decision(evaluation(risk(upper=0.01), wide, lost)) == "pass"

    @pytest.mark.parametrize(("others", "expected"), [(0, "fail"), (40, "pass")])
    def test_holm(self, evaluation, risk, others, expected):
        """A lower end just above the limit fails alone, and is chance among forty others."""
        near = risk("inference.icd10", (124, 2_000), (0, 2_000), primary=False)
        rest = [risk(f"inference.c{number}", primary=False) for number in range(others)]

        assert LIMIT < near.lower < 0.053
        assert decision(evaluation(risk(upper=0.01), near, *rest)) == expected

    def test_secondary_scores_and_matches_fail(self, evaluation, risk, scores, matches):
        """Membership scores and predicates far above the limit fail as guesses do."""
        everyone = scores(auc=1.0, error=0.0, lower=0.99, upper=1.0, primary=False)
        leaks = (scores(auc=0.8, primary=False), everyone, matches(original=900, people=900, primary=False))
        for leak in leaks:
            assert decision(evaluation(risk(upper=0.01), leak)) == "fail"

    def test_named_endpoints_must_keep_their_limit(self, evaluation, risk):
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

    def test_named_endpoints_are_in_the_family(self, evaluation, risk):
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


class TestCopies:
    """The headline as a primary endpoint, and under a rule of its own."""

    @pytest.mark.parametrize(
        ("limit", "interval", "expected"),
        [
            (0.05, (0.0, 200.0), "pass"),
            (0.05, (0.0, 201.0), "inconclusive"),
            (0.05, (201.0, 400.0), "fail"),
            (100, (0.0, 100.0), "pass"),
            (100, (0.0, 101.0), "inconclusive"),
            (100, (101.0, 400.0), "fail"),
            (10, ("<10", "<10"), "pass"),
            (9, ("<10", "<10"), "inconclusive"),
            (5, ("<10", "<10"), "inconclusive"),
            (5, (math.nan, math.inf), "inconclusive"),
        ],
    )
    def test_limits(self, *, evaluation, risk, copies, limit, interval, expected):
        """Below 1 the limit is a share of the people, from 1 on a number; a withheld number is up to nine."""
        found = evaluation(risk(upper=0.01), copies=copies(interval=interval))

        assert decision(found, of("copies.upper", max=limit)) == expected

    def test_primary(self, evaluation, copies):
        """Named among the primary endpoints, the headline is held against the limit as a share, and must be there."""
        for interval, expected in (((0.0, 200.0), "pass"), ((0.0, 300.0), "inconclusive"), ((300.0, 400.0), "fail")):
            assert decision(evaluation(copies=copies(interval=interval), primary=["copies"])) == expected
        assert decision(evaluation(primary=["copies"])) == "inconclusive"


class TestChecksAndScores:
    """Rules about anything but risks."""

    @pytest.mark.parametrize(("status", "expected"), [("ok", "pass"), ("warn", "warn"), ("failed", "fail")])
    def test_checks(self, evaluation, risk, status, expected):
        """A check must be ok: a warning warns and a failure fails."""
        found = evaluation(risk(upper=0.01), checks=[Check("identity", status, "seen", "ctgan")])

        assert decision(found, of("checks.identity")) == expected

    def test_identity_fails_without_any_rule(self, evaluation, risk):
        """People copied into a release fail it whatever the policy says, and no other release."""
        found = evaluation(risk(upper=0.01), checks=[Check("identity", "failed", "4,000 of 4,000", "ctgan")])

        assert decision(found) == "fail"
        elsewhere = (replace(found.checks[0], release="cart"), Check("identity", "ok", "none"), *found.checks[1:])
        assert decision(replace(found, checks=elsewhere)) == "pass"
        assert decision(replace(found, comparator={"kind": "none"})) == "fail"

    def test_checks_that_did_not_run(self, evaluation, risk):
        """A check that a rule names and nobody made is inconclusive."""
        found = evaluation(risk(upper=0.01))
        assert decision(replace(found, checks=()), of("checks.identity")) == "inconclusive"

    @pytest.mark.parametrize("name", REQUIRED)
    def test_lost_checks(self, evaluation, risk, name):
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
    def test_scores(self, *, evaluation, risk, better, limits, interval, expected):
        """A score passes by the bad end of its interval, fails by the good one, and without one by its value."""
        found = evaluation(risk(upper=0.01), scores=[Score("shapes", "mean", 0.85, None, interval, better)])

        assert decision(found, of("shapes.mean", **limits)) == expected

    def test_scores_that_are_not_there(self, evaluation, risk):
        """A score that is missing or undefined is inconclusive."""
        undefined = Score("shapes", "mean", None, None, None, "higher")

        assert decision(evaluation(risk(upper=0.01)), of("shapes.mean", min=0.5)) == "inconclusive"
        assert decision(evaluation(risk(upper=0.01), scores=[undefined]), of("shapes.mean", min=0.5)) == "inconclusive"

    def test_scores_bounded_on_the_good_side(self, evaluation, risk):
        """A policy that would hold a score down where higher is better cannot be applied."""
        found = evaluation(risk(upper=0.01), scores=[Score("shapes", "mean", 0.9, None, None, "higher")])

        with pytest.raises(PolicyError, match="must set min"):
            decide(found, of("shapes.mean", max=0.5))


class TestVerdict:
    """The decision about all releases, and its exit code."""

    def test_worst_release_decides(self, evaluation, release, risk):
        """Each release has its own verdict, and the worst is that of the evaluation."""
        good, bad = release(risk(upper=0.01), name="good"), release(risk(lower=0.2, upper=0.3), name="bad")
        verdict = decide(evaluation(releases=[good, bad]), POLICY)

        assert {found.name: found.decision for found in verdict.releases} == {"good": "pass", "bad": "fail"}
        assert verdict.decision == "fail"

    def test_order(self):
        """Fail is worse than inconclusive, that than a warning, that than a pass; nothing at all is inconclusive."""
        decisions = ["fail", "inconclusive", "warn", "pass"]

        assert [worst(decisions[start:]) for start in range(5)] == [*decisions, "inconclusive"]

    def test_exit_codes(self, evaluation, risk):
        """0 for pass and warn, 1 for fail, 3 for inconclusive; warnings and zero on demand."""
        wide = evaluation(risk(lower=0.0, upper=0.3))
        passed, failed = evaluation(risk(upper=0.01)), evaluation(risk(lower=0.2, upper=0.3))
        warned = decide(wide, of("primary.upper", max=LIMIT, level="warn"))

        assert [exit_code(decide(found, POLICY)) for found in (passed, failed, wide)] == [0, 1, 3]
        assert (exit_code(warned), exit_code(warned, fail_on="warn")) == (0, 1)
        assert exit_code(decide(passed, POLICY), fail_on="warn") == 0
        assert exit_code(decide(failed, POLICY), exit_zero=True) == 0

    @pytest.mark.parametrize("name", ["linkability.halves", "inference.icd10"])
    def test_public_renderings_may_be_gated(self, evaluation, risk, name):
        """A withheld count is data: a clean release passes in the public rendering, a leak fails."""
        clean = evaluation(risk(name, (3, 2_000), (4, 2_000))).public()
        leak = evaluation(risk(name, (600, 2_000), (4, 2_000))).public()

        assert clean["ctgan"].risks[0].evidence.original.successes == "<10"
        assert (decision(clean), decision(leak)) == ("pass", "fail")
