"""The self-test: findings, laws, scenarios and the way they are run. Whether it rejects what is wrong: the impostors."""

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from synthprivacy.attacks import ATTACKS
from synthprivacy.selftest import closed_forms, golden, releases, tiers
from synthprivacy.selftest.catalogue import QUICK, SCENARIOS
from synthprivacy.selftest.decisions import decision_of, promises
from synthprivacy.selftest.finding import Finding, exact, share
from synthprivacy.selftest.laws import LAWS, findings_of
from synthprivacy.selftest.populations import POPULATIONS
from synthprivacy.selftest.replicates import cut, read_all
from synthprivacy.selftest.running import run_selftest
from synthprivacy.selftest.subjects import USUAL, House, Reading
from synthprivacy.selftest.trends import monotone
from synthprivacy.selftest.writing import cards_of, write_cards

CHEAP = ("households copied 0", "households copied 0.3", "histogram, epsilon 0.5", "histogram, epsilon 8")
SMALL = tiers.Tier(
    "small", CHEAP, 20, 20, (), thorough=False, attackers=USUAL, parts=("contract",),
    impostors=("finite-population correction",),
)  # fmt: skip


@pytest.fixture(scope="module")
def found():
    """Return a small run."""
    return run_selftest(SMALL)


def readings(truth, *, off=0.0, reach=0.05, spread=0.01, count=100, attack="linkability", p_value=0.5):
    """Return readings around a truth, with an interval of some reach."""
    values = truth + off + np.random.default_rng(1).normal(0, spread, count)
    return [
        Reading(attack, value, (value - reach, value + reach), value - reach, value + reach, p_value)
        for value in values
    ]


def broken(scenario, found):
    """Return the laws that some readings break."""
    findings = findings_of(SCENARIOS[scenario], "linkability.halves", found)
    return {finding.law for finding in findings if not finding.passed}


class TestFindings:
    """A figure against its bar."""

    @pytest.mark.parametrize("hits", range(0, 101, 5))
    def test_few_replicates_break_a_bar_only_beyond_chance(self, hits):
        """Below 2,000 replicates a share breaks its bar only if its 99 % interval lies wholly on the wrong side."""
        ends = binomtest(hits, 100).proportion_ci(0.99)

        assert share("", "", "", hits, 100, side="at least", bar=0.9).passed == (ends.high >= 0.9)
        assert share("", "", "", hits, 100, side="at most", bar=0.1).passed == (ends.low <= 0.1)

    def test_many_replicates_must_come_within_a_fiftieth(self):
        """From 2,000 replicates on the share itself must come within .02 of its bar."""
        assert share("", "", "", 1_861, 2_000, side="at least", bar=0.95).passed
        assert not share("", "", "", 1_859, 2_000, side="at least", bar=0.95).passed
        assert not share("", "", "", 91, 2_000, side="at most", bar=0.025).passed

    def test_nothing_measured_is_nothing_kept(self):
        """NaN keeps no bar, and is null in the JSON."""
        finding = exact("", "", "", math.nan, side="at most", bar=1.0)

        assert not finding.passed
        assert finding.to_dict()["figure"] is None


