"""Shadow-model membership: no alarm where nobody leaks, memorisers found, risks in order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest, spearmanr

from synthprivacy import simulate
from synthprivacy.auditing.claims import judge_claim
from synthprivacy.auditing.classifier import aucs, kernel, scores, smoother, tossed
from synthprivacy.auditing.judging import judge_membership
from synthprivacy.auditing.preparing import prepare
from synthprivacy.auditing.secrets_game import judge_secrets
from synthprivacy.auditing.study import OWN, SHARED
from synthprivacy.auditing.worlds import coins_of
from synthprivacy.generators import SequentialCART, SmoothedBootstrap, Smote
from synthprivacy.schemata import infer
from synthprivacy.statistics.roc import auc
from synthprivacy.tables.read import load

COLUMNS = ["age", "sex", "diagnosis", "weight_kg"]


@pytest.fixture(scope="module")
def world(fresh_sampler):
    """Return a maker of what an audit of small tables shares, with a sampler of their population."""

    def made(seed=0, rows=120, targets=6):
        streams = np.random.default_rng(seed).spawn(3)
        frames = [simulate.people(n, rng)[COLUMNS] for n, rng in zip((rows, 60, 4_000), streams)]
        original, control, population = (load(frame, label="table") for frame in frames)
        return prepare(original, control, infer(original), targets=targets, seed=seed), fresh_sampler(population)

    return made


def played(prepared, generator, fits):
    """Return readings and coins of some fits."""
    study = replace(prepared.membership(), queries=32)  # fewer, for speed
    readings = [study.read(prepared.people, generator, number) for number in range(fits)]
    return readings, coins_of(study.worlds, fits)


def judged(prepared, generator, fits, draws=199):
    """Return the membership risk."""
    return judge_membership(
        *played(prepared, generator, fits), prepared.targets.chosen, np.random.default_rng(1), draws=draws
    )


def noise(rng, fits, targets):
    """Return readings that depend on no coin: features that are alike, skewed, or constant."""
    shared = rng.standard_exponential((fits, 8)) @ rng.normal(size=(8, 8))
    own = rng.poisson(0.3, (fits, targets, 10)).astype(float)
    return [
        dict.fromkeys(SHARED, shared[number]) | {name: own[number].copy() for name in OWN} | {"right": own[number] > 0}
        for number in range(fits)
    ]


def rarely(alarms, alpha):
    """Return whether alarms are not more often than alpha, at 99 %."""
    return binomtest(sum(alarms), len(alarms), alpha, alternative="greater").pvalue > 0.01


def test_no_alarm_without_a_leak():
    """Over 60 audits whose readings depend on nobody, no kind of finding is made more often than its level."""
    found, secret, claim, missed = [], [], [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        coins = tossed(40, rng, 3)
        readings = noise(rng, 40, 3)
        risk = judge_membership(readings, coins, ["vulnerable", "random", "random"], rng, draws=99)
        found.append(risk.p_value <= 0.05)
        missed += [target.interval[0] > 0.0 for target in risk.targets]
        missed += [mean.interval[0] > 0.0 for mean in risk.means]
        secret.append(
            min(one.adjusted for one in judge_secrets(readings, coins, list("abcdefghij"), rng, draws=99)) <= 0.05
        )
        claim.append(judge_claim(readings, coins, rng).epsilon > 0.0)
    assert rarely(found, 0.05)
    assert rarely(secret, 0.05)
    assert rarely(claim, 0.05)
    assert sum(missed) <= 0.025 * len(missed) + 3.0 * np.sqrt(0.025 * len(missed))  # five of each audit hang together
    assert any(found)


def test_learning_on_the_same_fits_is_paid_for():
    """Without the design effect of cross-fitting the intervals would miss about three times as often as they say."""
    naive, paid = [], []
    for seed in range(250):
        rng = np.random.default_rng(seed)
        made, coin = smoother(kernel(rng.normal(size=(60, 20)))), tossed(60, rng, 1)[:, 0]
        scored, again = scores(made, coin), tossed(60, rng, 40)
        spread = ((aucs(scores(made, again), again) - 0.5) ** 2).mean()
        effect = float(spread) / (61 / (12 * coin.sum() * (~coin).sum()))
        value = auc(scored[coin], scored[~coin])
        naive.append(value.value - 1.645 * value.standard_error > 0.5)
        paid.append(value.value - 1.645 * value.standard_error * np.sqrt(max(effect, 1.0)) > 0.5)
    assert not rarely(naive, 0.05)
    assert rarely(paid, 0.05)
    coins = tossed(200, rng, 2)
    for target in judge_membership(noise(rng, 200, 2), coins, ["random"] * 2, rng, draws=199).targets:
        assert 1.5 < target.design_effect < 3.0
        assert target.interval[1] - target.interval[0] > 1.25 * 4.0 * 1.96 * np.sqrt(201 / (12 * 100 * 100))


def test_scores_never_see_their_own_fold():
    """A fit's own coin, and those of its fold, have no weight in its score."""
    made = smoother(kernel(np.random.default_rng(0).normal(size=(40, 7))))
    fold = np.arange(40) % 10
    assert np.abs(made[fold[:, None] == fold]).max() == 0.0
    assert np.abs(made).max() > 0.0
    assert np.abs(smoother(kernel(np.ones((40, 3))))).max() == 0.0


