"""Explanation → strict JSON, format `synthprivacy/explanation/1`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from synthprivacy.explaining.mechanisms import WORDS
from synthprivacy.explaining.remedies import Remedy, share
from synthprivacy.explaining.values import FORMAT, ByColumn, Ends, Explanation, Mechanism, best, fall
from synthprivacy.explaining.wording import WARNING
from synthprivacy.results import Deciles, Risk

DIGITS = 12
"""Significant digits kept."""


def to_dict(explanation: Explanation) -> dict[str, Any]:
    """Return the JSON form of an explanation: shares, intervals and names, no count of people found out."""
    column, mechanism = explanation.column, explanation.mechanism
    found: Mapping[str, Any] = {
        "format": FORMAT,
        "rendering": explanation.rendering,
        "release": explanation.release,
        "endpoint": explanation.endpoint,
        "seed": explanation.seed,
        "nothing_to_explain": explanation.nothing,
        "risk": _risk(explanation.risk),
        "read_again": _risk(explanation.read),
        "people": None if explanation.people is None else dict(zip(("original", "control"), explanation.people)),
        "first": {
            "mechanism": None if mechanism is None else mechanism.name,
            "column": None if column is None else column.column,
        },
        "columns": [_column(one, explanation) for one in explanation.columns],
        "passed_over": explanation.passed_over,
        "mechanisms": [_mechanism(one, explanation) for one in explanation.mechanisms],
        "groups": [{"endpoint": risk.endpoint, **(_risk(risk) or {})} for risk in explanation.groups],
        "deciles": _deciles(explanation.deciles),
        "remedies": [_remedy(one) for one in explanation.remedies],
        "notes": list(explanation.notes),
        "warning": WARNING,
    }
    return dict(found)


def _risk(risk: Risk | None) -> dict[str, Any] | None:
    if risk is None:
        return None
    return {
        "value": _number(risk.value),
        "interval": [_number(end) for end in risk.interval],
        "lower": _number(risk.lower),
        "upper": _number(risk.upper),
        "p_value": _number(risk.p_value),
    }


def _column(one: ByColumn, explanation: Explanation) -> dict[str, Any]:
    return {
        "column": one.column,
        "guessed": one.guessed,
        "without": _risk(one.without),
        "coarser": _risk(one.coarser),
        "how": one.how,
        "fall": _number(fall(explanation.read, best(one))),
        "nothing_left": one.gone,
    }


def _mechanism(one: Mechanism, explanation: Explanation) -> dict[str, Any]:
    return {
        "mechanism": one.name,
        "column": one.column,
        "shows": one.title,
        "evident": one.evident,
        "evidence": _evidence(one.evidence),
        "reason": one.reason,
        "rows": _number(one.rows),
        "rows_were": one.how,
        "left": _risk(one.left),
        "accounts_for": _number(share(explanation, one)),
        "remedy": WORDS[one.name].remedy,
    }


def _evidence(evidence: Risk | Ends | None) -> dict[str, Any] | None:
    if not isinstance(evidence, Ends):
        return _risk(evidence)
    return {
        "value": _number(evidence.value),
        "interval": [_number(end) for end in evidence.interval],
        "p_value": _number(evidence.p_value),
        "ends": {"of": evidence.of, "original": evidence.original, "control": evidence.control},
    }


def _remedy(one: Remedy) -> dict[str, Any]:
    return {
        "of": one.of,
        "name": one.name,
        "change": one.change,
        "after": _risk(one.after),
        "measured": "without the rows that show it" if one.indirect else "this change",
    }


def _deciles(found: Deciles | None) -> dict[str, Any] | None:
    if found is None:
        return None
    parts = [{"value": _number(one.value), "interval": [_number(end) for end in one.interval]} for one in found.parts]
    trend = [_number(end) for end in found.trend_interval]
    return {
        "endpoint": found.endpoint,
        "parts": parts,
        "trend": _number(found.trend),
        "interval": trend,
        "p_value": _number(found.p_value),
    }


def _number(value: float | None) -> float | None:
    """Return a number as JSON has it: twelve significant digits, None for what is not finite."""
    return float(f"{value:.{DIGITS}g}") if value is not None and math.isfinite(value) else None
