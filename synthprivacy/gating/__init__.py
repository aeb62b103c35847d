"""The gate: a policy held against an evaluation, and the verdict in the forms a pipeline reads."""

from synthprivacy.gating.decide import decide
from synthprivacy.gating.junit import to_junit
from synthprivacy.gating.markdown import to_markdown
from synthprivacy.gating.serialize import to_json, verdict_to_dict
from synthprivacy.gating.text import to_text
from synthprivacy.gating.verdict import Decision, Finding, ReleaseVerdict, Verdict, exit_code

__all__ = [
    "Decision",
    "Finding",
    "ReleaseVerdict",
    "Verdict",
    "decide",
    "exit_code",
    "to_json",
    "to_junit",
    "to_markdown",
    "to_text",
    "verdict_to_dict",
]
