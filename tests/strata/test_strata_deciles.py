"""The risk by tenths of unusualness: where it is, and whether it rises."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest, kstest

from synthprivacy.results import Hits, Outcome
from synthprivacy.statistics.trend import linear_trend
from synthprivacy.strata import deciles, vulnerability


def outcome_of(places, share, rng):
    """Return guesses that are right in `share(place)` of training people and never of control people."""
    hits = (rng.random(len(places.original)) < share(places.original)).astype(np.int64)
    nobody = np.zeros(len(places.control), dtype=np.int64)
    people = {"original": np.arange(len(hits)), "control": np.arange(len(nobody))}
    answers = {
        "original": Hits(hits, np.ones_like(hits), person=people["original"]),
        "control": Hits(nobody, np.ones_like(nobody), person=people["control"]),
    }
    return Outcome("linkability", "linkability.halves", answers, {}, people)


def test_deciles_show_where_the_risk_is(places, streams):
    """Ten parts of equal size; the risk of each lies in its interval, and a rise is found."""
    found = deciles(
        outcome_of(places, lambda place: 0.4 * place, np.random.default_rng(0)),
        places,
        confidence=0.95,
        streams=streams,
    )

    assert len(found.parts) == 10
    assert [part.original.people for part in found.parts] == pytest.approx([400] * 10, abs=60)
    inside = [part.interval[0] <= 0.4 * (d + 0.5) / 10 <= part.interval[1] for d, part in enumerate(found.parts)]
    assert sum(inside) >= 8
    assert found.trend == pytest.approx(0.36, abs=0.05)
    assert found.p_value < 1e-10


def test_few_people_are_divided_into_five_parts_and_fewer_not_at_all(case_of, mixed, streams):
    """With 30 people a side in a fifth but not in a tenth there are five parts; with fewer, none."""
    for control, parts in ((250, 5), (100, 0)):
        case = case_of(mixed(400, 33), mixed(control, 34), mixed(200, 35))
        places = vulnerability(case.original, case.control)
        found = deciles(
            outcome_of(places, lambda place: place * 0 + 0.2, np.random.default_rng(1)),
            places,
            confidence=0.95,
            streams=streams,
        )
        assert (0 if found is None else len(found.parts)) == parts


def test_a_straight_line_has_its_rise():
    """The contrast of exact values on a line is its rise, with the error of a least-squares slope."""
    values, errors = 0.1 + 0.05 * np.arange(10.0), np.full(10, 0.02)

    found = linear_trend(values, errors, confidence=0.95)

    assert found.rise == pytest.approx(0.45)
    slope_error = 0.02 / np.sqrt(((np.arange(10) - 4.5) ** 2).sum())
    assert found.interval[1] - found.rise == pytest.approx(1.959964 * 9 * slope_error)
    assert linear_trend(values[::-1], errors, confidence=0.95).p_value == pytest.approx(1 - found.p_value)


def test_no_trend_no_alarm(places, streams):
    """Under the same risk everywhere the p-value of a rise is at most alpha as often as alpha (60 replicates, 99 %)."""
    rng = np.random.default_rng(2)
    found = [
        deciles(
            outcome_of(places, lambda place: place * 0 + 0.2, rng), places, confidence=0.95, streams=streams
        ).p_value
        for _ in range(60)
    ]

    assert binomtest(sum(p <= 0.025 for p in found), len(found)).proportion_ci(0.99).low <= 0.025
    assert kstest(found, "uniform").pvalue > 0.001
