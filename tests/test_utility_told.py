"""What is told of scores: ranges, reasons, names, in the JSON, in public and on the page."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from synthprivacy.measures import LEARNED, MEASURES
from synthprivacy.reporting import charts
from synthprivacy.reporting.families import METRICS, name_of
from synthprivacy.reporting.html import render
from synthprivacy.results import Evaluation, Score
from synthprivacy.results.overfitting import above_ceiling

FAMILIES = MEASURES | LEARNED


def plain(rows):
    """Return rows that do not differ, a column nobody filled in, and two numbers that do differ."""
    rng = np.random.default_rng(rows)
    columns = {"flat": [1.0] * rows, "same": ["a"] * rows, "blank": [np.nan] * (rows - 1) + [1.0]}
    return pd.DataFrame(columns | {"x": rng.normal(size=rows), "y": rng.normal(size=rows)})


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("rows", [1, 15, 60])
def test_what_is_undefined_says_why(family, rows, case_of):
    """Of tiny and constant tables, with and without a control, every family has scores, and each None has a reason, no other."""
    for control in (plain(rows + 1), None):
        case = case_of(plain(rows), control, plain(rows + 2))
        scores = FAMILIES[family](case)
        assert scores or family == "survey"  # of which nothing is said where nobody has a weight
        for score in scores:
            assert (score.value is None) == (score.reason is not None), score
            assert score.value is None or np.isfinite(score.value)


@pytest.mark.parametrize(
    ("family", "metric", "words"),
    [
        ("shapes", "column.gone", "no value is known in the original"),
        ("pairs", "pair.flat|x", "does not vary among the rows of the original"),
        ("constraints", "mean", "no rule is declared"),
        ("disclosure", "UiO", "quasi-identifier"),
        ("properties", "closeness", "secret"),
        ("fairness", "parity", "role group"),
    ],
)
def test_reasons_name_the_table_and_the_rule(family, metric, words, case_of, read):
    """A reason says what is missing and where, in words that quote nobody's value."""
    release = plain(60).assign(gone=np.arange(60.0), flat=np.arange(60.0))
    original, control = (plain(60).assign(gone=np.nan, flat=7.25) for _ in range(2))
    case = case_of(original, control, release, declared={name: {"kind": "number"} for name in ("gone", "flat")})
    score = read(FAMILIES[family](case))[metric]
    assert score.value is None
    assert words in score.reason
    assert "7.25" not in score.reason


def test_without_a_control_prediction_and_distances_say_so(case_of):
    """Families that need people nobody learned from say that there are none."""
    case = case_of(plain(60), None, plain(60))
    for family in ("prediction", "distances"):
        (score,) = FAMILIES[family](case)
        assert "there is no control" in score.reason


def test_range_and_reason_survive_the_json(evaluation, risk):
    """A score comes back from the JSON with its range, also an open one, and with its reason."""
    scores = [
        Score("detection", "pmse_ratio", 1.2, 2.0, (0.5, 1.9), "lower", (0.0, None)),
        Score("k_way", "k_marginal", 900.0, None, None, "higher", (0.0, 1_000.0)),
        Score("shapes", "column.x", None, 0.9, None, "higher", reason="no value is known in the release"),
    ]
    found = evaluation(risk(), scores=scores)
    assert list(Evaluation.from_dict(found.to_dict()).releases[0].scores) == scores


@pytest.mark.parametrize("suffix", ["", "_control", "_ceiling", "_above"])
@pytest.mark.parametrize(("family", "metric"), [("association", "mean"), ("marginals", "hellinger")])
def test_what_stands_beside_a_steep_score_is_withheld_with_it(family, metric, suffix, evaluation, risk):
    """In public neither the ceiling nor the flag of a steep score is told, and the page says that they are withheld."""
    found = evaluation(risk(), scores=[Score(family, f"{metric}{suffix}", 0.03, 0.04, None, "lower")])
    (shown,) = found.public().releases[0].scores
    assert (shown.value, shown.reference, shown.interval) == (None, None, None)
    assert shown.reason.startswith("withheld")
    assert above_ceiling([shown]) == ()


def test_the_public_rendering_keeps_a_reason(evaluation, risk):
    """Why a score is undefined is the same sentence inside and in public."""
    found = evaluation(risk(), scores=[Score("shapes", "mean", None, None, None, "higher", reason="there is nothing")])
    assert found.public().releases[0].scores[0].reason == "there is nothing"


