"""A whole audit as a value: format `synthprivacy/audit/1`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from synthprivacy.auditing.budget import Reach
from synthprivacy.auditing.canary_risks import CanaryRisk, ExtractionRisk
from synthprivacy.auditing.risks import (
    ADJACENCY,
    ClaimBound,
    MembershipRisk,
    PoisonedRisk,
    SecretRisk,
    SupportRisk,
)
from synthprivacy.results import Skipped
from synthprivacy.results.serialize import number

FORMAT = "synthprivacy/audit/1"


@dataclass(frozen=True, slots=True, repr=False)
class Audit:
    """What can be learned when the generator is at hand."""

    generator: str
    seed: int
    fits: int
    rows: int
    """Of a release."""
    people: int
    """Trained on in every fit."""
    others: int
    """Who take a target's place."""
    substitutes: Literal["control", "set aside from original"]
    reach: Reach
    membership: MembershipRisk
    secrets: tuple[SecretRisk, ...]
    claim: ClaimBound
    canaries: CanaryRisk | None
    extraction: ExtractionRisk | Skipped
    poisoned: tuple[PoisonedRisk, ...]
    promise: float | None
    """The epsilon it is said to keep when one person is replaced."""
    support: tuple[SupportRisk, ...]
    versions: Mapping[str, str]

    @property
    def leaks(self) -> bool:
        """Whether any of the tests found a leak, each kind of them at its own level: a finding, not a decision."""
        alpha = (1.0 - self.membership.confidence) / 2.0
        p_values = [*(secret.adjusted for secret in self.secrets), *(one.p_value for one in self.poisoned)]
        p_values += [] if self.canaries is None else [self.canaries.p_value]
        p_values += [self.extraction.p_value] if isinstance(self.extraction, ExtractionRisk) else []
        return self.membership.found or self.claim.epsilon > 0.0 or min(p_values, default=1.0) <= alpha

    @property
    def broken(self) -> bool | None:
        """Whether a promise of differential privacy is disproved; None where none was made.

        Fits and probe each at their own level. The probe speaks of pure promises only, those without a delta.
        """
        if self.promise is None:
            return None
        by_probe = self.claim.delta == 0.0 and any(risk.epsilon > self.promise for risk in self.support)
        return self.claim.epsilon > self.promise or by_probe

    def __repr__(self) -> str:
        from synthprivacy.auditing.telling import told

        return told(self)

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON: no cell, no row and no id of anyone; it may leave the house."""
        return {
            "format": FORMAT,
            "generator": self.generator,
            "seed": self.seed,
            "fits": self.fits,
            "rows": self.rows,
            "people": self.people,
            "others": self.others,
            "substitutes": self.substitutes,
            "adjacency": ADJACENCY,
            "reach": self.reach.to_dict(),
            "leaks": self.leaks,
            "membership": self.membership.to_dict(),
            "secrets": [secret.to_dict() for secret in self.secrets],
            "claim": self.claim.to_dict(),
            "promise": number(self.promise),
            "broken": self.broken,
            "support": [risk.to_dict() for risk in self.support],
            "canaries": None if self.canaries is None else self.canaries.to_dict(),
            "extraction": _judged_or_not(self.extraction),
            "poisoned": [one.to_dict() for one in self.poisoned],
            "versions": dict(sorted(self.versions.items())),
        }


def _judged_or_not(found: ExtractionRisk | Skipped) -> dict[str, Any]:
    """Return what was found, or why it was not looked for."""
    return found.to_dict() if isinstance(found, ExtractionRisk) else {"skipped": found.reason, "needs": found.needs}
