"""Links between two tables: what a copied share reads as, whichever way the columns lie, and in which block."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.attacks import Budget, Knowledge
from synthprivacy.attacks.linkability import Halves
from synthprivacy.attacks.linkability_blocks import BlockHalves
from synthprivacy.attacks.linkability_pairs import Pairs
from synthprivacy.attacks.linkability_splits import splits
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.membership_blocks import BlockDistance
from synthprivacy.driver import run
from synthprivacy.results import Links, Outcome
from synthprivacy.schemata import infer
from synthprivacy.scoring import judge
from synthprivacy.selftest.catalogue import SCENARIOS
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.blocks import column_blocks
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

NAMES = tuple(f"x{place}" for place in range(6))
HALVES = (NAMES[::2], NAMES[1::2])


def case_of(original, control, release, **declared):
    """Return the encoded case."""
    frames = [load(frame, label="table") for frame in (original, control, release)]
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=infer(frames[0], **declared))


def copied(share, number, *, people=500, columns=6):
    """Return people of whom a share is copied into the release."""
    rng = np.random.default_rng([5, number])
    original, control, fresh = (simulate.gaussian(people, columns, stream) for stream in rng.spawn(3))
    return case_of(original, control, simulate.copy_share(original, fresh, share, rng))


def risk_of(attack, case):
    """Return what an attack found."""
    outcome = run(attack, case, np.random.default_rng(1), targets=20_000)
    assert isinstance(outcome, Outcome), outcome
    return estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(2))


@pytest.mark.parametrize("neighbors", [1, 3])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_a_copied_share_reads_as_itself(neighbors, share):
    """Over 8 replicates the mean link rate beyond the control's is the share published, within .02."""
    values = [risk_of(Halves(*HALVES, neighbors=neighbors), copied(share, number)).value for number in range(8)]

    assert np.mean(values) == pytest.approx(share, abs=0.02)


def test_a_bootstrap_reads_the_share_of_people_it_publishes():
    """People published twice or more are linked like all others: 1 - 1/e of everybody, within .02 over 6 replicates."""
    cases = [SCENARIOS["bootstrap"].case(3, number) for number in range(6)]
    names = cases[0].release.names
    values = [risk_of(Halves(names[::2], names[1::2]), case).value for case in cases]

    assert np.mean(values) == pytest.approx(1 - np.exp(-1), abs=0.02)


def test_ties_are_broken_at_random_and_alike_for_all_neighbours_sought():
    """With few cells, control and original are linked alike by one neighbour and by five."""
    rng = np.random.default_rng(0)
    frames = [simulate.discrete(600, 6, 3, stream) for stream in rng.spawn(3)]
    case = case_of(*frames)
    names = case.release.names

    for neighbors in (1, 5):
        risk = risk_of(Halves(names[:3], names[3:], neighbors=neighbors), case)
        assert risk.interval[0] <= 0 <= risk.interval[1]


def test_pairs_are_found_in_copies_and_nowhere_else():
    """A release of the training table lets most pairs be named, one of fresh people hardly any."""
    published, nothing = (risk_of(Pairs(*HALVES), copied(share, 0)) for share in (1.0, 0.0))

    assert published.value > 0.9
    assert nothing.interval[0] <= 0 <= nothing.interval[1]
    assert nothing.evidence.control.successes < 10


def test_a_link_shared_by_many_is_hardly_worth_anything():
    """Where both halves of everybody find the same record, one pair in a hundred is right."""
    people = case_of(*(simulate.gaussian(4000, 2, np.random.default_rng(n)) for n in range(3))).original
    same = np.zeros((4000, 1), dtype=np.int64)

    linked, paired = judge(Links(same, same), people), judge(Links(same, same, crowd=100), people)

    assert linked.hits.mean() == 1.0
    assert paired.hits.mean() == pytest.approx(0.01, abs=0.006)


