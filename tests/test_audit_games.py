"""The other games of an audit: crafted rows, properties, sweeps, and what is read off a release."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.stats import binom

from synthprivacy import simulate
from synthprivacy.auditing.canaries import make_canaries
from synthprivacy.auditing.closeness import column_distances, guessed_right, nearest_distance
from synthprivacy.auditing.coding import coded, coding_of
from synthprivacy.auditing.marginals import correlation, grid_of, histogram, naive
from synthprivacy.auditing.poisoning import craft
from synthprivacy.auditing.preparing import prepare
from synthprivacy.auditing.property_game import PropertyGame, best_accuracy, cut, judge_property
from synthprivacy.auditing.queries import draw_queries, query_counts
from synthprivacy.auditing.running import Settings, fits_of, run_audit
from synthprivacy.auditing.sweeping import sweep
from synthprivacy.auditing.training_checks import check_training
from synthprivacy.errors import ConfigError, DataError, NotEnoughDataError
from synthprivacy.generators import IndependentMarginals, SmoothedBootstrap
from synthprivacy.kernels.predicates import AT_LEAST, AT_MOST, EQUAL, MISSING
from synthprivacy.schemata import infer
from synthprivacy.tables.read import load

COLUMNS = ["age", "sex", "region", "diagnosis", "weight_kg", "household income"]


def table(rows, seed):
    """Return people as a canonical table."""
    return load(simulate.people(rows, seed)[COLUMNS], label="table")


@dataclass(frozen=True)
class Suppressing:
    """A memoriser that hands out people with look-alikes only: its rule for the protection of outliers."""

    least: int = 4
    near: float = 0.2
    name: str = "suppressing"

    def fit_sample(self, given, rows, seed):
        """Return rows."""
        coding = coding_of(given, infer(given))
        numbers = coded(given, coding)
        alike = column_distances(numbers, numbers, coding).mean(axis=0) <= self.near
        kept = np.flatnonzero(alike.sum(axis=1) >= self.least)
        return given.take(pa.array(np.random.default_rng(seed).choice(kept, rows)))


def test_query_counts_are_those_of_a_plain_loop():
    """Counts of conjunctions agree with a loop over rows, and every condition holds for the target itself."""
    people, release = table(30, 1), table(80, 2)
    coding = coding_of(people, infer(people))
    mine, theirs = coded(people, coding)[:, :4], coded(release, coding)
    terms = draw_queries(mine, coding, np.random.default_rng(0), 40)
    rules = {
        EQUAL: np.equal,
        AT_MOST: np.less_equal,
        AT_LEAST: np.greater_equal,
        MISSING: lambda values, _: np.isnan(values),
    }

    def count(query, rows):
        held = np.ones(rows.shape[1], bool)
        for column, operator, operand in zip(terms.column[query], terms.operator[query], terms.operand[query]):
            if operator >= 0:
                held &= rules[operator](rows[column], operand)
        return held

    expected = [count(query, theirs).sum() for query in range(len(terms))]
    assert query_counts(terms, theirs, 4).ravel().tolist() == expected
    assert all(count(query, mine)[query // 40] for query in range(len(terms)))
    assert set(np.unique(terms.operator)) >= {EQUAL, AT_MOST, AT_LEAST}


def test_distances_follow_the_rule_for_missing_values():
    """Gower's distance by column: both missing 0, one missing 1, labels 0 or 1, numbers clipped at 1."""
    people = table(60, 3)
    coding = coding_of(people, infer(people))
    numbers = coded(people, coding)
    made = column_distances(numbers[:, :20], numbers, coding)
    for place, column in enumerate(coding.columns):
        for row, other in ((0, 5), (3, 40), (19, 19), (7, 33)):
            mine, theirs = numbers[place, row], numbers[place, other]
            lost = np.isnan([mine, theirs]).sum()
            here = min(abs(mine - theirs) / column.scale, 1.0) if column.ordered else float(mine != theirs)
            assert made[place, row, other] == pytest.approx(here if not lost else float(lost == 1), abs=1e-6)
    lost = np.isnan(numbers).any(axis=1).argmax()
    nobody = np.full((len(numbers), 1), np.nan)
    assert column_distances(nobody, nobody, coding).max() == 0.0
    assert column_distances(nobody, numbers, coding)[lost, 0].tolist() == (~np.isnan(numbers[lost])).tolist()
    whole = made.mean(axis=0)
    assert np.allclose(nearest_distance(numbers[:, :20], numbers, coding), whole.min(axis=1), atol=1e-6)


