"""Singling out: how predicates are made, whom they find, and what is said of it."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise

import jsonschema
import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy.attacks import Budget, Knowledge
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.driver import run
from synthprivacy.errors import DataError, NotEnoughDataError
from synthprivacy.results import ByColumns, Conjunctions, Evaluation, Skipped
from synthprivacy.schemata import Column, Schema, infer
from synthprivacy.scoring import judge
from synthprivacy.selftest import contract
from synthprivacy.statistics.estimate import estimate
from synthprivacy.statistics.singling_out import alarm, counts, isolated
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load
from synthprivacy.tables.table import Feature, Table

WAYS = {
    "univariate": SinglingOut(1, 200),
    "multivariate": SinglingOut(3, 200),
    "several": SinglingOut(4, 200, fewest=1),
    "greedy": SinglingOut(5, 200, greedy=True),
}


def people(rows, seed):
    """Return numbers of several grains, labels and missing values."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({f"n{place}": rng.normal(size=rows).round(1 + place) for place in range(3)})
    frame = frame.assign(**{f"c{place}": rng.choice(list("abcdefgh"), rows) for place in range(3)})
    return frame.mask(rng.random(frame.shape) < 0.03)


def case_of(original, control, release, **declared):
    """Return the encoded case."""
    frames = [load(frame, label="table") for frame in (original, control, release)]
    schema = infer(frames[0], declared=declared)
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=schema)


def predicates_of(attack, releases, case, seed=0):
    """Return what an attack emits."""
    known = Knowledge(tuple(releases), None, case.schema)
    return attack.prepare(known, np.random.default_rng(seed))(case.original)


def risk_of(attack, case):
    """Return the risk of an attack."""
    outcome = run(attack, case, np.random.default_rng(1), targets=10_000)
    if isinstance(outcome, Skipped):
        return outcome
    return estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(2))


@pytest.fixture(scope="module")
def case():
    """Return a case of which three people in ten are published."""
    original = people(600, 0)
    return case_of(original, people(600, 1), pd.concat([original.head(180), people(420, 2)]))


@pytest.fixture(params=WAYS)
def attack(request):
    """Return one way of making predicates after the other."""
    return WAYS[request.param]


@pytest.mark.parametrize("law", contract.LAWS, ids=lambda law: law.__name__)
def test_every_way_keeps_the_contract(attack, law, case):
    """One at a time, blind, equal, repeatable, read-only: however the predicates are made."""
    finding = law(attack, case)

    assert finding.passed, str(finding)


def test_every_predicate_isolates_one_record_and_is_emitted_once(attack, case):
    """What is emitted holds for exactly one record of the release, and nothing is emitted twice."""
    found = predicates_of(attack, [case.release], case)

    assert (counts(judge(found, case.release)) == 1).all()
    terms = {query: [] for query in range(found.queries)}
    for query, *term in zip(found.query, found.column, found.operator, np.nan_to_num(found.operand, nan=0.5)):
        terms[query].append(tuple(term))
    assert len({tuple(each) for each in terms.values()}) == found.queries <= attack.queries <= found.drawn
    assert all(one[0] < other[0] for each in terms.values() for one, other in pairwise(each))
    assert [len(each) for each in terms.values()] == found.width.tolist()


def test_a_published_person_is_found_and_a_stranger_is_not(attack):
    """An exact copy is singled out; a release of other people is not."""
    original, control = people(600, 0), people(600, 1)

    leak, none = (risk_of(attack, case_of(original, control, release)) for release in (original, people(600, 3)))

    assert leak.lower > 0.1
    assert leak.p_value <= 1 / 200
    assert none.interval[0] <= 0 <= none.interval[1]


def test_the_order_of_rows_changes_nothing(attack, case):
    """Shuffled tables give the same predicates, and the same matches up to the numbering of the people."""
    original, control = people(600, 0), people(600, 1)
    release = pd.concat([original.head(180), people(420, 2)])
    mixed = case_of(*(frame.sample(frac=1, random_state=5) for frame in (original, control, release)))

    assert risk_of(attack, mixed) == risk_of(attack, case)


def test_the_variants_are_one_endpoint_each():
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


