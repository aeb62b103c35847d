"""Attackers who studied the same release, asked about the same people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from synthprivacy.attacks import Attack, Knowledge
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.inference_secrets import require_secret
from synthprivacy.attacks.inference_together import may_share, prepare_together
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.results import Guesses
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import Table

Asked = dict[str, Guesses]
"""Guesses about each of some tables of people."""


def ask(
    attacks: Sequence[Attack],
    release: Table,
    schema: Schema,
    people: Mapping[str, Table],
    seed: int,
    *,
    later: Sequence[Table] = (),
    usual: Table | None = None,
) -> list[Asked | NotEnoughDataError]:
    """Return what each of some attackers guesses about each table of people, or why it cannot be made.

    Every attacker is shown what it knows and nothing else, and draws from a stream of the same seed. Attackers who
    look for nearest records in nearly the same columns share the search.

    Parameters
    ----------
    attacks : sequence of Attack
    release : Table
        What they study.
    schema : Schema
    people : mapping of str to Table
    seed : int
    later : sequence of Table
        What they study besides, in the same encoding: releases that came after it.
    usual : Table, optional
        Real people who were not trained on and are not asked about, for attacks that study some.
    """
    studied = tuple(
        replace(table, weight=None, survey=None) for table in (release, *later)
    )  # an attacker sees no weights
    reference = None if usual is None else replace(usual, weight=None)
    known = Knowledge(studied, reference, schema)
    found = {place: _alone(attack, known) for place, attack in enumerate(attacks) if isinstance(attack, NearestGuess)}
    able = [place for place, why_not in found.items() if why_not is None]
    sharing = [attack for place in able if isinstance(attack := attacks[place], NearestGuess)]
    answers: dict[int, Asked | NotEnoughDataError] = {place: why for place, why in found.items() if why is not None}
    if may_share(sharing):
        together = prepare_together(sharing, known, np.random.default_rng(seed))
        told = {name: together(table) for name, table in people.items()}
        answers |= {place: {name: told[name][turn] for name in told} for turn, place in enumerate(able)}
    return [
        answers[place] if place in answers else _ask(attack, known, people, seed)
        for place, attack in enumerate(attacks)
    ]


def _alone(attack: NearestGuess, known: Knowledge) -> NotEnoughDataError | None:
    """Return why an attacker cannot be made."""
    try:
        require_secret(known.releases[0], attack.secret, attack.known)
    except NotEnoughDataError as error:
        return error
    return None


def _ask(attack: Attack, known: Knowledge, people: Mapping[str, Table], seed: int) -> Asked | NotEnoughDataError:
    try:
        attacker = attack.prepare(known, np.random.default_rng(seed))
    except NotEnoughDataError as error:
        return error
    shown = attack.knows(known.schema)
    return {name: attacker(table.select(shown)) for name, table in people.items()}
