"""The only place that knows pydantic: types and unknown keys of a configuration file.

Messages are our own: those of pydantic may repeat what a file holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from synthprivacy.config.names import dotted, nearest
from synthprivacy.errors import ConfigError

WANTED = {
    "bool_type": "true or false",
    "dict_type": "a table",
    "float_type": "a number",
    "int_type": "a whole number",
    "list_type": "a list",
    "literal_error": "error or warn",
    "model_type": "a table",
    "string_type": "text",
}
"""Type of a pydantic error to what should have stood there."""


class _Strict(BaseModel):
    # Defaults only mark what may be left out: `checked` returns what was given, and the frozen values hold the defaults.
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class Tables(_Strict):
    """``[tables]``."""

    original: str = ""
    control: str = ""
    split: str = ""
    synthetic: dict[str, str] = {}


class Plan(_Strict):
    """``[plan]``."""

    attacks: list[str] = []
    primary: list[str] = []
    targets: int = 0
    queries: int = 0
    confidence: float = 0.0
    comparator: str = ""
    utility: list[str] = []
    together: bool = False
    accepted: str = ""


class RuleTable(_Strict):
    """``[[policy.rule]]``."""

    of: str
    max: float | None = None
    min: float | None = None
    level: Literal["error", "warn"] = "error"


class WaiverTable(_Strict):
    """``[[policy.waiver]]``; `waivers` knows what a date is."""

    of: str
    reason: str
    owner: str
    expires: Any
    endpoint: str = ""


class LedgerTable(_Strict):
    """``[policy.ledger]``."""

    leak: float = 0.0
    rows: int = 0
    epsilon: float = 0.0
    queries: int = 0
    days: int = 0


class PolicyTable(_Strict):
    """``[policy]``."""

    rule: list[RuleTable]
    waiver: list[WaiverTable] = []
    ledger: LedgerTable = LedgerTable()
    threats: list[str] = []
    recipient: str = ""
    profile: str = ""


class Constraint(_Strict):
    """``[[constraints]]``; `schemata` knows what belongs together."""

    name: str = ""
    column: str = ""
    min: Any = None
    max: Any = None
    by: list[str] = []
    determines: list[str] = []
    unique: list[str] = []
    ascending: list[str] = []


class File(_Strict):
    """The whole file."""

    tables: Tables = Tables()
    columns: dict[str, dict[str, Any]] = {}
    constraints: list[Constraint] = []
    plan: Plan = Plan()
    policy: PolicyTable = PolicyTable(rule=[])


TABLES: dict[tuple[str, ...], type[_Strict]] = {
    (): File,
    ("tables",): Tables,
    ("constraints",): Constraint,
    ("plan",): Plan,
    ("policy",): PolicyTable,
    ("policy", "rule"): RuleTable,
    ("policy", "waiver"): WaiverTable,
    ("policy", "ledger"): LedgerTable,
}
"""Place in the file to what may stand there."""


def checked(place: tuple[str, ...], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given, and nothing else, once types and keys are what they must be at a place of the file.

    Raises
    ------
    ConfigError
        Naming the full key of every fault (at most five), never a value.
    """
    try:
        return TABLES[place].model_validate(dict(data)).model_dump(exclude_unset=True)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        text = "; ".join(_fault((*place, *fault["loc"]), fault["type"]) for fault in faults[:5])
        raise ConfigError(text) from None


def _fault(where: tuple[int | str, ...], kind: str) -> str:
    key = dotted(where)
    if kind == "extra_forbidden":
        table = TABLES[tuple(part for part in where[:-1] if isinstance(part, str))]
        known = tuple(table.model_fields)
        return f"unknown key {key}{nearest(str(where[-1]), known)}; known here: {', '.join(known)}"
    if kind == "missing":
        return f"{key} is missing; add it"
    return f"{key} must be {WANTED.get(kind, 'of another type')}"
