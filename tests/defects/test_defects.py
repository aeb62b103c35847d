"""The measured defects of anonymeter 1.1.0, 1 to 9 and a, each as a test with the right answer.

Numbers 1 to 16 are confirmed by running that code; letters a to i were found on its version 1.1.0.
"""

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy.attacks.linkability import Halves
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.driver import run
from synthprivacy.results import Skipped
from synthprivacy.statistics.estimate import estimate


def share(rate):
    """Return successes over trials."""
    return rate.successes / rate.trials


@pytest.mark.parametrize(("centre", "width"), [(-1000, 300), (0, 1)], ids=["1: negative secret", "a: centred secret"])
def test_defect_1_and_a_a_negative_guess_is_not_a_hit(centre, width, noise, risks):
    """Independent numbers below zero are guessed as rarely as any others: the tolerance is never divided by the guess."""
    tables = [noise(600, seed, secret=lambda rng, n: rng.normal(centre, width, n)) for seed in range(3)]

    risk = risks(*tables, attacks=("inference",), secrets=["secret"])["inference.secret"]

    # a normal guess is within 5 % of the interquartile range in 3.8 % of cases: binomial(600) stays under 8 %
    assert share(risk.evidence.original) < 0.08
    assert risk.interval[0] <= 0 <= risk.interval[1]


@pytest.mark.parametrize("controls", [500, 1000])
def test_defect_2_a_smaller_control_raises_no_alarm(controls, case_of, noise):
    """A release without any leak is not called leaky because the control is smaller than the original."""
    alarms = 0
    for seed in range(8):
        tables = [noise(rows, 10 * seed + place) for place, rows in enumerate((2000, controls, 2000))]
        case = case_of(*(frame.round(1) for frame in tables))
        rng = np.random.default_rng(seed)
        outcome = run(SinglingOut(3, 120), case, rng, targets=10_000)
        alarms += estimate(outcome, primary=False, confidence=0.95, rng=rng).p_value < 0.05

    assert alarms <= 3  # binomial(8, .05) exceeds 3 in 0.04 % of cases; the reference alarms in 7 or 8 of 8


def few_values(rows, seed):
    """Return two columns with hardly any unusual value: four predicates can be made from them."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": rng.integers(0, 3, rows), "b": rng.integers(0, 3, rows)})
    frame.loc[0], frame.loc[1] = (90 + seed, 0), (0, 90 + seed)
    return frame


def test_defect_3_queries_never_asked_do_not_lower_the_risk(risks):
    """With a handful of predicates nothing is said about singling out, rather than a low number."""
    original = few_values(300, 0)

    result = risks(original, few_values(300, 1), original, attacks=("singling_out",))["singling_out.univariate"]

    assert isinstance(result, Skipped)
    assert "few" in result.reason
    assert sp.gate(
        sp.evaluate(original=original, control=few_values(300, 1), synthetic=original), limit=0.05
    ).decision in {"inconclusive", "fail"}


def test_defect_4_names_with_spaces_and_dashes_are_only_names(noise, risks):
    """An exact copy is singled out as well under awkward column names as under plain ones."""
    tables = [noise(400, seed) for seed in range(2)]
    awkward = {"x0": "x 0", "x1": "x-1", "x2": "x`2'\"", "x3": "x@3"}

    plain = risks(*tables, tables[0], attacks=("singling_out",))
    odd = risks(*(f.rename(columns=awkward) for f in (*tables, tables[0])), attacks=("singling_out",))

    assert plain["singling_out.univariate"].value > 0.9
    assert odd["singling_out.univariate"].value == plain["singling_out.univariate"].value


def test_defect_5_unique_dates_are_attacked(risks):
    """A copied date that nobody else has singles its owner out."""

    def dated(seed):
        rng = np.random.default_rng(seed)
        seconds = rng.choice(10**9, 400, replace=False)
        start = np.datetime64("1990-01-01", "s")
        return pd.DataFrame({"when": start + seconds.astype("timedelta64[s]"), "c": rng.integers(0, 2, 400)})

    original = dated(0)

    risk = risks(original, dated(1), original, attacks=("singling_out",))["singling_out.univariate"]

    assert risk.evidence.queries >= 200
    assert risk.value > 0.9


def test_defect_6_who_is_there_twice_cannot_be_singled_out(noise, risks):
    """Duplicates of people are counted, not dropped: where everyone is there twice nobody is isolated."""
    once = noise(400, 0)
    twice = pd.concat([once, once])

    risk = risks(twice, pd.concat([noise(400, 1)] * 2), once, attacks=("singling_out",))["singling_out.univariate"]

    assert risk.evidence.isolated_original == 0
    assert risk.interval[0] <= 0


@pytest.mark.parametrize("missing", [0.1, 0.3])
def test_defect_7_missing_values_do_not_link(missing, noise, risks):
    """Independent tables with missing values link as rarely as complete ones."""

    def holed(seed):
        frame = noise(1000, seed)
        return frame.mask(np.random.default_rng(100 + seed).random(frame.shape) < missing)

    risk = risks(*map(holed, range(3)), attacks=("linkability",))["linkability.halves"]

    # two draws among 1,000 rows agree once in 1,000; two columns a half, near each other, a few times as often
    assert share(risk.evidence.original) < 0.03
    assert share(risk.evidence.control) < 0.03


def test_defect_8_missing_has_one_rule_for_every_kind():
    """Two missing values are equal and one is a whole mismatch, in ordered and unordered columns alike."""
    release = pd.DataFrame({"n": [1.0, 2.0, 3.0, np.nan], "c": ["a", "b", "c", None]})
    people = pd.DataFrame({"n": [np.nan, 2.0], "c": [None, "b"]})

    distances, _ = sp.nearest(people, release, k=4)

    assert distances[0].tolist() == [0, 1, 1, 1]
    assert sp.nearest(pd.DataFrame({"n": [np.nan], "c": ["b"]}), release, k=1)[0][0, 0] == 0.5


def test_defect_9_ties_are_drawn_and_not_sorted(case_of):
    """Where every record is equally near, two halves agree by chance only: once in as many records as there are."""
    rows = 500
    frame = pd.DataFrame({"a": [f"a{place}" for place in range(rows)], "b": [f"b{place}" for place in range(rows)]})
    unseen = pd.DataFrame({"a": ["elsewhere"] * rows, "b": ["nowhere"] * rows})
    declared = {name: {"kind": "category"} for name in frame}
    case = case_of(unseen, unseen, frame, **declared)

    outcome = run(Halves(("a",), ("b",)), case, np.random.default_rng(0), targets=10_000)

    hits = outcome.answers["original"].hits.sum()
    assert hits <= 8  # binomial(500, 1/500): over 8 in 1e-6 of cases; sorting would give 500