def test_no_set_of_columns_crowds_out_the_others():
    """A column that isolates everybody gets its share of the predicates, and no more."""
    frame = people(2_000, 0).assign(wide=np.arange(2_000).astype(str))
    table = case_of(frame, frame, frame, wide={"kind": "category"})

    for attack in (SinglingOut(2, 600), SinglingOut(4, 600, greedy=True)):
        found = predicates_of(attack, [table.release], table)
        sets = pd.Series(found.column).groupby(found.query).agg(tuple).value_counts()
        assert sets.max() == 50  # 600 predicates over 21 pairs would be 29 each; 50 are always allowed


def test_as_many_predicates_of_each_number_of_columns():
    """From one to four columns: a quarter of the predicates each, and no column left out."""
    table = case_of(*(people(2_000, seed) for seed in range(3)))

    found = predicates_of(SinglingOut(5, 400, fewest=2), [table.release], table)

    assert np.bincount(found.width).tolist() == [0, 0, 100, 100, 100, 100]
    assert len(np.unique(found.column)) == 6


def test_the_search_ends_and_says_how_far_it_got():
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


def test_greedy_needs_few_columns():
    """A record is isolated with the one column that does it; nobody is described with more columns than allowed."""
    frame = people(800, 0).assign(rare=np.r_[np.arange(60).astype(str), np.repeat("usual", 740)])
    table = case_of(frame, frame, frame, rare={"kind": "category"})

    few, some = (predicates_of(SinglingOut(most, 800, greedy=True), [table.release], table) for most in (2, 6))

    of_rare = some.width[np.unique(some.query[some.column == table.release.names.index("rare")])]
    assert (of_rare == 1).sum() >= 40
    assert few.width.max() <= 2
    assert some.width.max() <= 6
    assert some.width.mean() < 4


def test_several_releases_are_combined():
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


def test_releases_with_other_codes_are_not_combined():
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


def test_names_and_labels_are_only_names_and_labels(attack):
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
def test_dates_durations_and_negative_numbers_are_only_numbers(attack, change):
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


def test_everyone_present_twice_is_isolated_by_nobody(attack):
    """Where each person has a double nobody is alone with any attributes, and the risk is 0."""
    once = people(400, 0)

    found = risk_of(attack, case_of(pd.concat([once, once]), pd.concat([people(400, 1)] * 2), once))

    assert found.evidence.isolated_original == 0
    assert found.evidence.people == 0
    assert found.value == 0
    assert found.p_value > 0.1


def test_a_person_with_several_rows_is_one_person(attack):
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


def test_an_exact_copy_with_four_queries_cannot_pass():
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


def test_values_of_records_are_not_printed(case):
    """What is printed of predicates names columns and operators, and no value."""
    found = predicates_of(SinglingOut(3, 20), [case.release], case)

    words = [found.words(query, case.release.names) for query in range(found.queries)]

    assert repr(found) == "<20 predicates, values withheld>"
    assert all(part.split(" ", 1)[0] in case.release.names for each in words for part in each.split(", "))
    assert {part.split(" ", 1)[1] for each in words for part in each.split(", ")} <= {
        "equal to …",
        "at most …",
        "at least …",
        "missing",
    }


def test_words_follow_the_operators():
    """Each operator has its words."""
    found = Conjunctions(1, np.zeros(4, int), np.arange(4), np.arange(4), np.arange(4.0))

    assert found.words(0, ["a b", "c", "d", "e"]) == "a b equal to …, c at most …, d at least …, e missing"


def test_the_evidence_adds_up(case):
    """Each number of columns alone: predicates and isolations add up; people, drawn and weight are those of the counts."""
    attack = WAYS["several"]
    outcome = run(attack, case, np.random.default_rng(1), targets=10_000)
    risk = estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(2))
    evidence, parts = risk.evidence, risk.evidence.by_columns
    original, control = outcome.answers["original"], outcome.answers["control"]

    assert [part.columns for part in parts] == [1, 2, 3, 4]
    assert sum(part.queries for part in parts) == evidence.queries
    assert sum(part.isolated_original for part in parts) == evidence.isolated_original
    assert sum(part.isolated_control for part in parts) == evidence.isolated_control
    assert all(part.people <= evidence.people for part in parts)
    assert all((part.value is None) == (part.queries < 50) for part in parts)
    assert (evidence.of, evidence.drawn) == (600, original.drawn)
    assert evidence.weight == pytest.approx(counts(control).mean() / 600)


def test_one_number_of_columns_is_not_broken_down(case):
    """Where every predicate has as many columns there is nothing to tell apart."""
    assert risk_of(SinglingOut(3, 200), case).evidence.by_columns == ()


