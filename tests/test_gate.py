"""The gate: one law per outcome of a rule, each with the smallest evaluation that shows it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from synthprivacy.config import Policy, Rule, policy_of_limit
from synthprivacy.gating import decide, exit_code
from synthprivacy.gating.verdict import worst

LIMIT = 0.05
POLICY = policy_of_limit(LIMIT)
NOT_NUMBERS = [math.nan, math.inf, -math.inf, None, "0.01", True]


def of(*rules, **limits):
    """Return the policy of some rules, or of one."""
    return Policy(tuple(rule if isinstance(rule, Rule) else Rule(rule, **limits) for rule in rules))


class TestOneRule:
    """The decision table of one rule on one primary endpoint."""

    def test_bound_at_the_limit_passes(self, evaluation, risk, decision):
        """A bound at the limit passes; any more does not."""
        assert decision(evaluation(risk(upper=LIMIT))) == "pass"
        assert decision(evaluation(risk(upper=math.nextafter(LIMIT, 1)))) == "inconclusive"

    def test_lower_end_above_the_limit_fails(self, evaluation, risk, decision):
        """A lower end above the limit fails; at the limit nothing is shown yet."""
        assert decision(evaluation(risk(lower=math.nextafter(LIMIT, 1), upper=0.5))) == "fail"
        assert decision(evaluation(risk(lower=LIMIT, upper=0.5))) == "inconclusive"

    def test_in_between_is_inconclusive(self, evaluation, risk):
        """A wide interval is no pass, whatever the value; it says how many people are needed."""
        verdict = decide(evaluation(risk(value=0.0, lower=-0.3, upper=0.3, needed_rows=8_100)), POLICY)

        assert verdict.decision == "inconclusive"
        assert verdict.needs == (
            "linkability.halves: about 8,100 control people; these numbers can decide a limit of 0.3 or more",
        )

    def test_value_rules_bound_the_value(self, evaluation, risk, decision):
        """`ENDPOINT.value` passes on the value and fails on the lower end."""
        policy = of("linkability.halves.value", max=LIMIT)

        assert decision(evaluation(risk(value=0.04, lower=-0.1, upper=0.3)), policy) == "pass"
        assert decision(evaluation(risk(value=0.06, lower=-0.1, upper=0.3)), policy) == "inconclusive"
        assert decision(evaluation(risk(value=0.2, lower=0.1, upper=0.3)), policy) == "fail"

    def test_warnings_do_not_block(self, evaluation, risk, decision):
        """A rule of level warn that is not met warns, be it broken or undecided."""
        policy = of("primary.upper", max=LIMIT, level="warn")

        assert decision(evaluation(risk(lower=0.1, upper=0.3)), policy) == "warn"
        assert decision(evaluation(risk(lower=0.0, upper=0.3)), policy) == "warn"
        assert decision(evaluation(risk(upper=0.01)), policy) == "pass"

    def test_all_primary_endpoints_must_pass(self, evaluation, risk, decision):
        """One primary endpoint out of two that is not under the limit holds the release back."""
        good, bad = risk(upper=0.01), risk("inference.icd10", upper=0.2, lower=0.0)

        assert decision(evaluation(good, bad)) == "inconclusive"

    def test_unmet_warning_does_not_hide_a_failure(self, evaluation, risk, decision):
        """The worst finding decides."""
        policy = of(Rule("primary.upper", 0.01, level="warn"), Rule("primary.upper", LIMIT))

        assert decision(evaluation(risk(lower=0.1, upper=0.3)), policy) == "fail"
        assert decision(evaluation(risk(upper=0.03)), policy) == "warn"


class TestEasySecrets:
    """A secret that half of the control people give away is judged by the excess a - c."""

    def test_primary_rules_take_the_excess(self, evaluation, risk, decision):
        """From a control success of one half the excess is held against the limit, and the finding says so."""
        easy = risk("inference.sex", (1_000, 2_000), (1_000, 2_000))
        verdict = decide(evaluation(easy), POLICY)

        assert easy.excess.upper < LIMIT < easy.upper
        assert verdict.decision == "pass"
        assert "excess over the control" in verdict.releases[0].findings[0].sentence
        assert decision(evaluation(risk("inference.sex", (999, 2_000), (999, 2_000)))) == "inconclusive"
        assert decision(evaluation(risk("linkability.halves", (1_000, 2_000), (1_000, 2_000)))) == "inconclusive"

    def test_excess_can_fail(self, evaluation, risk, decision):
        """The lower end of the excess above the limit fails."""
        assert decision(evaluation(risk("inference.sex", (1_400, 2_000), (1_000, 2_000)))) == "fail"

    def test_named_rules_take_what_they_name(self, evaluation, risk, decision):
        """`ENDPOINT.upper` means the risk and `ENDPOINT.excess.upper` the excess, easy or not."""
        easy = evaluation(risk("inference.sex", (1_000, 2_000), (1_000, 2_000)))

        assert decision(easy, of("inference.sex.upper", max=LIMIT)) == "inconclusive"
        assert decision(easy, of("inference.sex.excess.upper", max=LIMIT)) == "pass"

    @pytest.mark.parametrize("excess", [None, *NOT_NUMBERS])
    def test_no_excess_no_pass(self, evaluation, risk, excess, decision):
        """An easy secret without a readable excess is inconclusive, however low its risk."""
        easy = risk("inference.sex", (1_000, 2_000), (1_000, 2_000), upper=0.01)
        easy = replace(easy, excess=None if excess is None else replace(easy.excess, upper=excess))

        assert decision(evaluation(easy)) == "inconclusive"


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
    def test_limits(self, *, evaluation, risk, copies, limit, interval, expected, decision):
        """Below 1 the limit is a share of the people, from 1 on a number; a withheld number is up to nine."""
        found = evaluation(risk(upper=0.01), copies=copies(interval=interval))

        assert decision(found, of("copies.upper", max=limit)) == expected

    def test_primary(self, evaluation, copies, decision):
        """Named among the primary endpoints, the headline is held against the limit as a share, and must be there."""
        for interval, expected in (((0.0, 200.0), "pass"), ((0.0, 300.0), "inconclusive"), ((300.0, 400.0), "fail")):
            assert decision(evaluation(copies=copies(interval=interval), primary=["copies"])) == expected
        assert decision(evaluation(primary=["copies"])) == "inconclusive"


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
    def test_public_renderings_may_be_gated(self, evaluation, risk, name, decision):
        """A withheld count is data: a clean release passes in the public rendering, a leak fails."""
        clean = evaluation(risk(name, (3, 2_000), (4, 2_000))).public()
        leak = evaluation(risk(name, (600, 2_000), (4, 2_000))).public()

        assert clean["ctgan"].risks[0].evidence.original.successes == "<10"
        assert (decision(clean), decision(leak)) == ("pass", "fail")
