"""Verdict → strict JSON, format `synthprivacy/verdict/1` (see `verdict.schema.json`).

It holds what the other forms of a verdict hold, number for number: names, bounds and sentences, no cell and no digest of
a table. Bounds tell of small counts, so that it may leave the house where the evaluation that was judged may.
"""

from __future__ import annotations

import json
from typing import Any

from synthprivacy.gating.verdict import Finding, ReleaseVerdict, Verdict
from synthprivacy.gating.visible import visible
from synthprivacy.results import statement
from synthprivacy.results.serialize import number

FORMAT = "synthprivacy/verdict/1"


def verdict_to_dict(verdict: Verdict) -> dict[str, Any]:
    """Return the JSON form of a verdict; every text in it is fit to be printed."""
    return {
        "format": FORMAT,
        "decision": verdict.decision,
        "reasons": list(verdict.reasons),
        "needs": list(verdict.needs),
        "notes": list(verdict.notes),
        "primary": [visible(endpoint) for endpoint in verdict.primary],
        "policy": verdict.policy.to_dict(),
        "releases": [_release(release) for release in verdict.releases],
    }


def to_json(verdict: Verdict) -> str:
    """Return a verdict as the text of a file."""
    return json.dumps(verdict_to_dict(verdict), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _release(release: ReleaseVerdict) -> dict[str, Any]:
    return {
        "name": visible(release.name),
        "decision": release.decision,
        "findings": [_finding(finding) for finding in release.findings],
        "proven": None if release.privacy_loss is None else visible(statement(release.privacy_loss)),
        "notes": [visible(note) for note in release.notes],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": visible(finding.rule),
        "endpoint": visible(finding.endpoint),
        "status": finding.status,
        "bound": number(finding.bound),
        "limit": number(finding.limit),
        "sentence": visible(finding.sentence),
    }
