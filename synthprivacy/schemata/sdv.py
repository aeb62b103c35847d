"""SDV metadata → declared settings, read from the JSON alone: SDV need not be installed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from synthprivacy.errors import ConfigError
from synthprivacy.schemata.columns import shown

_KINDS = {"categorical": "category", "boolean": "boolean", "datetime": "datetime", "id": "identifier"}
_PERSONAL = frozenset(
    {
        *("address", "street_address", "email", "phone_number", "name", "first_name", "last_name", "user_name"),
        *("ssn", "passport_number", "credit_card_number", "iban", "license_plate", "vin", "bban"),
        *("ipv4_address", "ipv6_address", "mac_address", "user_agent_string"),
    }
)
_CODES = frozenset({"postcode", "zipcode", "country_code"})
_PLACES = frozenset({"city", "state", "country", "administrative_unit"})


def from_sdv(
    path: str | os.PathLike[str], *, primary_key: Literal["identifier", "unit"] = "identifier"
) -> dict[str, dict[str, Any]]:
    """Return the settings that `infer` takes as `declared`, from SDV metadata of one table.

    Whatever SDV calls personal becomes an identifier, except places: many people share them, so that an attacker may
    know them. A type that is not known here becomes a category, and its reason says so. Ranges and values that SDV
    saw in the data are not read.

    Parameters
    ----------
    path : path
        JSON written by SDV: a single table, or `tables` with one entry.
    primary_key : {"identifier", "unit"}
        Role of the primary key: the unit if every row is a person of its own and releases keep the key.

    Raises
    ------
    ConfigError
        If the file is not such metadata, or describes several tables.
    """
    name = Path(path).name
    table = _single_table(name, _parsed(path))
    columns = table.get("columns")
    if not isinstance(columns, Mapping) or not all(isinstance(entry, Mapping) for entry in columns.values()):
        msg = f"{name} has no columns as SDV metadata has; write it with SDV's save_to_json"
        raise ConfigError(msg)
    declared = {str(column): _settings(entry) for column, entry in columns.items()}
    keys = table.get("primary_key") or []
    keys = [keys] if isinstance(keys, str) else keys
    if primary_key == "unit" and len(keys) != 1:
        msg = f"{name} has {len(keys)} primary key columns, a unit is one column; pass unit= with its name"
        raise ConfigError(msg)
    for key in keys:
        if key not in declared:
            msg = f"{name} names the primary key {shown(str(key))!r}, which is not among its columns; correct the file"
            raise ConfigError(msg)
        declared[key] = {"kind": "identifier", "role": primary_key, "reason": "primary key in SDV metadata"}
    return declared


def _settings(entry: Mapping[str, Any]) -> dict[str, Any]:
    sdtype = str(entry.get("sdtype", "unknown"))
    said = f"{shown(sdtype)} in SDV metadata"
    if sdtype in _CODES:
        return {"kind": "code", "reason": said}
    if sdtype in _PLACES:
        return {"kind": "category", "reason": said}
    if sdtype in _PERSONAL or (entry.get("pii") is True and sdtype != "unknown"):
        return {"kind": "identifier", "reason": said}
    if sdtype == "numerical":
        return {"kind": "integer" if _is_whole(entry) else "number", "reason": said}
    if sdtype in _KINDS:
        return {"kind": _KINDS[sdtype], "reason": said}
    return {"kind": "category", "reason": f"{said}, which has no kind here"}


def _is_whole(entry: Mapping[str, Any]) -> bool:
    stored = str(entry.get("computer_representation", ""))
    return entry.get("decimal_places") == 0 or stored.startswith(("Int", "UInt"))


def _single_table(name: str, metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    tables = metadata.get("tables")
    if tables is None:
        return metadata
    if not isinstance(tables, Mapping) or len(tables) != 1 or not isinstance(next(iter(tables.values())), Mapping):
        count = len(tables) if isinstance(tables, Mapping) else 0
        msg = f"{name} describes {count} tables, one is judged at a time; save the metadata of that table alone"
        raise ConfigError(msg)
    only: Mapping[str, Any] = next(iter(tables.values()))
    return only


def _parsed(path: str | os.PathLike[str]) -> Mapping[str, Any]:
    name = Path(path).name
    try:
        metadata = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{name} cannot be read ({error.strerror}); pass the path of SDV metadata in JSON"
        raise ConfigError(msg) from None
    except (ValueError, RecursionError):
        metadata = None
    if not isinstance(metadata, Mapping):
        msg = f"{name} is not JSON as SDV writes it; write it with SDV's save_to_json"
        raise ConfigError(msg)
    return metadata