def test_the_auc_of_many_is_that_of_each():
    """AUCs by ranks, ties counting one half, agree with those of the statistics, draw by draw."""
    rng = np.random.default_rng(0)
    scored, coins = np.round(rng.normal(size=(50, 4)), 1), tossed(50, rng, 4)
    expected = [auc(s[c], s[~c]).value for s, c in zip(scored.T, coins.T)]
    assert np.allclose(aucs(scored, coins), expected, atol=1e-12)


def test_a_fresh_sampler_is_no_risk_and_a_bootstrap_is_found(world):
    """The same audit says nothing of a sampler of the population and finds a bootstrap at its known risk, 1 - 1/e."""
    prepared, fresh = world(seed=5)
    calm, leak = judged(prepared, fresh, 50), judged(prepared, SmoothedBootstrap(0.0), 50)
    assert not calm.found
    assert leak.found
    assert np.median([target.p_value for target in leak.targets]) <= 0.05
    overall = np.mean([target.value for target in leak.targets])
    assert overall == pytest.approx(1.0 - np.exp(-1.0), abs=0.15)
    assert all(mean.interval[0] < 1.0 - np.exp(-1.0) < mean.interval[1] for mean in leak.means)


def test_secrets_of_a_bootstrap_are_found(world):
    """A bootstrap tells secrets of those it was trained on; a fresh sampler does not."""
    prepared, fresh = world(seed=6)
    for generator, leaks in ((fresh, False), (SmoothedBootstrap(0.0), True)):
        readings, coins = played(prepared, generator, 50)
        secrets = judge_secrets(readings, coins, prepared.guessed, np.random.default_rng(0), draws=199)
        assert (min(one.adjusted for one in secrets) <= 0.025) == leaks
        assert all(one.excess == pytest.approx(one.success_in - one.success_out) for one in secrets)
        assert all(one.interval[0] <= one.excess <= one.interval[1] for one in secrets)


def leaking(rng, targets, place):
    """Return readings and coins of 120 fits that give one target away in one set of features."""
    coins = tossed(120, rng, targets)
    readings = noise(rng, 120, targets)
    for reading, coin in zip(readings, coins):
        reading["queries"][place] += 8.0 * coin[place]
    return readings, coins


def test_a_claim_is_disproved_with_the_target_that_leaks():
    """The half of the fits that teaches finds the target that leaks, and the other half proves nearly what it can."""
    rng = np.random.default_rng(0)
    readings, coins = leaking(rng, 4, 2)
    assert sum(judge_claim(readings, tossed(120, rng, 4), rng).epsilon > 0.0 for _ in range(6)) <= 1
    claim = judge_claim(readings, coins, rng)
    assert (claim.target, claim.fits) == (3, 60)
    assert 0.8 < claim.epsilon <= claim.ceiling < 2.0


