"""Memorised records and blocks of columns: found where they are, quiet on fresh people, and never printed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.attacks import Budget
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.attacks.memorization_blocks import BlockCopies
from synthprivacy.attacks.memorization_near import NearCopies
from synthprivacy.attacks.memorization_parts import rare_parts
from synthprivacy.attacks.memorization_rare import RareCopies
from synthprivacy.config import PlanSettings
from synthprivacy.driver import met, run
from synthprivacy.results import Skipped
from synthprivacy.schemata import infer
from synthprivacy.selftest import contract, releases
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load


def test_a_block_is_found_where_whole_records_are_not(risk_of, themed):
    """L10: one theme copied of a tenth of the people reads as a tenth, within .02, while no whole record is copied."""
    cases = [themed(0.1, seed) for seed in range(4)]
    found = [risk_of(BlockCopies.variants(case.schema, case.release, Budget(1))[0], case) for case in cases]

    assert np.mean([risk.value for risk in found]) == pytest.approx(0.1, abs=0.02)
    assert all(risk.lower > 0.0 for risk in found)
    assert all(risk_of(ExactCopies(), case).value == 0.0 for case in cases)


def test_a_block_of_columns_that_go_together_needs_no_theme(case_of, fresh, risk_of):
    """Blocks that the release itself shows are found as well as declared ones."""
    rng = np.random.default_rng(12)
    frames = []
    for stream in rng.spawn(3):
        parts = [simulate.gaussian(600, 4, stream) + 3 * stream.normal(size=(600, 1)) for _ in range(3)]
        frames.append(pd.concat(parts, axis=1, ignore_index=True).add_prefix("x"))
    original, control, fresh = frames
    case = case_of(original, control, releases.block(4, 0.2)(original, fresh, rng))
    (attack,) = BlockCopies.variants(case.schema, case.release, Budget(1))

    assert ("x0", "x1", "x2", "x3") in attack.blocks
    assert risk_of(attack, case).value == pytest.approx(0.2, abs=0.02)


def test_a_narrow_table_says_that_it_has_no_blocks(retouched):
    """What cannot be attacked is skipped with a reason, never left out."""
    case = retouched(0.1, 0.0, 0)
    (attack,) = BlockCopies.variants(case.schema, case.release, Budget(1))

    found = run(attack, case, np.random.default_rng(0), targets=1000)

    assert isinstance(found, Skipped)
    assert "no blocks" in found.reason
    assert "themes" in found.needs


ATTACKED = {"near": NearCopies(), "values": RareCopies(1), "pairs": RareCopies(2)}


@pytest.fixture(scope="module")
def many(fresh):
    """Return 120 of them."""
    return fresh(120)


@pytest.mark.parametrize("key", ATTACKED)
def test_fresh_people_raise_no_alarm(key, few, risk_of):
    """N0: over 40 releases of fresh people the lower bound is above 0 no more often than in 2.5 % of runs."""
    assert no_more_than_nominal([risk_of(ATTACKED[key], case).lower > 0 for case in few])


@pytest.mark.slow
@pytest.mark.parametrize("key", ATTACKED)
def test_fresh_people_raise_no_alarm_in_long_runs(key, many, risk_of):
    """The same over 120: 9 alarms are too many."""
    assert no_more_than_nominal([risk_of(ATTACKED[key], case).lower > 0 for case in many])


def test_fresh_blocks_raise_no_alarm(risk_of, themed):
    """The same of blocks, over 40 releases."""
    cases = [themed(0.0, seed, 300) for seed in range(40)]
    attacks = [BlockCopies.variants(case.schema, case.release, Budget(1))[0] for case in cases]

    assert no_more_than_nominal([risk_of(attack, case).lower > 0 for attack, case in zip(attacks, cases)])


def no_more_than_nominal(alarms):
    """Return whether the 99 % Clopper-Pearson lower limit of the alarm rate is at most .025."""
    return binomtest(sum(alarms), len(alarms)).proportion_ci(0.98, "exact").low <= 0.025


@pytest.mark.parametrize("law", contract.LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("key", ["values", "blocks"])
def test_the_contract_of_the_other_examples(key, law, themed, vocabulary):
    """Values and declared blocks keep the laws that `test_laws` asks of pairs and of blocks of a survey."""
    case = vocabulary(0) if key == "values" else themed(0.3, 0)
    attack = RareCopies(1) if key == "values" else BlockCopies.variants(case.schema, case.release, Budget(1))[0]

    finding = law(attack, case)

    assert finding.passed, str(finding)


def test_nothing_printed_holds_a_value(vocabulary):
    """Parts and attackers that hold values of records print how many, and errors say none."""
    case = vocabulary(0)
    parts = rare_parts(case.release, [("word",)])

    assert repr(parts[0]) == "<60 rare parts>"
    assert "token" not in repr(parts)


def test_a_plan_names_them(fresh):
    """Every new attacker runs where a plan names it, beside exact copies where it names the threat."""
    original, control, fresh = (simulate.people(240, stream) for stream in np.random.default_rng(2).spawn(3))
    settings = PlanSettings(
        attacks=("memorization", "memorization.near", "memorization.blocks", "memorization.rare"), targets=100
    )

    found = sp.evaluate(original=original, control=control, synthetic={"fresh": fresh}, plan=settings)

    endpoints = {risk.endpoint for risk in found["fresh"].risks} | {one.endpoint for one in found["fresh"].skipped}
    wanted = {f"memorization.{name}" for name in ("copies", "near", "blocks", "rare_values", "rare_pairs")}
    assert wanted <= endpoints
    assert all(risk.copies is not None for risk in found["fresh"].risks)


def test_who_is_studied_is_not_attacked():
    """The halves are disjoint and everybody of the control, and the codes of those attacked are those of the whole control."""
    original, control, release = (simulate.gaussian(500, 3, np.random.default_rng(seed)) for seed in range(3))
    frames = [load(frame, label="table") for frame in (original, control, release)]
    case = encode(original=frames[0], control=frames[1], release=frames[2], schema=infer(frames[0]))

    found = met(NearCopies(), case)
    outcome = run(NearCopies(), case, np.random.default_rng(0), targets=10_000)

    keys = case.control.keys()
    assert sorted([*found.control.keys(), *found.usual.keys()]) == sorted(keys)
    assert np.array_equal(keys[outcome.people["control"]], found.control.keys())
    assert met(ExactCopies(), case) is case
    assert met(NearCopies(), found) is found
