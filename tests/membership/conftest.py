"""People with a release, and attackers of the membership battery."""

import numpy as np
import pytest

from synthprivacy.attacks import Knowledge
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.membership_battery import METHODS, Battery
from synthprivacy.crossfitting import crossfit
from synthprivacy.results import Skipped
from synthprivacy.selftest import populations, releases
from synthprivacy.selftest.scenario import case_of
from synthprivacy.statistics.estimate import estimate

QUICK = tuple(name for name in METHODS if name not in {"edits", "surrogate"})


def drawn(population, generate, rows=500, seed=0, control=None):
    """Return a case of people of a population and a release made of half of them."""
    streams = np.random.default_rng(seed).spawn(4)
    original, held_out, fresh = (population(count, s) for count, s in zip((rows, control or rows, rows), streams))
    return case_of(original, held_out, generate(original, fresh, streams[3]))


def prepared(method, case, reference, seed=3):
    """Return an attacker of the battery."""
    return Battery(method).prepare(Knowledge((case.release,), reference, case.schema), np.random.default_rng(seed))


def risk_of(method, case, seed=0, targets=10_000):
    """Return the risk of one method, or why it is skipped."""
    attack = Distance() if method == "distance" else Battery(method)
    found = crossfit(attack, case, np.random.default_rng([seed, 1]), targets=targets, deal=seed)
    if isinstance(found, Skipped):
        return found
    return estimate(found.outcome, primary=False, confidence=0.95, rng=np.random.default_rng([seed, 2]))


@pytest.fixture(scope="module")
def survey():
    """Return people of mixed kinds with missing values, a tenth of whom are published."""
    few = ["age", "sex", "class", "`q` é", "my col", "debt", "lambda", "ticket"]
    return drawn(lambda rows, rng: populations.awkward(rows, rng)[few], releases.copied(0.1), rows=240)


def _fixture(make):
    return pytest.fixture(scope="session", name=make.__name__)(lambda: make)


_drawn, _prepared, _risk_of = map(_fixture, (drawn, prepared, risk_of))
