"""The mechanisms by which a generator repeats people: one entry each, the most specific first.

A new one is one more entry of `suspects`: its name, the attack that shows it, the rows that show it, and the remedy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

import numpy as np

from synthprivacy.attacks import Attack
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.attacks.memorization_blocks import BlockCopies
from synthprivacy.attacks.memorization_near import NearCopies
from synthprivacy.attacks.memorization_parts import CHANCE
from synthprivacy.attacks.memorization_rare import SELECTIONS, RareCopies
from synthprivacy.attacks.memorization_text import TextCopies
from synthprivacy.attacks.reconstruction_segments import SegmentEnds
from synthprivacy.explaining import marking
from synthprivacy.explaining.marking import Marks
from synthprivacy.tables.blocks import column_blocks
from synthprivacy.tables.table import Case, Table

Mark = Callable[[Table, Sequence[Table], np.random.Generator], Marks]
"""The release and the tables of people to the rows that show a mechanism."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a mechanism."""

    title: str
    remedy: str


WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "exact": Words(
            "records of people as they are",
            "train for fewer epochs or with stronger regularisation (trees: larger leaves), or with differential privacy: "
            "the generator repeats whole records",
        ),
        "segment": Words(
            "mixtures of two people",
            "use a generator that draws from a fitted distribution, or one with differential privacy: rows placed between two "
            "people tell where both stand",
        ),
        "near": Words(
            "records of people with small changes",
            "train for fewer epochs or with stronger regularisation (trees: larger leaves), or with differential privacy: "
            "records are repeated with small changes, and noise on top does not hide whose they are",
        ),
        "block": Words(
            "blocks of people's columns as they are",
            "let the generator draw the columns of a block from more people (larger leaves, fewer parents, smoothing), or "
            "coarsen the columns of the block before training",
        ),
        "rare_value": Words(
            "people's rare values",
            "pool rare values and round numbers before training, so that no value is one person's",
        ),
        "rare_pair": Words(
            "people's rare pairs of values",
            "pool rare values and round numbers before training, so that no pair of values is one person's",
        ),
        "text_spans": Words(
            "passages of people's texts",
            "leave the text out, or replace it by a few topics before training; a text generator needs fewer epochs, texts "
            "without repetitions, or differential privacy",
        ),
        "text_edits": Words(
            "people's texts with a few letters changed",
            "leave the text out, or replace it by a few topics before training; a text generator needs fewer epochs, texts "
            "without repetitions, or differential privacy",
        ),
        "bounds": Words(
            "people's extremes as the ends of columns",
            "cap or top-code numbers at ends that come from outside the data, and declare them to the generator",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A mechanism to look for."""

    name: str
    attack: Attack | None
    """What shows it; None of ends of columns, which are counted."""
    mark: Mark
    column: str | None = None


def suspects(case: Case, *, jobs: int = 1) -> Iterator[Suspect]:
    """Yield every mechanism to look for: what a row shows is put down to the first evident one.

    Parameters
    ----------
    case : Case
    jobs : int
        Threads.
    """
    blocks = column_blocks(case.schema, case.release)
    singles = [(name,) for name in case.release.names]
    pairs = list(combinations(case.release.names, 2))
    yield Suspect("exact", ExactCopies(), _whole(marking.exact))
    yield Suspect("segment", SegmentEnds(), _whole(marking.between))
    yield Suspect("near", NearCopies(jobs), lambda one, people, rng: marking.near(one, people, rng, jobs))
    yield Suspect("block", BlockCopies(blocks), _parts(blocks))
    yield Suspect("rare_value", RareCopies(1), _parts(singles))
    yield Suspect("rare_pair", RareCopies(2), _parts(pairs))
    for text in case.release.texts:
        for by in ("spans", "edits"):
            attack = TextCopies(text.name, by)
            yield Suspect(f"text_{by}", attack, _quoting(text.name, by), text.name)
    yield Suspect("bounds", None, _whole(marking.ends))


def _whole(mark: Callable[[Table, Sequence[Table]], Marks]) -> Mark:
    """Return a marking that needs no chance."""
    return lambda one, people, _rng: mark(one, people)


def _parts(selections: Sequence[tuple[str, ...]]) -> Mark:
    def mark(one: Table, people: Sequence[Table], rng: np.random.Generator) -> Marks:
        chosen = list(selections)
        if len(chosen) > SELECTIONS:
            chosen = [chosen[place] for place in np.sort(rng.choice(len(chosen), SELECTIONS, replace=False))]
        return marking.parts(one, people, chosen, chance=CHANCE)

    return mark


def _quoting(column: str, by: str) -> Mark:
    return lambda one, people, rng: marking.quoting(one, people, column, by, rng)
