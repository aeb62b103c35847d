"""The similarities are SDMetrics' own: compared in an environment that has it."""

from __future__ import annotations

import warnings
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from synthprivacy.measures import column_pairs, column_shapes, marginals
from synthprivacy.measures import pairs as pairs_module
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import Case, Feature, Table

pytestmark = pytest.mark.oracle

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "adult_census2k"
TOLERANCE = 1e-6


@pytest.fixture(scope="module", autouse=True)
def _every_pair_is_shown():
    """Show all pairs, not only the 20 least alike."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs_module, "SHOWN", 10**6)
        yield


@pytest.fixture(scope="module", params=["mostly", "flip30"])
def frames(request):
    """Return original, control and release."""
    if not FOLDER.exists():
        pytest.skip("the 2,000-row census tables are not beside the project")
    names = ("trn", "hol", f"syn_{request.param}")
    return tuple(pd.read_csv(FOLDER / f"census2k-{name}.csv.gz") for name in names)


@pytest.fixture(params=["complete", "holes"])
def tables(request, frames):
    """Return the frames as they are, and with a tenth of the values missing."""
    if request.param == "complete":
        return frames
    rng = np.random.default_rng(0)
    return tuple(frame.mask(rng.random(frame.shape) < 0.1) for frame in frames)


def encoded(original, control, release):
    """Return the case of three frames: numbers as they are, the rest as codes of one code book."""
    frames = {"original": original, "control": control, "release": release}
    sides = {label: [] for label in frames}
    for name in sorted(original.columns):
        ordered = pd.api.types.is_numeric_dtype(original[name])
        labels = pd.Index(np.unique(pd.concat([frame[name] for frame in frames.values()]).dropna()))
        for label, frame in frames.items():
            column = frame[name].astype(float) if ordered else pd.Series(labels.get_indexer(frame[name]), dtype=float)
            values = column.where(frame[name].notna()).to_numpy(dtype=float)
            sides[label].append(Feature(name, "number" if ordered else "category", values, ordered, len(labels)))
    made = {label: Table(tuple(side), np.arange(len(frames[label]))) for label, side in sides.items()}
    return Case("release", made["original"], made["control"], made["release"], Schema(()))


def report(original, release):
    """Return SDMetrics' quality report over every pair."""
    reports = pytest.importorskip("sdmetrics.reports.single_table", exc_type=ImportError)
    kinds = {
        name: {"sdtype": "numerical" if pd.api.types.is_numeric_dtype(original[name]) else "categorical"}
        for name in original
    }
    made = reports.QualityReport()
    made.real_correlation_threshold = made.real_association_threshold = 0
    made.generate(original, release, {"columns": kinds}, verbose=False)
    return made


def contingency(original, release, pair):
    """Return SDMetrics' contingency similarity with the bins of the original."""
    from sdmetrics.column_pairs.statistical import ContingencySimilarity

    numbers = [name for name in pair if pd.api.types.is_numeric_dtype(original[name])]
    return ContingencySimilarity.compute(original[list(pair)].copy(), release[list(pair)].copy(), numbers or None)


@pytest.fixture(autouse=True)
def _their_warnings_are_theirs():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_column_shapes_are_theirs(tables):
    """Every column shape and their mean equal the quality report's, with missing values and without."""
    original, control, release = tables
    theirs = report(original, release)
    details = theirs.get_details("Column Shapes").set_index("Column")["Score"]
    ours = {score.metric: score for score in column_shapes(encoded(*tables))}
    assert ours["mean"].value == pytest.approx(theirs.get_properties()["Score"][0], abs=TOLERANCE)
    for name, score in details.items():
        assert ours[f"column.{name}"].value == pytest.approx(score, abs=TOLERANCE)
    reference = report(original, control).get_properties()["Score"][0]
    assert ours["mean"].reference == pytest.approx(reference, abs=TOLERANCE)


def test_pairs_of_one_kind_are_theirs(tables):
    """Pairs of two numbers and pairs of two categories equal the quality report's."""
    original, _, release = tables
    details = report(original, release).get_details("Column Pair Trends")
    ours = {score.metric: score.value for score in column_pairs(encoded(*tables))}
    numeric = original.dtypes.map(pd.api.types.is_numeric_dtype)
    alike = [
        (a, b, s)
        for a, b, s in zip(details["Column 1"], details["Column 2"], details["Score"])
        if numeric[a] == numeric[b]
    ]
    assert len(alike) == 6 * 5 / 2 + 9 * 8 / 2
    for first, second, score in alike:
        assert ours["pair." + "|".join(sorted((first, second)))] == pytest.approx(score, abs=TOLERANCE)


def test_mixed_pairs_are_their_metric_with_the_bins_of_the_original(tables):
    """A number beside a category equals their metric, which takes the original's bins; their report does not."""
    original, _, release = tables
    numeric = original.dtypes.map(pd.api.types.is_numeric_dtype)
    ours = {score.metric: score.value for score in column_pairs(encoded(*tables))}
    mixed = [pair for pair in combinations(sorted(original), 2) if numeric[pair[0]] != numeric[pair[1]]]
    assert len(mixed) == 6 * 9
    for pair in mixed:
        assert ours["pair." + "|".join(pair)] == pytest.approx(contingency(original, release, pair), abs=TOLERANCE)


def test_the_mean_of_pairs_is_theirs_with_the_bins_of_the_original(tables):
    """The mean over all pairs is the report's once its mixed pairs are cut at the original's edges."""
    original, _, release = tables
    numeric = original.dtypes.map(pd.api.types.is_numeric_dtype)
    details = report(original, release).get_details("Column Pair Trends")
    theirs = [
        score if numeric[first] == numeric[second] else contingency(original, release, (first, second))
        for first, second, score in zip(details["Column 1"], details["Column 2"], details["Score"])
    ]
    ours = {score.metric: score.value for score in column_pairs(encoded(*tables))}
    assert ours["mean"] == pytest.approx(np.mean(theirs), abs=TOLERANCE)


def test_missingness_is_theirs(tables):
    """The likeness of missing shares equals *MissingValueSimilarity* in every column that has a score of its own."""
    from sdmetrics.single_column import MissingValueSimilarity

    original, _, release = tables
    ours = {score.metric: score.value for score in marginals(encoded(*tables))}
    theirs = {name: MissingValueSimilarity.compute(original[name], release[name]) for name in original}
    assert ours["missingness"] == pytest.approx(np.mean(list(theirs.values())), abs=TOLERANCE)
    for name, value in theirs.items():
        assert ours[f"missingness.{name}"] == pytest.approx(value, abs=TOLERANCE)
