"""The public functions: every kind of table, and what comes back."""

from __future__ import annotations

import duckdb
import html5lib
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.config import PlanSettings
from synthprivacy.results import Evaluation, Risk

COLUMNS = ["age", "sex", "region", "diagnosis", "weight_kg", "smoker", "registered"]
SETTINGS = PlanSettings(attacks=("linkability", "membership", "memorization"), utility=("shapes",))
ROWS = 240


@pytest.fixture(scope="module")
def tables():
    """Return three tables as keyword arguments."""
    names = ("original", "control", "synthetic")
    frames = [simulate.people(ROWS, stream)[COLUMNS] for stream in np.random.default_rng(4).spawn(3)]
    frames[0].loc[:4, "weight_kg"] = np.nan
    return dict(zip(names, frames))


@pytest.fixture(scope="module")
def evaluation(tables):
    """Return the evaluation of the pandas tables."""
    return sp.evaluate(**tables, plan=SETTINGS)


LIBRARIES = {
    "polars": pl.from_pandas,
    "lazy polars": lambda frame: pl.from_pandas(frame).lazy(),
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "duckdb": lambda frame: duckdb.from_arrow(pa.Table.from_pandas(frame, preserve_index=False)),
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_library_gives_the_same_evaluation(library, tables, evaluation):
    """Pandas, polars (eager or lazy), pyarrow and duckdb tables give the same evaluation, digests included."""
    theirs = {name: LIBRARIES[library](frame) for name, frame in tables.items()}

    assert sp.evaluate(**theirs, plan=SETTINGS).dumps() == evaluation.dumps()


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_library_in_the_other_functions(library, tables):
    """`schema`, `plan`, `split` and `nearest` take and give what `evaluate` takes."""
    make = LIBRARIES[library]
    theirs = {name: make(frame) for name, frame in tables.items()}

    assert repr(sp.schema(theirs["original"])) == repr(sp.schema(tables["original"]))
    assert repr(sp.plan(**theirs)) == repr(sp.plan(**tables))
    for one, other in zip(sp.split(theirs["original"]), sp.split(tables["original"])):
        assert len(one) == len(other)
    for one, other in zip(
        sp.nearest(theirs["control"], theirs["synthetic"]), sp.nearest(tables["control"], tables["synthetic"])
    ):
        np.testing.assert_array_equal(one, other)


def test_files_are_tables_too(tables, evaluation, tmp_path):
    """Paths to Parquet files give the same evaluation as the tables in them."""
    for name, frame in tables.items():
        frame.to_parquet(tmp_path / f"{name}.parquet")

    found = sp.evaluate(**{name: tmp_path / f"{name}.parquet" for name in tables}, plan=SETTINGS)

    assert found.dumps() == evaluation.dumps()


def test_tables_are_keyword_only(tables):
    """No table can be passed by position: a swap would silently reverse the answer."""
    for function in (sp.evaluate, sp.plan):
        with pytest.raises(TypeError, match="positional"):
            function(tables["original"], tables["synthetic"])


def test_one_release_or_several(tables, evaluation):
    """A single table is called `synthetic`; in a mapping each keeps its name, and gives the same result as alone."""
    several = sp.evaluate(**tables | {"synthetic": {"a": tables["synthetic"], "b": tables["original"]}}, plan=SETTINGS)

    assert [release.name for release in evaluation.releases] == ["synthetic"]
    assert [release.name for release in several.releases] == ["a", "b"]
    assert several["a"].risks == evaluation["synthetic"].risks
    assert several["b"].worst.value > 0.9
    with pytest.raises(KeyError):
        several["c"]
    with pytest.raises(sp.DataError, match="at least one table"):
        sp.evaluate(**tables | {"synthetic": {}})


def test_no_control_is_said_and_passes_no_gate(tables):
    """Without a control there is a warning, every risk is a raw rate, and nothing passes."""
    with pytest.warns(UserWarning, match="no control"):
        found = sp.evaluate(**tables | {"control": None}, plan=SETTINGS)

    assert sp.gate(found, limit=0.99).decision == "inconclusive"
    assert found["synthetic"].copies is None


def test_a_plan_is_kept_to(tables, evaluation):
    """A plan, and the settings it was made from, give the same evaluation; its schema is taken with it."""
    schema = sp.schema(tables["original"], secrets=["diagnosis"])
    plan = sp.plan(**tables, schema=schema, settings=SETTINGS)

    by_plan = sp.evaluate(**tables, plan=plan)

    assert by_plan.dumps() == sp.evaluate(**tables, schema=schema, plan=SETTINGS).dumps()
    assert by_plan.dumps() != evaluation.dumps()
    assert {risk.endpoint for risk in by_plan["synthetic"].risks} <= {endpoint.name for endpoint in plan.endpoints}
    assert by_plan.plan["endpoints"] == plan.to_dict()["endpoints"]


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"seed": -1}, "seed must be a whole number of at least 0"),
        ({"seed": 1.5}, "seed must be a whole number"),
        ({"seed": True}, "seed must be a whole number"),
        ({"seed": None}, "seed must be a whole number"),
        ({"jobs": 0}, "jobs must be a whole number of at least 1"),
        ({"jobs": "2"}, "jobs must be a whole number"),
    ],
)
def test_seed_and_jobs_are_checked_first(tables, settings, rule):
    """A seed or a number of threads that makes no sense is refused."""
    with pytest.raises(sp.ConfigError, match=rule):
        sp.evaluate(**tables, **settings)


