"""The difference of two risks on the same people: what it is, how often its interval holds the truth, and what it ranks."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from synthprivacy.errors import DataError
from synthprivacy.results import Hits, Outcome
from synthprivacy.statistics.mover import difference
from synthprivacy.statistics.paired_risks import risk_difference
from synthprivacy.statistics.residual_risk import residual_risk
from synthprivacy.together import compare


def hits(found, trials=None):
    """Return right guesses, one guess a person."""
    found = np.asarray(found, dtype=np.int64)
    return Hits(found, np.ones(len(found), dtype=np.int64) if trials is None else np.asarray(trials, dtype=np.int64))


def answered(people, rates, agree, rng):
    """Return who is hit with one release and with the other; a share of the people is hit by both or by neither."""
    one = rng.random(people)
    other = np.where(rng.random(people) < agree, one, rng.random(people))
    return hits(one < rates[0]), hits(other < rates[1])


def sampled(sizes, control_rate, risks, agree, rng):
    """Return both releases' answers about original and control; the truth is the difference of the risks."""
    rates = [control_rate + risk * (1 - control_rate) for risk in risks]
    original = answered(sizes[0], rates, agree, rng)
    control = answered(sizes[1], (control_rate, control_rate), agree, rng)
    return (original[0], control[0]), (original[1], control[1])


def test_it_is_the_difference_of_the_two_risks():
    """The value is that of the one residual risk less that of the other, and swapping the releases turns it about."""
    first, second = sampled((300, 200), 0.1, (0.3, 0.1), 0.5, np.random.default_rng(0))
    found, turned = risk_difference(first, second), risk_difference(second, first)
    risks = [residual_risk(int(a.hits.sum()), 300, int(c.hits.sum()), 200) for a, c in (first, second)]

    assert found.value == pytest.approx(risks[0].value - risks[1].value)
    assert found.interval() == pytest.approx(tuple(-end for end in reversed(turned.interval())))
    assert found.p_value() == pytest.approx(turned.p_value())


def test_answers_that_have_nothing_in_common_give_the_interval_of_independent_risks():
    """Where the two releases hit people independently of each other, nothing is gained and nothing lost."""
    both = np.repeat([1, 1, 0, 0], 50), np.tile([1, 0], 100)
    sides = ((hits(both[0]), hits(both[0])), (hits(both[1]), hits(both[1])))
    found = risk_difference(*sides)
    risk = residual_risk(100, 200, 100, 200)
    ends = tuple(np.asarray(end) for end in risk.interval())

    assert found.correlation == pytest.approx(0.0)
    assert found.interval() == pytest.approx([float(end) for end in difference(0.0, ends, 0.0, ends)])


def test_a_release_differs_in_nothing_from_itself():
    """The same answers twice give no difference and a p-value of 1."""
    first, _ = sampled((300, 300), 0.2, (0.2, 0.0), 0.0, np.random.default_rng(1))
    found = risk_difference(first, first)

    assert found.value == 0.0
    assert found.p_value() == 1.0
    assert found.correlation == pytest.approx(1.0)


def test_shared_answers_narrow_the_interval():
    """Two releases that hit mostly the same people are told apart more sharply than by independent intervals."""
    first, second = sampled((1_000, 1_000), 0.1, (0.3, 0.25), 0.9, np.random.default_rng(2))
    found = risk_difference(first, second)
    apart = replace(found, correlation=0.0)

    assert found.correlation > 0.7
    assert np.ptp(found.interval()) < 0.6 * np.ptp(apart.interval())


@pytest.mark.parametrize("shared", ["original", "control"])
def test_what_either_side_shares_counts(shared):
    """The correlation is that of the two estimates over people drawn again, be it the original or the control they share."""
    rng, alike, apart = np.random.default_rng(9), np.repeat([1, 0], [60, 140]), np.tile([1, 0], 100)
    sides = [(alike, alike), (np.repeat([1, 0], 100), apart)]
    original, control = sides if shared == "original" else sides[::-1]
    first, second = ((hits(original[place]), hits(control[place])) for place in (0, 1))
    drawn = []
    for _ in range(2_000):
        some, others = rng.integers(0, 200, 200), rng.integers(0, 200, 200)
        drawn.append([1 - (1 - original[place][some].mean()) / (1 - control[place][others].mean()) for place in (0, 1)])

    assert risk_difference(first, second).correlation == pytest.approx(np.corrcoef(np.array(drawn).T)[0, 1], abs=0.06)


def test_the_p_value_is_that_of_the_interval():
    """At the confidence of one minus the p-value an end of the interval is 0."""
    first, second = sampled((500, 500), 0.1, (0.15, 0.05), 0.3, np.random.default_rng(3))
    found = risk_difference(first, second)
    ends = found.interval(1.0 - found.p_value(), "clopper-pearson")

    assert min(abs(end) for end in ends) < 1e-4


def test_several_rows_of_a_person_count_as_one_person():
    """Answers that come five times a person do not make the interval narrower than answers that come once."""
    once = sampled((200, 200), 0.2, (0.3, 0.1), 0.3, np.random.default_rng(4))
    often = tuple(tuple(hits(5 * side.hits, 5 * side.trials) for side in release) for release in once)

    assert risk_difference(*often).interval() == pytest.approx(risk_difference(*once).interval(), abs=1e-9)


