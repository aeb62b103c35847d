"""The report in a real browser: nothing is fetched or run, and everybody can read it, in any light, width or on paper."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy.config import PlanSettings
from synthprivacy.reporting import render
from synthprivacy.results import Check, Copies, Deciles, Score, Series, TableFacts
from synthprivacy.results.deciles import Part

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">&{{7*7}}\u202e"
QUIET = ("--disable-background-networking", "--disable-component-update", "--no-first-run", "--disable-quic")
SCHEMES = ("light", "dark")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is on the PATH"),
]


@pytest.fixture(scope="module", name="browser")
def _browser():
    """Return a browser that was started for these tests."""
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with api.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *QUIET])
        yield running
        running.close()


@pytest.fixture(scope="module", name="html")
def _html(risk, scores, matches, skipped, release, evaluation, histogram):
    """Return the report on three releases, one with a hostile name, with columns that are hostile too."""
    return render(_three(risk, scores, matches, skipped, release, evaluation, histogram), inside=True)


def _three(risk, scores, matches, skipped, release, evaluation, histogram):
    columns = ("age", "occupation_of_the_head_of_the_household_in_the_last_year", HOSTILE, "sex")
    told = (0.5, 0.4, 0.1)
    parts = tuple(Part(0.02 * part, (0.02 * part - 0.03, 0.02 * part + 0.03)) for part in range(10))
    ladder = Series("ladder", "membership.distance", (0.0, 10.0, 100.0, 4_000.0), (0.0, 0.002, 0.02, 1.0))
    releases = [
        release(
            risk(original=(20 + leak, 2_000)),
            risk("linkability.halves@outliers", original=(10 + leak, 800), control=(10, 800), primary=False),
            risk(f"linkability.halves@sex={HOSTILE}", original=(9 + leak, 700), control=(9, 700), primary=False),
            *(risk(f"inference.{name}", (900 + leak, 2_000), (880, 2_000), primary=False) for name in columns),
            scores(auc=0.5 + leak / 4_000, tpr=[(0.1, 220 + leak, 2_000, 100, 1_000), (0.01, 30, 2_000, 12, 1_000)]),
            matches(original=20 + leak),
            name=name,
            copies=Copies(leak + 4.0, (0.0, leak + 90.0), 4_000, 0.0, (0.0, 80.0), 100),
            skipped=[skipped(f"memorization.text@{HOSTILE}", reason=HOSTILE, primary=False)],
            series=[
                ladder,
                *(
                    shape
                    for name in columns
                    for shape in histogram(name, (HOSTILE, "b"), *[(0.6, 0.3, None)] * 2, told)
                ),
            ],
            scores=[
                *(Score(family, "mean", 0.9, 0.98, (0.89, 0.91), "higher") for family in ("shapes", "pairs")),
                *(Score("shapes", f"column.{column}", 0.9, 0.98, None, "higher") for column in columns),
            ],
            deciles=(Deciles("linkability.halves", parts, 0.1, (0.02, 0.2), 0.01),),
        )
        for name, leak in (("cart", 0), (HOSTILE, 80), ("a_release_with_a_long_name_and_no_space_in_it_" * 3, 500))
    ]
    pair = {"both": 20, "only_a": 11, "only_b": 12, "neither": 1_957}
    difference = {"value": -0.2, "interval": [-0.22, -0.18], "p_value": 1e-6, "adjusted_p": 1e-5, "confidence": 0.95}
    made = evaluation(
        releases=releases,
        checks=[Check("identity", "failed", f"{HOSTILE} is held twice", "cart"), Check("size", "warn", "few rows")],
        pairs=[
            {
                "a": "cart",
                "b": HOSTILE,
                "endpoint": "linkability.halves",
                **pair,
                "difference": difference,
                "safer": "a",
            }
        ],
        plan={"policy": {"rule": [{"of": "primary.upper", "max": 0.05, "level": "error"}]}},
    )
    return replace(made, synthetic={one.name: TableFacts("sha256:" + "3c" * 32, 4_000, 4_000, 12) for one in releases})


@pytest.fixture(name="opened")
def _opened(browser, html, tmp_path):
    """Return a function that opens the report as a file, and what the page asked for and complained of."""
    path = tmp_path / "report.html"
    path.write_text(html, encoding="utf-8")
    contexts = []

    def open_(**settings):
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.noise = []
        page.on("console", lambda message: page.noise.append(message.text))
        page.on("pageerror", lambda error: page.noise.append(str(error)))
        page.on("dialog", lambda dialog: page.noise.append(dialog.message))
        page.on("request", lambda request: page.noise.append(request.url) if request.url != path.as_uri() else None)
        page.goto(path.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("scripts", [True, False])
def test_nothing_is_fetched_run_or_refused(opened, scheme, scripts):
    """The page asks for nothing but itself, breaks no policy, logs nothing, and its title is its own."""
    page = opened(color_scheme=scheme, java_script_enabled=scripts)

    assert page.noise == []
    assert page.title().startswith("Privacy evaluation: ")


def test_hostile_names_are_shown_as_text(opened):
    """A name that is markup stands on the page as it is written, and adds no element."""
    page = opened()

    assert page.locator("script, img, iframe, object, embed, link, form").count() == 0
    assert "</script><script>document.title='owned'</script>" in page.inner_text("main")
    assert "{{7*7}}" in page.inner_text("main")
    assert "⟨U+202E⟩" in page.inner_text("main")


def test_names_out_of_tables_are_shown_as_text(browser, tables, tmp_path):
    """Columns, labels and releases of real tables may be called anything, in the report and in a notebook."""
    original, control, release = tables
    schema = sp.schema(original, secrets=[HOSTILE], columns={"<b>group": {"role": "group"}})
    settings = PlanSettings(attacks=("linkability", "inference"), utility=("shapes", "pairs"))
    releases = {HOSTILE: release, "b": control}
    e = sp.evaluate(original=original, control=control, synthetic=releases, schema=schema, plan=settings)
    sp.report(e, tmp_path / "report.html", inside=True)
    notebook = tmp_path / "notebook.html"
    notebook.write_text(f"<!doctype html><meta charset=utf-8><main>{e._repr_html_()}{e.to_frame().to_html()}</main>")

    noise = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        for path in (tmp_path / "report.html", notebook):
            page.goto(path.as_uri())
            assert page.title() != "owned"
            assert page.locator("script, img, iframe, object, embed, link, form, main b").count() == 0
            assert "</script><script>document.title='owned'</script>" in page.inner_text("main")
        page.goto((tmp_path / "report.html").as_uri())
        assert "<i>one</i>" in page.locator("main").text_content()
    assert noise == []
    assert any(one.endpoint.endswith("@<b>group=<i>one</i>") for one in (*e.releases[0].risks, *e.releases[0].skipped))


@pytest.fixture(scope="module", name="tables")
def _tables():
    """Return three small tables whose names and labels are markup."""

    def people(seed):
        rng = np.random.default_rng(seed)
        return pd.DataFrame(
            {
                "age": rng.integers(18, 90, 500),
                HOSTILE: rng.choice(["<u>yes</u>", "{{7*7}}", "no"], 500),
                "<b>group": rng.choice(["<i>one</i>", "<i>two</i>"], 500),
                "amount": rng.normal(size=500).round(2),
            }
        )

    return people(1), people(2), people(3)


@pytest.mark.parametrize("width", [320, 768, 1_600])
def test_the_page_never_scrolls_sideways(opened, width):
    """At any width the page fits; what is wider scrolls in a box of its own, which the keyboard reaches."""
    page = opened(viewport={"width": width, "height": 900})
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(one =>
             !one.closest('.scroll') && !one.closest('.skip') && !one.closest('.quiet')
             && one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML.slice(0, 90))"""
    )
    assert wide == []
    hidden = "[...document.querySelectorAll('.scroll')].filter(one => one.tabIndex !== 0).length"
    assert page.evaluate(hidden) == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_every_section_is_reached_by_link_and_keyboard(opened, scripts):
    """Also without scripts, contents lead to headings, a key unfolds, and the keyboard's first stop is past the header."""
    page = opened(viewport={"width": 1_200, "height": 800}, java_script_enabled=scripts)
    headings = set(page.evaluate("[...document.querySelectorAll('main h2[id]')].map(one => one.id)"))
    linked = set(page.evaluate("[...document.querySelectorAll('nav a')].map(one => one.hash.slice(1))"))

    assert linked == headings - {"verdict", "checks"}
    for target in sorted(linked):
        page.click(f"nav a[href='#{target}']")
        assert page.evaluate(f"document.getElementById('{target}').getBoundingClientRect().top < innerHeight")
    for folded in page.locator("summary").all():
        folded.press("Enter")
    assert page.locator("details").count() == page.locator("details[open]").count() > 0
    page.goto(page.url.partition("#")[0])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 1_200)])
