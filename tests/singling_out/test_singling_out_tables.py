"""Singling out on tables of every kind: several releases, odd names, dates, doubles, several rows a person."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.driver import run
from synthprivacy.errors import DataError
from synthprivacy.results import Skipped
from synthprivacy.scoring import judge
from synthprivacy.statistics.estimate import estimate
from synthprivacy.statistics.singling_out import counts, isolated


def test_several_releases_are_combined(case_of, people, predicates_of):
    """What isolates a record in each of two releases finds published people more often than what does in one."""
    original, control = people(800, 0), people(800, 1)
    first, second = (case_of(original, control, pd.concat([original.head(240), people(560, seed)])) for seed in (2, 3))

    for attack in (SinglingOut(1, 300), SinglingOut(3, 300), SinglingOut(5, 300, greedy=True)):
        one = predicates_of(attack, [first.release], first)
        two = predicates_of(attack, [first.release, second.release], first)
        rates = [isolated(judge(found, first.original))[0] / found.queries for found in (one, two)]
        assert rates[1] > rates[0] + 0.1
        for case in (first, second):
            assert (counts(judge(two, case.release)) == 1).all()


def test_releases_with_other_codes_are_not_combined(case_of, people, predicates_of):
    """Codes that mean other labels in the other release would make nonsense of a predicate."""
    one = case_of(*(people(200, seed) for seed in range(3)))
    other = case_of(*(people(200, seed).replace({"c0": {"a": "z", "b": "a"}}) for seed in range(3)))
    odd = case_of(*(people(200, seed).query("c0 != 'a'") for seed in range(3)))

    assert one.release.features[0].levels == other.release.features[0].levels  # alike by what can be seen
    with pytest.raises(DataError, match="encode them as one table"):
        predicates_of(SinglingOut(2, 50), [one.release, odd.release], one)


AWKWARD = {
    "c0": "c0 == 1 or",
    "c1": "c1'\"`;--",
    "c2": "c2 import\n",
    "n0": "n0 -1",
    "n1": "n1 🙂",
    "n2": "n2 @lambda",
}
LABELS = dict(zip("abcdefgh", ["'", "--", "1 == 1", "None", "a b", "nan ", "true", "🙂"]))


def test_names_and_labels_are_only_names_and_labels(attack, case_of, people, predicates_of):
    """Spaces, quotes, keywords, emoji and line ends in names and labels change nothing at all."""
    assert sorted(AWKWARD.values()) == list(AWKWARD.values())
    assert sorted(LABELS.values()) == list(LABELS.values())
    tables = [people(400, seed) for seed in range(3)]
    tables[2] = pd.concat([tables[0].head(150), tables[2].head(250)])
    declared = {f"c{place}": {"kind": "category"} for place in range(3)}
    plain = case_of(*tables, **declared)
    odd = case_of(
        *(
            frame.assign(**{name: frame[name].map(LABELS) for name in declared}).rename(columns=AWKWARD)
            for frame in tables
        ),
        **{AWKWARD[name]: kind for name, kind in declared.items()},
    )

    one, other = (predicates_of(attack, [each.release], each) for each in (plain, odd))

    assert one.queries == other.queries > 100
    for part in ("query", "column", "operator", "operand"):
        assert np.array_equal(getattr(one, part), getattr(other, part), equal_nan=True)
    assert np.array_equal(counts(judge(one, plain.original)), counts(judge(other, odd.original)))


@pytest.mark.parametrize("change", ["dates", "durations", "below zero"])
def test_dates_durations_and_negative_numbers_are_only_numbers(attack, change, case_of, people, predicates_of):
    """Days as numbers, as dates before 1970, as durations, or as numbers below zero, are singled out by alike."""
    tables = [people(400, seed).assign(n2=np.random.default_rng(seed).permutation(4_000)[:400]) for seed in range(3)]
    tables[2] = pd.concat([tables[0].head(150), tables[2].head(250)])
    changes = {
        "dates": lambda days: pd.Timestamp("1955-01-01") + pd.to_timedelta(days, unit="D"),
        "durations": lambda days: pd.to_timedelta(days, unit="D"),
        "below zero": lambda days: days - 5_000.0,
    }
    kinds = {"dates": "datetime", "durations": "duration", "below zero": "number"}
    plain = case_of(*tables, n2={"kind": "number"})
    other = case_of(*(frame.assign(n2=changes[change](frame["n2"])) for frame in tables), n2={"kind": kinds[change]})
    one, two = (predicates_of(attack, [each.release], each) for each in (plain, other))

    # rows lie in another order, so that other records are drawn: compare what is certain, and what is likely
    rates = [isolated(judge(found, each.original))[0] / found.queries for found, each in ((one, plain), (two, other))]
    if attack.columns == 1:
        assert (one.queries, rates[0]) == (two.queries, rates[1])
    assert abs(rates[0] - rates[1]) < 4 * 0.5 * np.sqrt(2 / 200)  # four standard errors of so many independent queries


def test_everyone_present_twice_is_isolated_by_nobody(attack, case_of, people, risk_of):
    """Where each person has a double nobody is alone with any attributes, and the risk is 0."""
    once = people(400, 0)

    found = risk_of(attack, case_of(pd.concat([once, once]), pd.concat([people(400, 1)] * 2), once))

    assert found.evidence.isolated_original == 0
    assert found.evidence.people == 0
    assert found.value == 0
    assert found.p_value > 0.1


def test_a_person_with_several_rows_is_one_person(attack, case_of, people, risk_of):
    """Two rows of the same person are isolated as one row is: people are counted, by the unit that was declared."""
    frames = [people(400, seed).assign(person=np.arange(400)) for seed in range(2)]
    release = frames[0].drop(columns="person")

    def read(times):
        original, control = (pd.concat([frame] * times) for frame in frames)
        tables = (original, control, release.assign(person=np.arange(10_000, 10_400)))
        return risk_of(attack, case_of(*tables, person={"role": "unit"}))

    once, twice = read(1), read(2)

    assert once.evidence.isolated_original > 50
    assert twice.evidence == replace(once.evidence, standard_error=twice.evidence.standard_error)
    assert twice.value == once.value


def test_an_exact_copy_with_four_queries_cannot_pass(case_of):
    """All four predicates there are isolate a person; that is too few to say anything, and never a pass."""
    usual = ["usual"] * 298
    original = pd.DataFrame({"first": ["a", "b", *usual], "second": [*usual, "c", "d"]})
    control = original.assign(first="usual", second="usual")
    table = case_of(original, control, original)
    outcome = run(SinglingOut(1, 500), table, np.random.default_rng(0), targets=10_000)
    matches = outcome.answers["original"]
    assert matches.queries == 4
    assert isolated(matches)[0] / matches.queries == 1.0

    result = estimate(outcome, primary=True, confidence=0.95, rng=np.random.default_rng(0))
    evaluation = sp.evaluate(original=original, control=control, synthetic=original)

    assert isinstance(result, Skipped)
    assert result.reason.startswith("few queries")
    assert sp.gate(evaluation, limit=0.99).decision != "pass"
