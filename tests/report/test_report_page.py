"""The page is one small file that asks for nothing and that everybody can read."""

from __future__ import annotations

import base64
import hashlib
import re
import warnings
from dataclasses import replace
from itertools import pairwise

import pytest

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.reporting import render, snippet, write
from synthprivacy.results import Evaluation, Skipped

SECRETS = ("income", "occupation", "marital_status", "education", "hours_per_week", "capital_gain", "workclass", "race")


@pytest.mark.parametrize("make", ["evaluation", "hostile"])
def test_page_is_html_without_parse_errors(request, parsed, make):
    """A strict parser reads the page without a single error, whatever the names are."""
    parsed(render(request.getfixturevalue(make)(), inside=True))


def test_hostile_names_are_text(hostile, local, parsed, text_of):
    """No name becomes an element, an attribute, an expression or an invisible character."""
    html = render(hostile(), inside=True)

    tree = parsed(html)

    assert {local(element) for element in tree.iter()}.isdisjoint({"script", "img", "iframe", "object", "link"})
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")]
    assert "</script>" in text_of(tree)
    assert "{{7*7}}" in text_of(tree)
    assert "⟨U+202E⟩" in html
    assert not set(html) & {"\u202e", "\x00"}


def test_snippet_is_escaped_and_no_page(hostile):
    """The notebook form is one small table in which names are text too."""
    html = snippet(hostile())

    assert "<img" not in html
    assert "&lt;/script&gt;" in html
    assert "<html" not in html
    assert "<style" not in html
    assert html == hostile()._repr_html_()


def test_policy_of_the_page_allows_its_own_style_and_nothing_else(local, page, parsed):
    """The security policy names the hash of the one style sheet; nothing on the page would need more."""
    tree = parsed(page())

    (policy,) = [meta.get("content") for meta in tree.iter("meta") if meta.get("http-equiv")]
    (style,) = [element.text for element in tree.iter() if local(element) == "style"]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert not [element for element in tree.iter() if "style" in element.attrib or "src" in element.attrib]
    assert not re.search(r"https?:|url\(|@import|javascript:", page())


def test_links_stay_in_the_page(local, page, parsed):
    """Every link leads to an id of the page, and no id stands twice."""
    tree = parsed(page())

    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    links = [element.get("href") for element in tree.iter() if element.get("href")]
    described = [part for svg in tree.iter() if local(svg) == "svg" for part in svg.get("aria-labelledby").split()]

    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in links} | set(described) <= set(ids)


def test_every_chart_says_what_it_shows(local, page, parsed):
    """Each chart has a title and a description with its numbers, for those who cannot see it."""
    tree = parsed(page())

    charts = [svg for svg in tree.iter() if local(svg) == "svg"]

    assert len(charts) == 1 + 5 + 1 + 1 + 2  # ruler, threats, false alarms, frontier, families
    for chart in charts:
        words = {local(child): child.text for child in chart}
        assert words["title"]
        assert re.search(r"\d", words["desc"])


def test_headings_tables_and_language_are_in_order(local, page, parsed):
    """Headings never skip a level, tables have captions and scopes, and the page names its language."""
    tree = parsed(page())

    levels = [int(local(element)[1]) for element in tree.iter() if re.fullmatch("h[1-6]", local(element))]

    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(table.find("caption") is not None for table in tree.iter("table"))
    assert all(heading.get("scope") for heading in tree.iter("th"))
    assert tree.get("lang") == "en-GB"


@pytest.mark.parametrize("scheme", [0, 1])
def test_colours_have_contrast(scheme, page):
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


def test_same_evaluation_same_bytes(tmp_path, evaluation, page):
    """The page depends on nothing but the evaluation: not on the run, nor on how it was stored, nor on settings."""
    import matplotlib as mpl

    evaluation().to_json(tmp_path / "evaluation.json")
    with mpl.rc_context({"axes.facecolor": "black", "svg.fonttype": "path", "font.size": 30}):
        before = dict(mpl.rcParams)
        again = render(Evaluation.from_json(tmp_path / "evaluation.json"), inside=True)

        assert dict(mpl.rcParams) == before
    assert again == page()


def test_page_stays_small(hostile, inference, page, parsed, text_of):
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


def test_drawing_makes_no_warning(evaluation):
    """Names in any script, with gaps in any font, or that look like formulas, draw without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        render(evaluation("年齢$x^", "\U00013000 كتاب", secrets=("$\\alpha$", *SECRETS[1:])), inside=True)


def test_file_is_written_whole_or_not_at_all(tmp_path, evaluation, page):
    """`write` writes exactly the rendered page; without evaluations or a folder it refuses and leaves nothing."""
    write(evaluation(), tmp_path / "report.html", inside=True)

    assert (tmp_path / "report.html").read_text(encoding="utf-8") == page()
    with pytest.raises(ConfigError, match="at least one evaluation"):
        write([], tmp_path / "none.html")
    with pytest.raises(DataError, match="cannot be written"):
        write(evaluation(), tmp_path / "absent" / "report.html")
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
