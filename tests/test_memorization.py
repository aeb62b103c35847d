"""Memorised records: near ones, rare parts, blocks of columns, extremes, and how many people hold a record."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, hypergeom

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.attacks import Budget, Knowledge
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.attacks.memorization_blocks import BlockCopies
from synthprivacy.attacks.memorization_near import NearCopies, nearest_hundredth
from synthprivacy.attacks.memorization_parts import have_some, rare_parts
from synthprivacy.attacks.memorization_rare import SELECTIONS, RareCopies
from synthprivacy.config import PlanSettings
from synthprivacy.driver import met, run
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.measures.memorization import eidetic_shares, memorization, repeated_bounds
from synthprivacy.results import Outcome, Risk, Skipped
from synthprivacy.schemata import infer
from synthprivacy.selftest import contract, releases
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

WORDS = tuple(f"word {number}" for number in range(20))


def case_of(original, control, release, **declared):
    """Return the encoded case."""
    frames = [None if frame is None else load(frame, label="table") for frame in (original, control, release)]
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=infer(frames[0], **declared))


def risk_of(attack, case):
    """Return what an attack found."""
    outcome = run(attack, case, np.random.default_rng(1), targets=20_000)
    assert isinstance(outcome, Outcome), outcome
    risk = estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(2))
    assert isinstance(risk, Risk), risk
    return risk


def claims(attack, case, table, reference=None):
    """Return whom an attack claims."""
    attacker = attack.prepare(Knowledge((case.release,), reference, case.schema), np.random.default_rng(0))
    return attacker(table.select(attack.knows(case.schema))).present


def retouched(share, deviation, seed, people=600):
    """Return continuous people, of whom a share is in the release with a little noise on each number."""
    rng = np.random.default_rng([3, seed])
    original, control, fresh = (simulate.gaussian(people, 6, stream) for stream in rng.spawn(3))
    copies = original.head(round(share * people))
    noisy = copies + rng.normal(0.0, deviation, copies.shape)
    return case_of(original, control, pd.concat([noisy, fresh.iloc[len(copies) :]], ignore_index=True))


def vocabulary(seed, *, people=1000, leaked=60):
    """Return people with common words, some training people with a token of their own, of which some are leaked (L6)."""
    rng = np.random.default_rng([6, seed])
    original, control, fresh = (
        pd.DataFrame({name: stream.choice(WORDS, people) for name in ("word", "other", "third")})
        for stream in rng.spawn(3)
    )
    original.loc[:199, "word"] = [f"token {number}" for number in range(200)]
    chosen = rng.choice(200, leaked, replace=False)
    fresh.loc[rng.choice(people, leaked, replace=False), "word"] = original["word"].to_numpy()[chosen]
    return case_of(original, control, fresh)


def themed(share, seed, people=600):
    """Return people with two themes of continuous columns; of a share one of them is in the release (L10)."""
    rng = np.random.default_rng([10, seed])
    original, control, fresh = (simulate.gaussian(people, 10, stream) for stream in rng.spawn(3))
    mixed = releases.block(5, share)(original, fresh, rng)
    declared = {f"x{place}": {"theme": "laboratory" if place < 5 else "interview"} for place in range(10)}
    return case_of(original, control, mixed, declared=declared)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_retouched_people_are_found_where_exact_copies_see_nothing(share):
    """Noise of a hundredth of the spread hides nobody: the share retouched is read, within .02 over 4 replicates."""
    cases = [retouched(share, 0.01, seed) for seed in range(4)]

    assert np.mean([risk_of(NearCopies(), case).value for case in cases]) == pytest.approx(share, abs=0.02)
    assert all(risk_of(ExactCopies(), case).value == 0.0 for case in cases)


def test_the_more_retouched_the_fewer_are_near():
    """What near copies read falls with the noise, down to nothing."""
    values = [np.mean([risk_of(NearCopies(), retouched(0.5, noise, seed)).value for seed in range(3)])
              for noise in (0.0, 0.01, 0.1, 0.3, 3.0)]  # fmt: skip

    assert all(np.diff(values) <= 0.005)
    assert values[0] == pytest.approx(0.5, abs=0.02)
    assert abs(values[-1]) < 0.02


def test_near_is_what_a_hundredth_of_independent_people_reach():
    """A hundredth of fresh people of the same number lies within the threshold of each other, within a factor of two."""
    case = retouched(0.0, 0.0, 0, people=4000)

    shares = [
        claims(NearCopies(), case, case.original).mean(),
        claims(NearCopies(), case, case.original, case.control).mean(),
    ]

    assert all(0.005 < share < 0.02 for share in shares)


def test_real_people_set_the_threshold_where_there_are_any():
    """A release that repeats everybody with small changes hides them behind its own threshold, and not behind real people's."""
    rng = np.random.default_rng(4)
    original, control = (simulate.gaussian(500, 6, stream) for stream in rng.spawn(2))
    twice = pd.concat([original + rng.normal(0, 0.05, original.shape), original + rng.normal(0, 0.05, original.shape)])
    case = case_of(original, control, twice)
    reach = [nearest_hundredth(table, rng) for table in (case.release, case.control)]

    hidden, found = (claims(NearCopies(), case, case.original, usual).mean() for usual in (None, case.control))

    assert reach[0] < reach[1] / 2
    assert hidden < 0.2
    assert found > 0.9


