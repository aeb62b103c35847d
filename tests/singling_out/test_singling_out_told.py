"""What is said of singling out: words, counts by number of columns, what is withheld, and how often it alarms."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import numpy as np
import pytest

from synthprivacy.attacks import Knowledge
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.driver import run
from synthprivacy.results import ByColumns, Conjunctions, Evaluation
from synthprivacy.schemata import Column, Schema
from synthprivacy.scoring import judge
from synthprivacy.statistics.estimate import estimate
from synthprivacy.statistics.singling_out import alarm, counts
from synthprivacy.tables.table import Feature, Table

WAYS = {
    "univariate": SinglingOut(1, 200),
    "multivariate": SinglingOut(3, 200),
    "several": SinglingOut(4, 200, fewest=1),
    "greedy": SinglingOut(5, 200, greedy=True),
}


def test_values_of_records_are_not_printed(case, predicates_of):
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


def test_one_number_of_columns_is_not_broken_down(case, risk_of):
    """Where every predicate has as many columns there is nothing to tell apart."""
    assert risk_of(SinglingOut(3, 200), case).evidence.by_columns == ()


def as_evaluation(risk, evaluation):
    """Return an evaluation of 600 people that holds one risk, read again from its own JSON."""
    made = replace(evaluation(risk), original=replace(evaluation(risk).original, rows=600, units=600))
    return Evaluation.from_dict(json.loads(made.dumps()))


def test_the_evidence_survives_its_json(case, evaluation, risk_of):
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
