"""Releases whose leak is known, what is found of them, and what shares of replicates are held to."""

from __future__ import annotations

import functools

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
from synthprivacy.results import Skipped
from synthprivacy.rulers import ladder, read
from synthprivacy.schemata import infer
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

PEOPLE = 250
NOMINAL, ALPHA = 0.95, 0.025
NAMES = tuple(f"x{place}" for place in range(6))
FOUR = (Halves(NAMES[::2], NAMES[1::2]), NearestGuess("x0", NAMES[1:]), Distance(), ExactCopies())
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


def _fixture(make):
    return pytest.fixture(scope="session", name=make.__name__)(lambda: make)


_case_of, _found, _drawn, _simulated, _at_least, _at_most, _holds = map(
    _fixture, (case_of, found, drawn, simulated, at_least, at_most, holds)
)