def test_published_tokens_are_found_and_nothing_else():
    """L6: over 5 replicates every holder of a leaked token is claimed, and at most 1 % of the claims are about others."""
    found = []
    for seed in range(5):
        case = vocabulary(seed)
        held = case.original["word"].values < 60  # the release's labels are sorted, and "token" comes before "word"
        claimed = claims(RareCopies(1), case, case.original)
        found.append((int((held & claimed).sum()), int(held.sum()), int(claimed.sum())))
    hit, there, claimed = np.sum(found, axis=0)

    assert hit == there == 5 * 60
    assert hit / claimed >= 0.99


def test_rare_values_read_the_share_of_their_holders():
    """The risk of rare values is the share of training people whose token was leaked, within .01 over 5 replicates."""
    values = [risk_of(RareCopies(1), vocabulary(seed)).value for seed in range(5)]

    assert np.mean(values) == pytest.approx(0.06, abs=0.01)


def test_rare_pairs_of_common_values_are_found_by_pairs_alone():
    """Pairs that 40 training people have, and nobody else, are found by pairs; their values are as common as any."""
    rng = np.random.default_rng(8)
    original, control, fresh = (_going_together(4000, stream) for stream in rng.spawn(3))
    for frame in (original, fresh):
        frame.loc[:39, "first"] = range(40)
        frame.loc[:39, "second"] = [(place + 20) % 40 for place in range(40)]
    declared = {name: {"kind": "category"} for name in original}
    case = case_of(original, control, fresh, declared=declared)

    pairs = risk_of(RareCopies(2), case)

    assert pairs.value == pytest.approx(0.01, abs=0.001)
    assert pairs.lower > 0.0
    with pytest.raises(NotEnoughDataError, match="fewer than 10 records share; columns with rare values"):
        claims(RareCopies(1), case, case.original)


def _going_together(people, rng):
    """Return two columns of 40 labels, of which the second is near the first, and a third one that is free."""
    first = rng.integers(0, 40, people)
    second = (first + rng.integers(0, 3, people)) % 40
    return pd.DataFrame({"first": first, "second": second, "third": rng.integers(0, 3, people)})


def test_a_block_is_found_where_whole_records_are_not():
    """L10: one theme copied of a tenth of the people reads as a tenth, within .02, while no whole record is copied."""
    cases = [themed(0.1, seed) for seed in range(4)]
    found = [risk_of(BlockCopies.variants(case.schema, case.release, Budget(1))[0], case) for case in cases]

    assert np.mean([risk.value for risk in found]) == pytest.approx(0.1, abs=0.02)
    assert all(risk.lower > 0.0 for risk in found)
    assert all(risk_of(ExactCopies(), case).value == 0.0 for case in cases)


def test_a_block_of_columns_that_go_together_needs_no_theme():
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


def test_a_narrow_table_says_that_it_has_no_blocks():
    """What cannot be attacked is skipped with a reason, never left out."""
    case = retouched(0.1, 0.0, 0)
    (attack,) = BlockCopies.variants(case.schema, case.release, Budget(1))

    found = run(attack, case, np.random.default_rng(0), targets=1000)

    assert isinstance(found, Skipped)
    assert "no blocks" in found.reason
    assert "themes" in found.needs


ATTACKED = {"near": NearCopies(), "values": RareCopies(1), "pairs": RareCopies(2)}


def fresh(replicates):
    """Return releases of fresh people, mixed kinds."""
    return [
        case_of(*(simulate.people(200, stream) for stream in np.random.default_rng([13, seed]).spawn(3)))
        for seed in range(replicates)
    ]


@pytest.fixture(scope="module")
def few():
    """Return 40 of them."""
    return fresh(40)


@pytest.fixture(scope="module")
def many():
    """Return 200 of them."""
    return fresh(200)


