"""One page per registered attack, and the page that lists them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import MISSING, fields

import numpy as np
import pandas as pd

from _ext import card_tables
from _ext.docstrings import summary, words_of_fields
from _ext.markdown import code, filled, table, without_empty
from synthprivacy import cards, simulate
from synthprivacy.attacks import ATTACKS, BATTERY, ON_REQUEST, Attack, Budget
from synthprivacy.config import PlanSettings
from synthprivacy.reporting.attackers import ATTACKERS
from synthprivacy.reporting.words import THREATS, UNKNOWN, Threat
from synthprivacy.schemata import Schema, infer
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load
from synthprivacy.tables.table import Table

REGISTERED: dict[str, type[Attack]] = ATTACKS | ON_REQUEST | BATTERY
"""By name, those that run by default first."""
EXAMPLES = 200
"""People of the table whose endpoints are shown."""
STAND_INS = {"naive": "its shuffled columns", "population": "real people never trained on"}
WORDS = ("came", "with", "pain", "in", "the", "left", "right", "knee", "again", "after", "work")


def attack_pages() -> dict[str, str]:
    """Return every page by its place: one per attack, and the index."""
    schema, release = _example()
    pages = {f"attacks/{key}.md": _page(key, kind, schema, release) for key, kind in REGISTERED.items()}
    return {"attacks/index.md": _index()} | pages


def _index() -> str:
    order = sorted(REGISTERED, key=lambda key: _place(REGISTERED[key].name))
    rows = [
        (f"[{key}]({key}.md)", threat_of(kind).title, summary(kind), _asked(key, kind), cards.status_of(key))
        for key, kind in ((one, REGISTERED[one]) for one in order)
    ]
    head = ("attack", "threat", "in a sentence", "runs", "validity card")
    return filled("attacks.md.jinja", attacks=table(head, rows), keys=order)


def _place(threat: str) -> int:
    """Return where a threat stands in the report; what has no words there comes last."""
    return list(THREATS).index(threat) if threat in THREATS else len(THREATS)


def _page(key: str, kind: type[Attack], schema: Schema, release: Table) -> str:
    made = kind.variants(schema, release, Budget(PlanSettings().queries))
    card = cards.card_of(key)
    return filled(
        "attack.md.jinja",
        key=key,
        threat=threat_of(kind),
        does=does(key, kind, made),
        asked=_asked(key, kind),
        comparators=" and ".join(STAND_INS[name] for name in kind.comparators),
        everyone=kind.everyone,
        targets=PlanSettings().targets,
        endpoints=_endpoints(made, schema),
        settings=_settings(kind),
        module=kind.__module__,
        name=kind.__qualname__,
        source=f"{kind.__module__.replace('.', '/')}.py",
        status=cards.status_of(key),
        card=card,
        tables=card_tables,
    )


def threat_of(kind: type[Attack]) -> Threat:
    """Return the words of the report for the threat of an attack."""
    return THREATS.get(kind.name, UNKNOWN)


def does(key: str, kind: type[Attack], made: Sequence[Attack]) -> str:
    """Return what an attacker does: as the report says it of the threat's own attacker, or of this one, else its docstring."""
    if key in ATTACKS or not _has_default(kind.name):
        return threat_of(kind).does
    told = [ATTACKERS[attack.endpoint] for attack in made if attack.endpoint in ATTACKERS]
    return told[0] if len(made) == 1 and told else summary(kind)


def _has_default(threat: str) -> bool:
    """Return whether an attack of this threat runs unasked."""
    return any(kind.name == threat for kind in ATTACKS.values())


def _asked(key: str, kind: type[Attack]) -> str:
    if key in ATTACKS:
        return "in every plan that names its threat, and by default"
    if not _has_default(kind.name):
        return f"where `attacks` of `[plan]` names `{kind.name}`"
    return f"where `attacks` of `[plan]` names `{key}`"


def _endpoints(made: Sequence[Attack], schema: Schema) -> str:
    usable = frozenset(schema.attackable)
    rows = [
        (
            code(attack.endpoint),
            ATTACKERS.get(attack.endpoint, ""),
            _known(frozenset(attack.knows(schema)), usable),
            code(json.dumps(attack.parameters(), ensure_ascii=False)),
        )
        for attack in made
    ]
    head = ("endpoint", "what it does", "the attacker knows", "fixed before anyone is seen")
    return table(*without_empty(head, rows)) if rows else ""


def _known(knows: frozenset[str], usable: frozenset[str]) -> str:
    hidden = sorted(usable - knows)
    if len(hidden) >= len(knows):
        return ", ".join(map(code, sorted(knows)))
    return f"every column but {', '.join(map(code, hidden))}" if hidden else "every column"


def _settings(kind: type[Attack]) -> str:
    told = words_of_fields(kind)
    rows = [
        (code(field.name), code(str(field.type)), _default(field.default), told.get(field.name, ""))
        for field in fields(kind)
        if field.name != "jobs"
    ]
    return table(*without_empty(("setting", "type", "default", "meaning"), rows)) if rows else ""


def _default(value: object) -> str:
    return "made by the plan" if value is MISSING else code(repr(value))


def _example() -> tuple[Schema, Table]:
    """Return simulated people with a secret and a column of free text, so that every attack has something to do."""
    rng = np.random.default_rng(0)
    notes = [" ".join(rng.choice(WORDS, 12)) + f" since {day}" for day in range(EXAMPLES)]
    frame = simulate.people(EXAMPLES, rng).assign(note=pd.Series(notes, dtype="str"))
    rows = load(frame, label="release")
    schema = infer(rows, secrets=("diagnosis",), declared={"note": {"kind": "text"}})
    return schema, encode(original=rows, control=None, release=rows, schema=schema).release
