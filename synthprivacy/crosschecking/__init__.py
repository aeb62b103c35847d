"""What other tools say of a release, beside what this package says of the same people, with the reason of each difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthprivacy.lazy import lazily

if TYPE_CHECKING:
    from synthprivacy.crosschecking.calling import crosscheck, crosscheck_frames
    from synthprivacy.crosschecking.running import Interpreter
    from synthprivacy.crosschecking.values import Crosscheck, Reading, Row

__all__ = ["Crosscheck", "Interpreter", "Reading", "Row", "crosscheck", "crosscheck_frames"]

__getattr__ = lazily(
    __name__,
    {
        "Crosscheck": "values",
        "Interpreter": "running",
        "Reading": "values",
        "Row": "values",
        "crosscheck": "calling",
        "crosscheck_frames": "calling",
    },
)
