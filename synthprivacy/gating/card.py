"""The section of a data card about privacy: what was asked, what came out, and what that does not mean.

A data card is published, so all of it is read off the public rendering.
"""

from __future__ import annotations

from synthprivacy.gating.markdown import cell
from synthprivacy.gating.verdict import Verdict
from synthprivacy.results import Evaluation, Release, Risk
from synthprivacy.results.evaluation import headline

_HEAD = "| release | primary endpoint | value | upper bound |\n|---|---|---|---|\n"
_SCALE = (
    "0 is no leak and 1 is total: what being among the training people added to an attacker's success. Upper bounds hold "
    "with 97.5 % confidence each."
)
_LIMITS = (
    "These are the attacks that ran, on this release, by whoever held the original. They say nothing of attacks that nobody "
    "knows yet, and nothing is promised to a single person."
)


def to_card(verdict: Verdict, evaluation: Evaluation) -> str:
    """Return a Markdown section for the data card of the releases; every number is of the public rendering."""
    public = evaluation.public()
    decisions = {release.name: release.decision for release in verdict.releases}
    lines = ["## Privacy evaluation", ""]
    for release in public.releases:
        decision = decisions.get(release.name, "inconclusive")
        lines += [f"- **{cell(release.name, 80)}: {decision}.** {cell(headline(release), 400)}."]
    if verdict.policy.recipient:
        lines += ["", f"Released to: {cell(verdict.policy.recipient, 200)}."]
    lines += ["", f"Rules: {'; '.join(cell(str(rule), 120) for rule in verdict.policy.rules)}."]
    for waiver in verdict.policy.waivers:
        words = f"{waiver.of}, until {waiver.expires}, by {waiver.owner}: {waiver.reason}"
        lines += [f"Waiver: {cell(words, 400)}."]
    rows = [_row(release, risk) for release in public.releases for risk in release.risks if risk.primary]
    lines += ["", _HEAD + "".join(rows), _SCALE, "", _LIMITS, ""]
    control = "none" if public.control is None else f"{public.control.units:,} people held out"
    lines += [f"Original: {public.original.units:,} people; control: {control}; {_version(public)}.", ""]
    return "\n".join(lines)


def _row(release: Release, risk: Risk) -> str:
    numbers = f"{risk.value:.3f} | {risk.upper:.3f}"
    return f"| {cell(release.name, 80)} | {cell(risk.endpoint, 80)} | {numbers} |\n"


def _version(evaluation: Evaluation) -> str:
    return cell(f"synthprivacy {evaluation.versions.get('synthprivacy', 'of an unknown version')}", 60)
