"""Sums that a second derivation checks: conditional laws against the joint, shares of few fits, families of comparisons."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binom, norm

from synthprivacy.generators import Bins, Domain, DPHistogram, DPPairs, GaussianCopula, Labels, SmoothedBootstrap
from synthprivacy.reporting.entries import line_up
from synthprivacy.reporting.unpaired import unpaired
from synthprivacy.reporting.verdicts import judge
from synthprivacy.results import Marks, Outcome
from synthprivacy.statistics.estimate_marks import auc_of
from synthprivacy.statistics.extraction import extraction
from synthprivacy.statistics.paired_scores import score_difference
from synthprivacy.statistics.roc import influence
from synthprivacy.together import compare

DOMAIN = Domain.of({"visits": Bins(0, 10, 11), "parity": Labels(("even", "odd"))})


def marks(scores):
    """Return one score a person."""
    return Marks(np.asarray(scores, dtype=float), np.arange(len(scores)))


def visits(people=300):
    """Return whole numbers, and a label that is a function of them."""
    number = np.random.default_rng(0).integers(0, 11, people)
    return pa.table({"visits": number, "parity": np.where(number % 2 == 0, "even", "odd")})


def share_even(table):
    """Return of every number how many rows have it, and how many of these have the label of even ones."""
    number, even = np.array(table["visits"]), np.array(table["parity"].to_pylist()) == "even"
    at = number == np.arange(11)[:, None]
    return at.sum(axis=1), (at & even).sum(axis=1)


@pytest.mark.parametrize(
    "generator",
    [
        SmoothedBootstrap(0.0),
        SmoothedBootstrap(0.1),
        SmoothedBootstrap(0.3),
        GaussianCopula(),
        DPHistogram(1e4, DOMAIN),
        DPPairs(1e4, DOMAIN),
    ],
    ids=lambda generator: generator.name,
)
def test_rows_completed_from_the_joint_have_the_joint(generator):
    """Numbers drawn freely and completed go with labels as rows that are drawn whole, also where noise is rounded to steps.

    20,000 rows each, 200 or more of every number: the two shares differ by no more than five standard errors.
    """
    free = generator.fit_sample(visits(), 20_000, 1)
    rows, even = share_even(free)
    again = share_even(generator.fit_complete(visits(), free.select(["visits"]), 2))[1]

    pooled = (even + again) / (2.0 * rows)
    error = np.sqrt(np.maximum(pooled * (1.0 - pooled), 1.0 / rows) * 2.0 / rows)
    assert rows.min() >= 200
    assert np.all(np.abs(even - again) / rows <= 5.0 * error)


def test_a_distance_is_as_likely_as_noise_rounds_to_it():
    """Whoever is a step away made a number as often as normal noise of the bandwidth rounds to one step, in closed form."""
    table = pa.table({"number": [0, 1, 10], "label": ["a", "b", "c"]})
    bandwidth = 0.1 * np.std([0, 1, 10])
    stays = norm.cdf(0.5 / bandwidth) - norm.cdf(-0.5 / bandwidth)
    moves = norm.cdf(1.5 / bandwidth) - norm.cdf(0.5 / bandwidth)

    made = SmoothedBootstrap(0.1).fit_complete(table, pa.table({"number": [0] * 20_000}), 0)["label"].to_pylist()

    expected = 0.9 * stays / (stays + moves) + 0.1 / 3.0  # a label in ten is drawn anew
    assert abs(made.count("a") / 20_000 - expected) < 5.0 * np.sqrt(expected * (1.0 - expected) / 20_000)


def test_a_known_text_tells_whose_row_it_was():
    """A bootstrap copies texts with the rest of a person, so that a text that is known leads to the rest."""
    notes = [f"was seen in room {place} and sent home with a letter" for place in range(40)]
    table = pa.table({"note": notes, "number": np.arange(40.0)})

    made = SmoothedBootstrap(0.0).fit_complete(table, table.select(["note"]), 0)

    assert made.equals(table)


@pytest.mark.parametrize("mechanism", [DPHistogram, DPPairs])
def test_rows_known_whole_are_left_as_they_are(mechanism):
    """Where nothing is left to draw, many rows come back as they were given."""
    table = visits(20)

    assert mechanism(1.0, DOMAIN).fit_complete(table, table, 0).equals(table)


def test_the_share_extracted_is_covered_where_fits_differ():
    """Of eight fits that differ in what they give away, the interval covers the share in no less of samples than it says.

    400 samples of ten secrets a fit, extracted with a chance that is drawn for each fit (means .1 and .9, deviations .23);
    nominal coverage is .95, at 99.5 %. No secret more makes the upper end lower.
    """
    rng = np.random.default_rng(0)
    fit = np.repeat(np.arange(8), 10)
    for mean in (0.1, 0.9):
        chances = np.repeat(rng.beta(mean * 2.0 / 3.0, (1.0 - mean) * 2.0 / 3.0, (400, 8)), 10, axis=1)
        found = rng.random((400, 80)) < chances
        ends = np.array([extraction(one, one, np.full(80, 1024), fit).interval for one in found])
        assert np.sum((ends[:, 0] > mean) | (ends[:, 1] < mean)) <= binom.ppf(0.995, 400, 0.05)
    upper = [extraction(fit * 10 < n, fit * 10 < n, np.full(80, 9), fit).interval[1] for n in range(0, 80, 10)]
    assert upper == sorted(upper)


def test_delongs_covariance_by_all_pairs():
    """What each person adds to two tied areas gives the covariance that sums over all pairs of pairs of people give."""
    rng = np.random.default_rng(3)
    first, second = ((marks(rng.integers(0, 4, 9)), marks(rng.integers(0, 3, 7))) for _ in range(2))
    kernels = [
        (a.score[:, None] > b.score) + 0.5 * (a.score[:, None] == b.score) - auc_of(a, b).value
        for a, b in (first, second)
    ]
    shared = [
        kernels[0][i, j] * kernels[1][k, m] * ((i == k) / 9**2 / 7**2 + (j == m) / 9**2 / 7**2)
        for i, k in product(range(9), repeat=2)
        for j, m in product(range(7), repeat=2)
    ]

    assert influence(*first) @ influence(*second) == pytest.approx(sum(shared))


def test_identical_releases_do_not_differ_at_all():
    """The same scores, whatever they are, differ by exactly 0 and with a p-value of exactly 1; also where all are tied."""
    rng = np.random.default_rng(4)
    for scores in (rng.normal(size=(2, 120)), rng.integers(0, 2, (2, 120)), np.zeros((2, 120))):
        same = tuple(marks(side) for side in scores)
        found = score_difference(same, same)
        assert (found.value, found.p_value()) == (0.0, 1.0)
        assert found.interval()[0] <= 0.0 <= found.interval()[1]


def test_both_families_keep_their_error():
    """Of four releases that leak alike, held against each other and against one of them, few families have a false alarm.

    60 evaluations of two endpoints and 120 + 120 people who score alike by .6: no more than 5 % allow, at 99.9 %.
    """
    rng = np.random.default_rng(5)
    alarms = np.zeros(2)
    for _ in range(60):
        met = {name: {} for name in "wxyz"}
        for endpoint in ("membership.a", "membership.b"):
            shared = rng.normal(size=(2, 120))
            for of in met.values():
                sides = 0.6 * shared + 0.8 * rng.normal(size=(2, 120)) + [[0.5], [0.0]]
                of[endpoint] = Outcome(endpoint, endpoint, dict(zip(("original", "control"), map(marks, sides))), {})
        pairs = compare(met, accepted="x", primary={"membership.a", "membership.b"})
        against = [pair["against_accepted"] for pair in pairs if "against_accepted" in pair]
        assert (len(pairs), len(against)) == (12, 6)
        alarms += [any(one["safer"] for one in family) for family in (pairs, against)]

    assert max(alarms) <= binom.ppf(0.999, 60, 0.05)


def test_the_union_is_not_compared_across_evaluations(evaluation, release, risk):
    """All releases together went out as no file: the release accepted last is none but those, and comparisons are fewer."""
    made = evaluation(
        releases=[release(risk("linkability.halves", (20, 2_000)), name=name) for name in ("v", "together")]
    )
    united = replace(made, plan={**made.plan, "together": True})

    for accepted in (None, united):
        shown = [united] if accepted else [united, replace(united)]
        found = unpaired(line_up(shown, [judge(one) for one in shown]), accepted)
        assert len(found.sentences) == 1
        assert "for 1 comparison (Bonferroni)" in found.about
        assert "together, the release" not in found.sentences[0]
    apart = replace(made, plan={**made.plan, "together": False})
    assert len(unpaired(line_up([apart], [judge(apart)]), apart).sentences) == 4
