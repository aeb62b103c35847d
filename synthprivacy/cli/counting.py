"""Which candidates of their control some releases are, by what a ledger wrote down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synthprivacy.results import Evaluation


def counted(ledger: Path, evaluations: Sequence[Evaluation]) -> list[dict[str, int]]:
    """Return as which candidate each release of each evaluation was judged; nothing of those that were not.

    All releases together are held to the share of the last one among them, as the gate holds them.

    Raises
    ------
    DataError
        If the ledger is broken or cannot be read.
    """
    from synthprivacy.cli.remembering import key
    from synthprivacy.ledger.judging import evaluation_digest
    from synthprivacy.ledger.store import read
    from synthprivacy.ledger.totals import JUDGED, of_kind

    secret = key()
    judged = of_kind(read(ledger, secret), JUDGED)
    digests = [evaluation_digest(evaluation, secret) for evaluation in evaluations]
    return [
        _with_union(
            evaluation,
            {str(body["release"]): int(body["candidate"]) for body in judged if body.get("evaluation") == digest},
        )
        for evaluation, digest in zip(evaluations, digests)
    ]


def _with_union(evaluation: Evaluation, numbers: dict[str, int]) -> dict[str, int]:
    from synthprivacy.gating.union import union_of

    union = union_of(evaluation)
    return numbers if union is None or not numbers else numbers | {union: max(numbers.values())}
