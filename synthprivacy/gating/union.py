"""The union of all releases of an evaluation: judged as one more release, and no file that could go out."""

from __future__ import annotations

from synthprivacy.results import Evaluation

UNION = "together"
"""What it is called, where the plan has `together`."""


def union_of(evaluation: Evaluation) -> str | None:
    """Return the name of the union among the releases; None where there is none."""
    united = evaluation.plan.get(UNION) is True and len(evaluation.synthetic) > 1
    return UNION if united and UNION in evaluation.synthetic else None


def files_of(evaluation: Evaluation) -> tuple[str, ...]:
    """Return the names of the releases that are files."""
    union = union_of(evaluation)
    return tuple(name for name in evaluation.synthetic if name != union)
