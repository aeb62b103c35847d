"""Every result as a number of people, and the smallest leak noticed."""

from __future__ import annotations

import functools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from synthprivacy import simulate
from synthprivacy.attacks import ATTACKS, Budget
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.linkability import Halves
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.driver import run
from synthprivacy.rulers import floor, joint, ladder, read, ruler
from synthprivacy.rulers.planting import beds
from synthprivacy.schemata import infer
from synthprivacy.statistics.estimate import estimate
from synthprivacy.statistics.floor import auc_without_leak, floor_of_guesses, gain_of_guesses
from synthprivacy.statistics.residual_risk import residual_risk
from synthprivacy.statistics.roc import auc
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

PEOPLE = 1_000
NAMES = tuple(f"x{place}" for place in range(6))
FOUR = (Halves(NAMES[::2], NAMES[1::2]), NearestGuess("x0", NAMES[1:]), Distance(), ExactCopies())


def gaussian(rows, rng):
    """Return people who are all different."""
    return simulate.gaussian(rows, 6, rng)


def alike(rows, rng):
    """Return people who are nearly all like another one."""
    return simulate.discrete(rows, 5, 3, rng)


def drawn(share=0.0, seed=0, people=PEOPLE, draw=gaussian):
    """Return a case with a share of the original copied into the release."""
    rng = np.random.default_rng([41, seed])
    original, control, fresh = (draw(people, stream) for stream in rng.spawn(3))
    release = simulate.copy_share(original, fresh, share, rng)
    frames = [load(frame, label="table") for frame in (original, control, release)]
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=infer(frames[0]))


def found(attack, case, seed=0):
    """Return the risk of an attack, and its ruler."""
    streams = np.random.default_rng(seed).spawn(3)
    options = {"targets": 20_000, "confidence": 0.95}
    risk = estimate(run(attack, case, streams[0], targets=20_000), primary=True, confidence=0.95, rng=streams[1])
    if attack.name == "membership":
        return risk, ladder(attack, case, streams[2], **options)
    return risk, ruler(attack, case, risk, streams[2], **options)


@functools.cache
def readings(published, replicates):
    """Return the reading of each attack in each replicate."""
    cases = ((number, drawn(published / PEOPLE, number)) for number in range(replicates))
    return [{attack.endpoint: read(*found(attack, case, number)) for attack in FOUR} for number, case in cases]


class TestLadderLaw:
    """What was planted is read back."""

    @pytest.mark.parametrize("replicates", [10, pytest.param(30, marks=pytest.mark.slow)])
    @pytest.mark.parametrize("published", [30, 100, 300])
    @pytest.mark.parametrize("attack", FOUR, ids=lambda attack: attack.endpoint)
    def test_published_people_are_read_back(self, attack, published, replicates):
        """On continuous data 30, 100 and 300 of 1,000 people read as themselves: the interval holds in 95 % of runs.

        Fails where the 99 % Clopper-Pearson upper limit of the share is below (at 24 of 30); copies must be counted
        exactly.
        """
        copies = [one[attack.endpoint] for one in readings(published, replicates)]
        held = [one.interval[0] <= published + 1e-6 and published <= one.interval[1] + 1e-6 for one in copies]

        assert binomtest(sum(held), replicates).proportion_ci(0.99).high >= 0.95, f"{np.mean(held):.3f}"
        assert attack.name != "memorization" or [one.value for one in copies] == pytest.approx([published] * replicates)

    @pytest.mark.parametrize("share", [0.0, 0.3, 0.8])
    @pytest.mark.parametrize("attack", FOUR, ids=lambda attack: attack.endpoint)
    def test_a_release_that_leaks_already_is_as_good_a_ruler(self, attack, share):
        """On continuous data every published person adds a share of 1, however many are published: none stands twice."""
        _, made = found(attack, drawn(share, people=300))

        assert made.gain[-1] == pytest.approx(1.0)

    def test_what_the_population_gives_away_is_no_rung(self):
        """Where people are alike, planted ones are guessed of as often as others: everybody may be published, unseen."""
        case = drawn(draw=alike)
        risk, made = found(NearestGuess("c0", ("c1", "c2", "c3")), case)
        copies = read(risk, made)

        assert made.found.successes > 0.25 * made.found.trials
        assert made.gain[-1] < 0.25
        assert (copies.interval, copies.floor) == ((0, PEOPLE), None)

    @pytest.mark.parametrize("kind", ["univariate", "multivariate"])
    def test_singling_out_is_read_back(self, kind):
        """A fifth of 1,000 people published lies within the interval of singling out; mean of 5, within a factor of 2."""
        values, held = [], []
        for seed in range(5):
            case = drawn(0.2, seed)
            variants = ATTACKS["singling_out"].variants(case.schema, case.release, Budget(300))
            attack = next(one for one in variants if one.endpoint.endswith(f".{kind}"))
            copies = read(*found(attack, case, seed))
            values.append(copies.value)
            held.append(copies.interval[0] <= 200 <= copies.interval[1])

        assert sum(held) >= 4
        assert 100 < np.mean(values) < 400


class TestPlanting:
    """Who is planted, and instead of whom."""

    @pytest.mark.parametrize("share", [0.0, 0.4])
    def test_rows_are_replaced_and_nobody_stands_twice(self, share):
        """The release keeps its size, and holds every planted person exactly once."""
        case = drawn(share, people=300)
        there = beds(case, np.random.default_rng(0)).plant(30)
        keys, counts = np.unique(there.release.keys(), return_counts=True)

        assert len(there.release) == len(case.release)
        assert there.people.people == 30
        assert (counts[np.isin(keys, there.people.keys())] == 1).all()
        assert np.isin(there.people.keys(), keys).all()

    def test_a_larger_planting_holds_a_smaller_one(self):
        """The people of one rung are among those of the next."""
        ground = beds(drawn(people=300), np.random.default_rng(0))

        assert np.isin(ground.plant(3).people.keys(), ground.plant(30).people.keys()).all()


