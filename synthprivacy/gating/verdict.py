"""What the gate says: one finding per rule and endpoint, the worst of them for a release, the worst of those in all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from synthprivacy.config import Policy
from synthprivacy.gating.visible import visible
from synthprivacy.results import PrivacyLoss

Decision = Literal["pass", "warn", "fail", "inconclusive"]
SEVERITY: tuple[Decision, ...] = ("pass", "warn", "inconclusive", "fail")
"""From the best to the worst."""
EXIT_CODES: dict[Decision, int] = {"pass": 0, "warn": 0, "fail": 1, "inconclusive": 3}


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule applied to one number."""

    rule: str
    """The rule as a formula, or what must hold before any rule can be applied."""
    endpoint: str
    """The endpoint, score or check; empty where it is about the tables as a whole."""
    bound: float | None
    """The number held against the limit; None where there is none."""
    limit: float | None
    status: Decision
    sentence: str
    """Why, in one sentence without the names above."""


@dataclass(frozen=True, slots=True)
class ReleaseVerdict:
    """The findings about one synthetic table."""

    name: str
    findings: tuple[Finding, ...]
    privacy_loss: PrivacyLoss | None = None
    """What the release proves about its generator: told, never decided on."""
    notes: tuple[str, ...] = ()
    """What whoever reads the verdict must know besides: the candidate's number, waivers that are void."""

    @property
    def decision(self) -> Decision:
        """The worst finding; inconclusive without any."""
        return worst(finding.status for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision about an evaluation, with all that led to it."""

    releases: tuple[ReleaseVerdict, ...]
    policy: Policy
    primary: tuple[str, ...]
    """Endpoints that had to pass."""
    needs: tuple[str, ...]
    """What would settle the inconclusive findings."""

    @property
    def decision(self) -> Decision:
        """The worst release; inconclusive without any."""
        return worst(release.decision for release in self.releases)

    @property
    def reasons(self) -> tuple[str, ...]:
        """One sentence per finding that is not a pass, the worst first, fit to be printed."""
        if not self.releases:
            return ("no release was evaluated; pass at least one synthetic table",)
        told = [
            (SEVERITY.index(finding.status), f"{release.name}: {finding.endpoint or finding.rule}: {finding.sentence}")
            for release in self.releases
            for finding in release.findings
            if finding.status != "pass"
        ]
        return tuple(visible(reason) for _, reason in sorted(told, key=lambda item: -item[0]))

    @property
    def notes(self) -> tuple[str, ...]:
        """Who receives the releases, and what must be known of each besides its findings, fit to be printed."""
        policy = self.policy
        head = [f"profile {policy.profile}"] if policy.profile else []
        head += [f"received by {policy.recipient}"] if policy.recipient else []
        told = [f"{release.name}: {note}" for release in self.releases for note in release.notes]
        return tuple(visible(note) for note in (*head, *told))

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as strict JSON, format ``synthprivacy/verdict/1``."""
        from synthprivacy.gating.serialize import verdict_to_dict

        return verdict_to_dict(self)

    def __str__(self) -> str:
        from synthprivacy.gating.text import to_text

        return to_text(self)


def worst(decisions: Iterable[Decision]) -> Decision:
    """Return the worst decision; nothing at all is inconclusive, never a pass."""
    return max(decisions, key=SEVERITY.index, default="inconclusive")


def exit_code(verdict: Verdict, *, fail_on: Literal["error", "warn"] = "error", exit_zero: bool = False) -> int:
    """Return the exit code of a verdict: 0 pass or warn, 1 fail, 3 inconclusive.

    Parameters
    ----------
    verdict : Verdict
    fail_on : {"error", "warn"}
        With "warn" a warning is a failure.
    exit_zero : bool
        Always 0: for pipelines that read the verdict instead.
    """
    if exit_zero:
        return 0
    return 1 if verdict.decision == "warn" and fail_on == "warn" else EXIT_CODES[verdict.decision]
