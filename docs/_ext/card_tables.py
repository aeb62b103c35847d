"""A validity card as Markdown: what the self-test asked of an attack, what it found, what the attack misses and needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from _ext.markdown import table

LAWS = {
    "one at a time": "answers that change with the company a person is shown in",
    "blind": "answers that change with what the attacker is not shown",
    "equal": "answers that change when original and control are swapped",
    "repeatable": "answers that change from run to run with one seed",
    "read-only": "cells that the attack changed",
    "same value": "change of the value when the same table is told in another way",
    "inside the interval": "change of the value where chance or a unit of measurement enters, in reaches of the interval",
    "coverage": "95 % intervals that hold the truth",
    "false alarm": "lower bounds above 0 without a leak",
    "false rejection": "p-values at most .025 without a leak",
    "false pass": "upper bounds that keep the limit with a leak at the limit or above",
    "bias": "mean estimate of a copied share, off by",
    "power to alarm": "releases noticed with three published people in ten",
    "monotone": "fall of the mean reading where the leak grows, in standard errors",
    "mirrored": "difference of the value from its negative when original and control are swapped",
}
"""What the figure of each law is; a law that is not here goes by its own name."""


def summary_table(card: Mapping[str, Any]) -> str:
    """Return one row for each law: how often it was asked and kept, and the figure that came nearest to its bar."""
    by_law: dict[str, list[Mapping[str, Any]]] = {}
    for finding in card["findings"]:
        by_law.setdefault(finding["law"], []).append(finding)
    order = sorted(by_law, key=lambda law: list(LAWS).index(law) if law in LAWS else len(LAWS))
    head = ("law", "the figure is", "asked", "kept", "hardest case", "on", "bar")
    return table(head, (_summed(law, by_law[law]) for law in order))


def _summed(law: str, findings: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    kept = sum(finding["passed"] for finding in findings)
    worst = max(findings, key=_badness)
    alike = all(finding["figure"] == worst["figure"] for finding in findings)
    where = "every scenario" if alike else f"{worst['scenario']} ({worst['subject']})"
    return law, LAWS.get(law, ""), f"{len(findings)}", f"{kept}", figure(worst["figure"]), where, bar(worst)


def _badness(finding: Mapping[str, Any]) -> float:
    """Return how far a figure lies on the wrong side of its bar; what could not be measured is the farthest."""
    measured = finding["figure"]
    if measured is None:
        return float("inf")
    return measured - finding["bar"] if finding["side"] == "at most" else finding["bar"] - measured


def findings_table(card: Mapping[str, Any]) -> str:
    """Return one row for each finding of the card, in its order."""
    head = ("law", "scenario", "endpoint", "figure", "99 % interval", "bar", "replicates", "")
    return table(head, (_row(finding) for finding in card["findings"]))


def _row(finding: Mapping[str, Any]) -> Sequence[str]:
    interval = finding["interval"]
    ends = "" if interval is None else f"{figure(interval[0])} to {figure(interval[1])}"
    mark = "kept" if finding["passed"] else "**broken**"
    return (
        finding["law"],
        finding["scenario"],
        finding["subject"],
        figure(finding["figure"]),
        ends,
        bar(finding),
        f"{finding['replicates']:,}",
        mark,
    )


def blind_table(card: Mapping[str, Any]) -> str:
    """Return the leaks an attack misses, and how much of each it reads."""
    rows = ((one["leak"], one["scenario"], figure(one["reads"])) for one in card["blind"])
    return table(("leak", "scenario", "mean reading (0 no leak, 1 total)"), rows)


def needs_table(card: Mapping[str, Any]) -> str:
    """Return the people a side with which a perfect release passes nine times in ten, by limit."""
    limits = list(dict.fromkeys(limit for sizes in card["needs"].values() for limit in sizes))
    rows = ([scenario, *(_people(sizes.get(limit)) for limit in limits)] for scenario, sizes in card["needs"].items())
    return table(("people like those of", *(f"limit {limit}" for limit in limits)), rows)


def figure(value: float | None) -> str:
    """Return a figure to six digits, as the card has it."""
    return "not measured" if value is None else f"{value:.6g}"


def bar(finding: Mapping[str, Any]) -> str:
    """Return what a figure is held against."""
    return f"{finding['side']} {finding['bar']:g}"


def _people(count: int | None) -> str:
    return "no number is enough" if count is None else f"{count:,}"
