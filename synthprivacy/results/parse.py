"""Strict JSON → Evaluation: a file of the wrong shape is refused in one sentence, never half understood."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from synthprivacy.errors import DataError
from synthprivacy.results.deciles import Deciles, Part
from synthprivacy.results.evaluation import FORMAT, Evaluation, Release, TableFacts
from synthprivacy.results.privacy_loss import Guessed, PrivacyLoss
from synthprivacy.results.risk import (
    Adjusted,
    ByColumns,
    Check,
    Copies,
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
    Series,
    Skipped,
    TruePositives,
)


def evaluation_from_dict(data: Mapping[str, Any]) -> Evaluation:
    """Return the evaluation a JSON object describes.

    Raises
    ------
    DataError
        If the format is unknown or a part is missing.
    """
    if data.get("format") != FORMAT:
        msg = f"the evaluation's format must be {FORMAT}; evaluate again with this version of synthprivacy"
        raise DataError(msg)
    try:
        tables = data["tables"]
        return Evaluation(
            seed=data["seed"],
            plan=_mapping(data["plan"]),
            versions=_mapping(data["versions"]),
            comparator=_mapping(data["comparator"]),
            checks=tuple(_check(check) for check in data["checks"]),
            original=_facts(tables["original"]),
            control=None if tables["control"] is None else _facts(tables["control"]),
            synthetic={_text(name): _facts(facts) for name, facts in tables["releases"].items()},
            releases=tuple(_release(release) for release in data["releases"]),
            rendering=_one_of(data["rendering"], ("inside", "public")),
            pairs=tuple(_mapping(pair) for pair in data["pairs"]),
        )
    except (KeyError, IndexError, TypeError, AttributeError, ValueError):
        msg = f"the evaluation lacks a part that {FORMAT} requires; evaluate again, or validate it with the JSON Schema"
        raise DataError(msg) from None


def _interval(ends: list[float | None]) -> Interval:
    low, high = ends
    return (-math.inf if low is None else low, math.inf if high is None else high)


def _release(data: Mapping[str, Any]) -> Release:
    copies, floor, loss = data["copies"], data.get("floor"), data.get("privacy_loss")
    return Release(
        name=_text(data["name"]),
        copies=None if copies is None else _copies(copies),
        risks=tuple(_risk(risk) for risk in data["risks"]),
        skipped=tuple(_skipped(skipped) for skipped in data["skipped"]),
        scores=tuple(_score(score) for score in data["scores"]),
        series=tuple(
            Series(s["name"], s["of"], tuple(s["x"]), tuple(s["y"]), tuple(s["low"]), tuple(s["high"]))
            for s in data["series"]
        ),
        floor=None if floor is None else _floor(floor),
        privacy_loss=None if loss is None else _privacy_loss(loss),
        deciles=tuple(_deciles(found) for found in data.get("deciles", ())),
    )


def _deciles(data: Mapping[str, Any]) -> Deciles:
    return Deciles(
        endpoint=_text(data["endpoint"]),
        parts=tuple(_part(part) for part in data["parts"]),
        trend=_number(data["trend"]),
        trend_interval=_interval(data["trend_interval"]),
        p_value=_number(data["p_value"]),
    )


def _part(data: Mapping[str, Any]) -> Part:
    original, control = data["original"], data["control"]
    return Part(
        value=_number(data["value"]),
        interval=_interval(data["interval"]),
        original=None if original is None else _rate(original),
        control=None if control is None else _rate(control),
    )


def _copies(data: Mapping[str, Any]) -> Copies:
    perfect = data["perfect"]
    return Copies(
        value=_count(data["value"]),
        interval=_counts(data["interval"]),
        of=_number(data["of"]),
        perfect_value=None if perfect is None else _count(perfect["value"]),
        perfect_interval=None if perfect is None else _counts(perfect["interval"]),
        floor=None if data["floor"] is None else _count(data["floor"]),
        found=None if data.get("found") is None else _rate(data["found"]),
    )


def _floor(data: Mapping[str, Any]) -> Floor:
    endpoints = {_text(name): None if people is None else _count(people) for name, people in data["endpoints"].items()}
    return Floor(None if data["people"] is None else _count(data["people"]), _number(data["of"]), endpoints)


def _privacy_loss(data: Mapping[str, Any]) -> PrivacyLoss:
    return PrivacyLoss(
        right=_count(data["right"]),
        guesses=_count(data["guesses"]),
        attack=_text(data["attack"]),
        tried=tuple(_guessed(one) for one in data["tried"]),
        **{name: _number(data[name]) for name in ("epsilon", "delta", "ceiling", "people", "inclusion", "confidence")},
    )


def _guessed(data: Mapping[str, Any]) -> Guessed:
    counts = {name: _number(data[name]) for name in ("right", "guesses_in", "guesses_out", "people", "ways")}
    return Guessed(attack=_text(data["attack"]), searched=data["searched"] is True, **counts)


def _score(data: Mapping[str, Any]) -> Score:
    interval = None if data["interval"] is None else _interval(data["interval"])
    low, high = data.get("range", (0.0, 1.0))
    of, number, reference = (data["family"], data["metric"]), data["value"], data["reference"]
    return Score(*of, number, reference, interval, data["better"], (low, high), data.get("reason"))


def _risk(data: Mapping[str, Any]) -> Risk:
    excess, copies, made = data["excess"], data.get("copies"), data.get("adjusted")
    return Risk(
        attack=_text(data["attack"]),
        endpoint=_text(data["endpoint"]),
        primary=data["primary"] is True,
        parameters=_mapping(data["parameters"]),
        estimand=_text(data["estimand"]),
        estimator=_text(data["estimator"]),
        value=-math.inf if data["value"] is None else _number(data["value"]),
        interval=_interval(data["interval"]),
        lower=-math.inf if data["lower"] is None else _number(data["lower"]),
        upper=math.inf if data["upper"] is None else _number(data["upper"]),
        excess=None if excess is None else _excess(excess),
        confidence=_number(data["confidence"]),
        p_value=data["p_value"],
        needed_rows=data["needed_rows"],
        evidence=_evidence(data["evidence"]),
        copies=None if copies is None else _copies(copies),
        adjusted=None if made is None else _adjusted(made),
    )


def _excess(data: Mapping[str, Any]) -> Excess:
    return Excess(*(_number(data[part]) for part in ("value", "lower", "upper")))


def _adjusted(data: Mapping[str, Any]) -> Adjusted:
    reading = data["reading"]
    return Adjusted(
        value=-math.inf if data["value"] is None else _number(data["value"]),
        interval=_interval(data["interval"]),
        lower=-math.inf if data["lower"] is None else _number(data["lower"]),
        upper=math.inf if data["upper"] is None else _number(data["upper"]),
        excess=_excess(data["excess"]),
        variance_left=_number(data["variance_left"]),
        anyway=_rate(data["anyway"]),
        reading=None if reading is None else _text(reading),
    )


def _evidence(data: Mapping[str, Any]) -> Evidence:
    match data["kind"]:
        case "hits":
            rates = {
                name: None if data[name] is None else _rate(data[name])
                for name in ("original", "control", "naive", "population")
            }
            original = rates.pop("original")
            if original is None:
                msg = "original"
                raise KeyError(msg)
            return HitsEvidence(original=original, **rates)
        case "scores":
            return ScoresEvidence(
                _number(data["members"]),
                _number(data["nonmembers"]),
                _number(data["auc"]),
                _number(data["standard_error"]),
                tuple(TruePositives(**point) for point in data["tpr"]),
            )
        case "matches":
            return MatchesEvidence(
                _number(data["queries"]),
                *_isolated(data["isolated"]),
                _count(data["people"]),
                _number(data["size"]),
                _number(data["standard_error"]),
                **{name: _optional(data.get(name)) for name in ("of", "drawn", "weight", "trivial")},
                by_columns=tuple(_by_columns(part) for part in data.get("by_columns", ())),
            )
        case kind:
            raise KeyError(kind)


def _isolated(data: Mapping[str, Any]) -> tuple[Any, Any]:
    return _count(data["original"]), None if data["control"] is None else _count(data["control"])


def _by_columns(data: Mapping[str, Any]) -> ByColumns:
    interval = data["interval"]
    return ByColumns(
        _number(data["columns"]),
        _number(data["queries"]),
        *_isolated(data["isolated"]),
        _count(data["people"]),
        _optional(data["value"]),
        None if interval is None else _interval(interval),
    )


def _facts(data: Mapping[str, Any]) -> TableFacts:
    digest = data["digest"]
    return TableFacts(
        None if digest is None else _text(digest), *(_number(data[k]) for k in ("rows", "units", "columns"))
    )


def _check(data: Mapping[str, Any]) -> Check:
    release = data["release"]
    status = _one_of(data["status"], ("ok", "warn", "failed"))
    return Check(_text(data["check"]), status, _text(data["detail"]), None if release is None else _text(release))


def _skipped(data: Mapping[str, Any]) -> Skipped:
    attack, endpoint, reason, needs = (_text(data[part]) for part in ("attack", "endpoint", "reason", "needs"))
    return Skipped(attack, endpoint, reason, needs, data["primary"] is True)


def _rate(data: Mapping[str, Any]) -> Rate:
    successes, trials, people = (_count(data[part]) for part in ("successes", "trials", "people"))
    return Rate(successes, trials, people, _number(data["design_effect"]))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return value


def _optional(value: Any) -> Any:
    return None if value is None else _number(value)


def _count(value: Any) -> Any:
    return value if isinstance(value, str) else _number(value)


def _counts(value: Any) -> tuple[Any, Any]:
    low, high = value
    return _count(low), _count(high)


def _one_of(value: Any, allowed: tuple[str, ...]) -> Any:
    if value not in allowed:
        raise ValueError
    return value
