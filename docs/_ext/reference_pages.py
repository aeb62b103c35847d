"""The reference: public names, verbs of the command line, keys of the configuration file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, get_args, get_origin

import typer
import typer.cli

import synthprivacy
from _ext.docstrings import words_of_fields
from _ext.markdown import code, filled, table, without_empty
from _ext.setting_words import WORDS
from synthprivacy.cli.app import app
from synthprivacy.config import PlanSettings, Policy, Rule
from synthprivacy.config.door import TABLES
from synthprivacy.config.releases import ReleaseLimits
from synthprivacy.config.waivers import Waiver
from synthprivacy.schemata.settings import KINDS, ROLES, Settings

VALUES: Mapping[str, type] = {
    "plan": PlanSettings,
    "policy": Policy,
    "policy.rule": Rule,
    "policy.waiver": Waiver,
    "policy.ledger": ReleaseLimits,
}
"""Table of the file to the frozen class that holds its defaults."""
LISTS = ("constraints", "policy.rule", "policy.waiver")
"""Tables that may be repeated."""
TYPES = {str: "text", int: "whole number", float: "number", bool: "true or false", Any: "number or date"}


def reference_pages() -> dict[str, str]:
    """Return the three pages by their places."""
    public = synthprivacy.__all__
    errors = [name for name in public if name.endswith("Error")]
    functions = [name for name in public if name[0].islower()]
    return {
        "reference/index.md": filled("reference.md.jinja"),
        "reference/python.md": filled("python.md.jinja", functions=functions, errors=errors),
        "reference/command_line.md": filled("command_line.md.jinja", verbs=_verbs()),
        "reference/configuration.md": filled("configuration.md.jinja", places=dict(_places()), columns=_columns()),
    }


def _verbs() -> str:
    """Return what `typer utils docs` says of each verb, a level lower so that the page has one title."""
    command = typer.main.get_command(app)
    told = typer.cli.get_docs_for_click(obj=command, ctx=typer.Context(command), name="synthprivacy")
    verbs = told[told.index("\n## ") :]
    return re.sub(r"^Example: (.*(?:\n.+)*)", _example, verbs, flags=re.MULTILINE)


def _example(found: re.Match[str]) -> str:
    return f"```console\n$ {found[1].replace(chr(10), ' ')}\n```"


def _places() -> Iterator[tuple[str, str]]:
    """Yield each table of the file as it is headed there, with its keys as a table."""
    for place, model in TABLES.items():
        if name := ".".join(place):
            held = VALUES.get(name)
            told = ({} if held is None else words_of_fields(held)) | WORDS.get(name, {})
            rows = [
                (code(key), _type(field.annotation), _default(key, held), _words(name, key, told))
                for key, field in model.model_fields.items()
                if ".".join((*place, key)) not in VALUES
            ]
            head = f"[[{name}]]" if name in LISTS else f"[{name}]"
            yield head, table(*without_empty(("key", "type", "default", "meaning"), rows))


def _words(place: str, key: str, told: Mapping[str, str]) -> str:
    """Return what a key means.

    Raises
    ------
    LookupError
        If nobody said so.
    """
    if key not in told:
        msg = f"{place}.{key} must be explained: it has no words; write a docstring under the field, or add it to setting_words.py"
        raise LookupError(msg)
    return told[key]


def _default(key: str, held: type | None) -> str:
    """Return the default of a key: that of the frozen value, since those of the door only mark what may be left out."""
    if held is None or not is_dataclass(held):
        return ""
    default = next((field.default for field in fields(held) if field.name == key), MISSING)
    if default is MISSING:
        return "required"
    if isinstance(default, tuple):
        return ", ".join(code(str(one)) for one in default)
    return "" if default in {None, ""} else code(str(default).lower() if isinstance(default, bool) else str(default))


def _type(annotation: object) -> str:
    if annotation in TYPES:
        return TYPES[annotation]
    inner = [one for one in get_args(annotation) if one is not type(None)]
    if get_origin(annotation) is list:
        return "list of texts"
    if get_origin(annotation) is dict:
        return "table of texts"
    return " or ".join(TYPES.get(one, code(str(one))) for one in inner)


def _columns() -> str:
    told = WORDS["columns"]
    types = {"kind": ", ".join(map(code, KINDS)), "role": ", ".join(map(code, ROLES)), "bounds": "[low, high]"}
    rows = [
        (code(field.name), types.get(field.name, "text"), _words("columns", field.name, told))
        for field in fields(Settings)
    ]
    return table(("key", "type", "meaning"), rows)
