"""The gate fails closed: what is missing, unreadable or beyond what a run could notice never passes."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthprivacy.config import Policy, Rule, policy_of_limit
from synthprivacy.gating import decide
from synthprivacy.results import Check, Floor, Score

LIMIT = 0.05
POLICY = policy_of_limit(LIMIT)
NOT_NUMBERS = [math.nan, math.inf, -math.inf, None, "0.01", True]


def of(*rules, **limits):
    """Return the policy of some rules, or of one."""
    return Policy(tuple(rule if isinstance(rule, Rule) else Rule(rule, **limits) for rule in rules))


class TestClosed:
    """Whatever is not there or cannot be read is inconclusive, never a pass."""

    def test_absent(self, evaluation, risk, decision):
        """A primary endpoint of the plan that is not among the risks."""
        found = evaluation(risk(upper=0.01), primary=["linkability.halves", "inference.icd10"])

        assert decision(found) == "inconclusive"

    def test_skipped(self, evaluation, risk, skipped, decision):
        """A primary endpoint that was skipped, with what it would need; also beside a risk of the same name."""
        verdict = decide(evaluation(risk(upper=0.01), skipped=[skipped("inference.icd10")]), POLICY)

        assert verdict.decision == "inconclusive"
        assert verdict.needs == ("inference.icd10: 100 people a side",)
        assert decision(evaluation(risk(upper=0.01), skipped=[skipped()])) == "inconclusive"

    @pytest.mark.parametrize("field", ["value", "lower", "upper", "confidence"])
    @pytest.mark.parametrize("wrong", NOT_NUMBERS)
    def test_unreadable(self, evaluation, risk, field, wrong, decision):
        """A number that is missing, infinite, NaN or no number at all."""
        assert decision(evaluation(replace(risk(upper=0.01), **{field: wrong}))) == "inconclusive"

    @pytest.mark.parametrize("interval", [(math.nan, 0.0), (0.0, math.inf), (), None])
    def test_unreadable_interval(self, evaluation, risk, interval, decision):
        """An interval without two finite ends."""
        assert decision(evaluation(risk(upper=0.01, interval=interval))) == "inconclusive"

    def test_bounds_the_wrong_way_round(self, evaluation, risk, decision):
        """A lower bound above the upper one."""
        assert decision(evaluation(risk(lower=0.02, upper=0.01))) == "inconclusive"

    @pytest.mark.parametrize("kind", ["none", "cross_fitted", None])
    def test_no_holdout(self, evaluation, risk, kind, decision):
        """Any comparator but a holdout, whatever the numbers say."""
        for upper, lower in ((0.01, -0.1), (0.9, 0.8)):
            assert decision(evaluation(risk(upper=upper, lower=lower), comparator=kind)) == "inconclusive"

    def test_no_control_counts(self, evaluation, risk, matches, decision):
        """A risk without counts on the control, even if the evaluation claims a holdout."""
        assert decision(evaluation(risk(original=(0, 2_000), control=None))) == "inconclusive"
        assert decision(evaluation(matches(original=0, control=None, people=0))) == "inconclusive"

    @pytest.mark.parametrize("primary", [[], None, "linkability.halves", [1], {"linkability.halves": 1}])
    def test_no_primary(self, evaluation, risk, primary, decision):
        """A plan that declares no primary endpoint, or not as a list of names."""
        found = evaluation(risk(upper=0.01))

        assert decision(replace(found, plan={"primary": primary})) == "inconclusive"
        assert decision(replace(found, plan={})) == "inconclusive"

    def test_no_release(self, evaluation):
        """An evaluation without a release."""
        verdict = decide(evaluation(releases=[]), POLICY)

        assert verdict.decision == "inconclusive"
        assert verdict.reasons

    def test_lost_release(self, evaluation, release, risk, decision):
        """A release that was read and never evaluated."""
        found = evaluation(releases=[release(risk(upper=0.01), name="a"), release(risk(upper=0.01), name="b")])

        assert decision(found) == "pass"
        assert decision(replace(found, releases=found.releases[:1])) == "inconclusive"

    @pytest.mark.parametrize("check", ["control_overlap", "control_drift", "shared_people", "anything"])
    @pytest.mark.parametrize(("lower", "upper"), [(-0.1, 0.01), (0.2, 0.3)])
    def test_not_interpretable(self, evaluation, risk, check, lower, upper, decision):
        """A failed check of the tables makes every risk unreadable, towards pass and towards fail."""
        found = evaluation(risk(lower=lower, upper=upper), checks=[Check(check, "failed", "too much")])

        assert decision(found) == "inconclusive"

    def test_no_level_softens_what_is_missing(self, evaluation, risk, skipped, decision):
        """A policy that only warns still does not pass a primary endpoint that was not judged."""
        policy = of("primary.upper", max=LIMIT, level="warn")

        assert decision(evaluation(risk(upper=0.01), skipped=[skipped("inference.icd10")]), policy) == "inconclusive"

    def test_other_rules_do_not_replace_the_primaries(self, evaluation, skipped, decision):
        """A policy about utility alone does not pass a primary endpoint that was not judged."""
        found = evaluation(skipped=[skipped()], scores=[Score("shapes", "mean", 1.0, 1.0, None, "higher")])

        assert decision(found, of("shapes.mean", min=0.5)) == "inconclusive"

    @settings(deadline=None, max_examples=300, derandomize=True)
    @given(data=st.data())
    def test_never_a_pass(self, *, data, evaluation, risk, scores, matches, skipped, decision):
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
    def test_copies_are_limited_in_people_too(self, *, evaluation, risk, copies, limit, expected, decision):
        """A rule of `copies.upper` from 1 on is held against the floor as people, below as a share."""
        found = evaluation(risk(upper=0.01), copies=copies(interval=(0, 70)), floor=Floor(100, 4_000, {}))

        assert decision(found, of("copies.upper", max=limit)) == expected

    def test_not_measured_is_no_pass(self, evaluation, risk, decision):
        """Without a floor, or with one that is no number, nothing passes."""
        for floor in (None, *(Floor(people, 4_000, {}) for people in (math.nan, "many", True)), Floor(8, 0, {})):
            assert decision(evaluation(risk(upper=0.01), floor=floor)) == "inconclusive"

    def test_a_warning_only_warns(self, evaluation, risk, decision):
        """The level of the rule is the level of its floor."""
        found = evaluation(risk(upper=0.01), floor=Floor(None, 4_000, {}))

        assert decision(found, of("primary.upper", max=LIMIT, level="warn")) == "warn"

    def test_a_leak_that_was_noticed_is_a_failure(self, evaluation, risk):
        """A release that fails is not excused by what else could have been missed."""
        verdict = decide(evaluation(risk(lower=0.1, upper=0.3), floor=Floor(None, 4_000, {})), POLICY)

        assert verdict.decision == "fail"
        assert len(verdict.reasons) == 1

    def test_withheld_is_ten(self, evaluation, risk, decision):
        """A floor that the public rendering withholds is taken for ten people."""
        found = evaluation(risk(upper=0.01), floor=Floor("<10", 4_000, {}))

        assert decision(found) == "pass"
        assert decision(found, of("linkability.halves.upper", max=0.0024)) == "inconclusive"

    def test_rules_about_no_risk_need_no_floor(self, evaluation, risk, decision):
        """Checks and scores promise nothing about leaks."""
        found = evaluation(
            risk(upper=0.01),
            floor=None,
            checks=[Check("identity", "ok", "none")],
            scores=[Score("shapes", "mean", 0.9, None, None, "higher")],
        )

        assert decision(found, of(Rule("checks.identity"), Rule("shapes.mean", min=0.5))) == "pass"
