"""What a gate writes: text, JUnit and Markdown."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from synthprivacy.config import Policy, Rule, policy_of_limit
from synthprivacy.gating import decide, to_junit, to_markdown, to_text
from synthprivacy.results import Check

LIMIT = 0.05
POLICY = policy_of_limit(LIMIT)
HOSTILE = "</td>|\n`x` [a](http://evil.test) ![b](x) @team #1 www.evil.test <script>\x00\x1b[31m\u202e\ud800"


@pytest.fixture(scope="module")
def hostile(evaluation, release, risk, skipped):
    """Return a verdict in which every name and sentence attacks its reader."""
    bad = risk(f"inference.{HOSTILE}", lower=0.2, upper=0.3)
    lost = skipped(f"inference.{HOSTILE}2", reason=HOSTILE, needs=HOSTILE)
    found = evaluation(releases=[release(bad, risk(upper=0.01), name=HOSTILE, skipped=[lost])])
    return decide(
        replace(found, checks=(Check(HOSTILE, "warn", HOSTILE), *found.checks)), Policy((Rule("primary.upper", LIMIT),))
    )


class TestForms:
    """Text, JUnit and Markdown say the same, and names in them are only names."""

    def test_text(self, evaluation, risk, hostile):
        """Text ends with the decision and holds nothing that moves a terminal."""
        assert to_text(decide(evaluation(risk(upper=0.01)), POLICY)).endswith("gate   PASS")
        assert str(hostile) == to_text(hostile)
        assert to_text(hostile).endswith("gate   FAIL")
        assert all(character.isprintable() for character in to_text(hostile).replace("\n", " "))
        assert all(character.isprintable() for line in (*hostile.reasons, *hostile.needs) for character in line)

    def test_junit(self, hostile):
        """JUnit has one test case per finding, with failures and errors counted, and parses whatever the names."""
        suite = ET.fromstring(to_junit(hostile).encode("utf-8"))[0]  # noqa: S314 - our own output
        findings = hostile.releases[0].findings

        assert int(suite.get("tests")) == len(suite) == len(findings)
        assert int(suite.get("failures")) == len(suite.findall("*/failure")) == 1
        assert int(suite.get("errors")) == len(suite.findall("*/error")) == 1
        assert len({case.get("name") for case in suite}) == len(findings)

    def test_junit_is_never_empty(self, evaluation):
        """A verdict without a release is an error in JUnit, because an empty report reads as a success."""
        suites = ET.fromstring(to_junit(decide(evaluation(releases=[]), POLICY)).encode("utf-8"))  # noqa: S314 - our own

        assert len(suites.findall("*/*/error")) == 1

    def test_markdown(self, hostile):
        """No name ends a cell, makes a link, an image, a mention or a tag."""
        text = to_markdown(hostile)
        rows = [line for line in text.splitlines() if line.startswith("|")]
        bare = text.replace("<!-- -->", "")

        assert {row.count("|") for row in rows} == {3, 6}
        assert not set(bare) & set("<>`[]@\\*_~$\x00\x1b\u202e\ud800")
        assert "www." not in text
        assert "://" not in text

    def test_markdown_fits(self, evaluation, release, risk):
        """Markdown stays under 60 KB however many findings and whatever their names, and counts what is left out."""
        risks = [risk(f"inference.{'@' * 300}{number}", lower=0.2, upper=0.3) for number in range(300)]
        found = evaluation(releases=[release(*risks, name=f"{'|' * 300}{number}") for number in range(5)])
        text = to_markdown(decide(found, POLICY))

        assert len(text.encode("utf-8")) < 60_000
        assert "more not shown" in text
