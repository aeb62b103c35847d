"""Several secrets guessed by the nearest record in one pass over one index: the same attackers, many times as fast."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.inference_secrets import tolerance_of
from synthprivacy.attacks.protocol import Knowledge
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.points import UNIT
from synthprivacy.results import Values
from synthprivacy.tables.space import points
from synthprivacy.tables.table import Table

FEW_HIDDEN = 3
"""Up to one column in so many may be hidden from an attacker who shares an index: it prunes by what all of them know."""


def may_share(attacks: Sequence[NearestGuess]) -> bool:
    """Return whether these attackers know nearly the same columns, so that one index serves all of them."""
    known = {name for attack in attacks for name in attack.known}
    return len(attacks) > 1 and all((len(known) - len(attack.known)) * FEW_HIDDEN <= len(known) for attack in attacks)


def prepare_together(
    attacks: Sequence[NearestGuess], known: Knowledge, rng: np.random.Generator
) -> Callable[[Table], list[Values]]:
    """Index the release once for all attackers, whose secrets vary in it.

    Each attacker's view leaves out what it does not know, in the distances and in the key of its draws: the answers
    do not depend on what is hidden from it, and tied records are as likely as if it had searched alone.

    Returns
    -------
    callable
        Takes people with every column any of the attackers knows; returns the guesses of each attacker.
    """
    release = known.releases[0]
    names = tuple(sorted({name for attack in attacks for name in attack.known}))
    index = neighbors.build(points(release.select(names)))
    places = _places(release.select(names))
    hidden = [frozenset(names) - frozenset(attack.known) for attack in attacks]
    views: list[neighbors.View] = [frozenset(place for name in some for place in places[name]) for some in hidden]
    seed, jobs = rng.integers(2**63, dtype=np.uint64), max(attack.jobs for attack in attacks)

    def attackers(people: Table) -> list[Values]:
        keys = np.stack([people.select(attack.known).keys() ^ seed for attack in attacks])
        found = neighbors.draw_in_views(index, points(people.select(names)), views, keys, jobs=jobs)
        return [
            Values(
                attack.secret,
                release[attack.secret].values[found.rows[place]],
                tolerance_of(release[attack.secret]),
                -found.steps[place].astype(np.float64) / (UNIT * len(attack.known)),
            )
            for place, attack in enumerate(attacks)
        ]

    return attackers


def _places(table: Table) -> dict[str, list[int]]:
    """Return where each column is among the points': ordered ones first, then the coded ones with all their parts."""
    places: dict[str, list[int]] = {}
    ordered = [feature for feature in table.features if feature.ordered]
    coded = [feature for feature in table.features if not feature.ordered]
    place = 0
    for feature in (*ordered, *coded):
        width = max(1, len(feature.parts))
        places[feature.name] = list(range(place, place + width))
        place += width
    return places
