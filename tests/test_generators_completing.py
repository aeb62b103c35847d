"""Generators that are asked how rows go on: what is known stays, and the rest follows its conditional law."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from synthprivacy import generators, simulate
from synthprivacy.errors import ConfigError
from synthprivacy.generators.protocol import conditional
from synthprivacy.tables.canonical import canonical
from synthprivacy.tables.read import load

ANSWERS = generators.Domain.of(
    {"answer": generators.Labels(("no", "yes"), missing=True), "income": generators.Bins(0.0, 100.0, 4)}
)
ABLE = (
    generators.IndependentMarginals(),
    generators.GaussianCopula(),
    generators.SequentialCART(),
    generators.SmoothedBootstrap(h=0.0),
    generators.SmoothedBootstrap(h=0.3),
    generators.Copier(0.3),
    generators.Memoriser(0.3, base=generators.IndependentMarginals()),
    generators.OutlierCopier(0.1),
    generators.BrokenDP("domain", 1.0),
    generators.BrokenDP("domain", 1.0, pairs=True),
)
each = pytest.mark.parametrize("generator", ABLE, ids=lambda generator: generator.name)
PROGRAM = """
import csv, sys
train, out, given = sys.argv[1:]
with open(train, encoding="utf-8", newline="") as file:
    names, *people = csv.reader(file)
rows = people[:2]
if given:
    with open(given, encoding="utf-8", newline="") as file:
        known, *asked = csv.reader(file)
    rows = [next(row for row in people if all(row[names.index(n)] == v for n, v in zip(known, one))) for one in asked]
with open(out, "w", encoding="utf-8", newline="") as file:
    csv.writer(file).writerows([names, *rows])
"""


def survey(rows=60, seed=0):
    """Return a table with labels, numbers, dates, missing values, identifiers and texts."""
    rng = np.random.default_rng(seed)
    place = np.arange(rows)
    answer = [None if at % 11 == 3 else ("no", "yes")[at % 2] for at in place]
    columns = {
        "answer": pa.array(answer).dictionary_encode(),
        "income": pa.array(rng.uniform(0.0, 100.0, rows).round(1), mask=place % 7 == 1),
        "visits": place % 5,
        "day": np.datetime64("2019-12-31", "us") + (place % 9) * np.timedelta64(1, "D"),
        "smoker": pa.array(place % 3 == 0, mask=place % 13 == 1),
        "patient_id": [f"p{at:03}" for at in place],
        "note": [f"was seen in room {at} and sent home" for at in place],
    }
    return canonical(pa.table(columns), label="original")


@each
def test_what_is_known_is_kept(generator):
    """Rows come back whole, in the order asked for and of the table's types, and say what was given of them."""
    table = survey().select(["answer", "income", "visits"]) if "broken" in generator.name else survey()
    given = table.select(["visits", "answer"]).take([3, 3, 14, 0, 3])

    made = generator.fit_complete(table, given, 1)

    assert made.schema.equals(table.schema, check_metadata=True)
    assert made.select(["visits", "answer"]).to_pylist() == given.to_pylist()
    assert made.equals(generator.fit_complete(table, given, 1))
    assert not generator.fit_complete(table, given.take([0] * 90), 1).equals(
        generator.fit_complete(table, given.take([0] * 90), 2)
    )
    assert canonical(made, label="release").equals(made)
    assert generator.fit_complete(table, given.slice(0, 0), 1).num_rows == 0


@each
def test_values_that_nobody_has_can_be_given(generator):
    """Labels and numbers unlike everybody's, and missing ones, are known as well as any other."""
    table = survey().select(["answer", "income", "visits"])
    given = pa.table({"answer": ["never", None, "yes"], "income": [1e9, -50.5, None]})

    made = generator.fit_complete(table, given, 0)

    assert made.select(["answer", "income"]).to_pylist() == given.to_pylist()
    assert set(made["visits"].to_pylist()) <= set(range(5)) or "broken" in generator.name


def test_the_copula_completes_by_its_conditional_law():
    """Of two normal columns with correlation .8 the second is normal around .8 times the first, with deviation .6.

    2,000 rows: five standard errors of the mean are .07, of the deviation .05; the table's own correlation adds some.
    """
    first, other = np.random.default_rng(0).normal(size=(2, 4_000))
    table = pa.table({"first": first, "second": 0.8 * first + 0.6 * other, "third": other})

    for known in (-1.5, 0.0, 1.0):
        made = generators.GaussianCopula().fit_complete(table, pa.table({"first": [known] * 2_000}), 1)["second"]
        assert abs(np.mean(made.to_numpy()) - 0.8 * known) < 0.12
        assert abs(np.std(made.to_numpy()) - 0.6) < 0.07


