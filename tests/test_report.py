"""The report says all there is, to anybody, and gives nothing away."""

from __future__ import annotations

import base64
import hashlib
import re
import warnings
from dataclasses import replace
from functools import cache
from itertools import pairwise

import html5lib
import pytest

from synthprivacy.config import policy_of_limit
from synthprivacy.errors import ConfigError, DataError
from synthprivacy.reporting import render, snippet, write
from synthprivacy.reporting.evidence import NONE, Cell, rates_and_people
from synthprivacy.results import (
    Check,
    Copies,
    Evaluation,
    Excess,
    Floor,
    HitsEvidence,
    MatchesEvidence,
    Rate,
    Release,
    Risk,
    Score,
    ScoresEvidence,
    Skipped,
    TableFacts,
    TruePositives,
)

HOSTILE = "</script><img src=x onerror='alert(1)'>\"&{{7*7}}$\\frac{1}{0}$\u202eevil\x00"
SECRETS = ("income", "occupation", "marital_status", "education", "hours_per_week", "capital_gain", "workclass", "race")
PEOPLE, CONTROL = 39_032, 9_758


def hits(original, control, trials=20_000, control_trials=CONTROL, *, naive=None, population=None):
    """Return right guesses as shares of the people attacked."""

    def rate(share, of):
        return None if share is None else Rate(round(share * of), of, of)

    return HitsEvidence(
        rate(original, trials), rate(control, control_trials), rate(naive, trials), rate(population, trials)
    )


def risk(endpoint, value, width, evidence, *, primary=False, excess=None):
    """Return a risk with a symmetric interval and a slightly wider decision bound."""
    return Risk(
        attack=endpoint.partition(".")[0],
        endpoint=endpoint,
        primary=primary,
        parameters={},
        estimand="excess success on people of the original, (a − c) / (1 − c)",
        estimator="MOVER-R; Jeffreys limits for display, Clopper–Pearson for decisions",
        value=value,
        interval=(value - width, value + width),
        lower=value - 1.04 * width,
        upper=value + 1.04 * width,
        excess=excess,
        confidence=0.95,
        p_value=0.2,
        needed_rows=4_000,
        evidence=evidence,
    )


def inference(secret, original, control, *, primary=False):
    """Return a risk of guessing one secret."""
    width = 0.011 / (1.0 - control)
    gain = original - control
    return risk(
        f"inference.{secret}",
        gain / (1.0 - control),
        width,
        hits(original, control, naive=control - 0.04, population=control + 0.003),
        primary=primary,
        excess=Excess(gain, gain - 0.009, gain + 0.009),
    )


def membership(endpoint, value, *, primary=False):
    """Return a risk of being told a member."""
    found = TruePositives(0.01, round(20_000 * (0.01 + value / 2)), 20_000, 97, CONTROL)
    return risk(
        f"membership.{endpoint}",
        value,
        0.013,
        ScoresEvidence(20_000, CONTROL, 0.5 + value / 2, 0.0033, (found,)),
        primary=primary,
    )