def test_saturated_controls_and_other_people_are_refused():
    """No difference where the control is guessed without the release; other people are an error."""
    everyone, half = hits(np.ones(100)), hits(np.tile([0, 1], 50))

    assert risk_difference((half, everyone), (half, half)) is None
    with pytest.raises(DataError, match="same people"):
        risk_difference((half, half), (hits(np.ones(99)), half))


@pytest.mark.parametrize("agree", [0.0, 0.9])
@pytest.mark.parametrize(("sizes", "rate", "risks"), [((200, 200), 0.1, (0.0, 0.1)), ((1_000, 500), 0.5, (0.05, 0.05))])
def test_intervals_hold_the_truth(sizes, rate, risks, agree):
    """Of 400 samples no fewer hold the truth than a coverage of .93 allows (99 %), nor do more than 5 % alarm falsely."""
    rng, truth, replicates = np.random.default_rng(5), risks[0] - risks[1], 400
    found = [risk_difference(*sampled(sizes, rate, risks, agree, rng)) for _ in range(replicates)]
    ends = np.array([(one.interval(), one.interval(0.95, "clopper-pearson")) for one in found])
    held = ((ends[:, :, 0] <= truth) & (truth <= ends[:, :, 1])).sum(axis=0)

    assert held[0] >= binom.ppf(0.01, replicates, 0.93)
    assert held[1] >= binom.ppf(0.01, replicates, 0.95)


@pytest.mark.slow
@pytest.mark.parametrize("agree", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("rate", [0.02, 0.1, 0.5])
@pytest.mark.parametrize("risks", [(0.0, 0.0), (0.1, 0.3)])
def test_intervals_hold_the_truth_everywhere(rate, risks, agree):
    """Over the grid of 1,500 + 800 people, 1,500 replicates each, coverage is at least .93 (99 %)."""
    rng, truth, replicates = np.random.default_rng(6), risks[0] - risks[1], 1_500
    ends = np.array(
        [risk_difference(*sampled((1_500, 800), rate, risks, agree, rng)).interval() for _ in range(replicates)]
    )
    held = int(((ends[:, 0] <= truth) & (truth <= ends[:, 1])).sum())

    assert held >= binom.ppf(0.01, replicates, 0.94)


def outcome(endpoint, original, control=None):
    """Return an attack's answers."""
    answers = {"original": original} | ({} if control is None else {"control": control})
    return Outcome(endpoint.partition(".")[0], endpoint, answers, {})


def met(sides, endpoint="linkability.halves"):
    """Return what was met with one release."""
    return {endpoint: outcome(endpoint, *sides)}


def test_people_are_counted_two_by_two():
    """Found with both, with one only, with neither: counts of training people, for original and control."""
    one, other = hits(np.repeat([1, 1, 0, 0], [20, 30, 40, 60])), hits(np.repeat([1, 0, 1, 0], [20, 30, 40, 60]))
    control = hits(np.repeat([1, 0], [10, 140]))
    (pair,) = compare({"x": met((one, control)), "y": met((other, control))})

    assert [pair[name] for name in ("a", "b", "endpoint")] == ["x", "y", "linkability.halves"]
    assert [pair[name] for name in ("both", "only_a", "only_b", "neither")] == [20, 30, 40, 60]
    assert pair["control"] == {"both": 10, "only_a": 0, "only_b": 0, "neither": 140}
    assert pair["difference"]["value"] == pytest.approx(-10 / 150 / (140 / 150))


def test_the_safer_release_is_named_and_others_are_left_open():
    """A release that leaks a third more is the worse one at every endpoint; two alike are not told apart."""
    rng = np.random.default_rng(7)
    worse, better = sampled((800, 800), 0.05, (0.4, 0.1), 0.5, rng)
    alike = sampled((800, 800), 0.05, (0.1, 0.1), 0.5, rng)
    told = {pair["a"] + pair["b"]: pair["safer"] for pair in compare({"w": met(worse), "x": met(better)})}
    open_ones = compare({"x": met(alike[0]), "y": met(alike[1])})

    assert told == {"wx": "b"}
    assert compare({"x": met(better), "w": met(worse)})[0]["safer"] == "a"
    assert [pair["safer"] for pair in open_ones] == [None]


def test_many_comparisons_raise_few_false_alarms():
    """Of 40 evaluations of two releases that leak alike, at four endpoints each, few name a safer one (Holm, 99.5 %)."""
    rng, false = np.random.default_rng(8), 0
    for _ in range(40):
        releases = {"x": {}, "y": {}}
        for number in range(4):
            for name, sides in zip("xy", sampled((300, 300), 0.2, (0.1, 0.1), 0.5, rng)):
                releases[name] |= met(sides, f"inference.c{number}")
        false += any(pair["safer"] for pair in compare(releases))

    assert false <= binom.ppf(0.995, 40, 0.05)


def test_without_a_control_people_are_counted_and_nobody_is_ranked():
    """A raw rate tells what the population tells too: no difference, no safer one."""
    (pair,) = compare({"x": met((hits(np.ones(200)),)), "y": met((hits(np.zeros(200)),))})

    assert pair["only_a"] == 200
    assert pair["control"] is None is pair["difference"] is pair["safer"]


def test_other_people_are_no_comparison():
    """Answers about people who are not the same, as far as was kept who they are, are refused."""
    side = replace(hits(np.ones(150)), person=np.arange(150))
    other = replace(side, person=np.arange(150) + 1)

    with pytest.raises(DataError, match="same people"):
        compare({"x": met((side,)), "y": met((other,))})
