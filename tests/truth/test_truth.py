"""Releases whose leak is known, all the way from tables to decisions: does the evaluation tell the truth?

Every law is tested on a few replicates (the first number of `tiers`), and marked slow on more. Shares of replicates are
held against the 99 % Clopper-Pearson interval of what was counted: a coverage fails only if the interval lies under the
nominal one (51 of 60), an alarm rate only if it lies above alpha (6 of 60). Each end of a 95 % interval may miss in
2.5 % of replicates.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.attacks.membership import Distance
from synthprivacy.results import Skipped

PEOPLE = 250
NOMINAL, ALPHA = 0.95, 0.025
EXACT = ("linkability.halves", "inference.x0", "memorization.copies", "membership.distance")
"""What a copied share must read as on continuous data."""
POPULATIONS = {
    "gaussian": lambda rows, rng: simulate.gaussian(rows, 6, rng),
    "people": simulate.people,
    "ties": lambda rows, rng: simulate.discrete(rows, 5, 3, rng),
    "some ties": lambda rows, rng: simulate.discrete(rows, 9, 3, rng),
}


def judged(replicates, endpoint):
    """Return what was found of an endpoint wherever it was not skipped."""
    results = [replicate[endpoint] for replicate in replicates if endpoint in replicate]
    return [result for result in results if not isinstance(result, Skipped)]


def tiers(few, many):
    """Parametrize the number of replicates."""
    return pytest.mark.parametrize("replicates", [few, pytest.param(many, marks=pytest.mark.slow)])


@tiers(20, 60)
@pytest.mark.parametrize("share", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("endpoint", EXACT)
def test_a_copied_share_reads_as_itself(endpoint, share, replicates, simulated):
    """On continuous data the mean value of an endpoint is the share published, within 4 standard errors."""
    values = np.array([risk.value for risk in judged(simulated("gaussian", share, replicates), endpoint)])

    assert len(values) == replicates
    assert values.mean() == pytest.approx(share, abs=4 * values.std() / np.sqrt(replicates) + 1e-9)
    assert values.std() < 0.06


@tiers(20, 60)
@pytest.mark.parametrize("share", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("endpoint", EXACT)
def test_intervals_hold_the_copied_share(endpoint, share, replicates, at_least, holds, simulated):
    """On continuous data the interval of an endpoint holds the share published in 95 % of replicates."""
    risks = judged(simulated("gaussian", share, replicates), endpoint)

    at_least([holds(risk.interval, share) for risk in risks], NOMINAL)
    at_least([risk.upper >= share for risk in risks], 1 - ALPHA)
    at_least([risk.lower <= share for risk in risks], 1 - ALPHA)


@tiers(20, 60)
@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.3])
@pytest.mark.parametrize("population", ["gaussian", "people", "ties"])
def test_the_headline_holds_the_number_of_people_published(population, share, replicates, at_least, holds, simulated):
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
def test_the_headline_holds_whatever_the_size_of_the_release(rows, share, at_least, case_of, found, holds):
    """Copies drown in a large release of common records and stand out in a small one; 120 replicates."""
    hits = []
    for number in range(120):
        rng = np.random.default_rng([23, number])
        sizes = (PEOPLE, PEOPLE, max(round(rows * PEOPLE), round(share * PEOPLE)))
        original, control, fresh = (POPULATIONS["ties"](size, stream) for size, stream in zip(sizes, rng.spawn(3)))
        case = case_of(original, control, simulate.copy_share(original, fresh, share, rng))
        hits.append(holds(found(case, [Distance()], number)["copies"].interval, share * PEOPLE))

    at_least(hits, NOMINAL)


@tiers(12, 40)
@pytest.mark.parametrize("population", ["gaussian", "people", "ties"])
def test_fresh_people_raise_no_alarm(population, replicates, at_most, simulated):
    """Where nobody leaks, no registered attack has its lower bound above 0 in more than 2.5 % of replicates."""
    results = simulated(population, 0.0, replicates, headline=False, attacks=None)

    for threat in ("singling_out.univariate", "singling_out.multivariate", *EXACT, "inference"):
        risks = [risk for one in results for name in one if name.startswith(threat) for risk in judged([one], name)]
        if risks:
            at_most([risk.lower > 0 for risk in risks], ALPHA)
    assert all(len(judged(results, endpoint)) == replicates for endpoint in EXACT if endpoint != "inference.x0")


@tiers(10, 40)
@pytest.mark.parametrize("control", [0.5, 2.0])
@pytest.mark.parametrize("share", [0.0, 0.1])
def test_the_size_of_the_control_does_not_matter(share, control, replicates, at_least, at_most, holds, simulated):
    """With a control of half or double size every interval holds the truth as often as it says."""
    results = simulated("gaussian", share, replicates, people=400, control=control)

    for endpoint in EXACT:
        risks = judged(results, endpoint)
        at_least([holds(risk.interval, share) for risk in risks], NOMINAL)
        at_most([risk.lower > share for risk in risks], ALPHA)
    at_least([holds(copies.interval, share * 400) for copies in judged(results, "copies")], NOMINAL)


def test_the_simulated_populations_are_what_the_laws_are_about():
    """Gaussian people and simulated patients are all different; the discrete ones are mostly not."""
    rng = np.random.default_rng(0)
    shares = {name: draw(500, rng).duplicated(keep=False).mean() for name, draw in POPULATIONS.items()}

    assert shares["gaussian"] == shares["people"] == 0
    assert shares["ties"] > 0.5 > shares["some ties"] > 0
    assert isinstance(POPULATIONS["people"](3, rng), pd.DataFrame)