def test_axe_finds_nothing(opened, scheme, width):
    """The accessibility engine axe finds no violation of WCAG 2.2 A or AA, in either light, with everything unfolded."""
    engine = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page = opened(color_scheme=scheme, viewport={"width": width, "height": 900})
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = {"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"]}
    found = engine.Axe().run(page, options=options).response["violations"]

    assert [(one["id"], one["impact"], [node["html"][:90] for node in one["nodes"][:3]]) for one in found] == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_charts_are_drawn_in_the_colours_of_the_page(opened, scheme):
    """In either light, lines and words of a chart stand out from the page by 4.5 to 1."""
    page = opened(color_scheme=scheme)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")

    for role in ("ink", "muted", "accent"):
        element = f".{role}-fill, .{role}-stroke"
        kind = "fill" if role == "muted" else "stroke"
        colour = page.evaluate(f"getComputedStyle(document.querySelector('.chart .{role}-{kind}')).{kind}")
        assert _contrast(colour, paper) >= 4.5, element


def test_paper_holds_everything(opened):
    """Printed in dark light, the pages are white, what is folded is printed, and no table or chart is cut off."""
    page = opened(color_scheme="dark")
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 672, "height": 950})  # A4 without its margins

    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 5
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate(
        "[...document.querySelectorAll('details > :not(summary)')].every(one => one.checkVisibility())"
    )
    cut = "[...document.querySelectorAll('.scroll')].filter(one => one.scrollWidth > one.clientWidth + 1)"
    assert page.evaluate(f"{cut}.map(one => one.getAttribute('aria-label'))") == []


def _contrast(first, second):
    """Return the contrast ratio of two opaque colours, as WCAG 2 defines it."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour):
    shares = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
