"""Releases whose leak is known, all the way from tables to decisions: does the evaluation tell the truth?

Every law is tested on a few dozen replicates (the first number of `tiers`), and marked slow on some hundred. Shares of replicates are held against
the 99 % Clopper-Pearson interval of what was counted: a coverage fails only if the interval lies under the nominal
one, an alarm rate only if it lies above alpha. Each end of a 95 % interval may miss in 2.5 % of replicates.
"""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.attacks import ATTACKS, Budget
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.linkability import Halves
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.config import PlanSettings
from synthprivacy.driver import run
from synthprivacy.planning import make_plan
from synthprivacy.results import Skipped
from synthprivacy.rulers import ladder, read
from synthprivacy.schemata import infer
from synthprivacy.statistics.estimate import estimate
from synthprivacy.statistics.sample_size import power_to_pass
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

PEOPLE = 250
NOMINAL, ALPHA = 0.95, 0.025
LIMIT = 0.05
NAMES = tuple(f"x{place}" for place in range(6))
FOUR = (Halves(NAMES[::2], NAMES[1::2]), NearestGuess("x0", NAMES[1:]), Distance(), ExactCopies())
EXACT = ("linkability.halves", "inference.x0", "memorization.copies", "membership.distance")
"""What a copied share must read as on continuous data."""

POPULATIONS = {
    "gaussian": lambda rows, rng: simulate.gaussian(rows, 6, rng),
    "people": simulate.people,
    "ties": lambda rows, rng: simulate.discrete(rows, 5, 3, rng),
    "some ties": lambda rows, rng: simulate.discrete(rows, 9, 3, rng),
}


def case_of(original, control, release):
    """Return the encoded case."""
    frames = [load(frame, label="table") for frame in (original, control, release)]
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=infer(frames[0]))


def everything(case):
    """Return every registered attack, one secret, few predicates."""
    budget = Budget(queries=60, secrets=1)
    return [attack for kind in ATTACKS.values() for attack in kind.variants(case.schema, case.release, budget)]


def found(case, attacks, number, *, headline=True):
    """Return the risks of a case by endpoint, and the headline as `copies`."""
    results = {}
    for attack in attacks:
        rng = np.random.default_rng([number, len(attack.endpoint)])
        outcome = run(attack, case, rng, targets=20_000)
        skipped = isinstance(outcome, Skipped)
        risk = outcome if skipped else estimate(outcome, primary=True, confidence=NOMINAL, rng=rng)
        results[attack.endpoint] = risk
        if headline and attack.endpoint == "membership.distance":
            results["copies"] = read(risk, ladder(attack, case, rng, targets=20_000, confidence=NOMINAL))
    return results


def drawn(population, share, number, *, people=PEOPLE, control=1.0):
    """Return original, control and a release with a share of the original copied into it, all encoded."""
    rng = np.random.default_rng([17, number])
    draw = POPULATIONS[population]
    sizes = (people, round(control * people), people)
    original, others, fresh = (draw(size, stream) for size, stream in zip(sizes, rng.spawn(3)))
    return case_of(original, others, simulate.copy_share(original, fresh, share, rng))


@functools.cache
def simulated(population, share, replicates, *, people=PEOPLE, control=1.0, headline=True, attacks=FOUR):
    """Return what was found in each replicate."""
    cases = (drawn(population, share, number, people=people, control=control) for number in range(replicates))
    return [found(case, attacks or everything(case), number, headline=headline) for number, case in enumerate(cases)]


def judged(replicates, endpoint):
    """Return what was found of an endpoint wherever it was not skipped."""
    results = [replicate[endpoint] for replicate in replicates if endpoint in replicate]
    return [result for result in results if not isinstance(result, Skipped)]


def at_least(hits, nominal):
    """Assert that a share of replicates is not under the nominal one."""
    counted = binomtest(int(np.sum(hits)), len(hits)).proportion_ci(0.99)
    assert counted.high >= nominal, f"{np.mean(hits):.3f} of {len(hits)} replicates"


def at_most(hits, alpha):
    """Assert that a share of replicates is not above alpha."""
    counted = binomtest(int(np.sum(hits)), len(hits)).proportion_ci(0.99)
    assert counted.low <= alpha, f"{np.mean(hits):.3f} of {len(hits)} replicates"


def holds(interval, truth):
    """Return whether an interval holds the truth; 1e-9 for the rounding of shares."""
    return interval[0] - 1e-9 <= truth <= interval[1] + 1e-9


def tiers(few, many):
    """Parametrize the number of replicates."""
    return pytest.mark.parametrize("replicates", [few, pytest.param(many, marks=pytest.mark.slow)])


