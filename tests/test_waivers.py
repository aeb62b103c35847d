"""Waivers: a missed rule that somebody answers for is told, and is a warning at best."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from synthprivacy.config import Policy, Rule, Waiver, parse, parse_policy
from synthprivacy.errors import ConfigError
from synthprivacy.gating import decide, exit_code, to_junit, to_markdown, to_text
from synthprivacy.gating.card import to_card
from synthprivacy.gating.github import to_annotations
from synthprivacy.reporting.html import render
from synthprivacy.results import Check

TODAY = date(2026, 11, 22)
PRIMARY = Rule("primary.upper", max=0.05)
GIVEN = {"of": "primary.upper", "reason": "of no use to anyone", "owner": "A. Owner", "expires": "2026-12-31"}


def policy(*rules, **changes):
    """Return a policy with a waiver of its first rule."""
    waiver = Waiver(**{**GIVEN, "expires": date(2026, 12, 31), "of": (rules or (PRIMARY,))[0].of, **changes})
    return Policy(rules or (PRIMARY,), waivers=(waiver,))


@pytest.fixture
def found(evaluation):
    """Return a function to an evaluation whose unusual people were not looked at apart."""
    return lambda *risks, **parts: evaluation(*risks, plan={"strata": []}, **parts)


@pytest.fixture
def failing(found, risk):
    """Return an evaluation that fails."""
    return found(risk(lower=0.2, upper=0.3))


class TestWaived:
    """What a waiver does, and what it never does."""

    @pytest.mark.parametrize("changes", [{"lower": 0.2, "upper": 0.3}, {"upper": 0.3}])
    def test_a_missed_rule_is_a_warning(self, found, risk, changes):
        """A failed or inconclusive rule is waived: the verdict is a warning, never a pass."""
        verdict = decide(found(risk(**changes)), policy(), today=TODAY)

        assert verdict.decision == "warn"
        assert exit_code(verdict) == 0
        assert exit_code(verdict, fail_on="warn") == 1
        assert decide(found(risk(**changes)), Policy((PRIMARY,)), today=TODAY).decision in {"fail", "inconclusive"}

    def test_every_output_says_so(self, failing):
        """Text, Markdown, JUnit, annotations and card name who waived what until when, and why."""
        verdict = decide(failing, policy(), today=TODAY)
        forms = [to_text(verdict), to_markdown(verdict), to_junit(verdict), "\n".join(to_annotations(verdict))]

        for form in (*forms, to_card(verdict, failing)):
            plain = form.replace("&#45;", "-")
            for words in ("2026-12-31", "A. Owner", "of no use to anyone"):
                assert words in plain
        assert "waived until 2026-12-31 by A. Owner (of no use to anyone), fail: risk at least 0.2" in forms[0]

    def test_the_report_says_so(self, failing):
        """The HTML of an evaluation that was made under such a policy tells the waiver too."""
        far = policy(expires=datetime.now(UTC).date() + timedelta(days=9))
        page = render(replace(failing, plan={**failing.plan, "policy": far.to_dict()}), inside=True)

        assert "A. Owner" in page
        assert "of no use to anyone" in page

    def test_an_expired_waiver_is_void(self, failing):
        """It holds on its last day, and not on the next; that it is void is told."""
        assert decide(failing, policy(), today=date(2026, 12, 31)).decision == "warn"
        after = decide(failing, policy(), today=date(2027, 1, 1))
        assert after.decision == "fail"
        for form in (to_text(after), to_markdown(after).replace("&#45;", "-"), to_junit(after)):
            assert "expired on 2026-12-31 and is void" in form

    def test_by_the_clock(self, failing, monkeypatch):
        """Without a day the clock decides, whatever SOURCE_DATE_EPOCH says: an old state revives no waiver."""
        today = datetime.now(UTC).date()
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")

        assert decide(failing, policy(expires=today + timedelta(days=2))).decision == "warn"
        assert decide(failing, policy(expires=today - timedelta(days=2))).decision == "fail"

    def test_only_its_rule_and_endpoint(self, found, risk):
        """Other rules, and other endpoints of the same rule, stay missed."""
        both = found(risk(lower=0.2, upper=0.3), risk("inference.x", lower=0.2, upper=0.3))
        rules = (PRIMARY, Rule("linkability.halves.upper", max=0.1))

        assert decide(both, policy(), today=TODAY).decision == "warn"
        assert decide(both, policy(endpoint="inference.x"), today=TODAY).decision == "fail"
        assert decide(both, policy(*rules), today=TODAY).decision == "fail"

    @pytest.mark.parametrize("check", ["size", "control_overlap", "near_duplicates", "identity"])
    def test_what_comes_before_any_rule_is_never_waived(self, found, risk, check):
        """A failed check, a missing control or an attack that nobody tested: no waiver helps, not even one of the check."""
        lost = found(risk(upper=0.01), checks=[Check(check, "failed", "of these tests")])
        of_check = policy(Rule(f"checks.{check}"))
        both = replace(of_check, rules=(*of_check.rules, PRIMARY), waivers=(*of_check.waivers, *policy().waivers))

        assert decide(lost, both, today=TODAY).decision in {"fail", "inconclusive"}
        for broken in (
            found(risk(upper=0.01), comparator="none"),
            found(risk(upper=0.01), primary=["linkability.lost"]),
            replace(found(risk(upper=0.01)), plan={"primary": ["linkability.halves"], "strata": [], "endpoints": []}),
        ):
            assert decide(broken, policy(), today=TODAY).decision == "inconclusive"

    def test_a_waiver_that_is_not_needed_is_told(self, found, risk):
        """A pass stays a pass, and the waiver is seen to be idle."""
        verdict = decide(found(risk(upper=0.01)), policy(), today=TODAY)

        assert verdict.decision == "pass"
        assert "was not needed" in to_text(verdict)


class TestFile:
    """Waivers in synthprivacy.toml."""

    def test_it_is_read_and_kept(self):
        """Dates of TOML and of JSON are read alike; the policy survives JSON."""
        given = {"rule": [{"of": "primary.upper", "max": 0.05}], "waiver": [{**GIVEN, "expires": date(2026, 12, 31)}]}
        read = parse({"policy": given}).policy

        assert read.waivers == policy().waivers
        assert parse_policy(read.to_dict()) == read

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"of": "primary.uper"}, r"policy.waiver knows no primary.uper \(did you mean primary.upper\?\)"),
            ({"reason": " "}, "needs words as reason"),
            ({"owner": ""}, "needs words as owner"),
            ({"expires": "soon"}, "must expire on a date"),
            ({"expires": 2027}, "must expire on a date"),
            ({"expires": datetime(2027, 1, 1, tzinfo=UTC)}, "must expire on a date"),
            ({"until": "2027-01-01"}, r"unknown key policy.waiver\[1\].until"),
        ],
    )
    def test_a_waiver_that_nobody_answers_for_is_refused(self, changes, words):
        """Unknown rules and keys, missing words, and no end are each refused in a sentence."""
        given = {"rule": [{"of": "primary.upper", "max": 0.05}], "waiver": [GIVEN | changes]}

        with pytest.raises(ConfigError, match=words):
            parse({"policy": given})

    @pytest.mark.parametrize("part", ["of", "reason", "owner", "expires"])
    def test_every_part_is_needed(self, part):
        """Without one of its parts it is no waiver."""
        given = {key: value for key, value in GIVEN.items() if key != part}

        with pytest.raises(ConfigError, match=rf"policy.waiver\[1\].{part} is missing"):
            parse({"policy": {"rule": [{"of": "primary.upper", "max": 0.05}], "waiver": [given]}})
