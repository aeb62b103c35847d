"""What the membership battery finds: calm without a leak, awake with one, exact copies and outliers included."""

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.attacks import Knowledge
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.membership_battery import METHODS, TOGETHER
from synthprivacy.battery import run_battery
from synthprivacy.measures.distances import distances
from synthprivacy.results import Risk
from synthprivacy.selftest import populations, releases
from synthprivacy.selftest.catalogue import SCENARIOS
from synthprivacy.statistics.roc import auc

QUICK = tuple(name for name in METHODS if name not in {"edits", "surrogate"})


@pytest.mark.parametrize(("method", "least"), [("distance", 0.78), ("difference", 0.75), ("neighbourhood", 0.74)])
def test_a_copied_share_is_found(method, least, drawn, risk_of):
    """L1 at a share of .6: distance reads an AUC of 1/2 + .6/2 within .02, those calibrated not much less."""
    risk = risk_of(method, drawn(populations.continuous, releases.copied(0.6)))

    assert risk.evidence.auc > least
    assert risk.lower > 0.4


@pytest.mark.parametrize(
    "method", [*QUICK, "edits", *(pytest.param(name, marks=pytest.mark.slow) for name in ("surrogate", TOGETHER))]
)
def test_publishing_everybody_is_found_by_every_score(method, drawn, risk_of):
    """A release of the training people themselves alarms every method but those of unlike size, which see a third."""
    risk = risk_of(method, drawn(populations.continuous, releases.copied(1.0), rows=300))

    assert risk.lower > 0.1 or method in {"plagiarism", "surrogate"}
    assert risk.value > 0.05


@pytest.mark.parametrize("share", [0.05, 0.3])
def test_exact_match_finds_the_share_without_a_false_positive(share, drawn):
    """Copied share: with distance as the score, TPR at FPR 0 is the share, and the AUC 1/2 + share/2 within .02."""
    case = drawn(populations.continuous, releases.copied(share), rows=1_000, seed=5)
    attacker = Distance().prepare(Knowledge((case.release,), None, case.schema), np.random.default_rng(0))
    members, others = (attacker(people).real for people in (case.original, case.control))

    assert np.mean(members > others.max()) == pytest.approx(share, abs=0.005)
    assert np.mean(members == 0.0) == share
    assert auc((members == 0.0).astype(float), (others == 0.0).astype(float)).value == pytest.approx(0.5 + share / 2)
    assert auc(members, others).value >= 0.5 + share / 2 - 0.03


@pytest.mark.parametrize("seed", range(3))
def test_l9_an_exact_copy_of_discrete_data_is_never_safe(seed, drawn):
    """L9: everybody's five ternary answers published: an alarm, no passing bound, and distances that count ties rightly.

    Share of synthetic rows strictly nearer to training people, as closest-record checks count it: far under a half.
    """
    case = drawn(populations.few_cells, releases.copied(1.0), rows=600, seed=seed)

    found = run_battery(case, seed, targets=10_000, methods=("distance", "difference", "neighbourhood", "marginals"))
    measured = {score.metric: score for score in distances(case)}
    near = [Distance().prepare(Knowledge((side,), None, case.schema), np.random.default_rng(0)) for side in
            (case.original, case.control)]  # fmt: skip
    strict = np.mean(near[0](case.release).real > near[1](case.release).real)

    assert strict < 0.2
    assert measured["closest_share_p"].value <= 0.01
    assert measured["identical"].value == 1.0
    assert min(found.adjusted.values()) <= 0.01
    assert max(risk.lower for risk in found.results) > 0.05
    assert max(risk.upper for risk in found.results) > 0.2


