"""Strict JSON → Evaluation: a file of the wrong shape is refused in one sentence, never half understood."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from synthprivacy.errors import DataError
from synthprivacy.results.deciles import Deciles, Part
from synthprivacy.results.evaluation import FORMAT, Evaluation, Release, TableFacts
from synthprivacy.results.fields import (
    count,
    counts,
    ends,
    interval_of,
    mapping,
    number,
    one_of,
    optional,
    positive,
    tally,
    text,
    whole,
)
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
            plan=_plan(data["plan"]),
            versions=mapping(data["versions"]),
            comparator=mapping(data["comparator"]),
            checks=tuple(_check(check) for check in data["checks"]),
            original=_facts(tables["original"]),
            control=None if tables["control"] is None else _facts(tables["control"]),
            synthetic={text(name): _facts(facts) for name, facts in tables["releases"].items()},
            releases=tuple(_release(release) for release in data["releases"]),
            rendering=one_of(data["rendering"], ("inside", "public")),
            pairs=tuple(mapping(pair) for pair in data["pairs"]),
        )
    except (KeyError, IndexError, TypeError, AttributeError, ValueError):
        msg = f"the evaluation lacks a part that {FORMAT} requires; evaluate again, or validate it with the JSON Schema"
        raise DataError(msg) from None


def _plan(data: Any) -> Mapping[str, Any]:
    """Return the plan as it is, with a list of endpoints if with any."""
    plan = mapping(data)
    return plan if "endpoints" not in plan else {**plan, "endpoints": [mapping(one) for one in plan["endpoints"]]}


def _release(data: Mapping[str, Any]) -> Release:
    copies, floor, loss = data["copies"], data.get("floor"), data.get("privacy_loss")
    return Release(
        name=text(data["name"]),
        copies=None if copies is None else _copies(copies),
        risks=tuple(_risk(risk) for risk in data["risks"]),
        skipped=tuple(_skipped(skipped) for skipped in data["skipped"]),
        scores=tuple(_score(score) for score in data["scores"]),
        series=tuple(_series(curve) for curve in data["series"]),
        floor=None if floor is None else _floor(floor),
        privacy_loss=None if loss is None else _privacy_loss(loss),
        deciles=tuple(_deciles(found) for found in data.get("deciles", ())),
    )


def _series(data: Mapping[str, Any]) -> Series:
    x, y, low, high = (tuple(map(optional, data[part])) for part in ("x", "y", "low", "high"))
    return Series(
        text(data["name"]), text(data["of"]), x, y, low, high, labels=tuple(map(text, data.get("labels", ())))
    )


def _deciles(data: Mapping[str, Any]) -> Deciles:
    return Deciles(
        endpoint=text(data["endpoint"]),
        parts=tuple(_part(part) for part in data["parts"]),
        trend=number(data["trend"]),
        trend_interval=interval_of(data["trend_interval"]),
        p_value=number(data["p_value"]),
    )


def _part(data: Mapping[str, Any]) -> Part:
    original, control = data["original"], data["control"]
    return Part(
        value=number(data["value"]),
        interval=interval_of(data["interval"]),
        original=None if original is None else _rate(original),
        control=None if control is None else _rate(control),
    )


def _copies(data: Mapping[str, Any]) -> Copies:
    perfect = data["perfect"]
    return Copies(
        value=count(data["value"]),
        interval=counts(data["interval"]),
        of=whole(data["of"]),
        perfect_value=None if perfect is None else count(perfect["value"]),
        perfect_interval=None if perfect is None else counts(perfect["interval"]),
        floor=None if data["floor"] is None else count(data["floor"]),
        found=None if data.get("found") is None else _rate(data["found"]),
    )


def _floor(data: Mapping[str, Any]) -> Floor:
    endpoints = {text(name): None if people is None else count(people) for name, people in data["endpoints"].items()}
    return Floor(None if data["people"] is None else count(data["people"]), whole(data["of"]), endpoints)


def _privacy_loss(data: Mapping[str, Any]) -> PrivacyLoss:
    return PrivacyLoss(
        right=count(data["right"]),
        guesses=count(data["guesses"]),
        attack=text(data["attack"]),
        tried=tuple(_guessed(one) for one in data["tried"]),
        **{name: number(data[name]) for name in ("epsilon", "delta", "ceiling", "people", "inclusion", "confidence")},
    )


def _guessed(data: Mapping[str, Any]) -> Guessed:
    numbers = {name: number(data[name]) for name in ("right", "guesses_in", "guesses_out", "people", "ways")}
    return Guessed(attack=text(data["attack"]), searched=data["searched"] is True, **numbers)


def _score(data: Mapping[str, Any]) -> Score:
    return Score(
        family=text(data["family"]),
        metric=text(data["metric"]),
        value=optional(data["value"]),
        reference=optional(data["reference"]),
        interval=None if data["interval"] is None else interval_of(data["interval"]),
        better=one_of(data["better"], ("higher", "lower")),
        range=ends(*data.get("range", (0.0, 1.0))),
        reason=None if data.get("reason") is None else text(data["reason"]),
    )


def _risk(data: Mapping[str, Any]) -> Risk:
    excess, copies, made = data["excess"], data.get("copies"), data.get("adjusted")
    return Risk(
        attack=text(data["attack"]),
        endpoint=text(data["endpoint"]),
        primary=data["primary"] is True,
        parameters=mapping(data["parameters"]),
        estimand=text(data["estimand"]),
        estimator=text(data["estimator"]),
        value=-math.inf if data["value"] is None else number(data["value"]),
        interval=interval_of(data["interval"]),
        lower=-math.inf if data["lower"] is None else number(data["lower"]),
        upper=math.inf if data["upper"] is None else number(data["upper"]),
        excess=None if excess is None else _excess(excess),
        confidence=number(data["confidence"]),
        p_value=data["p_value"],
        needed_rows=data["needed_rows"],
        evidence=_evidence(data["evidence"]),
        copies=None if copies is None else _copies(copies),
        adjusted=None if made is None else _adjusted(made),
    )


def _excess(data: Mapping[str, Any]) -> Excess:
    return Excess(*(number(data[part]) for part in ("value", "lower", "upper")))


def _adjusted(data: Mapping[str, Any]) -> Adjusted:
    reading = data["reading"]
    return Adjusted(
        value=-math.inf if data["value"] is None else number(data["value"]),
        interval=interval_of(data["interval"]),
        lower=-math.inf if data["lower"] is None else number(data["lower"]),
        upper=math.inf if data["upper"] is None else number(data["upper"]),
        excess=_excess(data["excess"]),
        variance_left=number(data["variance_left"]),
        anyway=_rate(data["anyway"]),
        reading=None if reading is None else text(reading),
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
                number(data["members"]),
                number(data["nonmembers"]),
                number(data["auc"]),
                number(data["standard_error"]),
                tuple(TruePositives(**point) for point in data["tpr"]),
            )
        case "matches":
            return MatchesEvidence(
                number(data["queries"]),
                *_isolated(data["isolated"]),
                count(data["people"]),
                number(data["size"]),
                number(data["standard_error"]),
                **{name: optional(data.get(name)) for name in ("of", "drawn", "weight", "trivial")},
                by_columns=tuple(_by_columns(part) for part in data.get("by_columns", ())),
            )
        case kind:
            raise KeyError(kind)


def _isolated(data: Mapping[str, Any]) -> tuple[Any, Any]:
    return count(data["original"]), None if data["control"] is None else count(data["control"])


def _by_columns(data: Mapping[str, Any]) -> ByColumns:
    interval = data["interval"]
    return ByColumns(
        number(data["columns"]),
        number(data["queries"]),
        *_isolated(data["isolated"]),
        count(data["people"]),
        optional(data["value"]),
        None if interval is None else interval_of(interval),
    )


def _facts(data: Mapping[str, Any]) -> TableFacts:
    digest = data["digest"]
    return TableFacts(
        None if digest is None else text(digest), *(number(data[k]) for k in ("rows", "units", "columns"))
    )


def _check(data: Mapping[str, Any]) -> Check:
    release = data["release"]
    status = one_of(data["status"], ("ok", "warn", "failed"))
    return Check(text(data["check"]), status, text(data["detail"]), None if release is None else text(release))


def _skipped(data: Mapping[str, Any]) -> Skipped:
    attack, endpoint, reason, needs = (text(data[part]) for part in ("attack", "endpoint", "reason", "needs"))
    return Skipped(attack, endpoint, reason, needs, data["primary"] is True)


def _rate(data: Mapping[str, Any]) -> Rate:
    successes, trials, people = (tally(data[part]) for part in ("successes", "trials", "people"))
    return Rate(successes, trials, people, positive(data["design_effect"]))
