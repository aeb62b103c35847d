"""What would settle it: every way out that a verdict names is one."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from synthprivacy.config import Policy, Rule, policy_of_limit
from synthprivacy.gating.candidates import as_candidates, share
from synthprivacy.gating.decide import decide
from synthprivacy.gating.needs import JOINED, decidable_limit
from synthprivacy.statistics.sample_size import power_to_pass

LIMIT = 0.01
EASY = ("inference.sex", (1_000, 2_000), (1_000, 2_000))


def under(of, limit):
    """Return the policy of one rule."""
    return Policy((Rule(of, max=limit),))


def named(verdict, endpoint):
    """Return the limit that the needs of an endpoint name."""
    (need,) = (need for need in verdict.needs if need.startswith(f"{endpoint}: "))
    return float(re.search(r"a limit of (\S+) or more", need)[1])


def people(verdict):
    """Return the control people that the first need names."""
    return int(re.search(r"about ([\d,]+) control people", verdict.needs[0])[1].replace(",", ""))


def status(verdict, endpoint):
    """Return the worst status of what was found about an endpoint."""
    return {
        finding.status for release in verdict.releases for finding in release.findings if finding.endpoint == endpoint
    }


class TestLimits:
    """The other limit that these numbers could have decided."""

    @pytest.mark.parametrize("public", [False, True])
    @pytest.mark.parametrize(
        ("endpoint", "of", "low"),
        [
            ("linkability.halves", "primary.upper", LIMIT),
            ("linkability.halves", "linkability.halves.upper", LIMIT),
            ("inference.sex", "primary.upper", LIMIT),
            ("inference.sex", "inference.sex.excess.upper", LIMIT),
            ("copies", "copies.upper", LIMIT),
            ("copies", "copies.upper", 37.0),
            ("detection floor", "copies.upper", 0.001),
        ],
    )
    def test_the_limit_named_is_kept_and_the_next_smaller_one_is_not(
        self, endpoint, of, low, public, evaluation, risk, copies
    ):
        """In the policy it makes a pass of that endpoint; one in the second digit below it, nothing is decided still."""
        risks = [risk(upper=0.0731, lower=-0.1), risk(*EASY)]
        found = evaluation(*risks, copies=copies(interval=(0.0, 137.0)))
        found = found.public() if public else found
        limit = named(decide(found, under(of, low)), endpoint)
        smaller = float(limit - 10.0 ** (np.floor(np.log10(limit)) - 1))

        assert limit > low
        assert status(decide(found, under(of, limit)), endpoint) == {"pass"}
        assert "pass" not in status(decide(found, under(of, smaller)), endpoint)

    @pytest.mark.parametrize(
        ("bound", "limit", "other"),
        [(0.0731, 0.05, 0.074), (0.3, 0.05, 0.3), (137.0, 37.0, 140.0), (0.002, 1e-3, 0.002), (0.1 + 0.2, 0.05, 0.31)],
    )
    def test_a_limit_has_two_digits_and_is_never_below_the_bound(self, bound, limit, other):
        """Rounded away from the bound, whatever a decimal becomes in binary."""
        assert decidable_limit(bound, limit) == other >= bound

    def test_a_share_of_everybody_is_no_limit(self, evaluation, risk):
        """Where the bound is all people or more, no limit is named."""
        assert decidable_limit(0.996, 0.05) is None
        verdict = decide(evaluation(risk(upper=1.2, lower=-0.1)), policy_of_limit(LIMIT))

        assert "limit of" not in verdict.needs[0]

    def test_what_was_not_measured_names_none(self, evaluation, risk, skipped):
        """A skipped endpoint, and one with a bound that is no number, could decide nothing."""
        found = evaluation(risk(upper=None), skipped=[skipped("inference.icd10")])

        assert all("limit of" not in need for need in decide(found, policy_of_limit(LIMIT)).needs)


class TestPeople:
    """The control people that would do."""

    @pytest.mark.parametrize("rate", [0.1, 0.2])
    def test_with_the_people_named_a_perfect_release_passes(self, rate, evaluation, risk):
        """In nine runs of ten: fails if the 99 % interval of 100 runs lies below that."""
        hits, policy = (round(200 * rate), 200), policy_of_limit(0.05)
        wanted = people(decide(evaluation(risk(original=hits, control=hits, needed_rows=None)), policy))
        rng = np.random.default_rng([12, round(100 * rate)])
        passed = 0
        for original, control in rng.binomial(wanted, rate, size=(100, 2)).tolist():
            found = evaluation(risk(original=(original, wanted), control=(control, wanted)))
            passed += status(decide(found, policy), "linkability.halves") == {"pass"}
        fewer = round(0.8 * wanted)

        assert binomtest(passed, 100).proportion_ci(0.99).high >= 0.9
        assert power_to_pass(wanted, wanted, rate, 0.05) >= 0.9 > power_to_pass(fewer, fewer, rate, 0.05)

    def test_a_later_candidate_needs_more_people(self, evaluation, risk):
        """The eighth candidate is held to a smaller error: the number named is the one for that error, at any limit."""
        found = evaluation(risk(original=(40, 200), control=(40, 200), needed_rows=900))
        confidence = 1.0 - 0.05 * share(8)
        for limit in (0.04, 0.05):
            wanted = people(decide(as_candidates(found, {"ctgan": 8}), policy_of_limit(limit)))

            assert power_to_pass(wanted, wanted, 0.2, limit, confidence=confidence) >= 0.9


class TestGroups:
    """A group can be made larger by more than people."""

    @pytest.mark.parametrize(("stratum", "joins"), [("age=80", True), ("outliers", False)])
    def test_a_group_may_be_joined_with_another(self, stratum, joins, evaluation, risk, skipped):
        """A group that is too small, or too small for the limit, says so; the most unusual people are no group."""
        whole, small = risk(upper=0.001), f"linkability.halves@{stratum}"
        made = {
            "skipped": evaluation(whole, skipped=[skipped(small, primary=False)], plan={"strata": [small]}),
            "wide": evaluation(whole, replace(risk(small, (1, 40), (0, 40)), primary=False), plan={"strata": [small]}),
        }
        for found in made.values():
            (need,) = decide(found, policy_of_limit(0.05)).needs
            assert (JOINED in need) is joins
