"""Releases whose worth is known, over every family: the control, the training table, one mode dropped, and noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthprivacy.measures import LEARNED, MEASURES
from synthprivacy.measures.comparing.ceiling import LOOKED_AT
from synthprivacy.results.overfitting import above_ceiling, is_about_ceiling

ROWS = 400
NAMES = ("training", "control", "dropped", "noise")
"""From the closest to the original to the farthest."""
RULES = [
    {"name": "stay", "ascending": ["admitted", "discharged"]},
    {"name": "ward", "by": ["ward"], "determines": ["house"]},
]
SETTINGS = {"secrets": ["ill", "cost"], "declared": {"sex": {"role": "group"}, "ward": {"role": "quasi_identifier"}}}


def people(rows, seed):
    """Return stays in hospital: what they cost, and who is ill, depends on the ward and on everything else."""
    rng = np.random.default_rng(seed)
    ward = rng.choice(6, rows, p=[0.3, 0.25, 0.2, 0.15, 0.08, 0.02])
    age = rng.normal(45 + 5 * ward, 12)
    admitted = rng.uniform(0, 300, rows)
    ill = rng.random(rows) < 1 / (1 + np.exp(-(age - 50) / 10 - 0.5 * ward + 1))
    numbers = {f"n{place}": rng.normal(ward - age / 30, 1.0) for place in range(4)}
    for values in numbers.values():
        values[rng.random(rows) < 0.1] = np.nan
    return pd.DataFrame(
        {
            "admitted": admitted,
            "age": age,
            "cost": 100 * ill + 3 * age + 20 * rng.normal(size=rows),
            "discharged": admitted + rng.exponential(10, rows),
            "house": np.array(list("hhijjk"))[ward],
            "ill": np.where(ill, "yes", "no"),
            "sex": np.where(rng.random(rows) < 0.5, "f", "m"),
            "ward": np.array(list("abcdef"))[ward],
            **numbers,
        }
    )


def noise(rows, seed):
    """Return rows that know the range of each column and its labels, and nothing else."""
    rng, frame = np.random.default_rng(seed), people(rows, seed)
    columns = {}
    for name in frame:
        values = frame[name]
        if values.dtype == float:
            columns[name] = rng.uniform(values.min(), values.max(), rows)
        else:
            columns[name] = rng.choice(values.unique(), rows)
    return pd.DataFrame(columns)


SLOW = ("detection", "prediction")
"""Families that train many models: `test_measures_detection` and `test_measures_prediction` are the quick tests of them."""


def judged(case_of, families):
    """Return the scores of every release by its name, those of some families."""
    everyone = people(4 * ROWS, 3)
    releases = {
        "training": people(ROWS, 0),
        "control": people(ROWS, 1),
        "dropped": everyone[everyone["ward"] != "a"].head(ROWS).reset_index(drop=True),
        "noise": noise(ROWS, 4),
    }
    found = {}
    for name, release in releases.items():
        case = case_of(people(ROWS, 0), people(ROWS, 1), release, constraints=RULES, **SETTINGS)
        measures = [(MEASURES | LEARNED)[family] for family in families]
        found[name] = {f"{score.family}.{score.metric}": score for measure in measures for score in measure(case)}
    return found


@pytest.fixture(scope="module", params=["quick", pytest.param("slow", marks=pytest.mark.slow)])
def families(request):
    """Return the families that are looked at together."""
    return SLOW if request.param == "slow" else tuple(name for name in MEASURES | LEARNED if name not in SLOW)


@pytest.fixture(scope="module")
def scores(case_of, families):
    """Return the scores of every release by its name."""
    return judged(case_of, families)


def of(metrics, families):
    """Return those of some metrics that these families have."""
    return [metric for metric in metrics if metric.partition(".")[0] in families]


ORDERS = {
    "shapes.mean": NAMES,
    "pairs.mean": NAMES,
    "marginals.wasserstein": NAMES,
    "marginals.jensen_shannon": NAMES,
    "marginals.hellinger": NAMES,
    "marginals.missingness": ("training", "control", "noise"),
    "marginals.tails": ("training", "control", "noise"),
    "association.mean": NAMES,
    "k_way.two_way": NAMES,
    "k_way.three_way": NAMES,
    "k_way.k_marginal": NAMES,
    "k_way.subsample_equivalent": NAMES,
    "manifold.precision": ("training", "control", "noise"),  # without a mode all rows are typical
    "manifold.recall": ("control", "noise"),  # a copy reaches every person, but each by a row of the same oddness
    "constraints.mean": ("training", "noise"),
    "detection.auc": NAMES,
    "detection.pmse": NAMES,
    "detection.pmse_ratio": NAMES,
    "prediction.skill": ("control", "noise"),
    "prediction.loss": ("training", "noise"),
    "estimates.functionals": ("training", "control", "dropped"),  # intervals that do not meet are no farther in noise
    "estimates.coefficients": ("training", "control", "noise"),
    "fairness.rates": ("training", "noise"),
    "fairness.utility": ("training", "noise"),
}
"""Metric to the releases from the best to the worst; where chance or taste decides, only those that it does not."""
TRAINING = {
    "shapes.mean": 1.0,
    "pairs.mean": 1.0,
    "marginals.wasserstein": 0.0,
    "marginals.jensen_shannon": 0.0,
    "marginals.hellinger": 0.0,
    "marginals.missingness": 1.0,
    "marginals.tails": 1.0,
    "association.mean": 0.0,
    "k_way.two_way": 1.0,
    "k_way.three_way": 1.0,
    "k_way.k_marginal": 1_000.0,
    "k_way.subsample_equivalent": 1.0,
    "manifold.precision": 1.0,
    "manifold.authenticity": 0.0,
    "constraints.mean": 0.0,
    "detection.pmse": 0.0,
    "detection.pmse_ratio": 0.0,
    "prediction.loss": 0.0,
    "prediction.importance": 1.0,
    "estimates.functionals": 1.0,
    "estimates.coefficients": 1.0,
    "fairness.rates": 0.0,
    "fairness.parity": 0.0,
    "fairness.odds": 0.0,
    "fairness.utility": 0.0,
    "memorization.bounds": 1.0,
    "memorization.eidetic.1": 1.0,
    "distances.identical": 1.0,
    "distances.authenticity": 0.0,
    "properties.closeness": 1.0,
}
"""Closed forms: what the training table itself scores."""


def test_releases_come_in_the_order_of_their_worth(scores, families):
    """Training people score best, then fresh ones, then a release without its commonest mode, and noise comes last."""
    for metric in of(ORDERS, families):
        values = [scores[name][metric].value for name in ORDERS[metric]]
        assert values == sorted(values, reverse=scores["noise"][metric].better == "higher"), metric
        assert len({round(value, 9) for value in values}) == len(values), metric


def test_the_training_table_scores_the_closed_forms(scores, families):
    """The training table itself is at the end of every score that says how close to it a release is."""
    for metric in of(TRAINING, families):
        assert scores["training"][metric].value == pytest.approx(TRAINING[metric], abs=1e-7), metric


@pytest.mark.parametrize("name", NAMES)
def test_every_score_is_a_number_in_its_range_or_says_why_not(scores, name):
    """No score of any family is NaN: it lies in its interval and range, and so does its reference, or it has a reason."""
    for metric, score in scores[name].items():
        assert (score.value is None) == (score.reason is not None), metric
        low, high = (end if end is not None else sign * np.inf for end, sign in zip(score.range, (-1.0, 1.0)))
        for value in (score.value, score.reference, *(score.interval or ())):
            assert value is None or low - 1e-9 <= value <= high + 1e-9, metric
        if score.value is not None and score.interval is not None:
            assert score.interval[0] - 1e-9 <= score.value <= score.interval[1] + 1e-9, metric


def test_the_control_in_the_place_of_the_release_scores_its_own_reference(scores):
    """Where release and control are one table the reference is the value, in every mean that compares tables."""
    families = ("shapes", "pairs", "marginals", "k_way", "association", "manifold", "detection", "estimates")
    compared = {
        metric: score
        for metric, score in scores["control"].items()
        if metric.startswith(families) and not is_about_ceiling(score) and "control" not in metric
    }
    for metric, score in compared.items():
        if score.reference is not None and not metric.startswith("marginals.rare"):
            assert score.value == pytest.approx(score.reference, abs=1e-9), metric


AGAINST_BOTH = (
    "shapes.mean", "pairs.mean", "marginals.jensen_shannon", "marginals.wasserstein", "association.mean", "k_way.two_way",
    "k_way.three_way", "manifold.authenticity", "detection.auc", "estimates.functionals",
)  # fmt: skip


def test_copying_helps_against_the_original_only(scores, families):
    """Against the control a copy of the training table is as good as fresh people are, not as good as against the original."""
    for metric in of(AGAINST_BOTH, families):
        against = scores["training"][f"{metric}_control"]
        gained = abs(scores["training"][metric].value - against.reference)
        assert abs(against.value - against.reference) < 0.35 * gained, metric


def test_every_ceiling_that_is_looked_at_is_told_and_no_other(scores, families):
    """The chance of a false flag is shared by all scores that have a ceiling, so the list of them is the list of those told."""
    told = {name.removesuffix("_ceiling") for name, score in scores["noise"].items() if name.endswith("_ceiling")}
    assert told == {*of(LOOKED_AT, families)}


def test_copies_raise_flags_and_nothing_else_does(scores, families):
    """The training table is called too close by nearly everything that looks, everything else by nothing."""
    flagged = {name: above_ceiling(found.values()) for name, found in scores.items()}
    assert len(flagged["training"]) >= 0.6 * len(of(LOOKED_AT, families))
    if "shapes" in families:
        assert {metric.partition(".")[0] for metric in flagged["training"]} >= {"shapes", "pairs", "k_way", "manifold"}
    assert not any(flagged[name] for name in ("control", "dropped", "noise"))
