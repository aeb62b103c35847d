"""The report stays small enough to be sent by mail, however wide the tables."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from synthprivacy.reporting import render
from synthprivacy.results import Deciles, Score, Series
from synthprivacy.results.deciles import Part

LEVELS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
MEMBERSHIP = (
    "distance",
    "blocks",
    "difference",
    "neighbourhood",
    "density",
    "domias",
    "plagiarism",
    "marginals",
    "average",
)
SINGLING_OUT = ("univariate", "multivariate", "greedy")


def _scores(columns):
    """Return the scores of every family that has one for each column, or for each two."""
    singles = [(family, f"column.{name}") for family in ("shapes", "marginals", "prediction") for name in columns]
    pairs = [
        (family, f"pair.{first}.{second}")
        for family in ("pairs", "association")
        for first, second in combinations(columns, 2)
    ]
    means = [(family, "mean") for family in ("shapes", "pairs", "marginals", "association", "manifold", "k_way")]
    return [
        Score(family, metric, 0.9 + number % 89 / 1_000, 0.97, (0.88, 0.99), "higher")
        for number, (family, metric) in enumerate([*means, *singles, *pairs])
    ]


@pytest.mark.parametrize(
    ("width", "limit"), [(15, 500_000), pytest.param(50, 1_500_000, marks=pytest.mark.slow)], ids=["15", "50"]
)
def test_three_releases_stay_small(risk, scores, matches, release, evaluation, copies, histogram, width, limit):
    """Three releases with every endpoint, group, score and comparison of 15 columns fit in 500 kB, of 50 in 1.5 MB."""
    columns = [f"column_number_{number}_of_the_register" for number in range(width)]
    secrets = [f"inference.{name}" for name in columns]
    strata = [
        f"{name}@{group}" for name in [*secrets[:5], "linkability.halves"] for group in ("outliers", "sex=F", "sex=M")
    ]
    parts = tuple(Part(0.01 * part, (0.01 * part - 0.03, 0.01 * part + 0.03)) for part in range(10))
    risks = [
        *(risk(name, (940, 2_000), (880, 2_000), primary=name == secrets[0]) for name in (*secrets, *strata)),
        *(risk(f"linkability.{name}") for name in ("halves", "few", "sources")),
        *(risk(f"memorization.{name}") for name in ("copies", "near", "blocks")),
        *(matches(f"singling_out.{name}", primary=False) for name in SINGLING_OUT),
        *(
            scores(f"membership.{name}", tpr=[(0.1, 220, 2_000, 100, 1_000), (0.01, 30, 2_000, 12, 1_000)])
            for name in MEMBERSHIP
        ),
    ]
    kept = [Series(f"precision, {of}", name, LEVELS, LEVELS) for name in secrets for of in ("original", "control")]
    bins, shares = [f"1,234,{place}00 to 5,678,{place}00" for place in range(8)], (0.125,) * 8
    kept += [shape for name in columns for shape in histogram(name, bins, shares, shares, shares, edges=LEVELS)]
    deciles = tuple(
        Deciles(name, parts, 0.1, (0.02, 0.2), 0.01)
        for name in (secrets[0], "linkability.halves", "membership.distance")
    )
    names = ("copula", "cart", "marginals")
    releases = [
        release(*risks, name=name, copies=copies(), scores=_scores(columns), series=kept, deciles=deciles)
        for name in names
    ]
    counts = {"both": 20, "only_a": 11, "only_b": 12, "neither": 1_957}
    difference = {"value": -0.2, "interval": [-0.22, -0.18], "p_value": 1e-6, "adjusted_p": 1e-5, "confidence": 0.95}
    pairs = [
        {"a": a, "b": b, "endpoint": one.endpoint, **counts, "difference": difference, "safer": "a"}
        for a, b in combinations(names, 2)
        for one in risks
    ]
    told = [
        {"endpoint": one.endpoint, "attack": one.attack, "knows": columns, "why": "none was declared"} for one in risks
    ]
    found = evaluation(
        releases=releases, pairs=pairs, primary=[secrets[0], "linkability.halves"], plan={"endpoints": told}
    )

    page = render(replace(found, rendering="inside"), inside=True)

    assert all(name in page for name in columns[:15])
    assert len(page.encode()) <= limit
