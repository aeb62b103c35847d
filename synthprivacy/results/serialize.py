"""Evaluation → strict JSON, format `synthprivacy/evaluation/1` (see `evaluation.schema.json`)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from synthprivacy.results.deciles import Deciles
from synthprivacy.results.evaluation import FORMAT, Evaluation, Release, TableFacts
from synthprivacy.results.privacy_loss import Guessed, PrivacyLoss
from synthprivacy.results.risk import (
    Adjusted,
    ByColumns,
    Copies,
    Count,
    Evidence,
    Excess,
    Floor,
    HitsEvidence,
    Interval,
    MatchesEvidence,
    Rate,
    Risk,
    Score,
    ScoresEvidence,
)

DIGITS = 12
"""Significant digits kept: enough for any use, few enough to be the same on every machine."""


def evaluation_to_dict(evaluation: Evaluation) -> dict[str, Any]:
    """Return the JSON form of an evaluation."""
    return {
        "format": FORMAT,
        "rendering": evaluation.rendering,
        "seed": evaluation.seed,
        "plan": _plain(evaluation.plan),
        "versions": dict(sorted(evaluation.versions.items())),
        "comparator": _plain(evaluation.comparator),
        "checks": [
            {"check": c.check, "status": c.status, "detail": c.detail, "release": c.release} for c in evaluation.checks
        ],
        "tables": {
            "original": _facts(evaluation.original),
            "control": None if evaluation.control is None else _facts(evaluation.control),
            "releases": {name: _facts(facts) for name, facts in evaluation.synthetic.items()},
        },
        "releases": [_release(release) for release in evaluation.releases],
        "pairs": [_plain(pair) for pair in evaluation.pairs],
    }


def number(value: float | None) -> float | int | None:
    """Return a number as JSON has it: 12 significant digits, None for what is not finite."""
    if value is None or isinstance(value, int):
        return value
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return number(value) if isinstance(value, float) else value


def _facts(facts: TableFacts) -> dict[str, Any]:
    return {"digest": facts.digest, "rows": facts.rows, "units": facts.units, "columns": facts.columns}


def _count(value: Count | float) -> Any:
    return value if isinstance(value, str) else number(value)


def _interval(interval: Interval) -> list[Any]:
    return [number(interval[0]), number(interval[1])]


def _release(release: Release) -> dict[str, Any]:
    return {
        "name": release.name,
        "copies": None if release.copies is None else _copies(release.copies),
        "risks": [_risk(risk) for risk in release.risks],
        "skipped": [
            {"attack": s.attack, "endpoint": s.endpoint, "reason": s.reason, "needs": s.needs, "primary": s.primary}
            for s in release.skipped
        ],
        "scores": [_score(score) for score in release.scores],
        "series": [
            {
                "name": s.name,
                "of": s.of,
                "x": _plain(s.x),
                "y": _plain(s.y),
                "low": _plain(s.low),
                "high": _plain(s.high),
                **({"labels": list(s.labels)} if s.labels else {}),
            }
            for s in release.series
        ],
        "floor": None if release.floor is None else _floor(release.floor),
        "privacy_loss": None if release.privacy_loss is None else _privacy_loss(release.privacy_loss),
        "deciles": [_deciles(found) for found in release.deciles],
    }


def _deciles(found: Deciles) -> dict[str, Any]:
    return {
        "endpoint": found.endpoint,
        "parts": [
            {
                "value": number(part.value),
                "interval": _interval(part.interval),
                "original": _rate(part.original),
                "control": _rate(part.control),
            }
            for part in found.parts
        ],
        "trend": number(found.trend),
        "trend_interval": _interval(found.trend_interval),
        "p_value": number(found.p_value),
    }


def _copies(copies: Copies) -> dict[str, Any]:
    value, interval = copies.perfect_value, copies.perfect_interval
    return {
        "value": _count(copies.value),
        "interval": [_count(end) for end in copies.interval],
        "of": copies.of,
        "perfect": None
        if value is None or interval is None
        else {"value": _count(value), "interval": [_count(end) for end in interval]},
        "floor": copies.floor,
        "found": _rate(copies.found),
    }


def _floor(floor: Floor) -> dict[str, Any]:
    return {"people": floor.people, "of": floor.of, "endpoints": dict(floor.endpoints)}


def _privacy_loss(loss: PrivacyLoss) -> dict[str, Any]:
    return {
        "epsilon": number(loss.epsilon),
        "delta": number(loss.delta),
        "ceiling": number(loss.ceiling),
        "right": loss.right,
        "guesses": loss.guesses,
        "people": loss.people,
        "inclusion": number(loss.inclusion),
        "confidence": number(loss.confidence),
        "attack": loss.attack,
        "tried": [_guessed(one) for one in loss.tried],
    }


def _guessed(one: Guessed) -> dict[str, Any]:
    return {
        "attack": one.attack,
        "right": one.right,
        "guesses_in": one.guesses_in,
        "guesses_out": one.guesses_out,
        "people": one.people,
        "ways": one.ways,
        "searched": one.searched,
    }


def _risk(risk: Risk) -> dict[str, Any]:
    return {
        "attack": risk.attack,
        "endpoint": risk.endpoint,
        "primary": risk.primary,
        "parameters": _plain(risk.parameters),
        "estimand": risk.estimand,
        "estimator": risk.estimator,
        "value": number(risk.value),
        "interval": _interval(risk.interval),
        "lower": number(risk.lower),
        "upper": number(risk.upper),
        "excess": None if risk.excess is None else _excess(risk.excess),
        "confidence": risk.confidence,
        "p_value": number(risk.p_value),
        "needed_rows": risk.needed_rows,
        "evidence": _evidence(risk.evidence),
        "copies": None if risk.copies is None else _copies(risk.copies),
        "adjusted": None if risk.adjusted is None else _adjusted(risk.adjusted),
    }


def _adjusted(made: Adjusted) -> dict[str, Any]:
    return {
        "value": number(made.value),
        "interval": _interval(made.interval),
        "lower": number(made.lower),
        "upper": number(made.upper),
        "excess": _excess(made.excess),
        "variance_left": number(made.variance_left),
        "anyway": _rate(made.anyway),
        "reading": made.reading,
    }


def _excess(excess: Excess) -> dict[str, Any]:
    return {"value": number(excess.value), "lower": number(excess.lower), "upper": number(excess.upper)}


def _rate(rate: Rate | None) -> dict[str, Any] | None:
    if rate is None:
        return None
    return {
        "successes": rate.successes,
        "trials": rate.trials,
        "people": rate.people,
        "design_effect": number(rate.design_effect),
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    match evidence:
        case HitsEvidence():
            return {
                "kind": "hits",
                "original": _rate(evidence.original),
                "control": _rate(evidence.control),
                "naive": _rate(evidence.naive),
                "population": _rate(evidence.population),
            }
        case ScoresEvidence():
            return {
                "kind": "scores",
                "members": evidence.members,
                "nonmembers": evidence.nonmembers,
                "auc": number(evidence.auc),
                "standard_error": number(evidence.standard_error),
                "tpr": [point.to_dict() for point in evidence.tpr],
            }
        case MatchesEvidence():
            return {
                "kind": "matches",
                "queries": evidence.queries,
                "isolated": {"original": evidence.isolated_original, "control": evidence.isolated_control},
                "people": evidence.people,
                "size": evidence.size,
                "standard_error": number(evidence.standard_error),
                "of": evidence.of,
                "drawn": evidence.drawn,
                "weight": number(evidence.weight),
                "trivial": number(evidence.trivial),
                "by_columns": [_by_columns(part) for part in evidence.by_columns],
            }


def _by_columns(part: ByColumns) -> dict[str, Any]:
    return {
        "columns": part.columns,
        "queries": part.queries,
        "isolated": {"original": part.isolated_original, "control": part.isolated_control},
        "people": part.people,
        "value": number(part.value),
        "interval": None if part.interval is None else _interval(part.interval),
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "family": score.family,
        "metric": score.metric,
        "value": number(score.value),
        "reference": number(score.reference),
        "interval": None if score.interval is None else _interval(score.interval),
        "better": score.better,
        "range": [number(end) for end in score.range],
        "reason": score.reason,
    }
