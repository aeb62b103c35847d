"""Declared rules: what they are, what is wrong with them, and how often rows break them."""

from __future__ import annotations

import tomllib
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from synthprivacy.config import parse, starter
from synthprivacy.errors import ConfigError
from synthprivacy.measures import constraints
from synthprivacy.schemata import Schema, conform, infer
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

ROWS = 40


def frame(**changes):
    """Return 40 stays in hospital that keep every rule."""
    rows = np.arange(ROWS)
    columns = {
        "stay": [f"S-{row:03}" for row in rows],
        "age": 20.0 + rows,
        "ward": [f"w{row % 4}" for row in rows],
        "house": [f"h{row % 2}" for row in rows],
        "admitted": pa.array([date(2020, 1, 1 + row % 20) for row in rows]),
        "discharged": pa.array([date(2020, 2, 1 + row % 20) for row in rows]),
    }
    return load(pa.table({**columns, **changes}), label="table")


RANGE = {"column": "age", "min": 18, "max": 65}
DEPENDENCY = {"by": ["ward"], "determines": ["house"]}
UNIQUE = {"unique": ["age", "ward"]}
ORDER = {"ascending": ["admitted", "discharged"]}


def scored(rule, release=None, control=None, original=None):
    """Return the scores of one rule called r."""
    original = frame() if original is None else original
    schema = infer(original, constraints=[{**rule, "name": "r"}], declared={"age": {"kind": "number"}})
    return {score.metric: score for score in constraints(case(schema, original, release, control))}


def case(schema, original, release=None, control=None):
    """Return the encoded case of some frames."""
    frames = {"original": original, "release": frame() if release is None else release, "control": control}
    conforming = conform({label: table for label, table in frames.items() if table is not None}, schema)[0]
    return encode(**{"control": None, **conforming}, schema=schema)


@pytest.mark.parametrize("rule", [RANGE, DEPENDENCY, UNIQUE, ORDER], ids=["range", "dependency", "unique", "order"])
def test_rows_that_keep_a_rule_break_nothing(rule):
    """A rule that all rows keep has a rate of 0 in release, original and control."""
    found = scored(rule, control=frame())
    assert found["rule.r"].value == found["rule.r"].reference == found["original.r"].value == found["mean"].value == 0.0


def test_a_range_is_broken_by_values_outside():
    """Ages 66 to 70 of ages 31 to 70, and none that is missing, are outside; the ends are inside."""
    ages = [None, *(32.0 + np.arange(ROWS - 1))]
    found = scored(RANGE, frame(age=ages))
    assert found["rule.r"].value == pytest.approx(5 / ROWS)
    low, high = found["rule.r"].interval
    assert 0.0 < low < 5 / ROWS < high < 0.4


def test_an_open_range_has_one_end():
    """A rule with only a minimum says nothing of large values; dates are ends like numbers."""
    assert scored({"column": "age", "min": 30})["rule.r"].value == pytest.approx(10 / ROWS)
    late = {"column": "admitted", "max": date(2020, 1, 10)}
    assert scored(late)["rule.r"].value == pytest.approx(0.5)


def test_dates_must_not_decrease():
    """A discharge before the admission breaks the order, on the same day it does not, a missing one neither."""
    dates = [date(2020, 1, 1), date(2020, 1, 2), None, *[date(2020, 2, 20)] * (ROWS - 3)]
    admitted = [date(2020, 1, 1), date(2020, 1, 3), *[date(2020, 1, 5)] * (ROWS - 2)]
    found = scored(ORDER, frame(discharged=pa.array(dates), admitted=pa.array(admitted)))
    assert found["rule.r"].value == pytest.approx(1 / ROWS)


def test_a_missing_date_in_the_middle_hides_no_decrease():
    """Of three dates the last is compared with the first where the middle one is missing."""
    early = [date(2020, 1, 1 + row % 9) for row in range(ROWS)]
    late = [day.replace(month=3) for day in early]
    some = [None if row % 2 else day for row, day in enumerate(late)]
    broken, kept = (
        frame(**{name: pa.array(days) for name, days in zip("abc", columns)})
        for columns in ((late, some, early), (early, early, late))
    )
    found = scored({"ascending": ["a", "b", "c"]}, broken, original=kept)
    assert found["rule.r"].value == 1.0
    assert found["original.r"].value == 0.0


def test_a_dependency_is_broken_by_all_but_the_most_frequent_value():
    """Of 10 rows of a ward in two houses, 3 in the wrong one are 3 of 40 rows; that is g₃."""
    houses = [f"h{row % 2}" for row in range(ROWS)]
    for row in (0, 4, 8):
        houses[row] = "h9"
    assert scored(DEPENDENCY, frame(house=houses))["rule.r"].value == pytest.approx(3 / ROWS)


def test_uniqueness_is_broken_by_repetitions():
    """Five equal rows are four repetitions."""
    ages = 20.0 + np.arange(ROWS)
    wards = [f"w{row % 4}" for row in range(ROWS)]
    ages[:5], wards[:5] = 90.0, ["w1"] * 5
    assert scored(UNIQUE, frame(age=ages, ward=wards))["rule.r"].value == pytest.approx(4 / ROWS)


