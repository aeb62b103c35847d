"""What is lost from an evaluation must not help a release: the gate on JSON with parts cut out or overwritten.

The evaluation is of a clean release at a limit that it keeps, so that nothing but the damage can stop it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np

from synthprivacy.errors import SynthPrivacyError
from synthprivacy.results import Evaluation
from synthprivacy.selftest.door import LAX, Decider, carded, evaluate, gate, survey
from synthprivacy.selftest.finding import Finding, exact
from synthprivacy.selftest.refusals import CRASHES

PEOPLE = 200
NEEDED = ("size", "control_overlap", "identity", "control_in_release")
"""Checks without which nothing was judged."""
ODD: tuple[Any, ...] = (None, [], {}, "", "text", -1, 0, 1e308, math.nan, -math.inf, True)
"""What a part is overwritten with."""
NOT_PRIMARY: tuple[Any, ...] = (None, [], {}, "linkability.halves", ["linkability.no_such"], [7])
UNREADABLE: tuple[tuple[str, Any], ...] = (
    ("upper", None), ("upper", math.nan), ("upper", math.inf), ("upper", "0"), ("upper", -2.0), ("lower", None),
    ("lower", 2.0), ("value", None), ("interval", None), ("interval", []), ("confidence", 0.1), ("evidence", None),
)  # fmt: skip
"""A part of a risk, and what it cannot be decided on with."""

Json = Any
Damage = Callable[[Json], None]
"""Changes an evaluation's JSON in place."""
Way = tuple[str | int, ...]
"""Keys and places that lead to a part of it."""


def damages(seed: int, *, decider: Decider = gate, thorough: bool = False) -> list[Finding]:
    """Return whether a clean release passes, and with any part of its evaluation lost does not, nor crashes the gate."""
    whole = clean(seed)
    passed = decided(whole, decider) == "pass"
    findings = [exact("fail closed", "nothing lost", "the gate", float(passed), side="at least", bar=1.0)]
    for name, damage in every_damage(whole):
        decision = decided(_damaged(whole, damage), decider)
        wrong = decision in {"pass", "warn", "crashed"}
        findings.append(exact("fail closed", name, "the gate", float(wrong), side="at most", bar=0.0))
    crashes = _crashes(whole, np.random.default_rng(seed), 3_000 if thorough else 300, decider)
    return [*findings, exact("no crash", "any part overwritten", "the gate", crashes, side="at most", bar=0.0)]


def clean(seed: int) -> Json:
    """Return the JSON of a release without a leak, every check and card as good as it may be."""
    whole = carded(evaluate(survey(seed, PEOPLE), 0, 1)).to_dict()
    for check in whole["checks"]:
        check["status"] = "ok"
    return whole


def decided(whole: Json, decider: Decider) -> str:
    """Return the decision about an evaluation read from JSON, "refused", or "crashed"."""
    try:
        return decider(Evaluation.from_dict(whole), LAX).decision
    except SynthPrivacyError:
        return "refused"
    except CRASHES:
        return "crashed"


def every_damage(whole: Json) -> Iterator[tuple[str, Damage]]:
    """Yield every way to lose what a decision needs."""
    yield from _of_the_whole()
    yield from _of_checks(sorted({check["check"] for check in whole["checks"]} | set(NEEDED)))
    for endpoint in whole["plan"]["primary"]:
        yield from _of_primary(endpoint)


def _of_the_whole() -> Iterator[tuple[str, Damage]]:
    for part in ("format", "plan", "comparator", "checks", "tables", "releases"):
        yield f"without {part}", partial(_cut, (), part)
    yield "no primary in the plan", partial(_cut, ("plan",), "primary")
    yield "no release", partial(_put, (), "releases", [])
    yield "no risks", partial(_put, ("releases", 0), "risks", [])
    yield "no checks", partial(_put, (), "checks", [])
    facts = {"digest": None, "rows": PEOPLE, "units": PEOPLE, "columns": 6}
    yield "a release not evaluated", partial(_put, ("tables", "releases"), "other", facts)
    for kind in (None, "none", "unheard of"):
        yield f"comparator {kind}", partial(_put, ("comparator",), "kind", kind)
    for primary in NOT_PRIMARY:
        yield f"primary {primary}", partial(_put, ("plan",), "primary", primary)


def _of_checks(names: Sequence[str]) -> Iterator[tuple[str, Damage]]:
    for name in names:
        if name in NEEDED:
            yield f"without check {name}", partial(_drop, ("checks",), "check", name)
        yield f"check {name} failed", partial(_set, ("checks",), ("check", name), "status", "failed")


def _of_primary(endpoint: str) -> Iterator[tuple[str, Damage]]:
    """Yield every way to lose a primary endpoint, or the number that decides on it."""
    risks = ("releases", 0, "risks")
    yield f"without {endpoint}", partial(_drop, risks, "endpoint", endpoint)
    yield f"{endpoint} skipped", partial(_skip, endpoint)
    for key, value in UNREADABLE:
        yield f"{endpoint} with {key} {value}", partial(_set, risks, ("endpoint", endpoint), key, value)


def _at(data: Json, way: Way) -> Json:
    for step in way:
        data = data[step]
    return data


def _cut(way: Way, part: str, data: Json) -> None:
    del _at(data, way)[part]


def _put(way: Way, part: str, value: Json, data: Json) -> None:
    _at(data, way)[part] = value


def _drop(way: Way, key: str, name: str, data: Json) -> None:
    entries = _at(data, way)
    entries[:] = [entry for entry in entries if entry[key] != name]


def _set(way: Way, which: tuple[str, str], field: str, value: Json, data: Json) -> None:
    key, name = which
    for entry in _at(data, way):
        if entry[key] == name:
            entry[field] = value


def _skip(endpoint: str, data: Json) -> None:
    _drop(("releases", 0, "risks"), "endpoint", endpoint, data)
    why = {"reason": "it crashed", "needs": "a repair", "primary": True}
    skipped = {"attack": endpoint.partition(".")[0], "endpoint": endpoint, **why}
    data["releases"][0]["skipped"].append(skipped)


def _damaged(whole: Json, damage: Damage) -> Json:
    data = deepcopy(whole)
    damage(data)
    return data


def _crashes(whole: Json, rng: np.random.Generator, tries: int, decider: Decider) -> int:
    """Return how often the gate crashes when a part drawn at random is cut out or overwritten."""
    paths = [*_paths(whole)]
    crashes = 0
    for _ in range(tries):
        data = deepcopy(whole)
        *way, last = paths[rng.integers(len(paths))]
        place = _at(data, tuple(way))
        odd = int(rng.integers(-1, len(ODD)))
        if odd < 0:
            del place[last]
        else:
            place[last] = ODD[odd]
        crashes += decided(data, decider) == "crashed"
    return crashes


def _paths(part: Json, way: Way = ()) -> Iterator[Way]:
    """Yield the way to every part of some JSON."""
    keys = part.keys() if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
    for key in keys:
        yield (*way, key)
        yield from _paths(part[key], (*way, key))