def as_evaluation(risk, evaluation):
    """Return an evaluation of 600 people that holds one risk, read again from its own JSON."""
    made = replace(evaluation(risk), original=replace(evaluation(risk).original, rows=600, units=600))
    return Evaluation.from_dict(json.loads(made.dumps()))


def test_the_evidence_survives_its_json(case, evaluation):
    """Written, validated against the schema, and read again, the evidence is the same to twelve digits."""
    schema = json.loads(files("synthprivacy.results").joinpath("evaluation.schema.json").read_text(encoding="utf-8"))
    risk = risk_of(WAYS["several"], case)

    again = as_evaluation(risk, evaluation)

    jsonschema.Draft202012Validator(schema).validate(again.to_dict())
    jsonschema.Draft202012Validator(schema).validate(again.public().to_dict())
    assert again["ctgan"].risks[0].evidence.by_columns[1].queries == risk.evidence.by_columns[1].queries
    assert again["ctgan"].risks[0].evidence.weight == pytest.approx(risk.evidence.weight, rel=1e-11)
    assert again.dumps() == Evaluation.from_dict(json.loads(again.dumps())).dumps()


def test_evidence_without_the_new_parts_is_still_read(evaluation, matches):
    """A file that knows nothing of weights and numbers of columns is read as it was."""
    data = evaluation(matches()).to_dict()
    evidence = data["releases"][0]["risks"][0]["evidence"]
    for part in ("of", "drawn", "weight", "trivial", "by_columns"):
        del evidence[part]

    read = Evaluation.from_dict(data)["ctgan"].risks[0].evidence
    assert (read.of, read.drawn, read.weight, read.trivial, read.by_columns) == (None, None, None, None, ())


@pytest.mark.parametrize("small", ["isolated_original", "isolated_control", "people"])
def test_small_counts_of_a_number_of_columns_are_not_shown(evaluation, matches, small):
    """One small count withholds them all, because their sum is shown; no byte tells 0 from 9."""

    def public(count):
        parts = [ByColumns(2, 900, 15, 12, 11, 0.0, (-0.1, 0.1)), ByColumns(3, 1_100, 30, 40, 20, 0.0, (-0.1, 0.1))]
        parts[0] = replace(parts[0], **{small: count})
        risk = matches(original=45, control=52, people=30)
        risk = replace(risk, evidence=replace(risk.evidence, by_columns=tuple(parts), of=4_000, drawn=5_000))
        return evaluation(risk).public().dumps()

    assert len({public(count) for count in range(10)}) == 1
    assert public(10) != public(9)


def test_weights_go_with_the_counts_that_are_withheld(evaluation, matches):
    """The weight of predicates tells how many control people they hold for: it is not shown beside withheld counts."""

    def public(control, weight):
        risk = matches(original=45, control=control, people=30)
        evidence = replace(risk.evidence, weight=weight, trivial=weight, size=4_000)
        return evaluation(replace(risk, evidence=evidence)).public()["ctgan"].risks[0].evidence

    assert (public(5, 1e-6).weight, public(5, 1e-6).trivial) == (None, None)
    assert public(50, 1e-6).weight == 1e-6


def strangers(rng, rows):
    """Return people of one population, three numbers and three labels each, as the science sees them."""
    numbers, labels = rng.normal(size=(3, rows)).round(1), rng.integers(0, 6, (3, rows)).astype(np.float64)
    features = [Feature(f"n{place}", "number", values, ordered=True) for place, values in enumerate(numbers)]
    features += [Feature(f"c{place}", "category", values, ordered=False) for place, values in enumerate(labels)]
    return Table(tuple(features), np.arange(rows))


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [(1000, 1000), (1000, 500), (1000, 250), (500, 1000)])
def test_no_leak_is_rejected_in_one_of_twenty(sizes):
    """Predicates made from a release of strangers reject at .05 in at most .08 of 300 draws of all tables.

    Binomial(300, .05) passes .08 in 1.0 % of cases.
    """
    rng = np.random.default_rng(sizes)
    schema = Schema(tuple(Column(feature.name, feature.kind) for feature in strangers(rng, 1).features))
    rejected = 0
    for _ in range(300):
        original, control, release = (strangers(rng, rows) for rows in (*sizes, 1000))
        found = SinglingOut(3, 100).prepare(Knowledge((release,), None, schema), rng)(original)
        assert found.queries == 100
        rejected += alarm(judge(found, original), judge(found, control), rng) <= 0.05
    assert rejected / 300 <= 0.08
