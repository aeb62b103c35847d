"""Charts of columns show how each is spread in each table, and tell of nobody."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthprivacy.errors import ConfigError
from synthprivacy.measures import histograms
from synthprivacy.measures.comparing.edges import bin_names, bins_of, round_edges
from synthprivacy.reporting import render
from synthprivacy.results import Evaluation, Score

ROWS = 1_000
RARE = "Zanzibaria"
HOSTILE = "</text><img src=x onerror=alert(1)>\u202e$\\frac{1}{0}$"


def people(rows=ROWS, seed=0):
    """Return people with a column of each kind of spread."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 90, rows),
            "income": np.round(rng.lognormal(10, 1, rows), 2),
            "gain": np.where(rng.random(rows) < 0.9, 0, rng.integers(1, 9_000, rows)),
            "region": rng.choice(["North", "South", "West"], rows, p=[0.5, 0.3, 0.2]),
            "smoker": rng.random(rows) < 0.2,
        }
    )


def told(curves):
    """Return the histograms by column and table."""
    return {(curve.of.removeprefix("shapes.column."), curve.name.removeprefix("shape, ")): curve for curve in curves}


def text_of(curves):
    """Return everything that histograms say."""
    return repr([(curve.of, curve.x, curve.y, curve.labels) for curve in curves])


@pytest.mark.parametrize("control", [150, 1_000, None])
@pytest.mark.parametrize("rows", [45, 300, 3_000])
def test_no_bin_is_of_fewer_than_ten(case_of, rows, control):
    """Every bin that has a share holds ten people of the original and ten of the control."""
    frames = {"original": people(rows), "control": None if control is None else people(control, 1)}
    found = told(histograms(case_of(*frames.values(), people(rows, 2))))

    for (column, side), curve in found.items():
        if side == "release" or frames[side] is None:
            continue
        values = frames[side][column]
        if curve.x:
            counts = np.bincount(np.searchsorted(curve.x, values, side="left"), minlength=len(curve.y))
        else:
            texts = values.astype(str).str.lower() if column == "smoker" else values
            counts = np.array([(texts == label).sum() for label in curve.labels])
        assert counts.min() >= 10
        shown = np.array(curve.y[: len(counts)])
        step = 10 / len(values)
        assert np.abs(shown - counts / len(values)).max() <= 2.5 * step
        assert np.allclose(shown / 0.001, np.round(shown / 0.001))
    assert len(found["age", "original"].y) >= 3  # bins that are too small are joined, and the column is drawn


def test_a_rare_label_is_never_named(case_of):
    """Nobody's label is told that nine people have, on either side, however common it is in the release."""
    common = people(seed=2).assign(region=RARE)
    for few, side in ((9, 0), (9, 1)):
        tables = [people(), people(seed=1)]
        tables[1 - side].loc[:99, "region"] = RARE
        tables[side].loc[: few - 1, "region"] = RARE
        common.loc[::2, "region"] = "North"
        found = histograms(case_of(*tables, common))

        assert RARE not in text_of(found)
        assert told(found)["region", "release"].y[-1] == 0.5
        tables[side].loc[few, "region"] = RARE
        assert RARE in text_of(histograms(case_of(*tables, common)))


def test_none_is_nine(case_of):
    """From none to nine people with another label, or beyond the last bin: the same bytes."""
    base = people()
    base["region"] = np.repeat(["North", "South"], [704, 296])
    texts, ends = set(), set()
    for few in range(10):
        changed = base.copy()
        changed.loc[: few - 1 if few else -1, "region"] = RARE
        curves = histograms(case_of(changed, people(seed=1), people(seed=2).assign(region=base["region"])))
        texts.add(text_of([curve for curve in curves if "region" in curve.of]))
        changed = base.copy()
        changed.loc[base["income"].nlargest(few).index, "income"] = 1e9 + few
        ends.add(text_of(histograms(case_of(changed, people(seed=1), people(seed=2)))))

    assert len(texts) == len(ends) == 1


def test_labels_the_release_lacks_are_not_named(case_of):
    """A label of the original that was not published in the release stays inside, even where everybody has it."""
    found = histograms(case_of(people(), people(seed=1), people(seed=2).replace({"region": {"North": "East"}})))

    assert "North" not in text_of(found)
    assert told(found)["region", "original"].labels == ("South", "West")
    assert told(found)["region", "original"].y[-1] == pytest.approx(0.5, abs=0.05)


def test_people_are_counted_and_not_their_rows(case_of):
    """Fifty rows of five people are five people: their label is not told, nor a bin of theirs."""
    table = people()
    table["who"] = np.arange(ROWS)
    table.loc[:49, "who"] = np.arange(50) % 5
    table.loc[:49, ["region", "income"]] = [RARE, 1e9]
    release = people(seed=2)
    release.loc[:99, "region"] = RARE
    control = people(seed=1).assign(who=np.arange(ROWS) + ROWS)
    control.loc[:99, "region"] = RARE
    found = histograms(case_of(table, control, release.assign(who=0), unit="who"))

    assert RARE not in text_of(found)
    assert max(told(found)["income", "original"].x) < 1e6


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1e12, 1e12), min_size=40, max_size=80), st.sampled_from(["number", "integer", "duration"]))
def test_edges_are_round_and_inside(values, kind):
    """Ends lie within a bin's width of the middle nine tenths, rise, and have three significant digits of that width."""
    known = np.round(values) if kind == "integer" else np.array(values)
    edges = round_edges(known, kind)
    low, high = np.quantile(known, [0.05, 0.95], method="inverted_cdf")

    assert np.all(np.diff(edges) > 0)
    assert len(edges) <= 7
    if high > low and len(edges):
        assert low - (high - low) / 8 - 1 <= edges.min() <= edges.max() <= high + (high - low) / 8 + 1
    names = bin_names(edges, kind) if len(edges) else ()
    assert len(names) == len(set(names)) == (len(edges) + 1 if len(edges) else 0)
    assert np.all(bins_of(known, edges, kind) >= 0)


