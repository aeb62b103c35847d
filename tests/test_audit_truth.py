"""Audits beside the truth: the AUC of the exact likelihood ratio, which no attacker exceeds (validity benchmark, G1, G5, G6)."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest, norm, spearmanr

from synthprivacy import simulate
from synthprivacy.auditing.coding import coded, coding_of
from synthprivacy.auditing.judging import judge_membership
from synthprivacy.auditing.preparing import prepare
from synthprivacy.auditing.worlds import coins_of
from synthprivacy.generators import GaussianCopula, SmoothedBootstrap
from synthprivacy.schemata import infer
from synthprivacy.tables.read import load

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "optimal_attack.py"
PEOPLE, TARGETS, FITS, RELEASES = 100, 8, 100, 100
BANDWIDTHS = (0.05, 0.2, 0.4, 0.8, 1.6)
LEVEL = 0.025
"""Of a lower end."""
EFFECT = 2.0
"""Of learning a score on the fits that it judges, on its variance without a leak."""


@pytest.fixture(scope="module")
def best():
    """Return the benchmark's module of the optimal attack."""
    spec = importlib.util.spec_from_file_location("optimal_attack", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


@pytest.fixture(scope="module")
def prepared(best):
    """Return what audits of a small table share, with or without its column of labels."""
    sides = zip((PEOPLE, PEOPLE // 2), np.random.default_rng(0).spawn(2))
    tables = [load(best.population(rows, rng), label="table") for rows, rng in sides]

    def made(*left_out):
        kept = [table.drop_columns(list(left_out)) for table in tables]
        return prepare(*kept, infer(kept[0]), targets=TARGETS, seed=0)

    return made


@pytest.fixture(scope="module")
def compared(best, prepared):
    """Return for each generator what an audit says of each target, and the truth from other fits."""
    people = prepared()
    played = [(people, SmoothedBootstrap(h), best.Blurred(h, people.coding.ordered)) for h in BANDWIDTHS]
    found = {}
    for these, generator, density in (*played, (prepared("label"), GaussianCopula(), best.of_copula)):
        study = replace(these.membership(), queries=64)  # fewer, for speed
        readings = [study.read(these.people, generator, number) for number in range(FITS)]
        rng = np.random.default_rng(0)
        risk = judge_membership(readings, coins_of(study.worlds, FITS), these.targets.chosen, rng, draws=99)
        found[generator.name] = risk, best.optimum(these, generator, density, range(FITS, FITS + RELEASES))
    return found


@pytest.mark.parametrize("which", ["blurred", "copula"])
def test_a_density_is_the_generators_own(best, which):
    """Under a generator the ratio of a known density to its own is 1 on average, within 4 standard errors."""
    rng, people = np.random.default_rng(1), 30
    frame = simulate.gaussian(people, 2, rng) + 0.5 * rng.normal(size=(people, 2))  # so that the ratio has a variance
    frame = frame.rank() + rng.uniform(-0.3, 0.3, frame.shape)  # and nobody is very near to another
    if which == "blurred":
        frame["label"] = np.where(frame["x0"] > frame["x1"] + 8.0, "a", "b")  # fewer of one
    table = load(frame, label="table")
    coding = coding_of(table, infer(table))
    training = coded(table, coding)
    generator, density = {
        "blurred": (SmoothedBootstrap(0.7), best.Blurred(0.7, coding.ordered)),
        "copula": (GaussianCopula(), best.of_copula),
    }[which]
    release = coded(generator.fit_sample(table, 40_000, 1), coding)
    numbers, made = training[:2], release[:2]
    if which == "blurred":  # a normal law around the mean, and either label
        width = 0.7 * numbers.std(axis=1)
        known = norm.logpdf(made.T, numbers.mean(axis=1), width).sum(axis=1) + np.log(0.5)
    else:  # the uniform law between the extremes
        known = -np.log(np.ptp(numbers, axis=1)).sum()
    ratio = np.exp(known - density(release, training))
    assert abs(ratio.mean() - 1.0) < 4.0 * ratio.std() / np.sqrt(len(ratio))
    assert ratio.std() < 2.0


@pytest.mark.parametrize("h", [0.0, 1e-9])
def test_without_a_blur_a_release_holds_whom_a_bootstrap_holds(best, prepared, h):
    """Where h is 0, or nearly, a person stands in a release with probability 1 - (1 - 1 / people) ** rows."""
    people, hardly = prepared(), 1e6  # beyond all that the widths of kernels tell
    coins, found = best.ratios(people, SmoothedBootstrap(h), best.Blurred(h, people.coding.ordered), range(RELEASES))
    held = np.where(coins, found > hardly, found < -hardly)
    expected = 1.0 - (1.0 - 1.0 / PEOPLE) ** PEOPLE
    assert binomtest(int(held.sum()), held.size, expected).pvalue > 0.01, held.mean()
    assert not np.where(coins, found < -hardly, found > hardly).any()


def test_the_optimum_of_a_bootstrap_is_known(best, prepared):
    """Its AUC is 1 - (1 - q) ** 2 / 2: only a target held, or who took its place held, with probability q, tells."""
    people = prepared()
    found = best.optimum(people, SmoothedBootstrap(0.0), best.Blurred(0.0, people.coding.ordered), range(RELEASES))
    apart = (1.0 - 1.0 / PEOPLE) ** PEOPLE
    intervals = [target.interval(0.999) for target in found]
    assert all(low < 1.0 - apart**2 < high for low, high in intervals), intervals


def test_no_audit_exceeds_the_optimum(compared):
    """No interval of a target lies above that of its optimum, nor more lower ends above its value than the level lets."""
    pairs = [pair for risk, optimal in compared.values() for pair in zip(risk.targets, optimal)]
    beyond = [(told.interval, truth.interval()) for told, truth in pairs if told.interval[0] > truth.interval()[1]]
    above = [told.interval[0] > 2.0 * truth.value - 1.0 for told, truth in pairs]
    assert not beyond
    assert binomtest(sum(above), len(pairs), LEVEL, alternative="greater").pvalue > 0.01


def test_no_audit_exceeds_the_optimum_on_average(compared):
    """The mean over targets is at most the optimal one, within 4 standard errors of both as they are without a leak."""
    error = 2.0 * np.sqrt(sum(1.0 / (3.0 * fits) for fits in (FITS / EFFECT, RELEASES)) / TARGETS)
    for name, (risk, optimal) in compared.items():
        excess = [told.value - (2.0 * truth.value - 1.0) for told, truth in zip(risk.targets, optimal)]
        assert np.mean(excess) < 4.0 * error, name


def test_audits_rank_bandwidths_as_the_optimum_does(compared):
    """Rank correlation over bandwidths of audited and optimal risk, means over targets: at least .9, one swap of five."""
    blurred = [compared[SmoothedBootstrap(h).name] for h in BANDWIDTHS]
    audited = [np.mean([told.value for told in risk.targets]) for risk, _ in blurred]
    optimal = [np.mean([truth.value for truth in truths]) for _, truths in blurred]
    assert spearmanr(audited, optimal)[0] > 0.89, (audited, optimal)