def test_dependencies_and_uniqueness_are_compared_in_equal_numbers():
    """A release of five times the rows of one population repeats no more keys than its control."""
    rng = np.random.default_rng(0)

    def stays(rows):
        return load(
            pa.table({"age": rng.integers(20, 80, rows).astype(float), "ward": rng.choice(list("abc"), rows)}),
            label="stays",
        )

    found = scored({"unique": ["age", "ward"]}, stays(1_000), stays(200), stays(600))["rule.r"]
    assert found.value == pytest.approx(found.reference, abs=0.12)


def test_without_rules_there_is_one_undefined_score():
    """No declared rule, no share of rows that break one: the mean is undefined and says so."""
    schema = infer(frame())
    assert schema.constraints == ()
    (mean,) = constraints(case(schema, frame()))
    assert (mean.metric, mean.value, mean.reason) == ("mean", None, "no rule is declared")


def test_a_number_that_is_constant_in_the_release_has_no_range():
    """Such a number is a label, so that its rule is undefined: None, not 0."""
    found = scored(RANGE, frame(age=np.full(ROWS, 99.0)))
    assert found["rule.r"].value is None
    assert found["mean"].value is None


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"colum": "age", "max": 3}, "unknown key constraints[1].colum"),
        ({"column": "aeg", "max": 3}, "did you mean 'age'"),
        ({"column": "age"}, "must say one thing"),
        ({"column": "age", "max": 3, "unique": ["ward"]}, "must say one thing"),
        ({"column": "ward", "max": 3}, "has no order"),
        ({"column": "age", "min": 9, "max": 3}, "min ≤ max"),
        ({"column": "age", "min": "old"}, "min ≤ max"),
        ({"ascending": ["admitted"]}, "at least two columns"),
        ({"unique": []}, "must name columns"),
        ({"unique": ["age", "age"]}, "each once"),
        ({"unique": ["stay"]}, "is left out"),
        ({"by": ["ward"]}, "must say one thing"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said(rule, said):
    """A wrong rule is an error that names the place and the remedy."""
    with pytest.raises(ConfigError, match="constraints") as caught:
        infer(frame(), constraints=[rule])
    assert said in str(caught.value)


def test_two_rules_have_two_names():
    """The same rule twice is an error; with a name of its own it is another one."""
    with pytest.raises(ConfigError, match="name of its own"):
        infer(frame(), constraints=[UNIQUE, UNIQUE])
    schema = infer(frame(), constraints=[UNIQUE, {**UNIQUE, "name": "again"}])
    assert [rule.name for rule in schema.constraints] == ["unique(age,ward)", "again"]


def test_rules_are_read_from_toml_with_the_nearest_key():
    """`[[constraints]]` come through the door as they stand; an unknown key is an error with the nearest name."""
    config = parse({"constraints": [RANGE, UNIQUE]})
    assert config.constraints == (RANGE, UNIQUE)
    assert infer(frame(), constraints=config.constraints).constraints[0].high == 65
    with pytest.raises(ConfigError, match=r"unknown key constraints\[1\]\.ascendin.*did you mean ascending"):
        parse({"constraints": [{"ascendin": ["a", "b"]}]})
    with pytest.raises(ConfigError, match=r"constraints\[2\]\.unique must be a list"):
        parse({"constraints": [RANGE, {"unique": "age"}]})


def test_a_schema_is_equal_whatever_its_rules():
    """Rules are no part of what attacks look at: schemas that differ in nothing else are equal."""
    assert infer(frame(), constraints=[UNIQUE]) == infer(frame())
    assert Schema(()).constraints == ()


def test_a_new_configuration_has_rules_to_start_from():
    """Declared bounds become rules that can be read again, whatever the column is called; of all others there are examples."""
    odd = 'a "b" \\ c\x7f'
    text = starter({"age": (0.0, 110.0), odd: (-1.5, 1e9)})
    given = parse(tomllib.loads(text)).constraints
    assert [dict(rule) for rule in given] == [
        {"column": "age", "min": 0, "max": 110},
        {"column": odd, "min": -1.5, "max": 1e9},
    ]
    for line in ("# [[constraints]]", "# ascending", "# determines", "# unique", "# utility"):
        assert line in text
    assert parse(tomllib.loads(starter())).constraints == ()


def test_the_commented_examples_are_what_may_be_written():
    """Without their comment signs the examples of a new configuration are read without a complaint."""
    start = starter()
    rules = start[start.index("# [[constraints]]") : start.index("[[policy.rule]]")]
    examples = "\n".join(line.removeprefix("# ") for line in rules.splitlines())
    utility = next(line for line in start.splitlines() if line.startswith("# utility")).removeprefix("# ")
    assert len(parse(tomllib.loads(examples)).constraints) == 4
    assert "fairness" in parse(tomllib.loads(f"[plan]\n{utility}")).plan.utility
