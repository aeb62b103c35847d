"""Singling out: how predicates are made, and whom they find."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from synthprivacy.attacks import Budget
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.results import Skipped
from synthprivacy.scoring import judge
from synthprivacy.selftest import contract
from synthprivacy.statistics.singling_out import counts


@pytest.mark.parametrize("law", contract.LAWS, ids=lambda law: law.__name__)
def test_every_way_keeps_the_contract(attack, law, case):
    """One at a time, blind, equal, repeatable, read-only: however the predicates are made."""
    finding = law(attack, case)

    assert finding.passed, str(finding)


def test_every_predicate_isolates_one_record_and_is_emitted_once(attack, case, predicates_of):
    """What is emitted holds for exactly one record of the release, and nothing is emitted twice."""
    found = predicates_of(attack, [case.release], case)

    assert (counts(judge(found, case.release)) == 1).all()
    terms = {query: [] for query in range(found.queries)}
    for query, *term in zip(found.query, found.column, found.operator, np.nan_to_num(found.operand, nan=0.5)):
        terms[query].append(tuple(term))
    assert len({tuple(each) for each in terms.values()}) == found.queries <= attack.queries <= found.drawn
    assert all(one[0] < other[0] for each in terms.values() for one, other in pairwise(each))
    assert [len(each) for each in terms.values()] == found.width.tolist()


def test_a_published_person_is_found_and_a_stranger_is_not(attack, case_of, people, risk_of):
    """An exact copy is singled out; a release of other people is not."""
    original, control = people(600, 0), people(600, 1)

    leak, none = (risk_of(attack, case_of(original, control, release)) for release in (original, people(600, 3)))

    assert leak.lower > 0.1
    assert leak.p_value <= 1 / 200
    assert none.interval[0] <= 0 <= none.interval[1]


def test_the_order_of_rows_changes_nothing(attack, case, case_of, people, risk_of):
    """Shuffled tables give the same predicates, and the same matches up to the numbering of the people."""
    original, control = people(600, 0), people(600, 1)
    release = pd.concat([original.head(180), people(420, 2)])
    mixed = case_of(*(frame.sample(frac=1, random_state=5) for frame in (original, control, release)))

    assert risk_of(attack, mixed) == risk_of(attack, case)


def test_the_variants_are_one_endpoint_each(case_of, people):
    """Univariate, three columns, greedy; a table of one column has but one."""
    table = case_of(*(people(200, seed) for seed in range(3)))
    narrow = case_of(*(people(200, seed)[["n2"]] for seed in range(3)))

    made = SinglingOut.variants(table.schema, table.release, Budget(queries=70))
    assert [attack.endpoint for attack in made] == [
        "singling_out.univariate",
        "singling_out.multivariate",
        "singling_out.greedy",
    ]
    assert [attack.columns for attack in made] == [1, 3, 6]
    assert len(SinglingOut.variants(narrow.schema, narrow.release, Budget(queries=70))) == 1


def test_no_set_of_columns_crowds_out_the_others(case_of, people, predicates_of):
    """A column that isolates everybody gets its share of the predicates, and no more."""
    frame = people(2_000, 0).assign(wide=np.arange(2_000).astype(str))
    table = case_of(frame, frame, frame, wide={"kind": "category"})

    for attack in (SinglingOut(2, 600), SinglingOut(4, 600, greedy=True)):
        found = predicates_of(attack, [table.release], table)
        sets = pd.Series(found.column).groupby(found.query).agg(tuple).value_counts()
        assert sets.max() == 50  # 600 predicates over 21 pairs would be 29 each; 50 are always allowed


def test_as_many_predicates_of_each_number_of_columns(case_of, people, predicates_of):
    """From one to four columns: a quarter of the predicates each, and no column left out."""
    table = case_of(*(people(2_000, seed) for seed in range(3)))

    found = predicates_of(SinglingOut(5, 400, fewest=2), [table.release], table)

    assert np.bincount(found.width).tolist() == [0, 0, 100, 100, 100, 100]
    assert len(np.unique(found.column)) == 6


def test_the_search_ends_and_says_how_far_it_got(case_of, predicates_of, risk_of):
    """Where few predicates isolate anybody the search stops, with what it found and how many it tried."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({name: rng.integers(0, 6, 400) for name in "abc"}).astype(str)
    frame.iloc[:5, 0] = list("vwxyz")
    table = case_of(frame, frame, frame)
    common = frame.iloc[5:].assign(a="0", b="0", c="0")

    found = predicates_of(SinglingOut(3, 5_000), [table.release], table)
    assert 5 <= found.queries < 400
    assert 100_000 <= found.drawn < 400_000
    with pytest.raises(NotEnoughDataError, match=r"no predicate isolates .* [\d,]+ tried"):
        predicates_of(SinglingOut(3, 100), [case_of(frame, frame, common).release], table)
    few = risk_of(SinglingOut(1, 100), table)
    assert isinstance(few, Skipped)
    assert few.reason == "few queries: the release gave 5 predicates to count, of 5 tried, under 50"


def test_greedy_needs_few_columns(case_of, people, predicates_of):
    """A record is isolated with the one column that does it; nobody is described with more columns than allowed."""
    frame = people(800, 0).assign(rare=np.r_[np.arange(60).astype(str), np.repeat("usual", 740)])
    table = case_of(frame, frame, frame, rare={"kind": "category"})

    few, some = (predicates_of(SinglingOut(most, 800, greedy=True), [table.release], table) for most in (2, 6))

    of_rare = some.width[np.unique(some.query[some.column == table.release.names.index("rare")])]
    assert (of_rare == 1).sum() >= 40
    assert few.width.max() <= 2
    assert some.width.max() <= 6
    assert some.width.mean() < 4
