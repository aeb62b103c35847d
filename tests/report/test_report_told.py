"""The report says all there is, and gives nothing away."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from synthprivacy.reporting import render
from synthprivacy.reporting.evidence import NONE, Cell, rates_and_people
from synthprivacy.results import Copies, Floor, MatchesEvidence, Rate, Skipped

PEOPLE, CONTROL = 39_032, 9_758


def test_worst_endpoints_are_the_ones_shown(evaluation, inference):
    """Of many endpoints the page keeps the primary ones and those with the largest decision bounds."""
    found = evaluation()
    leaks = tuple(inference(f"secret_{number}", 0.3 + number / 1e3, 0.3) for number in range(60))
    html = render(replace(found, releases=(replace(found.releases[0], risks=leaks),)), inside=True)

    assert "secret_59" in html
    assert "secret_40" in html
    assert "<wbr>secret_39" not in html


def test_nothing_skipped_is_dropped(evaluation, page, parsed, text_of):
    """Every skipped endpoint stands in its threat with its reason and what it would need."""
    words = text_of(parsed(page()))

    for skipped in evaluation().releases[0].skipped:
        assert f"{skipped.endpoint} : {skipped.reason} Needs: {skipped.needs}" in words
    assert "No reference people were set aside." in words.partition("What was not judged, and why")[2]


def test_endpoint_skipped_in_one_release_is_explained_in_its_row(evaluation, parsed, text_of):
    """Where only one release lacks an endpoint, its row says why instead of showing a number."""
    found = evaluation()
    first = found.releases[0]
    gone = Skipped("linkability", "linkability.halves", "Too few columns.", "Four columns.", primary=True)
    kept = tuple(risk for risk in first.risks if risk.endpoint != gone.endpoint)
    changed = replace(first, risks=kept, skipped=(*first.skipped, gone))

    words = text_of(parsed(render(replace(found, releases=(changed, found.releases[1])), inside=True)))

    assert "A cart Not judged: Too few columns. Needs: Four columns." in words
    assert "4 endpoints could not be judged, 1 of them primary" in words


def test_headline_and_verdict_stand_first(page, parsed, text_of):
    """The first screen says what was decided and reads the headline of every release, to the attacks that ran."""
    words = text_of(parsed(page())).partition("May this be judged at all?")[0]

    assert "Fail At least one declared limit is broken" in words
    assert "Fail, because linkability. halves : risk at least 0.05601" in words
    assert (
        "As if 31 of 39,032 real records had been published outright (at most 143) . To the attacks that ran." in words
    )
    assert "As if 2,390 of 39,032 real records had been published outright (at most 2,583) ." in words
    assert "reads at most 128" in words
    assert "The smallest leak this run would have noticed is 130 published records" in words


def test_every_endpoint_is_told_as_people(evaluation, parsed, text_of):
    """Beside each risk stands what it is worth in published records, and the smallest leak the attack notices."""
    seen = Copies(812.4, (0.0, 2_000.0), PEOPLE, None, None, 1_377)
    blind = Copies(float(PEOPLE), (0.0, PEOPLE), PEOPLE, None, None, None)
    found = evaluation()
    risks = [replace(risk, copies=blind if risk.primary else seen) for risk in found.releases[0].risks]
    first = replace(found.releases[0], risks=tuple(risks), floor=Floor(88, PEOPLE, {}))
    words = text_of(parsed(render(replace(found, releases=(first, found.releases[1])), inside=True)))

    assert "812 from 1,377" in words
    assert "cannot tell not even all" in words
    assert "The smallest leak this run would have noticed is 88 published records" in words
    assert "39,032 not even all" not in words


def test_a_floor_of_none_is_told(evaluation, parsed, text_of):
    """A run that would not notice even everybody says so first."""
    found = evaluation()
    first = replace(found.releases[0], floor=Floor(None, PEOPLE, {}))
    words = text_of(parsed(render(replace(found, releases=(first, found.releases[1])), inside=True)))

    assert "Even all records together would not have been noticed by this run." in words


def test_checks_are_told_worst_first(evaluation, page, parsed, text_of):
    """Every check stands on the page with its answer and its detail, what did not hold before what did."""
    words = text_of(parsed(page())).partition("May this be judged at all?")[2]

    answers = re.findall(r"Warning|In order|Failed", words)

    assert answers[:4] == ["Warning", "In order", "In order", "In order"]
    assert "8 checks in order" in words
    assert all(check.detail in words for check in evaluation().checks)


def test_without_policy_nothing_is_decided(evaluation, parsed, text_of):
    """A page without a policy says so and prints no limit."""
    words = text_of(parsed(render(evaluation(policy=False), inside=True)))

    assert "No policy was given, so nothing was decided." in words
    assert "no limit was declared" in words
    assert "within limit" not in words


def test_without_control_the_page_warns(evaluation, parsed, text_of):
    """Raw rates are called raw rates, and there is no headline."""
    found = evaluation()
    releases = tuple(replace(release, copies=None) for release in found.releases)
    bare = replace(found, control=None, comparator={"kind": "none"}, releases=releases)

    words = text_of(parsed(render(bare, inside=True)))

    assert "Every figure below is a raw success rate" in words
    assert "No headline" in words
    assert "Inconclusive" in words


@pytest.mark.parametrize(
    ("attacks", "skipped", "why"),
    [
        ({"membership"}, (), "it would tell of fewer than ten people"),
        ({"inference"}, (), "membership was not attacked"),
        ({"inference"}, (Skipped("membership", "copies", "Too few.", "More."),), "among what was not judged"),
    ],
)
def test_where_there_is_no_headline_the_page_says_why(attacks, skipped, why, evaluation, parsed, text_of):
    """With a control, a missing headline is withheld, not asked for or not judged, and the first screen says which."""
    found = evaluation()
    first = found.releases[0]
    risks = tuple(risk for risk in first.risks if risk.attack in attacks)
    silent = replace(found, releases=(replace(first, copies=None, risks=risks, skipped=skipped),))

    assert f"No headline: {why}" in text_of(parsed(render(silent, inside=True))).replace("the reason is ", "")


def test_endless_interval_is_printed_as_such(evaluation):
    """An interval without a lower end is not cut to a number, in the table or in the chart."""
    found = evaluation()
    endless = replace(found.releases[0].risks[2], value=-3.0, interval=(float("-inf"), 0.4), lower=float("-inf"))

    html = render(replace(found, releases=(replace(found.releases[0], risks=(endless,)),)), inside=True)

    assert "−∞ to 40%" in html
    assert "−300%" in html


def test_several_evaluations_stand_side_by_side(evaluation, parsed, text_of):
    """Releases of the same name in different evaluations are told apart by number, letter and marker."""
    words = text_of(parsed(render([evaluation(), evaluation(policy=False)], inside=True)))

    assert "A cart (1)" in words
    assert "C cart (2)" in words
    assert "Evaluation 2: No verdict" in words


def test_public_page_tells_no_count_under_ten(evaluation):
    """The default rendering prints no count under ten, and no byte tells which one was withheld."""
    found = evaluation()

    def with_hits(count):
        rate = Rate(count, 20_000, 20_000)
        risks = tuple(
            replace(risk, evidence=replace(risk.evidence, original=rate))
            if risk.endpoint == "memorization.copies"
            else risk
            for risk in found.releases[0].risks
        )
        copies = replace(found.releases[0].copies, value=count / 2)
        return replace(found, releases=(replace(found.releases[0], risks=risks, copies=copies),))

    html = render(with_hits(3))

    assert html == render(with_hits(7))
    assert html == render(with_hits(0).public())
    assert "As if <strong>fewer than 10</strong> of 39,032" in html
    assert not re.search(r"(?<![\d,.<])\d of [\d,]+", html)
    assert "Public rendering" in html
    assert "highest possible" in html
    assert "At 1 endpoint counts are withheld" in html
    assert re.search(r"(?<![\d,.<])\d of [\d,]+", render(with_hits(3), inside=True))


def test_page_promises_nothing(page, parsed, text_of):
    """The page measures risk under threat models; it does not say that data or people are out of reach."""
    words = text_of(parsed(page())).lower()

    assert not re.findall(r"anonym\w*|\bsafe\w*|complian\w*|guarantee\w*|gdpr", words)
    assert "to the attacks that ran" in words
    assert "no more than chance explains" in words


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ((-0.0251, 0.0249), "−2.6% to 2.5%"),
        ((0.00011, 0.00049), "0.01% to 0.05%"),
        ((0.111, 0.444), "11% to 45%"),
        ((0.05, 0.07), "5.0% to 7.0%"),
    ],
)
def test_intervals_are_rounded_outwards_with_the_digits_they_bear(interval, expected):
    """A printed interval holds the computed one, and is as fine as it is wide."""
    from synthprivacy.reporting.amounts import between

    assert between(interval) == expected


def test_what_descriptions_isolate_by_chance_stands_beside():
    """The share that descriptions of their weight isolate without a leak is told, and nothing where it is unknown."""
    evidence = MatchesEvidence(2_000, 331, 312, 290, CONTROL, 0.012, weight=1 / CONTROL, trivial=0.3679)

    assert rates_and_people(evidence)[0][2] == Cell("36.8%", "at most, by chance")
    assert rates_and_people(replace(evidence, trivial=None))[0][2] == NONE
