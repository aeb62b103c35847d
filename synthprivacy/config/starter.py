"""The plan and the policy that a new configuration starts with, as text to be edited."""

from __future__ import annotations

from synthprivacy.config.plan import MOST_PRIMARY, PlanSettings

_TEXT = """\
[plan]
attacks = [{attacks}]
# Endpoints that must all pass, at most {most}, declared before the data are seen. Absent: `evaluate --dry-run` shows the choice.
# primary = ["linkability.halves", "membership.distance", "memorization.copies"]
targets = {targets}  # people attacked per side
queries = {queries}  # predicates per singling-out endpoint
confidence = {confidence}

[[policy.rule]]
of = "primary.upper"
max = 0.05
level = "error"
"""


def starter() -> str:
    """Return the ``[plan]`` and ``[policy]`` tables of a new configuration: the defaults, and a limit of 5 %."""
    settings = PlanSettings()
    return _TEXT.format(
        attacks=", ".join(f'"{attack}"' for attack in settings.attacks),
        most=MOST_PRIMARY,
        targets=settings.targets,
        queries=settings.queries,
        confidence=settings.confidence,
    )
