"""Why a release has its risk, and what to change: by column, by group and by mechanism."""

from synthprivacy.explaining.agreeing import declared_of
from synthprivacy.explaining.calling import explain, explain_tables
from synthprivacy.explaining.explanation import explain_evaluation, explain_frames, explain_release
from synthprivacy.explaining.public import public
from synthprivacy.explaining.remedies import Remedy
from synthprivacy.explaining.values import ByColumn, Ends, Explanation, Mechanism

__all__ = [
    "ByColumn",
    "Ends",
    "Explanation",
    "Mechanism",
    "Remedy",
    "declared_of",
    "explain",
    "explain_evaluation",
    "explain_frames",
    "explain_release",
    "explain_tables",
    "public",
]