def people_with_outliers(rows, rng):
    """Return six normal columns, a hundredth of the people far out, each in a direction of its own."""
    frame = populations.continuous(rows, rng)
    far = rng.permutation(rows)[: rows // 100]
    frame.loc[far] = frame.loc[far].to_numpy() * 0.3 + rng.normal(0, 6, (len(far), frame.shape[1]))
    return frame


def leaking_outliers(original, fresh, rng):
    """Return fresh ordinary people with noisy copies of the training outliers."""
    far = original[original.abs().mean(axis=1) > 3]
    ordinary = fresh[fresh.abs().mean(axis=1) <= 3].iloc[: len(original) - len(far)]
    noise = rng.normal(0, 0.05, far.shape)
    return pd.concat([far.add(noise), ordinary], ignore_index=True)


def test_r12_closest_record_shares_look_clean_while_outliers_are_found(drawn, prepared):
    """R12: the share of closest records is a half for chance, and membership of the outliers reads an AUC over .9."""
    case = drawn(people_with_outliers, leaking_outliers, rows=4_000, seed=4)
    scores = {score.metric: score.value for score in distances(case)}
    attacker = prepared("difference", case, case.control.take(np.arange(1_000)))
    strangers = case.control.take(np.arange(1_000, 4_000))  # nobody the attacker has for a reference
    members, others = (
        attacker(side).real[np.mean([np.abs(feature.values) for feature in side.features], axis=0) > 3]
        for side in (case.original, strangers)
    )

    assert min(len(members), len(others)) >= 20
    assert scores["closest_share_p"] > 0.05
    assert scores["closest_share"] == pytest.approx(0.5, abs=0.03)
    assert auc(members, others).value >= 0.9


def test_no_leak_no_alarm_quickly(drawn):
    """N0: the mean AUC over methods and releases without a leak is 1/2 within .01, and no corrected alarm is raised."""
    readings, alarms = [], 0
    for seed in range(4):
        case = drawn(populations.continuous, releases.oracle, rows=300, seed=seed)
        found = run_battery(case, seed, targets=10_000, methods=QUICK)
        readings += [risk.evidence.auc for risk in found.results]
        alarms += min(found.adjusted.values()) <= 0.01

    assert np.mean(readings) == pytest.approx(0.5, abs=0.015)
    assert alarms <= 1


@pytest.mark.slow
def test_no_leak_no_alarm(drawn):
    """N0, N4: AUC 1/2 ± .0065, alarms no oftener than .05, rates as nominal; 50 releases of 400 people, quick methods."""
    readings, alarms, family = {name: [] for name in QUICK}, dict.fromkeys(QUICK, 0), 0
    shares = []
    for seed in range(50):
        population = (populations.continuous, populations.few_cells)[seed % 2]
        found = run_battery(drawn(population, releases.oracle, 400, seed), seed, targets=10_000, methods=QUICK)
        for name, risk in zip(QUICK, found.results):
            readings[name].append(risk.evidence.auc)
            alarms[name] += risk.p_value <= 0.05
            shares += [
                (point.successes / point.trials, point.false_positives / point.nonmembers)
                for point in risk.evidence.tpr
            ]
        family += min(found.adjusted.values()) <= 0.05

    means = {name: np.mean(found) for name, found in readings.items()}
    assert np.mean(list(means.values())) == pytest.approx(0.5, abs=0.0065)
    assert max(alarms.values()) <= 8  # of 50 at .05: more than 8 has probability .0008
    assert family <= 8
    found, false = np.mean(shares, axis=0)  # thresholds from the other half of the control; ties count as below
    assert found == pytest.approx(false, abs=0.0095)
    assert max(found, false) <= 0.1 + 0.005


@pytest.mark.slow
def test_the_surrogate_is_calm_and_awake(risk_of):
    """Without a leak the surrogate's AUC is 1/2 within three standard errors; a bootstrap of the people it finds."""
    calm = [risk_of("surrogate", SCENARIOS["nothing, continuous"].case(3, seed), seed) for seed in range(8)]
    awake = risk_of("surrogate", SCENARIOS["bootstrap"].case(0, 0))

    assert np.mean([risk.evidence.auc for risk in calm]) == pytest.approx(0.5, abs=3 * 0.018 / np.sqrt(8))
    assert awake.lower > 0.1


@pytest.mark.parametrize("seed", range(2))
def test_l10_a_leak_in_few_of_many_columns_is_found_by_blocks_of_columns(seed, drawn):
    """L10: three of fifteen columns of a third of the people published: whole rows read a coin, their block does not."""
    case = drawn(lambda rows, rng: simulate.gaussian(rows, 15, rng), releases.block(3, 0.33), rows=800, seed=seed)

    found = run_battery(case, seed, targets=10_000, methods=("distance", "blocks", "difference"))
    read = {risk.endpoint: risk for risk in found.results}

    assert max(read["membership.distance"].evidence.auc, read["membership.difference"].evidence.auc) < 0.55
    assert read["membership.blocks"].evidence.auc > 0.62
    assert read["membership.blocks"].lower > 0.15
    assert found.best == "membership.blocks"
    assert found.adjusted["membership.blocks"] <= 0.01


def test_the_best_of_many_attacks_is_held_to_their_number(drawn):
    """The best score's adjusted p-value is no less than its own, and the battery names it."""
    case = drawn(populations.continuous, releases.copied(0.3), rows=400)

    found = run_battery(case, 0, targets=10_000, methods=("distance", *QUICK))
    risks = {risk.endpoint: risk for risk in found.results}

    assert set(found.adjusted) == set(risks)
    assert found.adjusted[found.best] <= 0.01
    assert risks[found.best].lower > 0.2
    assert all(isinstance(risk, Risk) for risk in found.results)
