"""People whose secrets follow from nothing, and attackers that guess them."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.comparators.anyway import adjusted
from synthprivacy.driver import run, run_together
from synthprivacy.results import Outcome
from synthprivacy.schemata import infer
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

PEOPLE = 400


def frame(rows, rng):
    """Return people whose secrets follow from nothing: negative, zero-centred, 95 % one label, dates, codes."""
    known = simulate.gaussian(rows, 3, rng)
    return known.assign(
        negative=rng.normal(-1000, 300, rows),
        centred=rng.normal(0, 1, rows),
        rare=np.where(rng.random(rows) < 0.95, "no", "yes"),
        when=pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1000, rows), unit="D"),
        code=rng.choice(["E11.9", "E11.2", "I20.0", "I20.9", "J45.0"], rows),
    )


def case_of(original, control, release, **declared):
    """Return the encoded case."""
    frames = [load(one, label="table") for one in (original, control, release)]
    declared.setdefault("declared", {"code": {"kind": "code"}} if "code" in original else None)
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=infer(frames[0], **declared))


def known_beside(case, secret):
    """Return every column but the secret."""
    return tuple(name for name in case.release.names if name != secret)


@functools.cache
def drawn(number, *, share=0.0, people=PEOPLE):
    """Return independent people of whom a share is copied into the release."""
    rng = np.random.default_rng([3, number])
    original, control, fresh = (frame(people, stream) for stream in rng.spawn(3))
    return case_of(original, control, simulate.copy_share(original, fresh, share, rng))


def risk_of(attack, case):
    """Return what an attack found."""
    outcome = run(attack, case, np.random.default_rng(1), targets=20_000)
    assert isinstance(outcome, Outcome), outcome
    return estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(2))


def determined(number, rows=PEOPLE, noise=0.0):
    """Return people whose secret follows from the other columns."""
    rng = np.random.default_rng([29, number])
    frames = []
    for stream in rng.spawn(3):
        known = simulate.gaussian(rows, 2, stream)
        above = known["x0"] + known["x1"] + noise * stream.normal(size=rows) > 0
        frames.append(known.assign(secret=np.where(above, "yes", "no")))
    return case_of(*frames)


def ran_on(case, name="secret"):
    """Return what became of the nearest guess, with what is guessed anyway."""
    attack = NearestGuess(name, known_beside(case, name))
    return run_together([attack], case, np.random.default_rng(1), targets=20_000, adjusting=True)[0]


def coverage_of(replicates, *, rows, noise):
    """Return whether plain and adjusted intervals hold 0, the variance left, and the rate on the control."""
    plain, after, left, rates = [], [], [], []
    for number in range(replicates):
        ran = ran_on(determined(number, rows, noise))
        original, control = ran.outcome.answers["original"], ran.outcome.answers["control"]
        found = adjusted(original, control, ran.anyway)
        risk = estimate(ran.outcome, primary=False, confidence=0.95, rng=np.random.default_rng(0))
        low, high = found.residual.interval(0.95, "jeffreys")
        plain.append(risk.interval[0] <= 0 <= risk.interval[1] if hasattr(risk, "interval") else True)
        after.append(low <= 0 <= high)
        left.append(found.variance_left)
        rates.append(control.hits.mean())
    return plain, after, float(np.mean(left)), float(np.mean(rates))


def _fixture(make):
    return pytest.fixture(scope="session", name=make.__name__)(lambda: make)


_frame, _case_of, _known_beside, _drawn, _risk_of, _determined, _ran_on, _coverage_of = map(
    _fixture, (frame, case_of, known_beside, drawn, risk_of, determined, ran_on, coverage_of)
)