def test_fits_are_judged_as_if_each_were_alone():
    """What one of the fits judged shows, however far out, changes nobody else's score: the claim stays what it was."""
    rng = np.random.default_rng(0)
    readings, coins = leaking(rng, 2, 1)
    claim = judge_claim(readings, coins, rng)
    far = int(np.flatnonzero(coins[60:, 1])[0]) + 60
    readings[far]["queries"][1] += 1e6  # somebody who is in: told apart all the better
    assert judge_claim(readings, coins, rng).to_dict() == claim.to_dict()
    assert claim.epsilon > 0.8


def test_a_claim_of_few_fits_proves_nothing():
    """Where the fits judged are hardly ever with a target, or without, nothing is proven, and nothing is in the way."""
    rng = np.random.default_rng(0)
    coins = np.zeros((20, 2), dtype=bool)
    coins[:10:2] = True
    claim = judge_claim(noise(rng, 20, 2), coins, rng)
    assert (claim.epsilon, claim.ceiling) == (0.0, 0.0)
    coins[10::2, 1] = True
    assert judge_claim(noise(rng, 20, 2), coins, rng).target == 2


def test_same_seed_same_audit():
    """The same readings and seed give the same numbers, and other targets' readings change nobody's AUC."""
    rng = np.random.default_rng(0)
    readings, coins = noise(rng, 40, 3), tossed(40, rng, 3)
    chosen = ["vulnerable", "random", "random"]
    first, second = (judge_membership(readings, coins, chosen, np.random.default_rng(1), draws=99) for _ in range(2))
    assert first.to_dict() == second.to_dict()
    two = [one | {name: one[name][:2] for name in OWN} for one in readings]
    fewer = judge_membership(two, coins[:, :2], chosen[:2], np.random.default_rng(1), draws=99)
    assert [target.value for target in fewer.targets] == [target.value for target in first.targets[:2]]


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        [SmoothedBootstrap(h) for h in (0.0, 0.05, 0.2, 0.5, 1.5)],
        [SequentialCART(1, 2), *(SequentialCART(leaf) for leaf in (5, 20, 60))],
        [Smote(k) for k in (1, 4, 16, 60)],
    ],
    ids=["bandwidth", "leaf", "neighbours"],
)
def test_risk_is_ordered_by_the_tuning_parameter(world, settings):
    """The less a generator smooths, the higher the risk: rank correlation at least .9 (validity benchmark, G1 to G6)."""
    prepared, _ = world(seed=0, rows=160, targets=16)
    values = [np.mean([target.value for target in judged(prepared, one, 100, 19).targets]) for one in settings]
    assert spearmanr(-np.arange(len(settings)), values)[0] >= 0.9, values


@pytest.mark.slow
def test_a_fresh_sampler_never_alarms_beyond_its_level(world):
    """Over 25 whole audits of a sampler of the population, a leak is found no more often than at the level of 5 %."""
    alarms = []
    for seed in range(25):
        prepared, fresh = world(seed=seed, targets=4)
        alarms.append(judged(prepared, fresh, 30, 99).p_value <= 0.05)
    assert rarely(alarms, 0.05)


@pytest.mark.slow
def test_more_rows_give_away_more(world):
    """The risk does not fall with the rows that are released, of a fit that stays the same (validity benchmark, Q3)."""
    prepared, _ = world(seed=0, rows=160, targets=16)
    values = []
    for rows in (16, 160, 1_600):
        study = replace(prepared.membership(rows), queries=32)
        readings = [study.read(prepared.people, SmoothedBootstrap(0.2), number) for number in range(80)]
        risk = judge_membership(
            readings, coins_of(study.worlds, 80), prepared.targets.chosen, np.random.default_rng(1), draws=19
        )
        values.append(np.mean([target.value for target in risk.targets]))
    assert values[0] + 0.1 < values[1] < values[2] - 0.1, values
