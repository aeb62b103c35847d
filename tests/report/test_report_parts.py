"""Parts of the page that are there only when the evaluation has what they show, and what rules ask about."""

from __future__ import annotations

from dataclasses import replace

from synthprivacy.reporting import render
from synthprivacy.reporting.hooks import AS_OF, HOOKS, of_attack
from synthprivacy.reporting.words import THREATS
from synthprivacy.results import Copies, Series

LADDER = Series("ladder", "membership.distance", (0.0, 10.0, 40.0, 400.0), (0.0, 0.001, 0.004, 1.0))


def titles(tree, local):
    """Return the titles of all charts, with their descriptions."""
    charts = (element for element in tree.iter() if local(element) == "svg")
    told = ({local(child): child.text for child in chart} for chart in charts)
    return {words["title"]: words["desc"] for words in told}


def climbing(found, **copies):
    """Return the evaluation with a ladder for each release."""
    made = Copies(**{"value": 31.0, "interval": (12.0, 143.0), "of": 4_000, **copies}, perfect_value=None,
                  perfect_interval=None, floor=130)  # fmt: skip
    return replace(found, releases=tuple(replace(release, series=(LADDER,), copies=made) for release in found.releases))


def test_the_ladder_is_shown_where_it_was_kept(evaluation, page, parsed, local):
    """How the headline was read stands on the page where the curve is in the evaluation, and nowhere else."""
    with_it = titles(parsed(render(climbing(evaluation()), inside=True)), local)

    assert "release A, 40 people published: 0.4%" in with_it["Risk against real people published"]
    assert "Risk against real people published" not in titles(parsed(page()), local)


def test_the_ladder_is_withheld_with_the_headline(evaluation, parsed, local):
    """Where the headline is a count under ten, no curve on the public page gives it back."""
    few = climbing(evaluation(), value=4.0, interval=(0.0, 143.0))

    assert "Risk against real people published" in titles(parsed(render(few, inside=True)), local)
    assert "Risk against real people published" not in titles(parsed(render(few)), local)


def test_false_alarms_are_told_in_words(page, parsed, local):
    """The chart of false alarms says its numbers to those who cannot see it."""
    told = titles(parsed(page()), local)["Training people found at few false alarms"]

    assert "release B, at 0.99% false alarms 4.2% of training people" in told


def test_every_demand_is_on_the_page_with_its_source(page, parsed, text_of):
    """Each row names source, demand, what the report has on it and who asks; the table says as of when."""
    tree = parsed(page())
    table = next(one for one in tree.iter("table") if AS_OF in text_of(one.find("caption")))

    rows = [[text_of(cell) for cell in row] for row in table.find("tbody").iter("tr")]

    assert rows == [[hook.source, hook.demand, hook.here, hook.receiver] for hook in HOOKS]


def test_a_threat_names_what_asks_about_it(page, parsed, text_of):
    """The section of a threat carries the demands on it, and no demand belongs to a threat that does not exist."""
    sections = [text_of(section) for section in parsed(page()).iter("section") if section.get("class") == "threat"]

    for words, attack in zip(sections, THREATS):
        for hook in HOOKS:
            assert (f"{hook.source}, {hook.demand}: {hook.here}." in words) == (hook in of_attack(attack))
    assert {attack for hook in HOOKS for attack in hook.sections} <= set(THREATS)
