"""From answers to a risk, or to a reason why not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from synthprivacy.errors import DataError
from synthprivacy.results import Hits, Marks, Matches, Outcome, Rate, Risk, Skipped
from synthprivacy.statistics.clusters import effective
from synthprivacy.statistics.estimate import PEOPLE_NEEDED, QUERIES_NEEDED, estimate
from synthprivacy.statistics.excess import excess
from synthprivacy.statistics.fisher import one_sided_p
from synthprivacy.statistics.residual_risk import residual_risk


def _estimate(*, confidence=0.95, primary=True, seed=0, **answers):
    outcome = Outcome("attack", "attack.endpoint", answers, {"guesses": 1})
    return estimate(outcome, primary=primary, confidence=confidence, rng=np.random.default_rng(seed))


def _hits(successes, people, each=1):
    hits = np.zeros(people, dtype=np.int64)
    hits[:successes] = each
    return Hits(hits, np.full(people, each, dtype=np.int64))


def _marks(score):
    return Marks(np.asarray(score, dtype=float), np.arange(len(score)))


def _matches(matrix):
    query, person = np.nonzero(matrix)
    return Matches(query.astype(np.int64), person.astype(np.int64), *matrix.shape)


def _normal(people, shift=0.0, seed=0):
    return _marks(np.random.default_rng(seed).normal(shift, 1, people))


def test_hits_show_jeffreys_and_decide_by_clopper_pearson():
    """Value, display interval, decision bounds, excess and p-value are those of the methods named."""
    found = _estimate(original=_hits(60, 300), control=_hits(20, 200), confidence=0.9)
    expected = residual_risk(60, 300, 20, 200)
    assert found.value == expected.value
    assert found.interval == expected.interval(0.9, "jeffreys")
    assert (found.lower, found.upper) == expected.interval(0.9, "clopper-pearson")
    assert found.lower < found.interval[0] < found.interval[1] < found.upper
    assert found.excess == excess(60, 300, 20, 200, confidence=0.9)
    assert found.p_value == pytest.approx(fisher_exact([[60, 240], [20, 180]], alternative="greater").pvalue)
    assert found.evidence.original == Rate(60, 300, 300)
    assert found.evidence.control == Rate(20, 200, 200)


def test_an_outcome_is_carried_over():
    """Names, parameters, primacy and confidence are those asked for, in a risk and in a skipped endpoint."""
    for found in (_estimate(original=_hits(5, 100), confidence=0.8), _estimate(original=_hits(5, 99))):
        assert (found.attack, found.endpoint, found.primary) == ("attack", "attack.endpoint", True)
    risk = _estimate(original=_hits(5, 100), confidence=0.8, primary=False)
    assert (risk.parameters, risk.confidence, risk.primary) == ({"guesses": 1}, 0.8, False)


def test_several_guesses_about_a_person_count_by_their_design_effect():
    """Five identical guesses a person widen the interval to that of the people."""
    many = _estimate(original=_hits(60, 300, each=5), control=_hits(20, 200, each=5))
    once = _estimate(original=_hits(60, 300), control=_hits(20, 200))
    assert many.interval == pytest.approx(once.interval)
    assert many.p_value == pytest.approx(once.p_value, rel=1e-6)
    assert many.evidence.original == Rate(300, 1500, 300, pytest.approx(5.0))
    assert many.needed_rows == pytest.approx(once.needed_rows, abs=1)


def test_people_without_a_guess_are_not_attacked():
    """People whose secret is missing count for nothing."""
    padded = Hits(np.append(np.ones(99, dtype=np.int64), np.zeros(50)), np.append(np.ones(99), np.zeros(50)))
    assert isinstance(_estimate(original=padded, control=_hits(1, 100)), Skipped)


def test_other_populations_are_evidence_and_decide_nothing():
    """Naive and population answers are kept as rates and change no number."""
    plain = _estimate(original=_hits(30, 100), control=_hits(10, 100))
    found = _estimate(original=_hits(30, 100), control=_hits(10, 100), naive=_hits(9, 100), population=_hits(8, 90))
    assert (found.evidence.naive, found.evidence.population) == (Rate(9, 100, 100), Rate(8, 90, 90))
    assert (found.value, found.upper, found.p_value) == (plain.value, plain.upper, plain.p_value)


def test_without_control_hits_are_a_raw_rate():
    """No control: the raw rate, no excess, no p-value, and the estimand says so."""
    found = _estimate(original=_hits(30, 120))
    assert found.value == pytest.approx(0.25)
    assert (found.excess, found.p_value, found.needed_rows, found.evidence.control) == (None, None, None, None)
    assert "no control" in found.estimand


def test_needed_people_follow_the_control_rate():
    """The size needed for limit .05 is told, grows with the control rate, and is None where hopeless."""
    sizes = [_estimate(original=_hits(k, 1000), control=_hits(k, 1000)).needed_rows for k in (10, 100, 500, 900)]
    assert sizes == sorted(sizes)
    assert _estimate(original=_hits(9990, 10_000), control=_hits(9999, 10_000)).needed_rows is None


@pytest.mark.parametrize(("original", "control"), [(99, 500), (500, 99), (3, 3)])
def test_too_few_people_are_skipped_without_saying_how_few(original, control):
    """Fewer than 100 people on a side give no number at all, not even their own."""
    for answers in (
        {"original": _hits(1, original), "control": _hits(1, control)},
        {"original": _normal(original), "control": _normal(control)},
        {"original": _matches(np.ones((60, original))), "control": _matches(np.ones((60, control)))},
    ):
        found = _estimate(**answers)
        assert isinstance(found, Skipped)
        assert f"fewer than {PEOPLE_NEEDED}" in found.reason
        assert found.needs == "100 people a side"


def test_a_saturated_control_is_skipped():
    """Where every control guess is right, or every predicate isolates, there is nothing to gain and no number."""
    diagonal = _matches(np.eye(100, dtype=bool))
    for original, control in ((_hits(100, 100), _hits(100, 100)), (diagonal, diagonal)):
        found = _estimate(original=original, control=control)
        assert isinstance(found, Skipped)
        assert "saturated" in found.reason


def test_marks_are_twice_the_area_less_one():
    """The value is 2 AUC - 1, the interval decides, and separation is called a leak."""
    found = _estimate(original=_normal(400, 1.0), control=_normal(300, 0.0, seed=1))
    assert found.value == pytest.approx(2 * found.evidence.auc - 1)
    assert (found.lower, found.upper) == found.interval
    assert found.lower > 0
    assert found.p_value < 1e-6
    assert (found.evidence.members, found.evidence.nonmembers) == (400, 300)
    assert [point.fpr for point in found.evidence.tpr] == [0.1]


def test_marks_count_people_not_rows():
    """Three rows a person leave the people of the evidence and the true positives unchanged."""
    marks, control = _normal(400, 1.0), _normal(300, 0.0, seed=1)
    rows = [Marks(np.repeat(side.score, 3), np.repeat(side.unit, 3)) for side in (marks, control)]
    once, thrice = _estimate(original=marks, control=control), _estimate(original=rows[0], control=rows[1])
    assert thrice.evidence.tpr == once.evidence.tpr
    assert (thrice.evidence.members, thrice.evidence.nonmembers) == (400, 300)
    assert thrice.interval == pytest.approx(once.interval)


def test_a_person_is_called_by_its_highest_row():
    """Lower-scored further rows of a person change no true or false positive."""
    marks, control = _normal(400, 1.0), _normal(300, 0.0, seed=1)
    rows = [Marks(np.concatenate([side.score, side.score - 9]), np.tile(side.unit, 2)) for side in (marks, control)]
    found = _estimate(original=rows[0], control=rows[1]).evidence.tpr
    assert found == _estimate(original=marks, control=control).evidence.tpr
    assert found[0].successes > 100


def test_marks_need_a_control():
    """A score without others to compare it with is skipped."""
    found = _estimate(original=_normal(400))
    assert isinstance(found, Skipped)
    assert "needs a control" in found.reason


def test_matches_tell_queries_and_people():
    """Predicates on a copy: the value is high, the alarm is the smallest possible, people are distinct."""
    matrix = np.vstack([np.eye(100, 150, dtype=bool), np.eye(50, 150, dtype=bool)])
    found = _estimate(original=_matches(matrix), control=_matches(np.zeros((150, 200), dtype=bool)))
    assert found.value == pytest.approx(1.0)
    assert found.p_value == 1 / 200
    assert (found.evidence.queries, found.evidence.isolated_original, found.evidence.people) == (150, 150, 100)
    assert (found.evidence.isolated_control, found.evidence.size) == (0, 150)


def test_few_queries_are_skipped():
    """A release that gives few predicates gives no low number."""
    few = _matches(np.eye(QUERIES_NEEDED - 1, 120, dtype=bool))
    found = _estimate(original=few, control=few)
    assert isinstance(found, Skipped)
    assert "few queries" in found.reason
    assert found.needs == "50 predicates"


def test_without_control_matches_are_a_raw_rate():
    """No control: the share of predicates that isolate, no p-value."""
    found = _estimate(original=_matches(np.eye(80, 120, dtype=bool)))
    assert (found.value, found.p_value, found.evidence.isolated_control) == (1.0, None, None)
    assert "no control" in found.estimand


@pytest.mark.parametrize("kind", ["hits", "marks", "matches"])
def test_swapping_the_tables_turns_a_leak_into_none(kind):
    """Swapping original and control changes the sign of the value."""
    rng = np.random.default_rng(0)
    first, second = {
        "hits": (_hits(60, 300), _hits(20, 200)),
        "marks": (_normal(400, 1.0), _normal(300, 0.0, seed=1)),
        "matches": (_matches(np.arange(150) == np.arange(0, 200, 2)[:, None]), _matches(rng.random((100, 150)) < 0.01)),
    }[kind]
    forth, back = _estimate(original=first, control=second), _estimate(original=second, control=first)
    assert isinstance(forth, Risk)
    assert forth.value > 0 > back.value
    assert forth.p_value < 0.5 < back.p_value


def test_same_seed_same_result():
    """All chance comes from the generator."""
    rng = np.random.default_rng(0)
    for answers in (
        {"original": _normal(700), "control": _normal(700, seed=1)},
        {"original": _matches(rng.random((60, 200)) < 0.01), "control": _matches(rng.random((60, 150)) < 0.01)},
    ):
        assert _estimate(**answers, seed=3) == _estimate(**answers, seed=3)


def test_missing_or_mixed_answers_are_refused():
    """Without original, or with another kind on the control, there is nothing to compare."""
    with pytest.raises(DataError, match=r"attack\.endpoint"):
        _estimate(control=_hits(1, 100))
    with pytest.raises(DataError, match="same kind"):
        _estimate(original=_hits(1, 100), control=_normal(100))


def test_fisher_rounds_effective_counts_towards_no_leak():
    """Fractional counts give the p-value of the less striking of the whole counts around them."""
    assert one_sided_p(20, 100, 10, 100) == pytest.approx(
        fisher_exact([[20, 80], [10, 90]], alternative="greater").pvalue
    )
    assert one_sided_p(20.5, 100, 10, 100) == one_sided_p(20, 100, 10, 100)
    assert one_sided_p(20, 100, 9.5, 100) == one_sided_p(20, 100, 10, 100)
    assert one_sided_p(0, 100, 0, 100) == 1.0


def test_clustered_null_rarely_alarms():
    """Households of three alike, no leak: Fisher on effective counts alarms at .05 in at most .06 of samples.

    1,500 replicates; three standard errors at .05 are .017. Counting rows alarms in more than .12.
    """
    rng = np.random.default_rng(8)
    trials = np.full(120, 3)
    drawn = 3 * (rng.random((1500, 2, 120)) < 0.2)
    clustered = [one_sided_p(*effective(a, trials), *effective(c, trials)) <= 0.05 for a, c in drawn]
    naive = [one_sided_p(a.sum(), 360, c.sum(), 360) <= 0.05 for a, c in drawn]
    assert np.mean(clustered) <= 0.06
    assert np.mean(naive) > 0.12


def test_a_release_that_is_the_control_is_no_leak_of_the_original():
    """Where every control person is found and hardly a training person, the risk is a number far below zero."""
    found = _estimate(original=_hits(0, 200), control=_hits(200, 200))
    assert isinstance(found, Risk)
    assert -np.inf < found.value < 0
    assert found.upper < 0