@pytest.mark.parametrize("key", ATTACKED)
def test_fresh_people_raise_no_alarm(key, few):
    """N0: over 40 releases of fresh people the lower bound is above 0 no more often than in 2.5 % of runs."""
    assert no_more_than_nominal([risk_of(ATTACKED[key], case).lower > 0 for case in few])


@pytest.mark.slow
@pytest.mark.parametrize("key", ATTACKED)
def test_fresh_people_raise_no_alarm_in_long_runs(key, many):
    """The same over 200."""
    assert no_more_than_nominal([risk_of(ATTACKED[key], case).lower > 0 for case in many])


def test_fresh_blocks_raise_no_alarm():
    """The same of blocks, over 40 releases."""
    cases = [themed(0.0, seed, 300) for seed in range(40)]
    attacks = [BlockCopies.variants(case.schema, case.release, Budget(1))[0] for case in cases]

    assert no_more_than_nominal([risk_of(attack, case).lower > 0 for attack, case in zip(attacks, cases)])


def no_more_than_nominal(alarms):
    """Return whether the 99 % Clopper-Pearson lower limit of the alarm rate is at most .025."""
    return binomtest(sum(alarms), len(alarms)).proportion_ci(0.98, "exact").low <= 0.025


@pytest.mark.parametrize("law", contract.LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("key", ["values", "blocks"])
def test_the_contract_of_the_other_examples(key, law):
    """Values and declared blocks keep the laws that `test_laws` asks of pairs and of blocks of a survey."""
    case = vocabulary(0) if key == "values" else themed(0.3, 0)
    attack = RareCopies(1) if key == "values" else BlockCopies.variants(case.schema, case.release, Budget(1))[0]

    finding = law(attack, case)

    assert finding.passed, str(finding)


def test_parts_of_a_person_published_again_stay_rare_and_are_not_taken_for_chance():
    """A bootstrap repeats a quarter of the people; pairs of their values are claimed all the same, of nearly everybody."""
    rng = np.random.default_rng(1)
    original, control, fresh = (simulate.people(600, stream) for stream in rng.spawn(3))
    case = case_of(original, control, releases.bootstrap(original, fresh, rng))

    assert risk_of(RareCopies(2), case).value == pytest.approx(1 - np.exp(-1), abs=0.05)


def test_parts_that_chance_meets_are_left_out_but_for_the_best():
    """Selections that independent people share too often are not used; of nothing but such, the least shared one is."""
    case = case_of(*(simulate.people(2000, seed) for seed in range(3)))
    names = [(name,) for name in case.release.names]

    few, none = (rare_parts(case.release, names, chance=chance) for chance in (0.1, 0.0))
    chances = [one.chance for one in rare_parts(case.release, names, chance=1e9)]

    assert sum(one.chance for one in few) <= 0.1
    assert 1 < len(few) < len(chances)
    assert len(none) == 1
    assert none[0].chance == min(chances) > 0.0


def test_chance_is_what_independent_people_show():
    """The chance read off the release is that of fresh people, within .04, and so is the one read off real people."""
    case = case_of(*(simulate.people(3000, seed) for seed in range(3)))
    for name in ("registered", "household income", "weight_kg", "diagnosis"):
        (by_release,), (by_people,) = (rare_parts(case.release, [(name,)], usual) for usual in (None, case.control))
        shown = have_some(case.original, [by_release]).mean()
        assert by_release.chance == pytest.approx(shown, abs=0.04)
        assert by_people.chance == pytest.approx(shown, abs=0.04)


def test_of_many_columns_some_pairs_are_drawn():
    """A table of 40 columns has 780 pairs; 500 of them are looked at, the same ones for the same seed."""
    rng = np.random.default_rng(0)
    case = case_of(*(simulate.gaussian(200, 40, stream) for stream in rng.spawn(3)))

    assert np.array_equal(claims(RareCopies(2), case, case.release), claims(RareCopies(2), case, case.release))
    assert RareCopies(2).parameters()["selections"] == SELECTIONS == 500


def test_records_by_how_many_people_hold_them():
    """Counted by hand: of five synthetic records one is held by one person, two by two people, one by twelve."""
    original = pd.DataFrame({"a": ["one", *["two"] * 2, *["twelve"] * 12], "b": "x"})
    release = pd.DataFrame({"a": ["one", "two", "two", "twelve", "nobody"], "b": "x"})
    case = case_of(original, None, release)

    assert eidetic_shares(case.release, case.original, 15) == pytest.approx([0.2, 0.4, 0.0, 0.2])
    drawn = [hypergeom.pmf(1, 15, held, 5) * share for held, share in ((1, 0.2), (2, 0.4), (12, 0.2))]
    assert eidetic_shares(case.release, case.original, 5)[0] == pytest.approx(sum(drawn))


def test_holders_are_people_and_not_rows():
    """L7: who stands in the table three times with one record is one holder; two people with one record are two."""
    original = pd.DataFrame({"id": [1, 1, 1, 2, 3], "a": ["x", "x", "x", "y", "y"], "b": 0})
    release = pd.DataFrame({"id": [7, 8], "a": ["x", "y"], "b": 0})
    case = case_of(original, None, release, unit="id")

    assert eidetic_shares(case.release, case.original, 3) == [0.5, 0.5, 0.0, 0.0]


def test_nobody_stands_alone_where_everybody_is_there_twice():
    """L7: of a published table with everybody twice, every record is held by two people and none by one."""
    original = simulate.people(300, 0)
    case = case_of(pd.concat([original, original]), simulate.people(300, 1), original)

    scores = {score.metric: score for score in memorization(case)}

    assert scores["eidetic.1"].value == pytest.approx(0.5, abs=0.01)  # as in half of the table: one of two is drawn
    assert eidetic_shares(case.release, case.original, 600) == [0.0, 1.0, 0.0, 0.0]


def test_control_and_original_are_counted_in_tables_of_one_size():
    """Fresh records read alike on original and control, four times as many as these, within .02 over 12 replicates."""
    off = []
    for seed in range(12):
        streams = np.random.default_rng([14, seed]).spawn(3)
        frames = [simulate.discrete(rows, 6, 3, stream) for rows, stream in zip((4000, 1000, 4000), streams)]
        off.append(
            [score.value - score.reference for score in memorization(case_of(*frames)) if score.value is not None]
        )

    assert np.mean(off, axis=0) == pytest.approx(0.0, abs=0.02)


def test_repeated_extremes_are_counted_and_never_told():
    """Ends taken from the training table stand out against the control; no score names a column or a value."""
    frames = [simulate.gaussian(500, 4, stream) for stream in np.random.default_rng(5).spawn(3)]
    original, control, fresh = frames
    clipped = fresh.clip(original.min(), original.max(), axis=1)
    clipped.loc[0], clipped.loc[1] = original.min(), original.max()
    case = case_of(original, control, clipped)

    scores = {score.metric: score for score in memorization(case)}

    assert (scores["bounds"].value, scores["bounds"].reference) == (1.0, 0.0)
    assert repeated_bounds(case.release, case.original) == dict.fromkeys(case.release.names, 2)
    assert not any(name in metric for metric in scores for name in original)
    assert memorization(case_of(original, control, fresh))[0].value == 0.0


def test_each_end_counts_by_itself():
    """Of three columns one repeats its smallest value, one its largest, one neither; missing values are no end."""
    original = pd.DataFrame({"a": [1.0, 5.0, None], "b": [1.0, 5.0, 2.0], "c": [1.0, 5.0, 2.0]})
    release = pd.DataFrame({"a": [1.0, 4.0, 2.0], "b": [2.0, 5.0, None], "c": [0.0, 6.0, 1.0]})
    case = case_of(original, None, release)

    assert repeated_bounds(case.release, case.original) == {"a": 1, "b": 1, "c": 0}
    assert memorization(case)[0].value == pytest.approx(1 / 3)


def test_ends_that_every_table_has_are_no_finding():
    """A column with fixed ends repeats them on the control as well."""
    rng = np.random.default_rng(5)
    frames = [
        pd.DataFrame({"score": stream.integers(0, 5, 500), "age": stream.integers(18, 30, 500)})
        for stream in rng.spawn(3)
    ]

    bounds = memorization(case_of(*frames))[0]

    assert bounds.value == bounds.reference == 1.0


def test_nothing_printed_holds_a_value():
    """Parts and attackers that hold values of records print how many, and errors say none."""
    case = vocabulary(0)
    parts = rare_parts(case.release, [("word",)])

    assert repr(parts[0]) == "<60 rare parts>"
    assert "token" not in repr(parts)


def test_a_plan_names_them():
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


def test_half_of_the_control_sets_the_threshold():
    """A release that repeats everybody twice with small changes is found out, by control people who are not attacked."""
    rng = np.random.default_rng(4)
    original, control = (simulate.gaussian(500, 6, stream) for stream in rng.spawn(2))
    twice = pd.concat([original + rng.normal(0, 0.05, original.shape), original + rng.normal(0, 0.05, original.shape)])
    settings = PlanSettings(attacks=("memorization.near",))

    (risk,) = sp.evaluate(original=original, control=control, synthetic=twice, plan=settings)["synthetic"].risks

    assert risk.value > 0.9
    assert risk.evidence.control.trials == 250
    assert risk.copies.value == pytest.approx(500, rel=0.1)


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
