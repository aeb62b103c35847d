"""Are these the tables of that evaluation? An explanation of other tables would explain nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from synthprivacy.config import PlanSettings
from synthprivacy.errors import ConfigError, DataError
from synthprivacy.frames import Frames, case_of, in_one_order
from synthprivacy.planning import Endpoint, Plan, make_plan
from synthprivacy.results import Evaluation, TableFacts
from synthprivacy.schemata import shown
from synthprivacy.strata import groups_of
from synthprivacy.tables.digest import content_digest, digest_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

SAME_SHAPE = "original and control are taken for those of the evaluation by their shape: it was written without a key"


def require_same_tables(evaluation: Evaluation, frames: Frames) -> tuple[str, ...]:
    """Refuse tables that the evaluation is not about; return what could not be checked.

    Raises
    ------
    DataError
        If a table has another digest, or another shape where there is no digest, than the evaluation says.
    """
    if evaluation.rendering == "public":
        msg = "an explanation needs the evaluation as `evaluate` wrote it: this is the public rendering; pass the other"
        raise DataError(msg)
    if frames.control is None or evaluation.control is None:
        msg = "explain needs a control: without one nothing tells a leak from chance; evaluate with one, and pass it"
        raise DataError(msg)
    secret = digest_key()
    _require("original", frames.original, evaluation.original, secret)
    _require("control", frames.control, evaluation.control, secret)
    for name, frame in frames.synthetic.items():
        if name not in evaluation.synthetic:
            known = ", ".join(shown(one) for one in evaluation.synthetic)
            raise DataError(f"the evaluation has no release {shown(name)}; pass one of {known}")
        _require(f"release {shown(name)}", frame, evaluation.synthetic[name], None)
    unchecked = evaluation.original.digest is None or evaluation.control.digest is None or secret is None
    return (SAME_SHAPE,) if unchecked else ()


def _require(label: str, frame: pa.Table, facts: TableFacts, key: bytes | None) -> None:
    keyed = facts.digest is not None and facts.digest.startswith("hmac-sha256:")
    same = (frame.num_rows, frame.num_columns) == (facts.rows, facts.columns)
    if same and facts.digest is not None and (key is not None or not keyed):
        same = content_digest(frame, key if keyed else None) == facts.digest
    if not same:
        remedy = (
            "the same SYNTHPRIVACY_KEY and the same settings of columns" if keyed else "the same settings of columns"
        )
        raise DataError(f"{label} is not the table that was evaluated; pass that one, with {remedy}")


def declared_of(evaluation: Evaluation, columns: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the settings of every column: kind and role as evaluated, the rest (bounds, themes) as declared."""
    plan = evaluation.plan.get("columns")
    evaluated = plan if isinstance(plan, dict) else {}
    settled = {
        name: {key: entry for key, entry in facts.items() if key in {"kind", "role", "reason"} and entry is not None}
        for name, facts in evaluated.items()
    }
    return {name: {**columns.get(name, {}), **entries} for name, entries in settled.items()} or {
        name: dict(entries) for name, entries in columns.items()
    }


def as_evaluated(evaluation: Evaluation, frames: Frames) -> Frames:
    """Return the frames with people in the order of the evaluation: of several releases the first one gives it."""
    first = _first(evaluation, frames)
    return in_one_order(frames, first) if len(evaluation.synthetic) > 1 else frames


def plan_again(evaluation: Evaluation, frames: Frames, *, jobs: int) -> Plan:
    """Return the plan made again from the tables: from the evaluation's first release where it is there."""
    case = case_of(frames, _first(evaluation, frames))
    return make_plan(
        case.schema,
        case.release,
        settings_of(evaluation),
        original_people=case.original.people,
        control_people=0 if case.control is None else case.control.people,
        jobs=jobs,
        groups=groups_of(case),
    )


def _first(evaluation: Evaluation, frames: Frames) -> str:
    return next(name for name in (*evaluation.synthetic, *frames.synthetic) if name in frames.synthetic)


def endpoint_of(plan: Plan, evaluation: Evaluation, release: str, endpoint: str) -> Endpoint:
    """Return an endpoint of the plan that was made again.

    Raises
    ------
    ConfigError
        If it is not there, or has other parameters than the one that was evaluated.
    """
    made = next((one for one in plan.endpoints if one.name == endpoint), None)
    found = next((risk for risk in evaluation[release].risks if risk.endpoint == endpoint), None)
    if made is None or found is None or not _agree(made.attack.parameters(), found.parameters):
        first = next(iter(evaluation.synthetic), release)
        raise ConfigError(
            f"{shown(endpoint)} was planned otherwise than these tables and settings give; pass the configuration of the "
            f"evaluation, and beside the release also its first one, {shown(first)}, from which the plan was made"
        )
    return replace(made, primary=found.primary)


def settings_of(evaluation: Evaluation) -> PlanSettings:
    """Return what the evaluation's plan says of attacks and sizes.

    Raises
    ------
    DataError
        If the plan of the evaluation says nothing of them.
    """
    plan = evaluation.plan
    try:
        return PlanSettings(
            attacks=tuple(plan["attacks"]),
            targets=int(plan["targets"]),
            queries=int(plan["queries"]),
            confidence=float(plan["confidence"]),
        )
    except (KeyError, TypeError, ValueError):
        msg = "the evaluation holds no plan that could be made again; evaluate again with this version"
        raise DataError(msg) from None


def _agree(made: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Return whether parameters are those of the evaluation, which may have noted more than was fixed before."""
    return all(_plain(entry) == _plain(found.get(key)) for key, entry in made.items())


def _plain(value: Any) -> Any:
    """Return parameters as JSON has them, numbers to nine digits."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value
