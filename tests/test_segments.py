"""Laws of the reconstruction from mixtures: SMOTE and its kin."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.attacks.reconstruction_segments import SegmentCrossings, SegmentEnds
from synthprivacy.driver import run
from synthprivacy.kernels.segments import SMALLEST, crossings, neighbourhood, smallest_angle
from synthprivacy.results import HitsEvidence, Risk, Skipped
from synthprivacy.schemata import infer
from synthprivacy.selftest import populations, releases
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

PEOPLE = 500


def case_of(original, control, release):
    """Return the encoded case."""
    frames = [load(frame, label="table") for frame in (original, control, release)]
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=infer(frames[0]))


def risk_of(attack, *tables):
    """Return the risk an attack finds."""
    outcome = run(attack, case_of(*tables), np.random.default_rng(0), targets=10_000)
    risk = estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(0))
    assert isinstance(risk, Risk)
    return risk


def mixed(original, neighbours, times, rng):
    """Return rows between neighbours, so many a person."""
    parts = [releases.smote(neighbours)(original, original, rng) for _ in range(times)]
    return pd.concat(parts, ignore_index=True)


def test_two_rows_in_one_direction_by_hand():
    """From the end of a segment its rows are in line; from beside it they are not; a row itself is nobody's stranger."""
    end, other = np.array([1.0, 2.0, 3.0]), np.array([2.0, 0.0, 4.0])
    rows = np.stack([end + share * (other - end) for share in (0.25, 0.5)] + [np.array([9.0, 9.0, 9.0])])
    asked = np.stack([end, other, end + np.array([0.0, 0.1, 0.0]), rows[0]])

    angle = smallest_angle(asked, neighbourhood(rows), 3)

    assert angle[0] == angle[1] == angle[3] == SMALLEST
    assert 0.01 < angle[2] < 0.5


def test_two_segments_cross_in_their_common_end_by_hand():
    """Two rows of each of two segments give the end that they share, exactly."""
    person, one, other = np.array([0.0, 1.0, 2.0]), np.array([3.0, 1.0, 0.0]), np.array([1.0, 5.0, 2.0])
    rows = np.stack([person + share * (end - person) for end in (one, other) for share in (0.2, 0.5)])

    found = crossings(neighbourhood(rows), 3)

    assert np.abs(found - person).max(axis=1).min() < 1e-12
    assert len(found) <= 3


def test_rows_drawn_freely_do_not_cross():
    """Lines through rows of a continuous population never meet, and nobody sees two rows under one angle."""
    rng = np.random.default_rng(1)
    rows, people = rng.normal(size=(800, 4)), rng.normal(size=(400, 4))

    assert len(crossings(neighbourhood(rows), 8)) == 0
    assert smallest_angle(people, neighbourhood(rows), 16).min() > 1e-4


@pytest.mark.parametrize("attack", [SegmentEnds(), SegmentCrossings()], ids=lambda attack: attack.endpoint)
def test_mixtures_are_reconstructed_and_fresh_people_are_not(attack):
    """Rows between five neighbours (G3) give people away, the more so the more rows; fresh rows give away nobody."""
    rng = np.random.default_rng(2)
    original, control, fresh = (populations.continuous(PEOPLE, stream) for stream in rng.spawn(3))

    few, many, none = (
        risk_of(attack, original, control, release)
        for release in (mixed(original, 5, 1, rng), mixed(original, 5, 5, rng), fresh)
    )

    assert 0 < few.value < many.value
    assert many.lower > 0.4
    assert none.lower <= 0


def test_reconstructed_records_are_right():
    """Nearly all people are reconstructed from 20 rows each, and nobody of the control: no claim is an accident."""
    rng = np.random.default_rng(3)
    original, control = (populations.continuous(PEOPLE, stream) for stream in rng.spawn(2))

    evidence = risk_of(SegmentCrossings(), original, control, mixed(original, 5, 20, rng)).evidence

    assert isinstance(evidence, HitsEvidence)
    assert evidence.original.successes > 0.9 * PEOPLE
    assert evidence.control is not None
    assert evidence.control.successes == 0


def test_a_copied_share_is_read_as_itself():
    """Of three people in ten published as they are, just these are claimed."""
    rng = np.random.default_rng(4)
    original, control, fresh = (populations.continuous(PEOPLE, stream) for stream in rng.spawn(3))

    risk = risk_of(SegmentCrossings(), original, control, releases.copied(0.3)(original, fresh, rng))

    assert risk.value == pytest.approx(0.3)


def test_missing_values_and_rounded_columns():
    """Mixtures are found beside labels, rounded numbers and missing values; incomplete people are not claimed."""
    rng = np.random.default_rng(5)
    original, control = (populations.continuous(PEOPLE, stream) for stream in rng.spawn(2))
    tables = [original, control, mixed(original, 5, 5, rng)]
    for frame, stream in zip(tables, rng.spawn(3)):
        frame["label"] = stream.choice(["a", "b"], len(frame))
        frame["visits"] = np.round(frame["x0"] * 3).astype(int)
        frame.loc[stream.random(len(frame)) < 0.02, "x1"] = np.nan

    for attack in (SegmentEnds(), SegmentCrossings()):
        assert risk_of(attack, *tables).lower > 0.2


def test_without_coordinates_there_is_nothing_to_place():
    """Two numbers, or labels only, are no space: skipped, with what would be needed."""
    rng = np.random.default_rng(6)
    for draw in (lambda stream: simulate.gaussian(200, 2, stream), lambda stream: simulate.discrete(200, 5, 3, stream)):
        case = case_of(*(draw(stream) for stream in rng.spawn(3)))
        for attack in (SegmentEnds(), SegmentCrossings()):
            skipped = run(attack, case, np.random.default_rng(0), targets=10_000)
            assert isinstance(skipped, Skipped)
            assert "3" in skipped.needs


@pytest.mark.slow
def test_fresh_people_raise_no_alarm():
    """On 200 fresh releases either end of the interval misses 0 in 2.5 % at most, as far as 99 % limits tell (11)."""
    above, below = 0, 0
    for number in range(200):
        rng = np.random.default_rng([7, number])
        risk = risk_of(SegmentEnds(), *(populations.continuous(300, stream) for stream in rng.spawn(3)))
        above, below = above + (risk.lower > 0), below + (risk.interval[1] < 0)

    assert max(above, below) <= 11
