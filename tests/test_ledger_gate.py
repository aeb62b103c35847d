"""The gate with a memory: candidates of one control, releases added up, passes that end."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.config import PlanSettings, Policy, ReleaseLimits, Rule, policy_of_limit
from synthprivacy.gating import decide
from synthprivacy.ledger.composing import Claim
from synthprivacy.ledger.judging import Attackers, judge, released
from synthprivacy.ledger.pages import page
from synthprivacy.ledger.store import append, read
from synthprivacy.ledger.totals import Leak, over, totals
from synthprivacy.results import TableFacts
from synthprivacy.statistics.residual_risk import residual_risk

KEY = b"a key of these tests"
TODAY = date(2026, 11, 22)
LIMIT = 0.05
POLICY = policy_of_limit(LIMIT)
ATTACKERS = Attackers("0.1.0", {"linkability": "a", "inference": "b"})


@pytest.fixture
def candidate(evaluation, risk, release):
    """Return a function from counts to an evaluation of one release with them, and a control that has a digest."""

    def make(original=(20, 4_000), control=(20, 4_000), *, seed=0, of="hmac-sha256:c1", table="sha256:1", **changes):
        found = risk(original=original, control=control, **changes)
        made = evaluation(releases=[release(found, name="ctgan")], plan={"strata": []})
        facts = TableFacts(table, 4_000, 4_000, 12)
        return replace(made, seed=seed, control=TableFacts(of, 4_000, 4_000, 12), synthetic={"ctgan": facts})

    return make


class Ledger:
    """A ledger of these tests, with the verbs of the command line."""

    def __init__(self, path):
        self.path = path

    def gate(self, found, policy=POLICY, *, today=TODAY, attackers=ATTACKERS):
        """Return the verdict of a gate that remembers."""

        def make(entries):
            return judge(entries, found, policy, key=KEY, attackers=attackers, today=today)

        return append(self.path, KEY, make, at=f"{today}T00:00:00Z")[1]

    def add(self, found, claim=None):
        """Write down a release."""

        def make(entries):
            return released(entries, found, "ctgan", key=KEY, claim=claim, to="everybody")

        return append(self.path, KEY, make, at=f"{TODAY}T00:00:00Z")[1]

    def page(self, today=TODAY, attackers=ATTACKERS):
        """Return what is shown."""
        return page(read(self.path, KEY), attackers=attackers, today=today)


@pytest.fixture
def ledger(tmp_path):
    """Return an empty ledger."""
    return Ledger(tmp_path / "a.ledger")


class TestCounting:
    """Who is the k-th candidate."""

    def test_candidates_of_one_control_are_counted(self, ledger, candidate):
        """Each new evaluation is the next candidate; the same one keeps its number; a fresh control begins again."""
        seen = []
        for seed, of in ((0, "c1"), (1, "c1"), (1, "c1"), (2, "c1"), (0, "c2"), (0, None), (1, None)):
            verdict = ledger.gate(candidate(seed=seed, of=of))
            seen.append(int(verdict.releases[0].notes[0].split("no. ")[1].split(" ")[0]))

        assert seen == [1, 2, 2, 3, 1, 1, 2]
        assert "candidate no. 2 judged with this control" in str(verdict)
        assert totals(read(ledger.path, KEY)).queries == 7
        assert "3 candidates, 0.827 of alpha spent" in ledger.page()

    def test_a_later_candidate_needs_more(self, ledger, candidate):
        """What passes as the first candidate no longer does as the ninth, and still has its own number later."""
        close = candidate((20, 1_000), (12, 1_000), upper=0.0268)
        first = [ledger.gate(replace(close, seed=seed), policy_of_limit(0.027)).decision for seed in range(9)]

        assert residual_risk(20, 1_000, 12, 1_000).interval(0.95, "clopper-pearson")[1] < 0.0268
        assert first[-1] == "inconclusive"
        assert ledger.gate(close, policy_of_limit(0.04)).releases[0].notes[0].startswith("candidate no. 1 ")


class TestOverAll:
    """All releases together."""

    def test_three_copied_shares_pass_alone_and_fail_on_the_ledger(self, ledger, candidate):
        """Q1: each of three releases copies 3 % of the people and passes at 5 %; together they fail."""
        found = [candidate((130 + step, 4_000), (10, 4_000), seed=step, table=f"sha256:{step}") for step in range(3)]
        decisions = []
        for one in found:
            assert decide(one, POLICY).decision == "pass"
            decisions.append(ledger.gate(one).decision)
            ledger.add(one)
        last = ledger.gate(replace(found[2], seed=9), POLICY)

        assert decisions[0] == "pass"
        assert decisions[2] == "fail"
        assert "all releases together" in str(ledger.gate(candidate((140, 4_000), (10, 4_000), table="sha256:9")))
        assert last.decision == "pass"  # this table went out already: it is not counted twice

    @pytest.mark.slow
    def test_three_evaluated_releases_with_retouched_people(self, ledger):
        """Q1 from tables: three releases, each with other 3.5 % of the people retouched, pass alone and fail on the ledger."""
        rng = np.random.default_rng(3)
        original, control, *fresh = (simulate.people(4_000, stream) for stream in rng.spawn(5))
        retouched = original.assign(weight_kg=original["weight_kg"] + 3.1, systolic=original["systolic"] + 7)
        plan = PlanSettings(attacks=("linkability",), utility=("shapes",), primary=("linkability.halves",))
        decisions = []
        for number, table in enumerate(fresh):
            tables = {"original": original, "control": control}
            release = simulate.copy_share(retouched, table, 0.035, rng)
            found = sp.evaluate(**tables, synthetic={"ctgan": release}, plan=plan, seed=number)
            assert decide(found, POLICY).decision == "pass"
            decisions.append(ledger.gate(found).decision)
            ledger.add(found)

        assert decisions[0] == "pass"
        assert decisions[2] == "fail"

    def test_perfect_releases_do_not_fail(self, ledger, candidate):
        """Many releases without a leak never fail; in the end nothing more can be shown of them."""
        decisions = []
        for step in range(12):
            one = candidate(seed=step, table=f"sha256:{step}")
            decisions.append(ledger.gate(one).decision)
            ledger.add(one)

        assert decisions[0] == "pass"
        assert set(decisions) <= {"pass", "inconclusive"}
        assert decisions[-1] == "inconclusive"

    def test_leaks_add_up_as_independent_ones(self):
        """``1 - prod(1 - leak)``: k releases that each copy a share f give away ``1 - (1 - f)^k``, and at most the sum."""
        assert over([Leak(0.1, 0.2)] * 3) == Leak(pytest.approx(1 - 0.9**3), pytest.approx(0.6))
        assert over([Leak(0.1, 0.6)] * 2).upper == 1.0
        assert over([]) == Leak(0.0, 0.0)

    def test_limits_of_the_policy(self, ledger, candidate):
        """Rows, answers and claims have limits of their own; a release without a claim leaves the sum open."""
        ledger.add(candidate(), claim=Claim(1.0))
        ledger.add(candidate(seed=1, table="sha256:2"), claim=Claim(2.0, 1e-9))
        new = candidate(seed=2, table="sha256:3")

        def decision(**limits):
            return ledger.gate(new, Policy(POLICY.rules, ledger=ReleaseLimits(leak=0.5, **limits))).decision

        assert decision() == "pass"
        assert decision(rows=12_000) == "pass"
        assert decision(rows=11_999) == "fail"
        assert decision(epsilon=3.0) == "pass"
        assert decision(epsilon=2.9) == "fail"
        assert decision(queries=5) == "fail"
        assert "3 at delta 1e-09, by basic composition" in ledger.page()
        ledger.add(candidate(seed=3, table="sha256:4"))
        assert decision(epsilon=9.0) == "inconclusive"
        assert "1 table went out without a claim" in ledger.page()

    def test_a_release_that_cannot_be_read_leaves_the_sum_open(self, ledger, candidate):
        """A table that went out with an unknown leak: nothing passes after it on the leak of all."""
        ledger.add(candidate(upper=math.inf))

        assert ledger.gate(candidate(seed=1, table="sha256:2")).decision == "inconclusive"
        assert "leak      unknown" in ledger.page()

    def test_no_limit_on_risks_no_limit_on_all(self, ledger, candidate):
        """A policy about checks alone has no share of people to hold all releases against."""
        ledger.add(candidate())

        assert ledger.gate(candidate(table="sha256:2"), Policy((Rule("checks.identity"),))).decision == "pass"


class TestTime:
    """Passes end, attacks change, risks creep."""

    def test_a_pass_expires(self, ledger, candidate):
        """A pass is good for as long as the policy says, a year by default."""
        ledger.gate(candidate())

        assert "judge again" not in ledger.page(TODAY + timedelta(days=365))
        assert "its pass expired on 2027-11-22" in ledger.page(TODAY + timedelta(days=366))

    def test_a_pass_ends_with_its_attacks(self, ledger, candidate):
        """What changes about the attacks of a pass must be judged again; other threats do not touch it."""
        ledger.gate(candidate())

        other = Attackers("0.2.0", {"linkability": "a", "inference": "new"})
        changed = Attackers("0.2.0", {"linkability": "new", "inference": "b"})
        assert "judge again" not in ledger.page(attackers=other)
        assert "what is known of its attacks has changed: linkability" in ledger.page(attackers=changed)

    def test_a_failure_does_not_expire(self, ledger, candidate):
        """Only passes are judged again."""
        ledger.gate(candidate((900, 4_000), (10, 4_000)))

        assert "judge again" not in ledger.page(TODAY + timedelta(days=999))

    def test_risk_over_releases_is_shown_beside_its_limit(self, ledger, candidate):
        """Every reading of an endpoint with its error, in order, and the limit of the policy that judged last."""
        for step in range(3):
            ledger.gate(candidate((20 + 40 * step, 4_000), (20, 4_000), seed=step))

        error = r" ± 0\.00\d\d"
        wanted = rf"risk      linkability\.halves: 0\.0000{error}, 0\.0101{error}, 0\.0201{error}; limit 0\.05\n"
        assert re.search(wanted, ledger.page())

    def test_another_training_table_is_told(self, ledger, candidate):
        """Who trains on other people begins no new sum: the page says that the table has changed, and its sizes."""
        ledger.gate(candidate())
        assert "training  " not in ledger.page()
        ledger.gate(replace(candidate(seed=1), original=TableFacts("hmac-sha256:new", 4_100, 4_100, 12)))

        assert "training  the table has changed: 4,000, then 4,100 people" in ledger.page()

    def test_drift_is_shown(self, ledger, candidate):
        """The page names an endpoint that has moved."""
        for step in range(12):
            ledger.gate(candidate((20 + 30 * step, 4_000), (20, 4_000), seed=step))

        assert "drift     linkability.halves: moved" in ledger.page()
