"""People of whom something is published again, and what attackers find."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.attacks import Knowledge
from synthprivacy.driver import run
from synthprivacy.results import Outcome, Risk
from synthprivacy.schemata import infer
from synthprivacy.selftest import releases
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

WORDS = tuple(f"word {number}" for number in range(20))


def case_of(original, control, release, **declared):
    """Return the encoded case."""
    frames = [None if frame is None else load(frame, label="table") for frame in (original, control, release)]
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=infer(frames[0], **declared))


def risk_of(attack, case):
    """Return what an attack found."""
    outcome = run(attack, case, np.random.default_rng(1), targets=20_000)
    assert isinstance(outcome, Outcome), outcome
    risk = estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(2))
    assert isinstance(risk, Risk), risk
    return risk


def claims(attack, case, table, reference=None):
    """Return whom an attack claims."""
    attacker = attack.prepare(Knowledge((case.release,), reference, case.schema), np.random.default_rng(0))
    return attacker(table.select(attack.knows(case.schema))).present


def retouched(share, deviation, seed, people=600):
    """Return continuous people, of whom a share is in the release with a little noise on each number."""
    rng = np.random.default_rng([3, seed])
    original, control, fresh = (simulate.gaussian(people, 6, stream) for stream in rng.spawn(3))
    copies = original.head(round(share * people))
    noisy = copies + rng.normal(0.0, deviation, copies.shape)
    return case_of(original, control, pd.concat([noisy, fresh.iloc[len(copies) :]], ignore_index=True))


def vocabulary(seed, *, people=1000, leaked=60):
    """Return people with common words, some training people with a token of their own, of which some are leaked (L6)."""
    rng = np.random.default_rng([6, seed])
    original, control, fresh = (
        pd.DataFrame({name: stream.choice(WORDS, people) for name in ("word", "other", "third")})
        for stream in rng.spawn(3)
    )
    original.loc[:199, "word"] = [f"token {number}" for number in range(200)]
    chosen = rng.choice(200, leaked, replace=False)
    fresh.loc[rng.choice(people, leaked, replace=False), "word"] = original["word"].to_numpy()[chosen]
    return case_of(original, control, fresh)


def themed(share, seed, people=600):
    """Return people with two themes of continuous columns; of a share one of them is in the release (L10)."""
    rng = np.random.default_rng([10, seed])
    original, control, fresh = (simulate.gaussian(people, 10, stream) for stream in rng.spawn(3))
    mixed = releases.block(5, share)(original, fresh, rng)
    declared = {f"x{place}": {"theme": "laboratory" if place < 5 else "interview"} for place in range(10)}
    return case_of(original, control, mixed, declared=declared)


def fresh(replicates):
    """Return releases of fresh people, mixed kinds."""
    return [
        case_of(*(simulate.people(200, stream) for stream in np.random.default_rng([13, seed]).spawn(3)))
        for seed in range(replicates)
    ]


@pytest.fixture(scope="module")
def few():
    """Return 40 of them."""
    return fresh(40)


def _fixture(make):
    return pytest.fixture(scope="session", name=make.__name__)(lambda: make)


_case_of, _risk_of, _claims, _retouched, _vocabulary, _themed, _fresh = map(
    _fixture, (case_of, risk_of, claims, retouched, vocabulary, themed, fresh)
)