def test_a_pair_is_right_with_the_chance_of_one_candidate_among_those_drawn():
    """With one other candidate among 1,000 people, 99 of whom are drawn, the chance is 1 - p/2 with p = 99/999."""
    people = case_of(*(simulate.gaussian(1000, 2, np.random.default_rng(n)) for n in range(3))).original
    records = (np.arange(1000) // 2)[:, None]

    paired = judge(Links(records, records, crowd=100), people)

    assert paired.confidence == pytest.approx(np.full(1000, 1 - 99 / 999 / 2))
    assert paired.hits.mean() == pytest.approx(1 - 99 / 999 / 2, abs=0.03)


def test_pairs_mean_the_same_whatever_the_number_of_people_shown():
    """Half as many people shown gives the same rate of pairs, within .05."""
    case = copied(0.6, 1, people=1200)
    fewer = case.original.of_people(np.arange(0, 1200, 2))
    attacker = Pairs(*HALVES).prepare(
        Knowledge((case.release,), None, case.schema),
        np.random.default_rng(0),
    )

    every, some = (judge(attacker(table), table) for table in (case.original, fewer))

    assert every.hits.mean() == pytest.approx(some.hits.mean(), abs=0.05)


def test_splits_are_disjoint_and_tell_everything():
    """Every split deals all known columns into two halves, and no split is there twice."""
    case = case_of(*(simulate.people(300, stream) for stream in np.random.default_rng(0).spawn(3)))

    found = splits(case.schema, case.release)

    assert next(iter(found)) == "halves"
    assert len({split for split, _ in found.values()}) == len(found)
    for (first, second), _ in found.values():
        assert first
        assert second
        assert not set(first) & set(second)
        assert sorted((*first, *second)) == sorted(case.schema.attackable)


def wide(number, *, theme, people=800):
    """Return people of whom a tenth are leaked in 5 of 50 columns only."""
    rng = np.random.default_rng([9, number])
    original, control, release = (simulate.gaussian(people, 50, stream) for stream in rng.spawn(3))
    leaked = [f"x{place}" for place in range(5)]
    rows = people // 10
    release.loc[: rows - 1, leaked] = original.loc[: rows - 1, leaked].to_numpy()
    themes = {f"x{place}": {"theme": f"block {place // 5}"} for place in range(50)} if theme else None
    return case_of(original, control, release, declared=themes)


def test_a_leak_in_a_block_of_columns_is_found_in_declared_themes():
    """L10: a tenth leaked in 5 of 50 columns is lost in whole records and found by the attacks on blocks."""
    case = wide(0, theme=True)
    (links,), (distance,) = (
        kind.variants(case.schema, case.release, Budget(10)) for kind in (BlockHalves, BlockDistance)
    )
    halves, *_ = Halves.variants(case.schema, case.release, Budget(10))

    assert risk_of(links, case).lower > 0
    assert risk_of(links, case).value == pytest.approx(0.1, abs=0.03)
    assert risk_of(distance, case).lower > 0
    assert risk_of(halves, case).lower <= 0
    assert risk_of(Distance(), case).value < 0.05


def test_blocks_raise_no_alarm_without_a_leak():
    """Fresh people read nothing in blocks, whatever their number."""
    frames = [simulate.gaussian(800, 50, stream) for stream in np.random.default_rng(4).spawn(3)]
    case = case_of(*frames)

    for kind in (BlockHalves, BlockDistance):
        (attack,) = kind.variants(case.schema, case.release, Budget(10))
        risk = risk_of(attack, case)
        assert risk.interval[0] <= 0 <= risk.interval[1]


def test_columns_that_go_together_are_a_block():
    """Three groups of four columns, correlated within, are found as they are; a narrow table has no blocks."""
    rng = np.random.default_rng(2)
    parts = [simulate.gaussian(500, 4, stream).add_prefix(f"g{number}_") for number, stream in enumerate(rng.spawn(3))]
    case = case_of(*(pd.concat(parts, axis=1) for _ in range(3)))

    blocks = column_blocks(case.schema, case.release)

    assert blocks == tuple(tuple(f"g{group}_x{place}" for place in range(4)) for group in range(3))
    assert column_blocks(case.schema, case.release.select(blocks[0])) == ()
