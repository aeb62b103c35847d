"""The site: every attack has its page, every figure is the card's, every command exists, nothing is asked of a network."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest

from synthprivacy import cards
from synthprivacy.attacks import ATTACKS, BATTERY, ON_REQUEST
from synthprivacy.config.door import TABLES
from synthprivacy.config.toml import parse

DOCS = Path(__file__).parents[1] / "docs"
WRITTEN = sorted([*DOCS.glob("concepts/*.md"), *DOCS.glob("howto/*.md"), *DOCS.glob("*.md")])
NEEDED = ("sphinx", "myst_parser", "numpydoc", "furo")
LOADED = {"src", "data", "poster", "action", "formaction", "srcset", "background"}
"""Attributes whose address a browser asks for, or sends to."""
FOLLOWED = {"stylesheet", "icon", "preload", "prefetch", "preconnect", "dns-prefetch", "modulepreload", "search"}
"""Relations of links whose address a browser asks for."""

pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="the docs are in the source tree only")


@pytest.fixture(scope="module")
def made():
    """Return the pages that the build makes, by place."""
    sys.path.insert(0, str(DOCS))
    try:
        from _ext.attack_pages import attack_pages
        from _ext.reference_pages import reference_pages

        return attack_pages() | reference_pages()
    finally:
        sys.path.remove(str(DOCS))


def blocks(language):
    """Return every block of code of a language in the pages that people wrote, with its page."""
    texts = [(page.name, page.read_text(encoding="utf-8")) for page in WRITTEN]
    return [
        (name, block)
        for name, text in texts
        for block in re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]


def rows(page, heading):
    """Return the cells of the tables below the line that holds `heading`, up to what ends them."""
    below = page.partition(heading)[2].partition("\n</details>")[0]
    lines = [line for line in below.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines][2:]


@pytest.mark.parametrize("attack", ATTACKS | ON_REQUEST | BATTERY)
def test_every_registered_attack_has_a_page(made, attack):
    """A page tells what an attacker knows and does, what it counts, its endpoints and its file; the index leads to it."""
    page = made[f"attacks/{attack}.md"]

    assert page.startswith(f"# {attack}\n")
    told = re.findall(r"^What .*\n: (.*)$", page, re.MULTILINE)
    assert len(told) == 3
    assert all(len(words) > 20 for words in told)
    assert "## Endpoints\n\nOn simulated people" in page
    (source,) = re.findall(r"The file is `(.*)`", page)
    assert (DOCS.parent / source).exists()
    assert f"[{attack}]({attack}.md)" in made["attacks/index.md"]


def test_only_registered_attacks_have_pages(made):
    """There is a page for nothing but what is registered."""
    pages = {place.removeprefix("attacks/").removesuffix(".md") for place in made if place.startswith("attacks/")}

    assert pages - {"index"} == set(ATTACKS | ON_REQUEST | BATTERY)


@pytest.mark.parametrize("attack", ATTACKS | ON_REQUEST | BATTERY)
def test_every_figure_of_a_page_is_that_of_the_card(made, attack):
    """Page and card file hold the same findings, figure by figure; without a card the page says that nothing rests on it."""
    card, page = cards.card_of(attack), made[f"attacks/{attack}.md"]
    if cards.status_of(attack) != "green":
        assert "no pass of a gate rests on it" in page or "No gate passes what rests on it" in page
    if card is None:
        assert "findings of the card" not in page
        return
    listed = [(row[0], row[1], row[2], row[3], row[6], row[7]) for row in rows(page, "<summary>")]
    assert listed == [
        (
            finding["law"],
            finding["scenario"],
            finding["subject"],
            f"{finding['figure']:.6g}" if finding["figure"] is not None else "not measured",
            f"{finding['replicates']:,}",
            "kept" if finding["passed"] else "**broken**",
        )
        for finding in card["findings"]
    ]
    for blind in card["blind"]:
        assert f"| {blind['leak']} | {blind['scenario']} | {blind['reads']:.6g} |" in page
    for scenario, sizes in card["needs"].items():
        people = ["no number is enough" if size is None else f"{size:,}" for size in sizes.values()]
        assert f"| {scenario} | {' | '.join(people)} |" in page


def test_the_summary_of_a_card_counts_every_finding(made):
    """The findings asked and kept, law by law, add up to those of the card, and a broken one is not lost among them."""
    for attack in ATTACKS:
        findings = cards.card_of(attack)["findings"]
        page = made[f"attacks/{attack}.md"].partition("A share of replicates")[0]
        summed = rows(page, "## Validity card")

        assert sum(int(row[2]) for row in summed) == len(findings)
        assert sum(int(row[3]) for row in summed) == sum(finding["passed"] for finding in findings)


def test_the_reference_has_every_key_verb_and_name(made, command):
    """The configuration lists every key of the file, the command line every verb and flag, Python every public name."""
    import synthprivacy

    configuration = made["reference/configuration.md"]
    for place, model in TABLES.items():
        below = configuration.partition(f"[{'.'.join(place)}]")[2].partition("\n## ")[0]
        assert not place or all(f"| `{key}` |" in below or f".{key}]" in configuration for key in model.model_fields)
    verbs = re.findall(r"^  ([a-z]+)  ", command("--help").out.partition("Commands:")[2], re.MULTILINE)
    shown = made["reference/command_line.md"]
    assert len(verbs) >= 12
    assert all(f"## `synthprivacy {verb}`" in shown for verb in verbs)
    assert all(
        f"auto{kind}:: synthprivacy.{name}" in made["reference/python.md"]
        for name in synthprivacy.__all__
        for kind in [_kind(name)]
    )


def _kind(name):
    """Return how autodoc calls what a public name stands for."""
    return "exception" if name.endswith("Error") else "function" if name.islower() else "class"


def calls():
    """Return the words of every command of ours that a page shows."""
    lines = [
        line.removeprefix("$ ") for _, block in blocks("console") for line in block.replace("\\\n", " ").splitlines()
    ]
    return [shlex.split(line)[1:] for line in lines]


@pytest.mark.parametrize("call", calls(), ids=" ".join)
def test_every_command_on_a_page_exists(made, call):
    """Every verb and every flag that a page shows is in the reference, which is made from the command line."""
    verb = made["reference/command_line.md"].partition(f"## `synthprivacy {call[0]}`")[2].partition("\n## ")[0]

    assert verb
    flags = {word for word in call if word.startswith("--")}
    assert flags <= set(re.findall(r"`(--[a-z-]+)", verb))


@pytest.mark.parametrize(("page", "block"), blocks("toml"))
def test_every_configuration_on_a_page_is_one(page, block):
    """Every piece of TOML is read as a synthprivacy.toml is, or by the policy of one."""
    assert parse(tomllib.loads(block)), page


@pytest.mark.parametrize(("page", "block"), blocks("python"))
def test_every_python_on_a_page_compiles(page, block):
    """Every piece of Python is Python."""
    compile(block, page, "exec")


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_no_page_promises_too_much(page):
    """No page calls a release anonymous, or free of risk."""
    assert not re.search(
        r"\banonym(ous|ised|ized)\b|risk-free|no risk\b", page.read_text(encoding="utf-8"), re.IGNORECASE
    )


class Requests(HTMLParser):
    """Every address that a browser would ask for when it opens a page."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        """Note what a tag asks for."""
        given = {name: value or "" for name, value in attrs}
        self.found += [value for name, value in given.items() if name in LOADED]
        if tag == "link" and FOLLOWED & set(given.get("rel", "").split()):
            self.found.append(given.get("href", ""))
        self.found += re.findall(r"url\(([^)]*)\)", given.get("style", ""))


def remote(address):
    """Return whether an address is that of another machine."""
    return re.match(r"\s*['\"]?(?:[a-z][a-z0-9+.-]*:)?//", address, re.IGNORECASE) is not None


@pytest.mark.parametrize(
    ("address", "there"), [("https://cdn.example/x.js", True), ("//cdn.example/x", True), ("a/b.css", False)]
)
def test_a_remote_address_is_told(address, there):
    """An address with a host is of another machine, with or without a scheme."""
    assert remote(address) is there


@pytest.mark.slow
@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in NEEDED), reason="the site is built with the extra `docs`"
)
def test_the_site_is_built_and_asks_nothing_of_a_network(tmp_path):
    """The site is built without a warning, every link in it leads somewhere, and no page or style loads what is elsewhere."""
    source, site = tmp_path / "docs", tmp_path / "site"
    shutil.copytree(
        DOCS, source, ignore=shutil.ignore_patterns("_build", "attacks", "reference", "notebooks", "__pycache__")
    )
    shutil.copytree(DOCS.parent / "notebooks", tmp_path / "notebooks")

    subprocess.run([sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", source, site], check=True)

    pages = sorted(site.rglob("*.html"))
    assert len(pages) > len(ATTACKS | ON_REQUEST | BATTERY) + len(WRITTEN)
    for page in pages:
        reader = Requests()
        reader.feed(page.read_text(encoding="utf-8"))
        assert reader.found
        assert not [address for address in reader.found if remote(address)], page.name
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        asked = re.findall(r"url\(([^)]*)\)|@import\s+([^;]*);", text)
        assert not [address for pair in asked for address in pair if remote(address)], style.name