def test_numpy_integers_are_whole_numbers(tables, evaluation):
    """A seed out of an array is a seed."""
    assert sp.evaluate(**tables, plan=SETTINGS, seed=np.int64(0), jobs=np.int32(2)).dumps() == evaluation.dumps()


def test_progress_counts_up_to_the_total(tables):
    """The callback gets every step once, in order, with one total and what comes next."""
    told = []
    releases = {"a": tables["synthetic"], "b": tables["synthetic"].head(100)}
    found = sp.evaluate(**tables | {"synthetic": releases}, plan=SETTINGS, progress=lambda *step: told.append(step))

    totals = {total for _, total, _ in told}
    assert [done for done, _, _ in told] == list(range(len(told)))
    assert totals == {len(told)}
    assert [what.partition(":")[0] for _, _, what in told] == ["a"] * (len(told) // 2) + ["b"] * (len(told) // 2)
    assert {what for _, _, what in told} == set(found.timings)


def test_a_gate_takes_a_limit_or_a_policy(evaluation):
    """A limit, a policy as a mapping and a policy kept in the evaluation are one thing; two at once are refused."""
    mapping = {"rule": [{"of": "primary.upper", "max": 0.05}]}

    assert sp.gate(evaluation, limit=0.05) == sp.gate(evaluation, policy=mapping)
    with pytest.raises(sp.ConfigError, match="must not both"):
        sp.gate(evaluation, limit=0.05, policy=mapping)
    with pytest.raises(sp.ConfigError, match="a gate needs a policy"):
        sp.gate(evaluation)


def test_a_frame_has_a_row_per_endpoint(evaluation):
    """`to_frame` has every endpoint once, the skipped ones too; `metrics` has value and bound of each risk."""
    frame, release, flat = evaluation.to_frame(), evaluation["synthetic"], evaluation.metrics()

    assert list(frame["endpoint"]) == [found.endpoint for found in (*release.risks, *release.skipped)]
    assert list(frame["upper"].dropna()) == [risk.upper for risk in release.risks]
    for risk in release.risks:
        assert flat[f"synthetic.{risk.endpoint}.value"] == risk.value
        assert flat[f"synthetic.{risk.endpoint}.upper"] == risk.upper


def test_the_worst_is_the_primary_with_the_largest_bound(evaluation):
    """`worst` is one of the primary endpoints, and none of them has a larger bound."""
    release = evaluation["synthetic"]

    assert release.worst.primary
    assert release.worst.upper == max(risk.upper for risk in release.risks if risk.primary)


def test_json_and_back(evaluation, tmp_path):
    """What is written is read back as it was written, and decides alike."""
    evaluation.to_json(tmp_path / "e.json")
    found = Evaluation.from_json(tmp_path / "e.json")

    assert found == Evaluation.from_dict(evaluation.to_dict())
    assert found.dumps() == evaluation.dumps()
    assert str(sp.gate(found, limit=0.05)) == str(sp.gate(evaluation, limit=0.05))


def test_notebooks_and_reports(evaluation, tmp_path):
    """The notebook's snippet and the report are HTML that a strict parser takes; public is the default."""
    parser = html5lib.HTMLParser(strict=True)
    parser.parseFragment(evaluation._repr_html_())
    sp.report(evaluation, tmp_path / "public.html")
    sp.report([evaluation, evaluation], tmp_path / "several.html")
    sp.report(evaluation, tmp_path / "inside.html", inside=True)

    pages = {path.stem: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    parser.parse(pages["public"])
    assert len(set(pages.values())) == 3


@pytest.fixture(scope="module")
def households():
    """Return 400 households of three alike on each side, of whom 120 are in the release; their secret is one."""

    def side(seed):
        rng = np.random.default_rng(seed)
        homes = 400
        one = pd.DataFrame(
            {
                "home": np.arange(homes) + homes * seed,
                "street": rng.integers(0, 5_000, homes),
                "rooms": rng.integers(1, 9, homes),
                "illness": rng.choice(["a", "b", "c", "d"], homes),
            }
        )
        return one.loc[one.index.repeat(3)].reset_index(drop=True).assign(age=rng.integers(0, 90, 3 * homes))

    original, control, fresh = side(1), side(2), side(3)
    return original, control, pd.concat([original.head(360), fresh.head(840)], ignore_index=True)


def illness(households, unit):
    """Return the risk of the secret, with or without knowing who lives together."""
    original, control, release = households
    columns = {"home": {"role": "ignore"}} if unit is None else {}
    schema = sp.schema(original, unit=unit, secrets=["illness"], columns=columns)
    plan = PlanSettings(attacks=("inference",), utility=("shapes",))
    found = sp.evaluate(original=original, control=control, synthetic=release, schema=schema, plan=plan)
    return next(risk for risk in found["synthetic"].risks if risk.endpoint == "inference.illness")


def test_rows_of_one_person_count_as_one_person(households):
    """Three alike rows a person: people are a third of the trials, and the interval is wider than for as many rows."""
    apart, together = illness(households, None), illness(households, "home")

    rate = together.evidence.original
    assert isinstance(together, Risk)
    assert (rate.people, rate.trials) == (400, 1_200)
    assert rate.design_effect > 1.5
    assert apart.evidence.original.people == apart.evidence.original.trials == 1_200
    assert together.value == pytest.approx(apart.value, abs=1e-12)
    width = np.diff(together.interval)[0] / np.diff(apart.interval)[0]
    assert 1.3 < width < 2
    assert together.upper > apart.upper
