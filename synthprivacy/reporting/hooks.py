"""What rules and standards ask, by section of the report: where a measured figure is of use, and never that it is enough."""

from __future__ import annotations

from dataclasses import dataclass

AS_OF = "November 2026"
"""When the sources were read."""


@dataclass(frozen=True, slots=True)
class Hook:
    """One demand of a source, and what the report has on it."""

    source: str
    demand: str
    here: str
    """What of the report speaks to it."""
    sections: tuple[str, ...]
    """Attacks whose sections carry it; empty where it belongs to the method."""
    receiver: str
    """Who usually asks for it."""


_WP29 = "Article 29 Working Party, Opinion 05/2014 (WP216)"
_ISO = "ISO/IEC 27559:2022"
_OFFICER = "data protection officer"
_GOVERNANCE = "disclosure review, governance"

HOOKS = (
    Hook(_WP29, "singling out", "the risk of being described alone", ("singling_out",), _OFFICER),
    Hook(_WP29, "linkability", "the risk that two files are joined", ("linkability",), _OFFICER),
    Hook(_WP29, "inference", "the risk that a secret is guessed, by secret", ("inference",), _OFFICER),
    Hook(
        "EDPB, Opinion 28/2024 (17 December 2024)",
        "how likely people are extracted from a model, or obtained from queries to it",
        "measured on the released table, not on the model itself",
        ("membership", "memorization", "reconstruction", "model_inversion"),
        _OFFICER,
    ),
    Hook(
        "CNIL, letter on an evaluation method (13 February 2023)",
        "case by case, with an eye to outliers; the controller decides and reassesses",
        "one evaluation for each release, the most unusual people apart; a verdict under declared limits decides nothing more",
        (),
        _OFFICER,
    ),
    Hook(_ISO, "6.2 threat modelling", "what each attacker knows and does, stated by section", (), _GOVERNANCE),
    Hook(_ISO, "7.3.2 maximum or average risk", "averages over people, and the most unusual people", (), _GOVERNANCE),
    Hook(
        _ISO, "8.2.2 quantifying identifiability", "risks with intervals and the smallest leak noticed", (), _GOVERNANCE
    ),
    Hook(_ISO, "8.2.3 adversarial testing", "the attacks that ran, and those that could not", (), _GOVERNANCE),
    Hook(_ISO, "8.3.4 re-evaluation", "seeds, versions, digests and the plan, to run it again", (), _GOVERNANCE),
    Hook(
        "NIST SP 800-226 (final, March 2025)",
        "claims of differential privacy, to be evaluated: epsilon, unit of privacy, algorithm",
        "a lower bound on epsilon where a split was drawn by coins; it tests a claim and proves none",
        (),
        "whoever approves the generator",
    ),
)
"""Only sources that were read themselves, or whose titles of clauses were."""


def of_attack(attack: str) -> tuple[Hook, ...]:
    """Return what sources ask about one attack."""
    return tuple(hook for hook in HOOKS if attack in hook.sections)
