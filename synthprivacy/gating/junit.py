"""A verdict as JUnit XML, for the test tab of a CI server."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from synthprivacy.gating.verdict import Finding, Verdict
from synthprivacy.gating.visible import visible

_OUTCOMES = {"fail": "failure", "inconclusive": "error"}
"""A warning is a passed test that says something."""


def to_junit(verdict: Verdict) -> str:
    """Return one suite per release with one test case per finding: failed, inconclusive (an error) or passed.

    A verdict without a release is a suite with one error: an empty report would read as a success.
    """
    suites = ET.Element("testsuites", name="synthprivacy")
    for release in verdict.releases:
        _suite(suites, release.name, release.findings, [visible(note) for note in release.notes])
    if not verdict.releases:
        _suite(suites, "synthprivacy", (Finding("a release", "", None, None, "inconclusive", verdict.reasons[0]),))
    ET.indent(suites, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def _suite(suites: ET.Element, name: str, findings: tuple[Finding, ...], notes: Sequence[str] = ()) -> None:
    counts = {outcome: sum(f.status == status for f in findings) for status, outcome in _OUTCOMES.items()}
    suite = ET.SubElement(
        suites,
        "testsuite",
        name=visible(name, 80),
        tests=str(len(findings)),
        failures=str(counts["failure"]),
        errors=str(counts["error"]),
    )
    for finding in findings:
        title = " ".join(part for part in (visible(finding.endpoint, 80), f"[{visible(finding.rule)}]") if part)
        case = ET.SubElement(suite, "testcase", classname=f"synthprivacy.{visible(name, 80)}", name=title)
        sentence = visible(finding.sentence)
        if finding.status in _OUTCOMES:
            ET.SubElement(case, _OUTCOMES[finding.status], message=sentence, type=finding.status).text = sentence
        else:
            ET.SubElement(case, "system-out").text = f"{finding.status}: {sentence}"
    if notes:
        ET.SubElement(suite, "system-out").text = "\n".join(notes)