@tiers(20, 100)
@pytest.mark.parametrize("share", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("endpoint", EXACT)
def test_a_copied_share_reads_as_itself(endpoint, share, replicates):
    """On continuous data the mean value of an endpoint is the share published, within 4 standard errors."""
    values = np.array([risk.value for risk in judged(simulated("gaussian", share, replicates), endpoint)])

    assert len(values) == replicates
    assert values.mean() == pytest.approx(share, abs=4 * values.std() / np.sqrt(replicates) + 1e-9)
    assert values.std() < 0.06


@tiers(20, 100)
@pytest.mark.parametrize("share", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("endpoint", EXACT)
def test_intervals_hold_the_copied_share(endpoint, share, replicates):
    """On continuous data the interval of an endpoint holds the share published in 95 % of replicates."""
    risks = judged(simulated("gaussian", share, replicates), endpoint)

    at_least([holds(risk.interval, share) for risk in risks], NOMINAL)
    at_least([risk.upper >= share for risk in risks], 1 - ALPHA)
    at_least([risk.lower <= share for risk in risks], 1 - ALPHA)


@tiers(20, 100)
@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.3])
@pytest.mark.parametrize("population", ["gaussian", "people", "ties"])
def test_the_headline_holds_the_number_of_people_published(population, share, replicates):
    """The interval of the headline holds the number of people published in 95 % of replicates, ties or none."""
    options = {} if population == "gaussian" else {"attacks": (Distance(),)}
    headlines = judged(simulated(population, share, replicates, **options), "copies")

    assert len(headlines) == replicates
    at_least([holds(copies.interval, share * PEOPLE) for copies in headlines], NOMINAL)
    at_least([holds(copies.perfect_interval, 0) for copies in headlines], 1 - ALPHA)
    for copies in headlines:
        assert 0 <= copies.interval[0] <= copies.value <= copies.interval[1] <= copies.of == PEOPLE
        assert 0 <= copies.perfect_interval[0] <= copies.perfect_value <= copies.perfect_interval[1]


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.1, 0.6])
@pytest.mark.parametrize("rows", [0.2, 5.0])
def test_the_headline_holds_whatever_the_size_of_the_release(rows, share):
    """Copies drown in a large release of common records and stand out in a small one; 120 replicates."""
    hits = []
    for number in range(120):
        rng = np.random.default_rng([23, number])
        sizes = (PEOPLE, PEOPLE, max(round(rows * PEOPLE), round(share * PEOPLE)))
        original, control, fresh = (POPULATIONS["ties"](size, stream) for size, stream in zip(sizes, rng.spawn(3)))
        case = case_of(original, control, simulate.copy_share(original, fresh, share, rng))
        hits.append(holds(found(case, [Distance()], number)["copies"].interval, share * PEOPLE))

    at_least(hits, NOMINAL)


@tiers(12, 60)
@pytest.mark.parametrize("population", ["gaussian", "people", "ties"])
def test_fresh_people_raise_no_alarm(population, replicates):
    """Where nobody leaks, no registered attack has its lower bound above 0 in more than 2.5 % of replicates."""
    results = simulated(population, 0.0, replicates, headline=False, attacks=None)

    for threat in ("singling_out.univariate", "singling_out.multivariate", *EXACT, "inference"):
        risks = [risk for one in results for name in one if name.startswith(threat) for risk in judged([one], name)]
        if risks:
            at_most([risk.lower > 0 for risk in risks], ALPHA)
    assert all(len(judged(results, endpoint)) == replicates for endpoint in EXACT if endpoint != "inference.x0")


@tiers(10, 60)
@pytest.mark.parametrize("control", [0.5, 2.0])
@pytest.mark.parametrize("share", [0.0, 0.1])
def test_the_size_of_the_control_does_not_matter(share, control, replicates):
    """With a control of half or double size every interval holds the truth as often as it says."""
    results = simulated("gaussian", share, replicates, people=400, control=control)

    for endpoint in EXACT:
        risks = judged(results, endpoint)
        at_least([holds(risk.interval, share) for risk in risks], NOMINAL)
        at_most([risk.lower > share for risk in risks], ALPHA)
    at_least([holds(copies.interval, share * 400) for copies in judged(results, "copies")], NOMINAL)


@tiers(10, 100)
@pytest.mark.parametrize("share", [pytest.param(LIMIT, id="at the limit"), pytest.param(2 * LIMIT, id="twice it")])
def test_a_leaky_release_does_not_pass(share, replicates, evaluation):
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


@tiers(30, 200)
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
def test_a_perfect_release_passes_as_often_as_the_plan_says(attack, population, people, replicates, evaluation):
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


@tiers(8, 60)
def test_what_the_population_gives_away_is_no_leak(replicates):
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


@tiers(45, 200)
def test_the_detection_floor_is_noticed_in_half_of_all_runs(replicates):
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


def test_a_whole_evaluation_of_a_leaky_release_fails():
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


def test_the_simulated_populations_are_what_the_laws_are_about():
    """Gaussian people and simulated patients are all different; the discrete ones are mostly not."""
    rng = np.random.default_rng(0)
    shares = {name: draw(500, rng).duplicated(keep=False).mean() for name, draw in POPULATIONS.items()}

    assert shares["gaussian"] == shares["people"] == 0
    assert shares["ties"] > 0.5 > shares["some ties"] > 0
    assert isinstance(POPULATIONS["people"](3, rng), pd.DataFrame)