def test_trees_complete_from_the_leaf_of_what_is_known():
    """A column that is settled by one after it in the table is settled by it when it is given."""
    label = np.array(["a", "b", "c"])[np.arange(900) % 3]
    number = np.arange(900) % 3 * 10.0 + np.random.default_rng(0).random(900)
    table = load(pd.DataFrame({"number": number, "label": label}), label="original")

    for place, known in enumerate("abc"):
        made = generators.SequentialCART().fit_complete(table, pa.table({"label": [known] * 50}), 0)["number"]
        assert {int(value // 10) for value in made.to_pylist()} == {place}


def test_a_bootstrap_completes_with_who_agrees():
    """Of those who agree in what is known each is drawn as often; a kernel lets near ones in as its bandwidth grows."""
    table = pa.table({"town": ["a", "a", "b", "b"], "age": [20.0, 40.0, 20.0, 40.0], "income": [1.0, 2.0, 3.0, 4.0]})

    def incomes(h, **known):
        given = pa.table({name: [value] * 400 for name, value in known.items()})
        return generators.SmoothedBootstrap(h).fit_complete(table, given, 0)["income"].to_numpy()

    assert set(incomes(0.0, town="b", age=20.0)) == {3.0}
    assert abs(np.mean(incomes(0.0, town="a") == 1.0) - 0.5) < 0.125
    assert set(incomes(0.0, town="b", age=21.0)) == {3.0, 4.0}  # nobody is 21: who agrees in the rest
    assert abs(incomes(0.1, age=21.0).mean() - 2.0) < 0.1  # between towns, of the younger ones
    assert abs(incomes(9.0, age=21.0).mean() - 2.5) < 1.5


def test_leakers_complete_with_whom_they_remember():
    """A memoriser of everybody gives each person back from what is known; one of nobody gives back nobody."""
    table = load(simulate.people(200, 1)[["age", "sex", "weight_kg", "household income"]], label="original")
    given = table.select(["age", "sex", "weight_kg"])

    def right(generator):
        made = generator.fit_complete(table, given, 3)["household income"].to_pylist()
        return np.mean([one == two for one, two in zip(made, table["household income"].to_pylist())])

    assert right(generators.Memoriser(1.0)) > 0.97
    assert right(generators.Memoriser(0.0)) < 0.2
    assert 0.2 < right(generators.Copier(0.3)) < 0.5
    assert right(generators.OutlierCopier(1.0)) > 0.97


@pytest.mark.parametrize("mechanism", [generators.DPHistogram, generators.DPPairs])
def test_private_mechanisms_complete_within_their_cells(mechanism):
    """With a promise so loose that no noise is left, the other column has the shares of those who agree."""
    rng = np.random.default_rng(0)
    answer = np.where(rng.random(1_000) < 0.5, "yes", "no")
    income = np.where(answer == "yes", rng.uniform(0.0, 25.0, 1_000), rng.uniform(25.0, 100.0, 1_000))
    table = pa.table({"answer": answer, "income": income})
    generator = mechanism(200.0, ANSWERS)

    made = generator.fit_complete(table, pa.table({"answer": ["yes"] * 100 + ["no"] * 100 + [None] * 100}), 0)

    incomes = made["income"].to_numpy().reshape(3, 100)
    assert incomes[0].max() < 25.0 <= incomes[1].min()
    assert incomes[2].max() > 75.0  # nobody is without an answer: any income
    back = generator.fit_complete(table, pa.table({"income": [10.0] * 20 + [60.0] * 20}), 0)
    assert back["answer"].to_pylist() == ["yes"] * 20 + ["no"] * 20


def test_what_is_known_travels_along_the_tree():
    """Of three columns in a chain, a known last one settles the first through the one between, as a table of all cells does."""
    rng = np.random.default_rng(1)
    first = rng.integers(0, 2, 3_000)
    second = np.where(rng.random(3_000) < 0.9, first, 1 - first)
    third = np.where(rng.random(3_000) < 0.9, second, 1 - second)
    table = pa.table({name: of.astype(str) for name, of in {"a": first, "b": second, "c": third}.items()})
    domain = generators.Domain.of({name: generators.Labels(("0", "1")) for name in "abc"})

    made = generators.DPPairs(200.0, domain).fit_complete(table, pa.table({"c": ["1"] * 2_000}), 0)

    expected = np.mean(first[third == 1])
    assert abs(np.mean(np.array(made["a"].to_pylist()) == "1") - expected) < 0.06  # five standard errors
    assert expected < 0.9


def test_a_program_is_told_what_is_known(tmp_path):
    """A command with {given} gets a file of what is known, and an empty word where rows are free."""
    (tmp_path / "make.py").write_text(PROGRAM, encoding="utf-8")
    words = f"'{sys.executable}' '{tmp_path / 'make.py'}' {{train}} {{out}}"
    table = survey().select(["answer", "visits", "patient_id"])
    given = table.select(["patient_id"]).take([7, 2, 2])

    able = generators.Command(f"{words} {{given}}")

    assert able.fit_complete(table, given, 0).to_pylist() == table.take([7, 2, 2]).to_pylist()
    assert able.fit_sample(table, 2, 0).to_pylist() == table.slice(0, 2).to_pylist()
    assert conditional(able) is able
    with pytest.raises(ConfigError, match=r"must name \{given\}"):
        generators.Command(f"{words} ''").fit_complete(table, given, 0)


@pytest.mark.parametrize(
    "generator",
    [
        generators.Smote(),
        generators.Command("make {train} {out}"),
        generators.Memoriser(0.5, base=generators.Smote()),
        generators.Copier(0.5, base=generators.Smote()),
    ],
    ids=lambda generator: generator.name,
)
def test_who_cannot_be_asked_says_so(generator):
    """A generator that cannot complete rows is known for it before it is asked, and refuses."""
    assert conditional(generator) is None
    if hasattr(generator, "fit_complete"):
        with pytest.raises(ConfigError):
            generator.fit_complete(survey(), survey().select(["visits"]), 0)


def test_what_is_given_must_be_of_the_table():
    """Strange columns and values of another type are refused without a cell."""
    for given, message in (
        (pa.table({"visit": [1]}), "visit is none"),
        (pa.table({"visits": ["Vlissingen"]}), "types of the table's columns"),
    ):
        with pytest.raises(ConfigError, match=message) as caught:
            generators.GaussianCopula().fit_complete(survey(), given, 0)
        assert "Vlissingen" not in str(caught.value)