def release(name, leak, copies, *, secrets=SECRETS):
    """Return a release that leaks more or less."""
    controls = (0.83, 0.31, 0.69, 0.42, 0.28, 0.91, 0.73, 0.86)
    risks = [
        risk("singling_out.univariate", 0.4 * leak - 0.004, 0.021, MatchesEvidence(412, 96, 91, 88, CONTROL, 0.0107)),
        risk(
            "singling_out.multivariate",
            0.9 * leak,
            0.024,
            MatchesEvidence(2_000, 331, 312, 290, CONTROL, 0.012),
            primary=True,
        ),
        risk(
            "linkability.halves", leak, 0.0048, hits(0.011 + leak, 0.011, naive=0.0004, population=0.011), primary=True
        ),
        *(
            inference(secret, control + leak * (1 - control) * (0.3 if place else 0.9), control, primary=place == 1)
            for place, (secret, control) in enumerate(zip(secrets, controls))
        ),
        membership("distance", 1.1 * leak - 0.003, primary=True),
        membership("blocks", 0.8 * leak - 0.006),
        risk("memorization.copies", leak, 0.0031, hits(0.002 + leak, 0.002), primary=True),
        risk("memorization.rounded", leak + 0.001, 0.0034, hits(0.004 + leak, 0.003)),
    ]
    skipped = (
        Skipped(
            "inference", "inference.native_country", "97.1% of the people share one value.", "A secret that varies."
        ),
        Skipped(
            "inference",
            "inference.race@outliers",
            "A group of 23 people is too small.",
            "At least 30 people in the group.",
        ),
        Skipped(
            "membership",
            "membership.domias",
            "No reference people were set aside.",
            "A control of at least 2,000 people.",
        ),
    )
    likeness = 0.96 + leak / 2
    scores = [
        Score("shapes", "mean", likeness, 0.989, None, "higher"),
        Score("shapes", "mean_control", likeness - 0.004, 0.989, None, "higher"),
    ]
    scores += [
        Score("shapes", f"column.{secret}", likeness - 0.011 * place, 0.993 - 0.001 * place, None, "higher")
        for place, secret in enumerate(secrets)
    ]
    scores += [Score("pairs", "mean", likeness - 0.03, 0.975, None, "higher")]
    scores += [
        Score("pairs", f"pair.{a}|{b}", likeness - 0.08 - 0.01 * place, 0.96, None, "higher")
        for place, (a, b) in enumerate(pairwise(secrets))
    ]
    return Release(name, copies, tuple(risks), skipped, tuple(scores))


def evaluation(*names, secrets=SECRETS, policy=True):
    """Return an evaluation of two releases, the second of which holds copies of people."""
    names = names or ("cart", "ctgan_overfit")
    releases = (
        release(names[0], 0.001, Copies(31.0, (0.0, 143.0), PEOPLE, 22.0, (0.0, 128.0), 130), secrets=secrets),
        release(names[1], 0.061, Copies(2_390.0, (2_210.0, 2_583.0), PEOPLE, 22.0, (0.0, 128.0), 130), secrets=secrets),
    )
    known = {
        "secret": "icd",
        "hidden": [],
        "why": "nobody declared quasi-identifiers, so every column but identifiers may be known",
    }
    endpoints = [
        {
            "endpoint": found.endpoint,
            "attack": found.attack,
            "card": "green",
            **known,
            "hidden": [found.endpoint.partition(".")[2]],
        }
        for found in releases[0].risks
    ]
    return Evaluation(
        seed=20_261,
        plan={
            "attacks": ["singling_out", "linkability", "inference", "membership", "memorization"],
            "strata": [],
            "primary": [found.endpoint for found in releases[0].risks if found.primary],
            "targets": 20_000,
            "queries": 2_000,
            "confidence": 0.95,
            "endpoints": endpoints,
            "columns": {secret: {"kind": "category", "role": "secret", "reason": "declared"} for secret in secrets},
            "policy": policy_of_limit(0.05).to_dict() if policy else None,
        },
        versions={"synthprivacy": "0.1.0", "numpy": "2.4.6", "python": "3.11.7"},
        comparator={"kind": "holdout", "people": CONTROL},
        checks=(
            Check("control_overlap", "ok", "2.1% of the control is found in the original, 2.3% is expected."),
            Check("shared_people", "ok", "No person is on both sides."),
            Check("control_drift", "ok", "A classifier tells the two apart with an AUC of 0.503, at most 0.512."),
            Check(
                "near_duplicates", "ok", "No more control people lie near to training people than these to one another."
            ),
            Check("size", "ok", "Both tables are large."),
            Check("identity", "ok", "None of the rows are exact copies of original rows.", names[0]),
            Check("identity", "warn", "5.9% of the rows are exact copies of original rows.", names[1]),
            Check("control_in_release", "ok", "The releases hold no more of the control than of the original."),
        ),
        original=TableFacts("hmac-sha256:5f0c" + "9e" * 30, PEOPLE, PEOPLE, 15),
        control=TableFacts("hmac-sha256:77ab" + "0d" * 30, CONTROL, CONTROL, 15),
        synthetic={name: TableFacts("sha256:" + "3c" * 32, 39_040, 39_040, 15) for name in names},
        releases=releases,
    )