@pytest.mark.parametrize(
    ("kind", "edges", "names"),
    [
        ("integer", [0, 1, 5], ("up to 0", "1", "2 to 5", "over 5")),
        ("integer", [-5, 1990, 20_000], ("up to −5", "−4 to 1990", "1991 to 20,000", "over 20,000")),
        ("number", [-0.5, 0.25], ("up to −0.5", "−0.5 to 0.25", "over 0.25")),
        ("duration", [7.2e9, 36e9], ("up to 2 hours", "2 to 10 hours", "over 10 hours")),
        ("datetime", [0.0, 315532800e6], ("before 1970", "from 1970", "from 1980")),
        ("datetime", [86400e6 * 31, 86400e6 * 59], ("before 1970-02", "from 1970-02", "from 1970-03")),
        ("datetime", [3600e6], ("before 1970-01-01 01:00", "from 1970-01-01 01:00")),
    ],
)
def test_bins_are_called_what_they_are(kind, edges, names):
    """Numbers, dates and durations are named in units that people use, the outer bins as open ones."""
    assert bin_names(np.array(edges, dtype=float), kind) == names


def test_a_last_bin_that_is_too_small_joins_the_one_before(case_of):
    """Of 30, 22 and 8 people with rising numbers, the last two make one bin."""
    frame = people(60).assign(age=np.repeat([0, 3, 5], [30, 22, 8]))
    found = told(histograms(case_of(frame, None, frame)))

    assert found["age", "original"].labels == ("up to 0", "over 0")
    assert found["age", "original"].y == (0.4, 0.4)  # halves, in steps of a fifth: ten people or more


def test_constant_columns_have_no_chart(case_of):
    """What cannot be cut into two bins of ten people is not drawn."""
    flat = people().assign(region="North", age=40, gain=np.where(np.arange(ROWS) < 9, 5, 0))
    found = told(histograms(case_of(flat, people(seed=1).assign(region="North"), flat)))

    assert {column for column, _ in found} == {"income", "smoker"}


@pytest.fixture(name="drawn")
def _drawn(evaluation, release, risk, histogram):
    """Return an evaluation with histograms, of which the labels are hostile, and of one column that has none."""
    labels = (HOSTILE, "b")
    curves = [
        *histogram("sex", labels, (0.5, 0.4, None), (0.6, 0.4, None), (0.2, 0.7, 0.1)),
        *histogram(HOSTILE, ("up to 0", "over 0"), (0.8, 0.2), (0.7, 0.3), (0.9, 0.1), edges=(0.0,)),
    ]
    scores = [Score("shapes", f"column.{name}", 0.9, 0.99, None, "higher") for name in ("sex", HOSTILE, "flat")]
    return evaluation(releases=[release(risk(), name=name, series=curves, scores=scores) for name in ("x", "y")])


def test_every_column_is_drawn_with_its_numbers(drawn):
    """Each column has a panel whose description has every share; withheld ones are called so; the rest is listed."""
    page = render(drawn, inside=True)
    told_of = re.findall(r'<svg class="panel".*?<desc[^>]*>(.*?)</desc>', page)

    assert len(told_of) == 2
    assert "over 0: original 20.0%, control 30.0%, release A 10.0%, release B 10.0%" in " ".join(told_of)
    assert "all others: original fewer than 10 people, control fewer than 10 people, release A 10.0%" in " ".join(
        told_of
    )
    assert "two bins of ten people could be told apart: flat." in page


def test_hostile_labels_are_text(drawn):
    """No label becomes an element, a formula or an invisible character."""
    page = render(drawn, inside=True)

    assert "<img" not in page
    assert "\u202e" not in page
    assert "&lt;/text&gt;&lt;img s" in page


def test_the_page_is_the_same_from_the_json_and_in_public(drawn, tmp_path):
    """The stored evaluation draws the same bytes; the public rendering keeps the same histograms."""
    drawn.to_json(tmp_path / "e.json")
    stored = Evaluation.from_json(tmp_path / "e.json")

    assert render(stored) == render(drawn)
    assert stored["x"].series == drawn["x"].series == drawn.public()["x"].series


def test_an_older_evaluation_has_no_such_charts(drawn):
    """Without histograms, or without the names of bins, the page is made and shows no panel."""
    data = json.loads(drawn.dumps())
    for release in data["releases"]:
        release["series"] = []
    older = Evaluation.from_dict(data)

    assert 'class="panel"' not in render(older)
    assert "How each column looks" not in render(older)
    with pytest.raises(ConfigError, match="no histogram"):
        older.plot.shapes()


@pytest.mark.parametrize("broken", [{"y": [0.5]}, {"y": [None, None, None]}, {"name": "shape, original"}])
def test_histograms_that_do_not_fit_are_left_out(drawn, broken):
    """A release's histogram with other bins than the original's, or without shares, is not drawn."""
    data = json.loads(drawn.dumps())
    for release in data["releases"]:
        release["series"][2] |= broken
    page = render(Evaluation.from_dict(data))

    assert page.count('class="panel"') == 1


def test_bins_that_differ_are_drawn_apart(drawn):
    """Where a release has other bins, its column has a panel of its own, with its letter."""
    data = json.loads(drawn.dumps())
    for curve in data["releases"][1]["series"][:3]:
        curve["labels"] = ["b", "c"]
    page = render(Evaluation.from_dict(data))

    assert re.findall(r"<title[^>]*>Column sex( \(\w\))?</title>", page) == [" (A)", " (B)"]
