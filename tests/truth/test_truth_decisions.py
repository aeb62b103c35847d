"""Releases whose leak is known, and what is decided about them: does the evaluation tell the truth?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.linkability import Halves
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.config import PlanSettings
from synthprivacy.planning import make_plan
from synthprivacy.results import Skipped
from synthprivacy.statistics.sample_size import power_to_pass

PEOPLE = 250
NOMINAL, ALPHA = 0.95, 0.025
LIMIT = 0.05
NAMES = tuple(f"x{place}" for place in range(6))
FOUR = (Halves(NAMES[::2], NAMES[1::2]), NearestGuess("x0", NAMES[1:]), Distance(), ExactCopies())
EXACT = ("linkability.halves", "inference.x0", "memorization.copies", "membership.distance")
"""What a copied share must read as on continuous data."""


def tiers(few, many):
    """Parametrize the number of replicates."""
    return pytest.mark.parametrize("replicates", [few, pytest.param(many, marks=pytest.mark.slow)])


@tiers(10, 60)
@pytest.mark.parametrize("share", [pytest.param(LIMIT, id="at the limit"), pytest.param(2 * LIMIT, id="twice it")])
def test_a_leaky_release_does_not_pass(share, replicates, evaluation, at_most, simulated):
    """A release that leaks as much as the limit allows, or twice that, passes in at most 2.5 % of replicates."""
    results = simulated("gaussian", share, replicates, people=1000, headline=False)
    decisions = {
        endpoint: [sp.gate(evaluation(one[endpoint]), limit=LIMIT).decision for one in results] for endpoint in EXACT
    }
    together = [sp.gate(evaluation(*one.values()), limit=LIMIT).decision for one in results]

    for endpoint, made in decisions.items():
        at_most([decision == "pass" for decision in made], ALPHA)
        assert share == LIMIT or endpoint == "membership.distance" or made.count("fail") > 0.9 * replicates
    assert "pass" not in together


@tiers(30, 120)
@pytest.mark.parametrize(
    ("attack", "population", "people"),
    [
        (FOUR[0], "gaussian", 150),
        (Distance(), "gaussian", 1000),
        (ExactCopies(), "some ties", 500),
        pytest.param(ExactCopies(), "ties", 300, marks=pytest.mark.slow),
    ],
    ids=["linkability", "membership", "copies", "copies that chance makes"],
)
def test_a_perfect_release_passes_as_often_as_the_plan_says(
    attack, population, people, replicates, evaluation, drawn, found
):
    """The share of perfect releases that pass is the plan's power, within 99 % binomial error.

    For linkability, whose success by chance the plan assumes to be 1 %, the power at the rate met on the control.
    """
    risks, powers = [], []
    for number in range(replicates):
        case = drawn(population, 0.0, number, people=people)
        (risk,) = found(case, [attack], number, headline=False).values()
        settings = PlanSettings(attacks=(attack.name,))
        plan = make_plan(
            case.schema, case.release, settings, original_people=people, control_people=people, limit=LIMIT
        )
        risks.append(risk)
        powers.append(plan.endpoints[0].power)
    passed = [
        not isinstance(risk, Skipped) and sp.gate(evaluation(risk), limit=LIMIT).decision == "pass" for risk in risks
    ]
    if attack.name == "linkability":
        met = [risk.evidence.control for risk in risks]
        chance = sum(rate.successes for rate in met) / sum(rate.trials for rate in met)
        powers = [power_to_pass(people, people, chance, LIMIT)]

    counted = binomtest(sum(passed), replicates).proportion_ci(0.99)
    assert counted.low <= np.mean(powers) <= counted.high


@tiers(8, 40)
def test_what_the_population_gives_away_is_no_leak(replicates, at_least, case_of, found, holds):
    """A secret that follows from the other columns is guessed of nearly everyone; the interval still holds 0."""
    rates, held = [], []
    for number in range(replicates):
        rng = np.random.default_rng([29, number])
        frames = [
            frame.assign(secret=np.where(frame["x0"] + frame["x1"] > 0, "yes", "no"))
            for frame in (simulate.gaussian(PEOPLE, 2, stream) for stream in rng.spawn(3))
        ]
        attack = NearestGuess("secret", ("x0", "x1"))
        risk = found(case_of(*frames), [attack], number)[attack.endpoint]
        if not isinstance(risk, Skipped):
            rates.append(risk.evidence.original.successes / risk.evidence.original.trials)
            held.append(holds(risk.interval, 0))

    assert len(held) > 0.9 * replicates
    assert np.mean(rates) > 0.95
    at_least(held, NOMINAL)


@tiers(45, 120)
def test_the_detection_floor_is_noticed_in_half_of_all_runs(replicates, case_of, found):
    """Publishing as many people as the floor says lifts the headline's lower end above 0 in half of all replicates.

    Within the 99 % binomial error.
    """
    noticed = []
    for number in range(replicates):
        rng = np.random.default_rng([31, number])
        original, control, fresh, others = (simulate.gaussian(PEOPLE, 6, stream) for stream in rng.spawn(4))
        before = found(case_of(original, control, fresh), [Distance()], number)["copies"]
        release = simulate.copy_share(original, others, before.floor / PEOPLE, rng)
        noticed.append(found(case_of(original, control, release), [Distance()], number)["copies"].interval[0] > 0)

    counted = binomtest(sum(noticed), replicates).proportion_ci(0.99)
    assert counted.low <= 0.5 <= counted.high


def test_a_whole_evaluation_of_a_leaky_release_fails(holds):
    """From frames to verdict with the default plan: a tenth copied fails a limit of 5 %, fresh people never do."""
    rng = np.random.default_rng(41)
    original, control, fresh = (simulate.people(1000, stream) for stream in rng.spawn(3))
    leaky, truth = simulate.release_copied(original, fresh, 2 * LIMIT, rng)
    releases = {"clean": fresh, "leaky": leaky, "all": original.sample(frac=1, random_state=0)}

    evaluation = sp.evaluate(
        original=original,
        control=control,
        synthetic=releases,
        schema=sp.schema(original, secrets=["diagnosis"]),
        plan=PlanSettings(queries=100),
    )

    decisions = {release.name: release.decision for release in sp.gate(evaluation, limit=LIMIT).releases}
    assert decisions["leaky"] == decisions["all"] == "fail"
    assert decisions["clean"] in {"pass", "inconclusive"}
    published = {"clean": 0, "leaky": truth.published, "all": 1000}
    for name, people in published.items():
        assert holds(evaluation[name].copies.interval, people)
