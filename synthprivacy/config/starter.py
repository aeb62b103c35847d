"""The plan, the rules and the policy that a new configuration starts with, as text to be edited."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from synthprivacy.config.plan import MOST_PRIMARY, UTILITY, UTILITY_ON_REQUEST, PlanSettings

_TEXT = """\
[plan]
attacks = [{attacks}]
# Endpoints that must all pass, at most {most}, declared before the data are seen. Absent: `evaluate --dry-run` shows the choice.
# primary = ["linkability.halves", "membership.distance", "memorization.copies"]
targets = {targets}  # people attacked per side
queries = {queries}  # predicates per singling-out endpoint
confidence = {confidence}
# together = true  # several releases: judged as one table too, and by what changed from each to the next
# accepted = "v1"  # several releases: the one that was accepted last, which all others are held against
# What the release is worth. Absent: all families that fit no model. All of them, the last {fitted} of which fit models:
# utility = [{utility}]

{rules}
[[policy.rule]]
of = "primary.upper"
max = 0.05
level = "error"
"""
_EXAMPLES = """\
# Rules that rows must keep, whoever they are about; the share of rows that break each is told beside the risks.
# [[constraints]]
# column = "age"  # a range: min, max or both
# min = 0
# [[constraints]]
# ascending = ["admitted", "discharged"]
# [[constraints]]
# by = ["postcode"]
# determines = ["town"]
# [[constraints]]
# unique = ["ward", "bed"]
"""
_RANGE = """\
[[constraints]]
column = {column}
min = {low:.17g}
max = {high:.17g}
"""
NOTHING: Mapping[str, tuple[float, float]] = MappingProxyType({})


def starter(bounds: Mapping[str, tuple[float, float]] = NOTHING) -> str:
    """Return all of a new configuration but tables and columns: the defaults, a limit of 5 %, and rules to start from.

    Parameters
    ----------
    bounds : mapping of str to (float, float)
        Declared ranges of columns, each of which becomes a rule. Nothing is looked up in a table: the smallest and the
        largest value of a column are people.
    """
    settings = PlanSettings()
    ranges = [_RANGE.format(column=_quoted(name), low=low, high=high) for name, (low, high) in bounds.items()]
    return _TEXT.format(
        attacks=_listed(settings.attacks),
        most=MOST_PRIMARY,
        targets=settings.targets,
        queries=settings.queries,
        confidence=settings.confidence,
        fitted=len(UTILITY_ON_REQUEST),
        utility=_listed((*UTILITY, *UTILITY_ON_REQUEST)),
        rules="".join([_EXAMPLES, *ranges]),
    )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(_quoted, names))


def _quoted(name: str) -> str:
    """Return a TOML string: JSON's escapes are TOML's, but for the one control character that JSON lets pass."""
    return json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")