def test_a_copy_gives_its_secrets_away():
    """From a release of the very people every present secret is guessed by those nearest; from noise hardly any."""
    people = table(400, 4)
    coding = coding_of(people, infer(people))
    numbers = coded(people, coding)
    five = np.repeat(numbers[:, :10], 5, axis=1)
    everything = np.arange(len(coding.columns))
    for release, low, high in ((five, 1.0, 1.0), (numbers[:, 200:], 0.0, 0.6)):
        distances = column_distances(numbers[:, :10], release, coding)
        right = guessed_right(distances, numbers[:, :10], release, coding, everything)
        assert low <= right[~np.isnan(numbers[:, :10]).T].mean() <= high


def test_unseen_labels_and_lost_columns_are_met():
    """A label that nobody has is one more code; a missing column or another type is told without a cell."""
    people = pa.table({"a": ["x", "y", None, "x"], "n": [1.0, 2.0, None, 4.0]})
    coding = coding_of(people, infer(people))
    assert coded(people, coding)[0].tolist()[:2] == [0.0, 1.0]
    strange = coded(pa.table({"a": ["z", "Vlissingen", None], "n": [0.0, 1.0, 2.0]}), coding)
    assert strange[0, :2].tolist() == [2.0, 2.0]
    assert np.isnan(strange[0, 2])
    with pytest.raises(DataError, match="1 are absent"):
        coded(pa.table({"a": ["x"]}), coding)
    with pytest.raises(DataError, match="column 'n' of a release must hold values of its type"):
        coded(pa.table({"a": ["x"], "n": ["Vlissingen"]}), coding)


def test_marginals_are_numbers_whatever_is_missing():
    """Features of a release are finite and of one length: also of empty columns, constants and one row."""
    people = table(200, 5)
    coding = coding_of(people, infer(people))
    numbers = coded(people, coding)
    grid = grid_of(numbers, coding.ordered)
    usual = [naive(numbers, coding.ordered), histogram(numbers, grid), correlation(numbers, grid)]
    for release in (np.full_like(numbers, np.nan), np.zeros_like(numbers), numbers[:, :1]):
        odd = [naive(release, coding.ordered), histogram(release, grid), correlation(release, grid)]
        assert [one.shape for one in odd] == [one.shape for one in usual]
        assert all(np.isfinite(one).all() for one in odd)


