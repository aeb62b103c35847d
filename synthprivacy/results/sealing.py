"""An evaluation in a file carries a digest of itself: what lost or changed anything on its way is refused, not half believed.

It shows accidents (a cut, a merge, an editor, a well-meaning script). Whoever means to deceive can compute it again: against
them there are signatures, and a ledger.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from synthprivacy.errors import DataError

DIGEST = "digest"
"""Key of the digest, among the parts of an evaluation."""


def sealed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return strict JSON with its digest: the sha256 of all the rest, keys sorted."""
    return {**data, DIGEST: _digest(data)}


def require_whole(data: Mapping[str, Any]) -> None:
    """Refuse what is not, to the last digit, what was written.

    Raises
    ------
    DataError
        If the digest is absent or of something else.
    """
    if data.get(DIGEST) != _digest(data):
        msg = "the evaluation is not as it was written: a part of it was changed or lost; take the file that `evaluate` wrote"
        raise DataError(msg)


def _digest(data: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in data.items() if key != DIGEST}
    try:
        text = json.dumps(rest, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError):
        return ""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
