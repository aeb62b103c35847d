"""Reading synthprivacy.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthprivacy.config.plan import PlanSettings
from synthprivacy.config.policy import Policy, Rule
from synthprivacy.config.releases import ReleaseLimits
from synthprivacy.config.waivers import waiver_of
from synthprivacy.errors import ConfigError

if TYPE_CHECKING:
    import os


@dataclass(frozen=True, slots=True)
class TableSources:
    """Where the tables are; each may also come from the command line."""

    original: Path | None = None
    control: Path | None = None
    split: Path | None = None
    """What `synthprivacy split` wrote beside them: a split.json."""
    synthetic: Mapping[str, Path] = field(default_factory=dict)
    """Release name to file."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a configuration file says."""

    tables: TableSources | None = None
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Column declarations as they stand; `schema` knows what they mean."""
    constraints: tuple[Mapping[str, Any], ...] = ()
    """Rules about rows as they stand; `schema` knows what they mean."""
    plan: PlanSettings = field(default_factory=PlanSettings)
    policy: Policy | None = None


def load(path: str | os.PathLike[str]) -> Config:
    """Return what a configuration file says; the paths in it are relative to the file.

    Raises
    ------
    ConfigError
        If the file is missing, is not TOML in UTF-8, or holds an unknown key or a value out of range.
    """
    source = Path(path)
    try:
        text = source.read_bytes().decode("utf-8-sig")
    except OSError as error:
        msg = f"{source.name} cannot be read ({error.strerror}); pass the path of an existing TOML file"
        raise ConfigError(msg) from None
    except ValueError:
        msg = f"{source.name} must be UTF-8 text; save it again in that encoding"
        raise ConfigError(msg) from None
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # The parser's own text may quote the file; only the place is passed on.
        line = re.search(r"at line (\d+)", str(error))
        place = f"line {line[1]}" if line else "its end"
        msg = f"{source.name} is not valid TOML at {place}; correct it there"
        raise ConfigError(msg) from None
    return parse(data, folder=source.parent)


def parse(data: Mapping[str, Any], *, folder: Path = Path()) -> Config:
    """Return what a configuration says.

    Parameters
    ----------
    data : mapping
        The parsed TOML.
    folder : Path
        What the paths in it are relative to.

    Raises
    ------
    ConfigError
        If there is an unknown key, or a value of another type or out of range.
    """
    # pydantic stays out of the science, which needs the values of this package but never a file.
    from synthprivacy.config.door import checked

    given = checked((), data)
    tables = given.get("tables")
    policy = given.get("policy")
    return Config(
        tables=None if tables is None else _sources(tables, folder),
        columns=given.get("columns", {}),
        constraints=tuple(given.get("constraints", ())),
        plan=_plan(given.get("plan", {})),
        policy=None if policy is None else _policy(policy),
    )


def parse_policy(data: Mapping[str, Any]) -> Policy:
    """Return the policy in a ``[policy]`` table, or that `Policy.to_dict` wrote.

    Raises
    ------
    ConfigError
        As `parse`.
    """
    from synthprivacy.config.door import checked

    return _policy(checked(("policy",), data))


def _sources(tables: Mapping[str, Any], folder: Path) -> TableSources:
    single = {name: folder / tables[name] for name in ("original", "control", "split") if name in tables}
    return TableSources(**single, synthetic={name: folder / file for name, file in tables.get("synthetic", {}).items()})


def _plan(plan: Mapping[str, Any]) -> PlanSettings:
    settings: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in plan.items()}
    return PlanSettings(**settings)


def _policy(policy: Mapping[str, Any]) -> Policy:
    return Policy(
        tuple(Rule(**rule) for rule in policy["rule"]),
        waivers=tuple(waiver_of(waiver) for waiver in policy.get("waiver", ())),
        ledger=ReleaseLimits(**policy["ledger"]) if "ledger" in policy else None,
        threats=tuple(policy.get("threats", ())),
        recipient=policy.get("recipient", ""),
        profile=policy.get("profile", ""),
    )
