"""The gate: a policy held against an evaluation, and the verdict in the forms a pipeline reads."""

from synthprivacy.gate.decide import decide
from synthprivacy.gate.junit import to_junit
from synthprivacy.gate.markdown import to_markdown
from synthprivacy.gate.text import to_text
from synthprivacy.gate.verdict import Decision, Finding, ReleaseVerdict, Verdict, exit_code

__all__ = [
    "Decision",
    "Finding",
    "ReleaseVerdict",
    "Verdict",
    "decide",
    "exit_code",
    "to_junit",
    "to_markdown",
    "to_text",
]
