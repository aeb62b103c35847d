"""Weights of a control: what a risk says of them, what they must pass, and that no attacker sees one."""

from __future__ import annotations

import numpy as np
import pytest

from synthprivacy.attacks.linkability import Halves
from synthprivacy.comparators.weighting import FOUND, cut, overlap
from synthprivacy.driver import run
from synthprivacy.results import Hits, Marks, Matches, Outcome, Risk, Skipped
from synthprivacy.results.comparator import Balance, Weighted
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.table import Case, Feature, Table

ONES = np.ones(200, dtype=np.int64)


def hits_of(rng, people=200, share=0.3):
    """Return right guesses out of one each."""
    return (rng.random(people) < share).astype(np.int64)


def judged(original, control, **more):
    """Return what is made of the answers on both sides."""
    found = Outcome("linkability", "linkability.halves", {"original": original, "control": control, **more}, {})
    return estimate(found, primary=True, confidence=0.95, rng=np.random.default_rng(0))


def test_a_weighted_control_is_named_and_widens():
    """The estimand tells of the weights, the value is that of the weighted rate, the interval is wider."""
    rng = np.random.default_rng(5)
    original, control = hits_of(rng), hits_of(rng, share=0.2)
    weight = np.exp(rng.normal(0, 1, 200))

    plain = judged(Hits(original, ONES), Hits(control, ONES))
    weighted = judged(Hits(original, ONES), Hits(control, ONES, weight))

    a, c = original.mean(), np.average(control, weights=weight)
    assert weighted.value == pytest.approx((a - c) / (1 - c))
    assert "weighted" in weighted.estimand
    assert "weighted" not in plain.estimand
    assert weighted.upper - weighted.lower > plain.upper - plain.lower
    assert weighted.needed_rows > plain.needed_rows
    assert weighted.evidence.control.design_effect > 1.0


@pytest.mark.parametrize("few", [0, 1, 9])
@pytest.mark.parametrize("missed", [False, True])
def test_weights_lift_no_small_count_over_nine(few, missed):
    """Fewer than ten control people hit, or missed, are told as fewer than ten, however much they weigh."""
    hits = np.concatenate([np.ones(few), np.zeros(200 - few)]).astype(np.int64)
    weight = np.where(hits > 0, 9.0, 1.0)
    control = Hits(1 - hits if missed else hits, ONES, weight)

    told = judged(Hits(hits_of(np.random.default_rng(0)), ONES), control)

    if isinstance(told, Risk):
        successes = told.evidence.control.successes
        assert (200 - successes if missed else successes) <= 9
    else:
        assert missed
        assert few == 0


def test_predicates_have_no_weighted_form():
    """Isolation is not judged against a weighted control: skipped, with what it needs."""
    match = np.arange(120)
    original = Matches(match, match, 120, 120)
    found = judged(original, Matches(match, match, 120, 120, np.ones(120)))

    assert isinstance(found, Skipped)
    assert "held out" in found.needs


def test_true_positives_are_counted_and_so_need_people_who_count_alike():
    """A weighted membership risk has no points of a ROC curve, and says that it is weighted."""
    rng = np.random.default_rng(6)
    original, control = (Marks(rng.normal(size=400), np.arange(400)) for _ in range(2))

    plain, weighted = (
        judged(original, marks) for marks in (control, Marks(control.score, control.unit, np.full(400, 1.0)))
    )

    assert plain.evidence.tpr
    assert not weighted.evidence.tpr
    assert "weighted" in weighted.estimand
    assert weighted.value == pytest.approx(plain.value)


def test_no_person_weighs_more_than_the_root_of_all():
    """Weights are cut at √n of their mean, then have a mean of 1; small ones only change their unit."""
    weight = np.ones(400)
    weight[0] = 1e6

    before = cut(weight) / cut(weight)[1]
    assert before[0] == pytest.approx(20 * weight.mean())
    assert (before[1:] == 1.0).all()
    assert cut(weight).mean() == pytest.approx(1.0)
    assert cut(np.array([1.0, 1.2, 1.1])) == pytest.approx(np.array([1.0, 1.2, 1.1]) / 1.1)


def test_overlap_is_the_share_of_people_in_whose_place_control_people_are_found():
    """An original person beyond the fifth highest control person has no place among them."""
    control = np.arange(100.0)

    assert overlap(np.array([0.0, 95.0, 95.5, 200.0]), control) == 0.5
    assert overlap(np.array([-50.0]), control) == 1.0
    assert overlap(np.array([10.0]), np.arange(FOUND - 2.0)) == 0.0


@pytest.mark.parametrize(
    ("weighted", "faults"),
    [
        (Weighted(500.0, 0.97, Balance(0.5, 0.47, 0.53)), 0),
        (Weighted(99.0, 0.97, Balance(0.5, 0.47, 0.53)), 1),
        (Weighted(500.0, 0.9, Balance(0.5, 0.47, 0.53)), 1),
        (Weighted(500.0, 0.97, Balance(0.53, 0.49, 0.57)), 1),
        (Weighted(float("nan"), float("nan"), Balance(0.5, float("nan"), float("nan"))), 3),
    ],
)
def test_a_weighted_control_passes_only_if_all_its_checks_do(weighted, faults):
    """Worth, overlap and balance must each be shown; what is no number is a fault."""
    assert len(weighted.faults) == faults
    assert weighted.can_pass == (faults == 0)


def column(name, values):
    """Return a column of numbers."""
    return Feature(name, "number", np.asarray(values, dtype=float), ordered=True, scale=1.0)


def test_weights_follow_their_people():
    """Taking rows keeps the weights of the people taken; selecting columns and joining tables leave weights behind."""
    table = Table((column("a", range(6)),), np.array([0, 0, 1, 2, 2, 3]), np.array([1.0, 2.0, 3.0, 4.0]))

    assert table.take(np.array([5, 2])).weight.tolist() == [2.0, 4.0]
    assert table.of_people(np.array([2, 0])).weight.tolist() == [1.0, 3.0]
    assert table.select(("a",)).weight is None
    assert table.joined(table).weight is None


def test_no_attacker_is_shown_a_weight():
    """Neither the people shown nor any release studied has weights."""
    rng = np.random.default_rng(9)
    seen = []

    class Spy(Halves):
        """Linkability that remembers what it sees."""

        def prepare(self, known, rng):
            """Remember the releases, and later the people."""
            seen.extend(known.releases)
            attacker = Halves.prepare(self, known, rng)

            def spying(people):
                seen.append(people)
                return attacker(people)

            return spying

    def table(weight=None):
        return Table(tuple(column(name, rng.random(150)) for name in ("x0", "x1")), np.arange(150), weight)

    case = Case("one", table(), table(rng.random(150) + 0.5), table(), schema=None)
    run(Spy(("x0",), ("x1",)), case, rng, targets=100, reference=table(np.ones(150)))

    assert len(seen) > 4
    assert all(shown.weight is None for shown in seen)
