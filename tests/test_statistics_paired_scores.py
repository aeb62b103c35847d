"""Two releases on the same people, by scores and by predicates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from synthprivacy.errors import DataError
from synthprivacy.results import Marks, Matches, Outcome
from synthprivacy.statistics.paired_scores import isolation_difference, score_difference
from synthprivacy.together import compare

PEOPLE = 150


def marks(scores):
    """Return one score a person."""
    return Marks(np.asarray(scores, dtype=float), np.arange(len(scores)))


def scored(rng, gains, alike, people=PEOPLE):
    """Return the scores made with two releases: what people have in common, and what is their own."""
    shared = [rng.normal(size=people) for _ in range(2)]
    return [
        tuple(
            marks(alike * common + np.sqrt(1 - alike**2) * rng.normal(size=people) + gain * (not side))
            for side, common in enumerate(shared)
        )
        for gain in gains
    ]


def by_hand(first, second):
    """Return the variance of the difference of two areas, by DeLong's covariances written out."""
    parts = []
    for members, others in (first, second):
        kernel = (members.score[:, None] > others.score).astype(float) + 0.5 * (members.score[:, None] == others.score)
        parts.append((kernel.mean(axis=1), kernel.mean(axis=0)))
    ten, one = (np.cov(parts[0][side], parts[1][side]) for side in (0, 1))
    whole = ten / len(first[0].score) + one / len(first[1].score)
    return whole[0, 0] + whole[1, 1] - 2 * whole[0, 1], whole[0, 1] / np.sqrt(whole[0, 0] * whole[1, 1])


def test_the_correlation_is_delongs():
    """The correlation of two areas on the same people is the one of DeLong's covariance matrix, ties included."""
    first, second = scored(np.random.default_rng(0), (0.3, 0.8), 0.7, people=400)
    rounded = [tuple(marks(np.round(side.score)) for side in sides) for sides in (first, second)]

    for pair in ((first, second), rounded):
        found = score_difference(*pair)
        variance, correlation = by_hand(*pair)
        low, high = found.interval()

        assert found.correlation == pytest.approx(correlation, abs=1e-3)
        assert (high - low) / 2 == pytest.approx(2 * 1.96 * np.sqrt(variance), rel=0.08)


def test_scores_that_are_the_same_do_not_differ():
    """A release held against itself has no difference and a p-value of 1; the other way round the sign turns."""
    first, second = scored(np.random.default_rng(1), (0.2, 0.9), 0.5)

    assert score_difference(first, first).p_value() > 0.99
    assert score_difference(first, second).value == pytest.approx(-score_difference(second, first).value)
    assert score_difference(first, second).p_value() == pytest.approx(score_difference(second, first).p_value())


@pytest.mark.parametrize("alike", [0.0, 0.8])
@pytest.mark.parametrize("gains", [(0.0, 0.0), (0.6, 0.6)])
def test_few_false_alarms(gains, alike):
    """Of 200 pairs of releases that leak alike no more are told apart than 5 % allow (99.5 %)."""
    rng = np.random.default_rng(2)
    found = [score_difference(*scored(rng, gains, alike)).interval() for _ in range(200)]
    false = sum(low > 0.0 or high < 0.0 for low, high in found)

    assert false <= binom.ppf(0.995, 200, 0.05)


def test_what_is_shared_is_no_noise():
    """The same difference is told with less doubt where the same people make both scores high."""
    rng = np.random.default_rng(3)
    widths = [
        np.ptp(score_difference(*scored(rng, (0.2, 0.5), alike, people=1_000)).interval()) for alike in (0.0, 0.9)
    ]

    assert widths[1] < 0.5 * widths[0]


def test_other_people_are_refused():
    """Scores of other people cannot be compared."""
    first, second = scored(np.random.default_rng(4), (0.2, 0.5), 0.5)
    fewer = tuple(marks(side.score[:-1]) for side in second)

    with pytest.raises(DataError, match="same people"):
        score_difference(first, fewer)


def isolating(share, rng, queries=200, people=400):
    """Return predicates of which a share isolate one person of the original, and a tenth one of the control."""

    def matches(rate):
        found = np.flatnonzero(rng.random(queries) < rate)
        return Matches(found, rng.integers(people, size=len(found)), queries, people)

    return matches(share), matches(0.1)


def test_predicates_are_compared_by_their_risks():
    """What isolates half of the time is riskier than what isolates no more than in the control; alike ones are left open."""
    rng = np.random.default_rng(5)
    worse, better, other = (isolating(share, rng) for share in (0.6, 0.1, 0.1))

    assert isolation_difference(worse, better, np.random.default_rng(0)).interval()[0] > 0.2
    assert isolation_difference(better, other, np.random.default_rng(0)).p_value() > 0.05


def met(**sides):
    """Return what was met with one release: answers about original and control by endpoint."""
    named = {name.replace("__", "."): of for name, of in sides.items()}
    return {name: Outcome(name, name, dict(zip(("original", "control"), of)), {}) for name, of in named.items()}


def test_every_kind_of_endpoint_is_compared():
    """Scores and predicates stand beside guesses, without counts; without a control, or a stream, they are left out."""
    rng = np.random.default_rng(6)
    scores, predicates = scored(rng, (0.0, 1.5), 0.5), [isolating(share, rng) for share in (0.1, 0.7)]
    releases = {
        name: met(membership__distance=one, singling_out__x=other) for name, one, other in zip("ab", scores, predicates)
    }
    told = {pair["endpoint"]: pair for pair in compare(releases, rng=rng)}

    assert {endpoint: pair["safer"] for endpoint, pair in told.items()} == {
        "membership.distance": "a",
        "singling_out.x": "a",
    }
    assert not any("both" in pair or "control" in pair for pair in told.values())
    assert [pair["endpoint"] for pair in compare(releases)] == ["membership.distance"]
    assert not compare({name: met(membership__distance=one[:1]) for name, one in zip("ab", scores)})


def test_the_accepted_release_has_a_family_of_its_own():
    """Against the accepted release p-values are corrected for the primary comparisons with it, and for no others."""
    rng = np.random.default_rng(7)
    one = {name: scored(rng, (0.0, 0.3, 0.3), 0.5) for name in ("membership__a", "membership__b")}
    releases = {name: met(**{key: found[place] for key, found in one.items()}) for place, name in enumerate("xyz")}
    pairs = compare(releases, accepted="y", primary={"membership.a"})
    held = {pair["a"] + pair["b"]: pair for pair in pairs if "against_accepted" in pair}

    assert {name: pair["against_accepted"]["accepted"] for name, pair in held.items()} == {"xy": "b", "yz": "a"}
    assert {pair["endpoint"] for pair in held.values()} == {"membership.a"}
    raw = sorted(pair["difference"]["p_value"] for pair in held.values())
    found = sorted(pair["against_accepted"]["adjusted_p"] for pair in held.values())
    assert found == pytest.approx([min(1.0, 2 * raw[0]), min(1.0, max(2 * raw[0], raw[1]))])
    assert all(pair["against_accepted"]["adjusted_p"] <= pair["difference"]["adjusted_p"] for pair in held.values())
