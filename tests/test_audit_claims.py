"""Promises of differential privacy: kept ones are believed, broken ones found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binomtest

from synthprivacy.auditing.claims import judge_claim
from synthprivacy.auditing.preparing import prepare
from synthprivacy.auditing.running import Settings, fits_of
from synthprivacy.auditing.support_probe import LABEL, SupportProbe, judge_support, probe
from synthprivacy.auditing.worlds import coins_of
from synthprivacy.generators import Bins, BrokenDP, Domain, DPHistogram, DPPairs, GaussianCopula, Labels
from synthprivacy.schemata import infer

ANSWERS = ("no", "rarely", "often")
DOMAIN = Domain.of({"answer": Labels(ANSWERS), "income": Bins(0.0, 200.0, 4)})


def survey(rows, seed):
    """Return answers and incomes; one of a hundred people answers what hardly anybody does."""
    rng = np.random.default_rng(seed)
    answer = np.array(ANSWERS)[rng.choice(3, rows, p=[0.7, 0.29, 0.01])]
    return pa.table({"answer": answer, "income": rng.uniform(0.0, 200.0, rows).round(1)})


def prepared(rows=150, targets=4):
    """Return what fits on a survey share."""
    original = survey(rows, 1)
    return prepare(original, survey(60, 2), infer(original), targets=targets, seed=0)


def probed(world, generator, fits=24):
    """Return what the support probe finds."""
    game = SupportProbe(world.original, world.coding, world.original, 0)
    return judge_support(game, fits_of(world, generator, Settings(fits=fits), game))


def test_the_probe_is_one_person_whom_nobody_resembles():
    """The probe has a label that nobody has and numbers far above all, in the types of the table."""
    training = survey(50, 3).append_column("n", pa.array(range(50)))
    made = probe(training)
    assert made.schema.equals(training.schema)
    row = made.to_pylist()[0]
    assert row["answer"] == LABEL
    assert row["income"] > 400.0
    assert row["n"] > 100


@pytest.mark.parametrize("pairs", [False, True], ids=["cells", "pairs"])
def test_a_domain_that_follows_the_people_is_found(pairs):
    """A mechanism that learns its domain is disproved column by column; one whose domain is declared is not (R10)."""
    world = prepared()
    sound = probed(world, (DPPairs if pairs else DPHistogram)(1.0, DOMAIN))
    assert all((risk.moved_in, risk.moved_out, risk.epsilon) == (0, 0, 0.0) for risk in sound)
    broken = probed(world, BrokenDP("domain", 1.0, pairs=pairs))
    assert [risk.column for risk in broken] == ["answer", "income"]
    assert all(risk.moved_out == 0 for risk in broken)
    assert max(risk.epsilon for risk in broken) > 0.5
    assert all(risk.moved_in > 0 for risk in probed(world, GaussianCopula()))
    assert broken[0].to_dict()["fits_in"] == 12


@pytest.mark.slow
def test_a_kept_promise_is_not_disproved():
    """Over 15 audits of an honest mechanism epsilon is overstated no more often than at the level of 5 %."""
    overstated = []
    for seed in range(15):
        original = survey(100, seed)
        world = prepare(original, survey(60, 100 + seed), infer(original), targets=3, seed=seed)
        study = replace(world.membership(), queries=32)
        readings = fits_of(world, DPHistogram(0.5, DOMAIN), Settings(fits=40), study)
        claim = judge_claim(readings, coins_of(study.worlds, 40), np.random.default_rng(0))
        overstated.append(claim.epsilon > 0.5)
    assert binomtest(sum(overstated), 15, 0.05, alternative="greater").pvalue > 0.01


@pytest.mark.slow
def test_a_broken_promise_is_disproved():
    """Four times the epsilon that is claimed is found by the fits alone, in a large release, with somebody unique."""
    rng = np.random.default_rng(1)
    domain = Domain.of({"answer": Labels(ANSWERS), "town": Labels(("a", "b"))})
    tables = [
        pa.table({"answer": rng.choice(ANSWERS[:2], rows, p=[0.7, 0.3]), "town": rng.choice(["a", "b"], rows)})
        for rows in (100, 60)
    ]
    original = pa.concat_tables([pa.table({"answer": ["often"], "town": ["a"]}), tables[0]])
    world = prepare(original, tables[1], infer(original), targets=2, seed=0)
    study = replace(world.membership(2_000), queries=32)
    proven = [
        judge_claim(
            fits_of(world, generator, Settings(fits=300), study), coins_of(study.worlds, 300), np.random.default_rng(0)
        ).epsilon
        for generator in (DPHistogram(1.0, domain), BrokenDP("label", 1.0, domain))
    ]
    assert proven[0] <= 1.0 < proven[1] <= 4.0
