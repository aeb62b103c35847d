"""Risks by record: personal data, written only where somebody asks for them, for their owner only."""

from __future__ import annotations

import json
import os

from synthprivacy.auditing.coding import IntArray
from synthprivacy.auditing.risks import MembershipRisk
from synthprivacy.results.files import write_text

FORMAT = "synthprivacy/audit-records/1"
NOTICE = (
    "personal data: what a generator gives away about single people, by row of the original's file. For the secure room "
    "only; delete it when it has served."
)
RIGHTS = 0o600


def write_records(path: str | os.PathLike[str], risk: MembershipRisk, rows: IntArray) -> None:
    """Write the risk of every target with its row in the original, counted from 1; mode 0600.

    Parameters
    ----------
    path : path
    risk : MembershipRisk
    rows : ndarray of int64, shape (targets,)
        Rows of the original, from 0, in the order of the targets' numbers.

    Raises
    ------
    DataError
        If it cannot be written.
    """
    records = [{"row": int(row) + 1, **target.to_dict()} for row, target in zip(rows, risk.targets)]
    text = json.dumps({"format": FORMAT, "notice": NOTICE, "records": records}, indent=1, allow_nan=False)
    write_text(path, text + "\n", mode=RIGHTS)
