"""A policy that names what cannot be is refused, with the nearest name that can."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from itertools import chain, combinations

from synthprivacy.config.names import shown
from synthprivacy.config.policy import Policy, Rule
from synthprivacy.config.vocabulary import CHECKS, COLUMN, ENDPOINTS, METRICS, NAME, PAIR, is_endpoint, is_score
from synthprivacy.errors import PolicyError

MOST = 300
"""Columns that are looked through for the nearest name."""
MOST_OF_TWO = 30
"""The same where two of them make a name."""


def require_nameable(policy: Policy, columns: Collection[str] | None, heard: Collection[str] = ()) -> None:
    """Refuse a policy with a rule that is about nothing in any evaluation of some columns, whatever its plan.

    What could be there and is not, because the plan left it out or it could not be judged, is no slip: the gate finds it
    inconclusive.

    Parameters
    ----------
    policy : Policy
    columns : collection of str or None
        Names of the columns of the tables; None where they are not known, so that any name may be one.
    heard : collection of str
        Endpoints, checks (``checks.NAME``) and scores that an evaluation holds, whatever else is known.

    Raises
    ------
    PolicyError
        With the nearest name.
    """
    for rule in policy.rules:
        name, there = _named(rule, columns)
        if not there and name not in heard:
            hint = _hint(name, heard, columns, rule.bound if rule.subject == "risk" else "")
            msg = f"the rule on {shown(rule.of)} is about nothing that an evaluation of these columns could hold{hint}; correct it, or leave it out"
            raise PolicyError(msg)


def _named(rule: Rule, columns: Collection[str] | None) -> tuple[str, bool]:
    """Return what a rule names, and whether that could be there."""
    match rule.subject:
        case "risk":
            return rule.endpoint, is_endpoint(rule.endpoint, columns)
        case "score":
            return rule.of, is_score(rule.of, columns)
        case "check":
            return rule.of, rule.of.removeprefix("checks.") in CHECKS
    return rule.of, True


def _hint(name: str, heard: Collection[str], columns: Collection[str] | None, end: str) -> str:
    """Return the nearest name of the same threat or family, however far it is."""
    known = dict.fromkeys((*heard, *(f"checks.{check}" for check in CHECKS), *_spelt(list(columns or ())[:MOST])))
    alike = [one for one in known if one.partition(".")[0] == name.partition(".")[0]]
    close = get_close_matches(name, alike, 1, 0.0)
    return f" (did you mean {shown(close[0] + end)}?)" if close else ""


def _spelt(columns: Collection[str]) -> Iterator[str]:
    """Yield the names that can be spelt out: of every column, and of every two of the first ones."""
    pairs = [f"{one}|{other}" for one, other in combinations(list(columns)[:MOST_OF_TWO], 2)]
    for first, patterns in chain(ENDPOINTS.items(), METRICS.items()):
        for pattern in patterns:
            placeholder = next((one for one in (PAIR, COLUMN, NAME) if pattern.endswith(one)), "")
            head = f"{first}.{pattern.removesuffix(placeholder)}"
            yield from (f"{head}{some}" for some in {PAIR: pairs, COLUMN: columns, NAME: ()}.get(placeholder, ("",)))