class TestLaws:
    """Each law is broken by what it is about, and by nothing else."""

    def test_sound_readings_break_none(self):
        """Readings around the truth, within their own intervals, keep every law."""
        assert not broken("nothing, continuous", readings(0.0))
        assert not broken("copied 0.3, continuous", readings(0.3))

    def test_too_narrow(self):
        """Intervals narrower than the spread of the value break coverage."""
        assert "coverage" in broken("copied 0.3, continuous", readings(0.3, reach=0.005))

    def test_alarms(self):
        """Lower bounds above nothing break the law on false alarms, small p-values that on false rejections."""
        assert "false alarm" in broken("nothing, continuous", readings(0.0, off=0.1))
        assert broken("nothing, continuous", readings(0.0, p_value=0.001)) == {"false rejection"}

    def test_passes(self):
        """An upper bound that keeps the limit although people were published breaks the law on false passes."""
        assert "false pass" in broken("copied 0.1, continuous", readings(0.1, off=-0.11))

    def test_bias_and_deafness(self):
        """A mean off by .02 is a bias; a leak of three in ten people that is not noticed is deafness."""
        assert broken("copied 0.3, continuous", readings(0.3, off=0.02)) == {"bias"}
        assert "power to alarm" in broken("copied 0.3, continuous", readings(0.3, reach=0.4))

    def test_skipped_replicates_are_no_evidence(self):
        """Fewer than 20 judged replicates are no test: nothing is kept and nothing broken."""
        few = [*readings(0.0, off=0.5)[:19], *[None] * 81]

        assert not findings_of(SCENARIOS["nothing, continuous"], "linkability.halves", few)

    def test_every_law_is_asked_somewhere(self):
        """No law is left without a scenario that asks it."""
        asked = {
            finding.law
            for name in QUICK
            for attack, truth in SCENARIOS[name].truth.items()
            for finding in findings_of(SCENARIOS[name], f"{attack}.x", readings(truth, attack=attack))
        }

        assert len(asked) == len(LAWS)

    def test_falling_where_it_should_rise(self):
        """A family whose leakier member reads clearly less breaks monotonicity; noise does not."""
        members = [SCENARIOS["copied 0.3, continuous"], SCENARIOS["copied 0.6, continuous"]]

        def read(less, more):
            return {member.name: {"x": readings(truth)} for member, truth in zip(members, (less, more))}

        assert [finding.passed for finding in monotone(members, read(0.3, 0.6))] == [True]
        assert [finding.passed for finding in monotone(members, read(0.3, 0.3))] == [True]
        assert [finding.passed for finding in monotone(members, read(0.6, 0.3))] == [False]


class TestScenarios:
    """The catalogue is what it says."""

    def test_every_row_that_registered_attacks_can_be_held_to(self):
        """The catalogue has the rows of the benchmark that ask about attacks on one release."""
        rows = {"N0", "N1", "N2", "N3", "N4", "L1", "L2", "L3", "L4", "L10", "D1", "G3", "G4", "G5", "G6", "K1", "S1"}

        assert rows <= {scenario.row for scenario in SCENARIOS.values()}
        assert set(QUICK) <= set(SCENARIOS)

    @pytest.mark.parametrize("name", POPULATIONS)
    def test_populations_are_drawn_anew(self, name):
        """The same stream gives the same people, another stream others, and about as many as asked."""
        one, same, other = (POPULATIONS[name](200, np.random.default_rng(seed)) for seed in (1, 1, 2))

        pd.testing.assert_frame_equal(one, same)
        assert not one.equals(other)
        assert 120 <= len(one) <= 280

    @pytest.mark.parametrize("name", SCENARIOS)
    def test_a_replicate_is_its_number(self, name):
        """A replicate depends on seed, scenario and number alone."""
        first, again, other = (SCENARIOS[name].tables(0, number)[2] for number in (3, 3, 4))

        pd.testing.assert_frame_equal(first, again)
        assert not first.reset_index(drop=True).equals(other.reset_index(drop=True))

    def test_a_bootstrap_publishes_what_it_says(self):
        """A bootstrap holds 1 - 1/e of the people, within four standard deviations over 50 draws."""
        rng = np.random.default_rng(5)
        original = POPULATIONS["continuous"](300, rng)
        shares = [releases.bootstrap(original, original, rng)["x0"].nunique() / 300 for _ in range(50)]

        assert np.mean(shares) == pytest.approx(1 - math.exp(-1), abs=4 * np.std(shares) / math.sqrt(50))

    def test_smote_lies_between_two_people(self):
        """With one neighbour every row lies on the segment from a training person to that person's nearest one."""
        rng = np.random.default_rng(6)
        original = POPULATIONS["continuous"](60, rng)
        real = original.to_numpy()
        scaled = real / real.std(axis=0)
        apart = np.linalg.norm(scaled[:, None] - scaled, axis=2) + np.diag(np.full(60, np.inf))
        nearest = real[apart.argmin(axis=1)]

        for row in releases.smote(1)(original, original, rng).to_numpy():
            along = ((row - real) * (nearest - real)).sum(axis=1) / ((nearest - real) ** 2).sum(axis=1)
            off = np.abs(real + along[:, None] * (nearest - real) - row).max(axis=1)
            assert ((off < 1e-9) & (along > -1e-9) & (along < 1 + 1e-9)).any()

    def test_leaves_of_one_hand_out_real_values(self):
        """A tree generator invents no value: every number is some training person's."""
        rng = np.random.default_rng(7)
        original = POPULATIONS["continuous"](100, rng)
        made = releases.leaves(5)(original, original, rng)

        assert all(made[name].isin(original[name]).all() for name in original)

    def test_the_histogram_forgets_as_epsilon_falls(self):
        """Cell shares are those of the people at a large epsilon, and nearly even at a small one."""
        rng = np.random.default_rng(8)
        original = POPULATIONS["few cells"](3_000, rng)

        def common(epsilon):
            return (releases.histogram(epsilon)(original, original, rng)["c0"] == "level 0").mean()

        assert common(100.0) == pytest.approx((original["c0"] == "level 0").mean(), abs=0.04)
        assert common(1e-6) == pytest.approx(1 / 3, abs=0.1)