class TestFloor:
    """The smallest leak that would have been noticed."""

    @pytest.mark.parametrize(("met", "control"), [(0, 300), (3, 300), (40, 300), (280, 300), (90, 1_000)])
    @pytest.mark.parametrize("share", [1.0, 0.6])
    def test_the_floor_is_the_first_number_whose_bound_is_above_none(self, met, control, share):
        """For guesses: trying every number from 1 on gives the same."""
        people = 200

        def bound(published):
            hits = people * met / control + published * (share - met / control)
            return residual_risk(hits, people, met, control).interval(0.95, "clopper-pearson")[0]

        expected = next((k for k in range(1, people + 1) if share > met / control and bound(k) > 0), None)

        assert floor_of_guesses(people, share, people, met, control, confidence=0.95) == expected

    @pytest.mark.parametrize(("chance", "share"), [(0.0, 1.0), (0.01, 1.0), (0.1, 0.8), (0.5, 1.0), (0.5, 0.7)])
    def test_guesses_notice_it_in_half_of_all_runs(self, chance, share):
        """Publishing as many people lifts the lower bound above 0 in .45 of runs or more; 300 runs of counts."""
        rng, people, noticed = np.random.default_rng(3), 600, []
        for _ in range(300):
            met = rng.binomial(people, chance)
            published = floor_of_guesses(people, share, people, met, people, confidence=0.95)
            hits = rng.binomial(people - published, chance) + rng.binomial(published, share)
            found_low = residual_risk(hits, people, met, people).interval(0.95, "clopper-pearson")[0]
            noticed.append(found_low > 0)

        assert binomtest(sum(noticed), 300).proportion_ci(0.99).high >= 0.5
        assert chance == 0.0 or np.mean(noticed) < 0.75

    def test_an_attack_that_tells_published_people_from_nobody_has_none(self):
        """Where planted people are guessed no more often than the control, not even all of them are noticed."""
        assert floor_of_guesses(1_000, 0.3, 1_000, 300, 1_000, confidence=0.95) is None
        assert floor_of_guesses(1_000, 1.0, 1_000, 1_000, 1_000, confidence=0.95) is None
        assert gain_of_guesses(1.0, 1.0) == 0.0
        assert gain_of_guesses(0.3, 0.3) == 0.0
        assert gain_of_guesses(1.0, 0.3) == 1.0

    def test_more_confidence_needs_more_people(self):
        """The floor rises with the confidence, and falls with the people attacked."""
        by_confidence = [floor_of_guesses(900, 0.9, 900, 90, 900, confidence=level) for level in (0.8, 0.95, 0.99)]
        by_size = [floor_of_guesses(900, 0.9, size, size // 10, size, confidence=0.95) for size in (200, 500, 900)]

        assert by_confidence == sorted(set(by_confidence))
        assert by_size == sorted(set(by_size), reverse=True)

    @pytest.mark.parametrize("levels", [2, 50, 10_000])
    def test_noise_is_that_of_a_run_without_a_leak(self, levels):
        """The standard error taken from the control is the one a run without a leak has, ties or none (within 3 %)."""
        rng = np.random.default_rng(5)
        members, nonmembers = rng.integers(levels, size=4_000) / 1.0, rng.integers(levels, size=1_500) / 1.0

        noise = auc_without_leak(auc(nonmembers, nonmembers), 4_000, 1_500)

        assert noise.value == pytest.approx(0.5)
        assert noise.standard_error == pytest.approx(auc(members, nonmembers).standard_error, rel=0.03)

    def test_joint_is_the_keenest_at_its_share_of_the_error(self):
        """Each of three endpoints is held to a third of the error; one alone to all of it; of none there is none."""
        rulers = {attack.endpoint: found(attack, drawn(people=300)) for attack in FOUR[1:]}
        third = {name: floor(*of, confidence=1 - 0.05 / 3) for name, of in rulers.items()}
        alone = {"memorization.copies": rulers["memorization.copies"]}

        assert joint(rulers, 300).endpoints == third
        assert joint(rulers, 300).people == min(third.values())
        assert joint(alone, 300).people == read(*alone["memorization.copies"]).floor < third["memorization.copies"]
        assert joint({}, 300) is None

    def test_an_endpoint_without_a_ruler_notices_nothing(self):
        """It still takes its share of the error, and has no floor of its own."""
        risk, of = found(FOUR[3], drawn(people=300))
        both = joint({"memorization.copies": (risk, of), "linkability.halves": (risk, None)}, 300)

        assert both.endpoints["linkability.halves"] is None
        assert both.people == floor(risk, of, confidence=0.975)
        assert joint({"linkability.halves": (risk, None)}, 300).people is None


def test_without_a_control_there_is_no_ruler():
    """Nothing is read as a number of people where nobody was held out."""
    case = drawn(people=200)
    evaluation_of = replace(case, control=None)
    risk, _ = found(FOUR[0], case)

    skipped = ruler(FOUR[0], evaluation_of, risk, np.random.default_rng(0), targets=1_000, confidence=0.95)

    assert "control" in skipped.reason
    assert math.isfinite(risk.value)
