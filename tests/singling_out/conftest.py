"""People of several kinds, and the ways of making predicates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthprivacy.attacks import Knowledge
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.driver import run
from synthprivacy.results import Skipped
from synthprivacy.schemata import infer
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

WAYS = {
    "univariate": SinglingOut(1, 200),
    "multivariate": SinglingOut(3, 200),
    "several": SinglingOut(4, 200, fewest=1),
    "greedy": SinglingOut(5, 200, greedy=True),
}


def people(rows, seed):
    """Return numbers of several grains, labels and missing values."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({f"n{place}": rng.normal(size=rows).round(1 + place) for place in range(3)})
    frame = frame.assign(**{f"c{place}": rng.choice(list("abcdefgh"), rows) for place in range(3)})
    return frame.mask(rng.random(frame.shape) < 0.03)


def case_of(original, control, release, **declared):
    """Return the encoded case."""
    frames = [load(frame, label="table") for frame in (original, control, release)]
    schema = infer(frames[0], declared=declared)
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=schema)


def predicates_of(attack, releases, case, seed=0):
    """Return what an attack emits."""
    known = Knowledge(tuple(releases), None, case.schema)
    return attack.prepare(known, np.random.default_rng(seed))(case.original)


def risk_of(attack, case):
    """Return the risk of an attack."""
    outcome = run(attack, case, np.random.default_rng(1), targets=10_000)
    if isinstance(outcome, Skipped):
        return outcome
    return estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(2))


@pytest.fixture(scope="module")
def case():
    """Return a case of which three people in ten are published."""
    original = people(600, 0)
    return case_of(original, people(600, 1), pd.concat([original.head(180), people(420, 2)]))


@pytest.fixture(params=WAYS)
def attack(request):
    """Return one way of making predicates after the other."""
    return WAYS[request.param]


def _fixture(make):
    return pytest.fixture(scope="session", name=make.__name__)(lambda: make)


_people, _case_of, _predicates_of, _risk_of = map(_fixture, (people, case_of, predicates_of, risk_of))