def test_crafted_rows_contradict_their_target_in_one_column():
    """Each crafted row is its target's but for one column, in turn, whose value is another one."""
    people = table(100, 6)
    made = craft(people, np.array([5, 70]), 4, ("diagnosis", "sex"), np.random.default_rng(0))
    assert made.num_rows == 8
    for place, row in enumerate(made.to_pylist()):
        target = people.slice([5, 70][place // 4], 1).to_pylist()[0]
        changed = [name for name in COLUMNS if row[name] != target[name]]
        assert changed == [("diagnosis", "sex")[place % 4 % 2]]
    assert craft(people, np.array([5, 70]), 0, ("sex",), np.random.default_rng(0)).num_rows == 0


@pytest.mark.slow
def test_poisoning_amplifies_on_a_memoriser_and_not_on_a_fresh_sampler(fresh_sampler):
    """Look-alikes defeat the suppression of outliers; a sampler of the population shows nothing at any number of rows."""
    original, control = table(300, 0).select(COLUMNS[:5]), table(100, 1).select(COLUMNS[:5])
    prepared = prepare(original, control, infer(original, secrets=["diagnosis"]), targets=8, seed=0)
    settings = Settings(fits=100, contributor=True, canaries=0)
    memoriser = run_audit(prepared, Suppressing(), settings).poisoned
    sampler = fresh_sampler(table(3_000, 9).select(COLUMNS[:5]))
    fresh = run_audit(prepared, sampler, replace(settings, fits=60)).poisoned
    assert [one.crafted for one in memoriser] == [0, 1, 4, 16]
    assert memoriser[3].p_value < 0.025
    assert memoriser[3].amplification_interval[0] > 0.0
    assert min(one.p_value for one in fresh) > 0.025


def test_crafted_rows_are_noticed_before_training():
    """Copies of one person with another secret, and near copies, are suspicious; a usual table is not."""
    people = simulate.people(400, 7)[COLUMNS]
    assert check_training(load(people, label="table")).clean
    flipped = pd.concat([people.iloc[[11]]] * 4)
    flipped["diagnosis"] = ["none", "COPD", "asthma", "depression"]
    near = pd.concat([people.iloc[[23]]] * 3)
    near["weight_kg"] += [0.1, 0.2, 0.3]
    found = check_training(load(pd.concat([people, flipped, near]), label="table"))
    assert set(found.conflicts) >= {"diagnosis", "weight_kg"}
    assert set(range(400, 407)) <= set(found.suspicious.tolist())
    assert len(found.suspicious) <= 10
    assert found.to_dict()["conflicts"]["diagnosis"] == "<10"
    assert "11" not in repr(found).split("of")[0]
    discrete = load(simulate.discrete(500, 4, 3, np.random.default_rng(0)), label="table")
    assert check_training(discrete).clean


def test_the_best_test_of_a_property_is_the_likelihood_ratio():
    """No count threshold tells two shares apart better than the one that is used, by exact enumeration."""
    game = PropertyGame("sex", "male", (0.4, 0.55), 100, 60, 0)
    accuracies = [(binom.cdf(at, 60, 0.4) + binom.sf(at, 60, 0.55)) / 2 for at in range(-1, 61)]
    assert best_accuracy(game) == pytest.approx(max(accuracies))
    assert accuracies[int(np.floor(cut(game))) + 1] == pytest.approx(max(accuracies))
    with pytest.raises(ConfigError, match="must rise"):
        PropertyGame("sex", "male", (0.6, 0.4), 100, 60, 0)


def test_a_property_is_told_as_well_as_by_the_people_themselves():
    """A release of independent rows at the training table's share is told apart within the interval of the best test."""
    people = table(900, 8)
    prepared = prepare(people, table(60, 9), infer(people), targets=4, seed=0)
    game = PropertyGame("sex", "male", (0.4, 0.55), 100, 60, 0)
    readings = fits_of(prepared, IndependentMarginals(), Settings(fits=120), game)
    risk = judge_property(game, readings)
    assert risk.interval[0] < risk.best < risk.interval[1]
    assert risk.interval[0] > 0.6
    with pytest.raises(NotEnoughDataError, match="50 fits of either share"):
        judge_property(game, readings[:60])
    with pytest.raises(NotEnoughDataError, match="enough people on both sides"):
        PropertyGame("sex", "male", (0.4, 0.9), 800, 60, 0).read(people, IndependentMarginals(), 1)


def test_a_sweep_shows_risk_and_likeness_side_by_side():
    """Over a bandwidth both risk and likeness fall, with the same targets and coins at every setting."""
    people = table(150, 10)
    prepared = prepare(people, table(300, 11), infer(people), targets=4, seed=0)
    settings = {f"{h}": SmoothedBootstrap(h) for h in (0.0, 3.0)}
    sharp, blurred = sweep(prepared, settings, Settings(fits=24))
    assert np.mean([one.value for one in sharp.membership.means]) > np.mean([o.value for o in blurred.membership.means])
    assert sharp.likeness > blurred.likeness
    assert sharp.reference == blurred.reference > 0.9
    assert sharp.to_dict()["name"] == "0.0"
    with pytest.raises(ConfigError, match="a sweep needs generators by name and a number of fits"):
        sweep(prepared, settings, Settings())


def test_canaries_hide_among_enough_people():
    """One canary in a hundred people at most, so that what is measured is not made by the canaries."""
    people = table(150, 12)
    coding, schema = coding_of(people, infer(people)), infer(people)
    with pytest.raises(ConfigError, match="pass 1 to 1"):
        make_canaries(people, coding, schema, np.random.default_rng(0), count=2)
