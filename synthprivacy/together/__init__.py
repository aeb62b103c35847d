"""Several releases of the same people: what they give away together, what changed between them, and which one is safer."""

from synthprivacy.together.changed import Differenced, differencing
from synthprivacy.together.differences import DIFFERENCING, judge_differences
from synthprivacy.together.pairs import Met, compare
from synthprivacy.together.union import TOGETHER, union_of

__all__ = [
    "DIFFERENCING",
    "TOGETHER",
    "Differenced",
    "Met",
    "compare",
    "differencing",
    "judge_differences",
    "union_of",
]