@cache
def page(*names, inside=True):
    """Return the page about an evaluation."""
    return render(evaluation(*names), inside=inside)


@cache
def parsed(html):
    """Return the tree of a page that must be free of parse errors, without namespaces."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)


def text_of(element):
    """Return the words of an element, single-spaced."""
    return " ".join(" ".join(element.itertext()).split())


def local(element):
    """Return the name of an element; SVG ones keep their namespace in the parser."""
    return str(element.tag).rpartition("}")[2]


def hostile():
    """Return an evaluation in which everything that can carry a name carries a hostile one."""
    found = evaluation(HOSTILE, "y" * 100_000, secrets=(HOSTILE, *SECRETS[1:7], "z" * 100_000))
    skipped = Skipped("inference", f"inference.{HOSTILE}2", HOSTILE, HOSTILE)
    unknown = replace(found.releases[0].risks[0], attack=HOSTILE, endpoint=f"{HOSTILE}.x", estimand=HOSTILE)
    releases = [
        replace(release, skipped=(*release.skipped, skipped), risks=(*release.risks, unknown))
        for release in found.releases
    ]
    return replace(
        found,
        releases=tuple(releases),
        checks=(Check(HOSTILE, "failed", HOSTILE, HOSTILE),),
        versions={HOSTILE: HOSTILE},
        comparator={"kind": "holdout", HOSTILE: HOSTILE},
        plan={**found.plan, HOSTILE: [HOSTILE, {HOSTILE: HOSTILE}]},
        synthetic={HOSTILE: TableFacts(HOSTILE, 1, 1, 1)},
    )


@pytest.mark.parametrize("make", [evaluation, hostile])
def test_page_is_html_without_parse_errors(make):
    """A strict parser reads the page without a single error, whatever the names are."""
    parsed(render(make(), inside=True))


def test_hostile_names_are_text():
    """No name becomes an element, an attribute, an expression or an invisible character."""
    html = render(hostile(), inside=True)

    tree = parsed(html)

    assert {local(element) for element in tree.iter()}.isdisjoint({"script", "img", "iframe", "object", "link"})
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")]
    assert "</script>" in text_of(tree)
    assert "{{7*7}}" in text_of(tree)
    assert "⟨U+202E⟩" in html
    assert not set(html) & {"\u202e", "\x00"}


def test_snippet_is_escaped_and_no_page():
    """The notebook form is one small table in which names are text too."""
    html = snippet(hostile())

    assert "<img" not in html
    assert "&lt;/script&gt;" in html
    assert "<html" not in html
    assert "<style" not in html
    assert html == hostile()._repr_html_()


def test_policy_of_the_page_allows_its_own_style_and_nothing_else():
    """The security policy names the hash of the one style sheet; nothing on the page would need more."""
    tree = parsed(page())

    (policy,) = [meta.get("content") for meta in tree.iter("meta") if meta.get("http-equiv")]
    (style,) = [element.text for element in tree.iter() if local(element) == "style"]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert not [element for element in tree.iter() if "style" in element.attrib or "src" in element.attrib]
    assert not re.search(r"https?:|url\(|@import|javascript:", page())


def test_links_stay_in_the_page():
    """Every link leads to an id of the page, and no id stands twice."""
    tree = parsed(page())

    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    links = [element.get("href") for element in tree.iter() if element.get("href")]
    described = [part for svg in tree.iter() if local(svg) == "svg" for part in svg.get("aria-labelledby").split()]

    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in links} | set(described) <= set(ids)


def test_every_chart_says_what_it_shows():
    """Each chart has a title and a description with its numbers, for those who cannot see it."""
    tree = parsed(page())

    charts = [svg for svg in tree.iter() if local(svg) == "svg"]

    assert len(charts) == 1 + 5 + 1 + 1 + 2  # ruler, threats, false alarms, frontier, families
    for chart in charts:
        words = {local(child): child.text for child in chart}
        assert words["title"]
        assert re.search(r"\d", words["desc"])


def test_headings_tables_and_language_are_in_order():
    """Headings never skip a level, tables have captions and scopes, and the page names its language."""
    tree = parsed(page())

    levels = [int(local(element)[1]) for element in tree.iter() if re.fullmatch("h[1-6]", local(element))]

    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(table.find("caption") is not None for table in tree.iter("table"))
    assert all(heading.get("scope") for heading in tree.iter("th"))
    assert tree.get("lang") == "en-GB"


@pytest.mark.parametrize("scheme", [0, 1])
def test_colours_have_contrast(scheme):
    """Text of every colour stands out from the paper by 4.5 to 1, by day and by night (WCAG 2.2, 1.4.3)."""
    blocks = re.findall(r":root \{(.*?)\}", page(), re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#\w{6})", blocks[scheme]))

    def luminance(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for name in ("ink", "muted", "accent", "pass", "fail", "open"):
        dark, light = sorted([luminance(colours[name]), luminance(colours["paper"])])
        assert (light + 0.05) / (dark + 0.05) >= 4.5, name


def test_same_evaluation_same_bytes(tmp_path):
    """The page depends on nothing but the evaluation: not on the run, nor on how it was stored, nor on settings."""
    import matplotlib as mpl

    evaluation().to_json(tmp_path / "evaluation.json")
    with mpl.rc_context({"axes.facecolor": "black", "svg.fonttype": "path", "font.size": 30}):
        before = dict(mpl.rcParams)
        again = render(Evaluation.from_json(tmp_path / "evaluation.json"), inside=True)

        assert dict(mpl.rcParams) == before
    assert again == page()


def test_page_stays_small():
    """Two releases fit in 130 kB; a thousand columns, some with names of 100 kB, in 500 kB."""
    wide = tuple(f"column number {number} with a long name" for number in range(998))
    skipped = tuple(
        Skipped("inference", f"inference.{name}@g", f"Only {number} people.", "More.")
        for number, name in enumerate(wide)
    )
    leaks = tuple(inference(name, 0.3 + number / 1e5, 0.3) for number, name in enumerate(wide))
    found = hostile()
    releases = tuple(replace(r, risks=(*r.risks, *leaks), skipped=(*r.skipped, *skipped)) for r in found.releases)

    html = render(replace(found, releases=releases), inside=True)

    assert len(page().encode()) <= 130_000
    assert len(html.encode()) <= 500_000
    assert "986 endpoints with smaller bounds are in the JSON" in text_of(parsed(html))
    assert all(f"inference.{name}@g" in html for name in wide)


def test_worst_endpoints_are_the_ones_shown():
    """Of many endpoints the page keeps the primary ones and those with the largest decision bounds."""
    found = evaluation()
    leaks = tuple(inference(f"secret_{number}", 0.3 + number / 1e3, 0.3) for number in range(60))
    html = render(replace(found, releases=(replace(found.releases[0], risks=leaks),)), inside=True)

    assert "secret_59" in html
    assert "secret_40" in html
    assert "<wbr>secret_39" not in html


def test_nothing_skipped_is_dropped():
    """Every skipped endpoint stands in its threat with its reason and what it would need."""
    words = text_of(parsed(page()))

    for skipped in evaluation().releases[0].skipped:
        assert f"{skipped.endpoint} : {skipped.reason} Needs: {skipped.needs}" in words
    assert "No reference people were set aside." in words.partition("What was not judged, and why")[2]


def test_endpoint_skipped_in_one_release_is_explained_in_its_row():
    """Where only one release lacks an endpoint, its row says why instead of showing a number."""
    found = evaluation()
    first = found.releases[0]
    gone = Skipped("linkability", "linkability.halves", "Too few columns.", "Four columns.", primary=True)
    kept = tuple(risk for risk in first.risks if risk.endpoint != gone.endpoint)
    changed = replace(first, risks=kept, skipped=(*first.skipped, gone))

    words = text_of(parsed(render(replace(found, releases=(changed, found.releases[1])), inside=True)))

    assert "A cart Not judged: Too few columns. Needs: Four columns." in words
    assert "4 endpoints could not be judged, 1 of them primary" in words


def test_headline_and_verdict_stand_first():
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


def test_every_endpoint_is_told_as_people():
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


def test_a_floor_of_none_is_told():
    """A run that would not notice even everybody says so first."""
    found = evaluation()
    first = replace(found.releases[0], floor=Floor(None, PEOPLE, {}))
    words = text_of(parsed(render(replace(found, releases=(first, found.releases[1])), inside=True)))

    assert "Even all records together would not have been noticed by this run." in words


def test_checks_are_told_worst_first():
    """Every check stands on the page with its answer and its detail, what did not hold before what did."""
    words = text_of(parsed(page())).partition("May this be judged at all?")[2]

    answers = re.findall(r"Warning|In order|Failed", words)

    assert answers[:4] == ["Warning", "In order", "In order", "In order"]
    assert "7 checks in order" in words
    assert all(check.detail in words for check in evaluation().checks)


def test_without_policy_nothing_is_decided():
    """A page without a policy says so and prints no limit."""
    words = text_of(parsed(render(evaluation(policy=False), inside=True)))

    assert "No policy was given, so nothing was decided." in words
    assert "no limit was declared" in words
    assert "within limit" not in words


def test_without_control_the_page_warns():
    """Raw rates are called raw rates, and there is no headline."""
    found = evaluation()
    releases = tuple(replace(release, copies=None) for release in found.releases)
    bare = replace(found, control=None, comparator={"kind": "none"}, releases=releases)

    words = text_of(parsed(render(bare, inside=True)))

    assert "Every figure below is a raw success rate" in words
    assert "No headline" in words
    assert "Inconclusive" in words


def test_endless_interval_is_printed_as_such():
    """An interval without a lower end is not cut to a number, in the table or in the chart."""
    found = evaluation()
    endless = replace(found.releases[0].risks[2], value=-3.0, interval=(float("-inf"), 0.4), lower=float("-inf"))

    html = render(replace(found, releases=(replace(found.releases[0], risks=(endless,)),)), inside=True)

    assert "−∞ to 40%" in html
    assert "−300%" in html


def test_several_evaluations_stand_side_by_side():
    """Releases of the same name in different evaluations are told apart by number, letter and marker."""
    words = text_of(parsed(render([evaluation(), evaluation(policy=False)], inside=True)))

    assert "A cart (1)" in words
    assert "C cart (2)" in words
    assert "Evaluation 2: No verdict" in words


def test_public_page_tells_no_count_under_ten():
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


def test_page_promises_nothing():
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


def test_drawing_makes_no_warning():
    """Names in any script, with gaps in any font, or that look like formulas, draw without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        render(evaluation("年齢$x^", "\U00013000 كتاب", secrets=("$\\alpha$", *SECRETS[1:])), inside=True)


def test_file_is_written_whole_or_not_at_all(tmp_path):
    """`write` writes exactly the rendered page; without evaluations or a folder it refuses and leaves nothing."""
    write(evaluation(), tmp_path / "report.html", inside=True)

    assert (tmp_path / "report.html").read_text(encoding="utf-8") == page()
    with pytest.raises(ConfigError, match="at least one evaluation"):
        write([], tmp_path / "none.html")
    with pytest.raises(DataError, match="cannot be written"):
        write(evaluation(), tmp_path / "absent" / "report.html")
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_what_descriptions_isolate_by_chance_stands_beside():
    """The share that descriptions of their weight isolate without a leak is told, and nothing where it is unknown."""
    evidence = MatchesEvidence(2_000, 331, 312, 290, CONTROL, 0.012, weight=1 / CONTROL, trivial=0.3679)

    assert rates_and_people(evidence)[0][2] == Cell("36.8%", "at most, by chance")
    assert rates_and_people(replace(evidence, trivial=None))[0][2] == NONE