TINY = replace(SMALL, scenarios=CHEAP[2:], replicates=9, costly=4, parts=("damages",), impostors=())


class TestRunning:
    """From a tier to findings and cards."""

    def test_the_house_keeps_its_promises(self, found):
        """No law is broken on a small run, and its JSON is strict and whole."""
        assert found.passed
        assert {"coverage", "false alarm", "false pass", "published numbers", "monotone"} <= {
            finding.law for finding in found.findings
        }
        assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["passed"]
        assert [rejection.rejected for rejection in found.rejections] == [True]

    def test_an_impostor_that_is_believed_breaks_the_self_test(self, found):
        """A known-bad estimator that no law rejects is a failure of the self-test, whatever else was kept."""
        (rejection,) = found.rejections
        believed = replace(rejection, trials=())

        assert not replace(found, rejections=(believed,)).passed

    def test_processes_change_nothing(self):
        """Two processes give the findings of one."""
        assert run_selftest(TINY, jobs=2).to_dict() == run_selftest(TINY).to_dict()

    def test_progress_ends_where_it_said(self):
        """Progress counts up to the number of steps it announced."""
        told = []
        run_selftest(replace(TINY, parts=("damages", "refusals")), progress=lambda *step: told.append(step[:2]))

        assert told[-1][0] == told[-1][1]
        assert [done for done, _ in told] == list(range(1, len(told) + 1))

    def test_costly_attacks_are_read_in_fewer_replicates(self):
        """Beyond the first replicates the costly attacks are left out, and chunks are cut there."""
        subjects = (House(), House().quickly())
        read = read_all(["nothing, continuous"], 3, costly=1, seed=0, jobs=1, advance=lambda _: None, subjects=subjects)
        by_endpoint = read["nothing, continuous"]

        assert [reading is None for reading in by_endpoint["linkability.halves"]] == [False] * 3
        assert [reading is None for reading in by_endpoint["singling_out.multivariate"]] == [False, True, True]
        assert cut(30, 50) == [range(20), range(20, 30), range(30, 40), range(40, 50)]

    def test_cards(self, found, tmp_path):
        """Every attack gets a card; one broken law turns it red, and none tested leaves it red too."""
        write_cards(found.cards, tmp_path)
        law = Finding("false alarm", "x", "linkability.halves", 1.0, None, "at most", 0.025, 40, passed=False)
        cards = cards_of([*found.findings, law], {}, SMALL)

        assert {path.stem for path in tmp_path.iterdir()} == set(ATTACKS)
        assert found.cards["linkability.halves"].green
        assert not cards["linkability.halves"].green
        assert not cards_of([], {}, SMALL)["linkability.halves"].green

    def test_closed_forms_and_published_numbers_hold(self):
        """Intervals keep their coverage by enumeration, and every published number is met."""
        findings = closed_forms.findings() + golden.findings()

        assert all(finding.passed for finding in findings)

    def test_small_gates_promise_only_what_they_can(self):
        """Below 4,000 people nothing is promised to pass; above, a perfect release is."""
        assert {promise.at_least for promise in promises(500, 1.0)} == {None}
        assert any(promise.decision == "pass" and promise.at_least == 0.9 for promise in promises(4_000, 1.0))
        assert decision_of(500, 1.0, "copied 0.1, 500 people", 0, 0) != "pass"