@pytest.fixture(name="page")
def _page(evaluation, risk):
    """Return the maker of the inside page with some scores."""

    def make(*scores):
        found = evaluation(risk())
        return render(replace(found, releases=(replace(found.releases[0], scores=scores),)), inside=True)

    return make


def test_the_page_says_range_direction_and_reason(page):
    """A score that is not between 0 and 1, or lower the better, says so in its row; an undefined one says why."""
    told = page(
        Score("detection", "pmse_ratio", 1.2, 2.0, (0.5, 1.9), "lower", (0.0, None)),
        Score("prediction", "skill", 0.5, 0.6, (0.4, 0.6), "higher", (-1.0, 1.0)),
        Score("shapes", "mean", None, None, None, "higher", reason="there is nothing to compare"),
    )
    assert "0 or more, lower is better" in told
    assert "−1 to 1, higher is better" in told
    assert "not defined: there is nothing to compare" in told


def test_rules_are_not_called_likenesses_and_the_control_stands_beside(page):
    """The mean over rules goes by that name; what is measured against the control says so, whatever the family."""
    told = page(
        Score("constraints", "mean", 0.1, 0.0, (0.0, 0.2), "lower"),
        Score("marginals", "hellinger_control", 0.1, 0.1, (0.0, 0.2), "lower"),
        Score("marginals", "hellinger", 0.1, 0.1, (0.0, 0.2), "lower"),
        Score("marginals", "hellinger_ceiling", 0.05, 0.1, None, "lower"),
    )
    assert "mean over the rules" in told
    assert "mean, against the original" not in told
    assert "Hellinger, against the control" in told
    assert "hardly under 0.050" in told
    for metric in ("precision", "functionals", "wasserstein", "two_way", "rare"):
        assert name_of("any", f"{metric}_control") == f"{name_of('any', metric)}, against the control"


def test_long_names_are_whole_in_charts(page):
    """A name of two lines is drawn in two lines, to its last word; one of three is cut."""
    told = page(Score("detection", "auc", 0.6, 0.5, (0.5, 0.7), "lower"))
    assert ">told from the original (area</text>" in told
    assert ">under the curve)</text>" in told


@pytest.mark.parametrize(
    ("family", "function"),
    [("pairs", "_trends"), ("prediction", "_learn"), ("fairness", "_changes"), ("estimates", "_coefficients")],
)
def test_products_of_matrices_run_on_one_thread(family, function, case_of, monkeypatch):
    """Where two threads are allowed, what multiplies matrices sees one: the last digits must not tell the machine."""
    module = sys.modules[FAMILIES[family].__module__]
    inside, threads = getattr(module, function), set()

    def watched(*given, **named):
        threads.update(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return inside(*given, **named)

    monkeypatch.setattr(module, function, watched)
    frame = plain(240).assign(group=["p", "q"] * 120, ill=["yes", "no", "no"] * 80)
    case = case_of(frame, frame, frame, secrets=["ill", "x"], declared={"group": {"role": "group"}})
    with threadpool_limits(2):
        FAMILIES[family](case)
    assert threads == {1}


def test_names_of_the_page_fit_into_its_charts():
    """Every name of a score that is not a column's is whole in two lines, with the control named too."""
    beside = (
        "wasserstein",
        "missingness",
        "rare",
        "two_way",
        "three_way",
        "recall",
        "authenticity",
        "functionals",
        "coefficients",
    )
    names = [*METRICS.values(), *(name_of("any", f"{metric}_control") for metric in beside)]
    assert not [name for name in names if len(textwrap.wrap(name, charts._CHARACTERS)) > 2]


@pytest.mark.parametrize("family", [*MEASURES, "estimates", "fairness"])
def test_dtypes_change_no_score(family, case_of):
    """Whole numbers as floats, texts as categories and numbers as text-free Arrow columns: every score is the same."""

    def typed(frame, *, other):
        if not other:
            return frame
        return frame.astype({"age": "float64", "ill": "category", "sex": "category", "x": "double[pyarrow]"})

    def people(seed):
        rng = np.random.default_rng(seed)
        columns = {"ill": rng.choice(["yes", "no"], 200), "sex": rng.choice(["f", "m"], 200)}
        return pd.DataFrame({"age": rng.integers(20, 60, 200), "x": rng.normal(size=200)} | columns)

    found = []
    for other in (False, True):
        frames = [typed(people(seed), other=other) for seed in range(3)]
        declared = {"sex": {"role": "group"}, "age": {"kind": "integer", "role": "quasi_identifier"}}
        found.append(FAMILIES[family](case_of(*frames, secrets=["ill"], declared=declared)))
    assert found[0] == found[1]
