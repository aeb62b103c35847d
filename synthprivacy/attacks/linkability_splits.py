"""How the columns of a person may lie in two tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from synthprivacy.attacks.protocol import known_columns
from synthprivacy.schemata import Schema
from synthprivacy.tables.association import entropies
from synthprivacy.tables.blocks import column_blocks
from synthprivacy.tables.table import Table

Split = tuple[tuple[str, ...], tuple[str, ...]]
"""Two disjoint sets of columns, each sorted."""


def splits(schema: Schema, release: Table) -> dict[str, tuple[Split, str]]:
    """Return the splits worth trying by name, each with the reason: the first is what a plan decides on.

    ``halves``: about as much information in either, dealt column by column. ``sources``: columns that go together lie
    together, declared themes or else clusters, as in two tables from different sources. ``few``: as few columns as
    tell half of everything against all others.
    """
    known = known_columns(schema)
    information = entropies(release.select(known))
    ranked = sorted(information, key=lambda name: (-information[name], name))
    found = {"halves": (even_halves(known, release), "dealt so that either half says about as much")}
    blocks = column_blocks(schema, release.select(known))
    if len(blocks) > 1:
        inside = {name for block in blocks for name in block}
        groups = [*blocks, *((name,) for name in ranked if name not in inside)]
        groups.sort(key=lambda group: (-sum(information[name] for name in group), group))
        found["sources"] = (_dealt(groups), "columns that go together lie together, as in tables from two sources")
    found["few"] = (_few(ranked, information), "as few columns as tell half of everything against all others")
    usable = {name: (split, why) for name, (split, why) in found.items() if all(split)}
    distinct = {split: name for name, (split, _) in reversed(usable.items())}
    return {name: pair for name, pair in usable.items() if distinct[pair[0]] == name} or {"halves": found["halves"]}


def even_halves(known: tuple[str, ...], release: Table) -> Split:
    """Return known columns dealt by their entropy in the release, so that either half says about as much."""
    information = entropies(release.select(known))
    return _dealt([(name,) for name in sorted(information, key=lambda name: (-information[name], name))])


def _dealt(groups: Sequence[Sequence[str]]) -> Split:
    """Return groups dealt in turns that even out: first, second, second, first."""
    first = [name for place, group in enumerate(groups) if place % 4 in (0, 3) for name in group]
    second = [name for place, group in enumerate(groups) if place % 4 in (1, 2) for name in group]
    return tuple(sorted(first)), tuple(sorted(second))


def _few(ranked: Sequence[str], information: Mapping[str, float]) -> Split:
    wanted, count = sum(information.values()) / 2.0, 0
    while count < len(ranked) - 1 and sum(information[name] for name in ranked[:count]) < wanted:
        count += 1
    return tuple(sorted(ranked[:count])), tuple(sorted(ranked[count:]))
