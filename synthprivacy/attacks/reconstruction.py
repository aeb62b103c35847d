"""Reconstruction from counts: a secret bit is read off how many synthetic rows share a few of a person's values."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

import numpy as np

from synthprivacy.attacks.holding import AllButSecret
from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge, known_columns, why_known
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.kernels.cells import Cells, count
from synthprivacy.kernels.decoding import decode_alone
from synthprivacy.results import Values
from synthprivacy.schemata import Schema
from synthprivacy.tables.association import entropies, predictability
from synthprivacy.tables.digits import digits_of
from synthprivacy.tables.table import FloatArray, IntArray, Table

LABELS = 8
"""Labels of a secret that are told apart, the most frequent ones: each is a bit of its own."""
COLUMNS = 8
"""Known columns that are counted by, those that tell people apart best: 8, 28 and 56 counts a person."""
_ROOM = 0.02
"""A share expected of a person's companions stays this far from 0 and 1."""


@dataclass(frozen=True, slots=True)
class CountReconstruction(AllButSecret):
    """The attacker takes from each count what the other people in it should add, and is left with the person's own bit.

    A count is over the synthetic rows that share up to `ways` - 1 of a person's values, scaled to the training table: so
    many people, so many of them with the label. Each other person in it is expected to add the share that the
    single values give (additive, from the release); what is left over is one vote on the person's own bit. The bit that
    lies nearest to all votes, in absolute differences weighted by how far companions and the drawing of the release
    scatter them, solves the linear program of Annamalai et al. for one person whose companions are known in expectation
    only. Their attacker knows everybody's other columns and solves for all bits at once: `JointReconstruction`. The
    label whose bit comes out largest is guessed. Numbers have no bits: only unordered secrets are attacked.

    With more released rows the votes lose the noise of drawing and the attack becomes stronger, up to the noise of the
    companions. Interactions that the population has as well move the votes of the control just as far.

    CoBP-RA (arXiv 2606.08372), reported as the strongest of its comparison, is not built: only its abstract was
    read, which does not say how it works.

    References
    ----------
    Annamalai, Gadotti and Rocher (2024), A linear reconstruction approach for attribute inference attacks against
    synthetic data, section 4 (arXiv 2301.10053).
    """

    secret: str
    known: tuple[str, ...]
    reason: str = ""
    ways: int = 4
    """Columns of the largest counts, the secret included."""
    trained: int | None = None
    """Training people the attacker believes in; None = as many as the release has rows."""

    name: ClassVar[str] = "reconstruction"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ("naive", "population")

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[CountReconstruction, ...]:
        """Return one attack per unordered secret: the declared ones, else those that the others predict best."""
        declared = frozenset(schema.secrets)
        bits = [name for name in release.names if not release[name].ordered]
        secrets = [name for name in bits if name in declared]
        if not declared:
            scores = predictability(release)
            secrets = sorted(sorted(bits, key=lambda name: (-scores[name], name))[: budget.secrets])
        reason = why_known(schema)
        return tuple(cls(name, known_columns(schema, hidden=name), reason) for name in secrets)

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return f"reconstruction.counts.{self.secret}"

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {"secret": self.secret, "ways": self.ways, "columns": COLUMNS, "labels": LABELS, "trained": self.trained}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Count the release.

        Raises
        ------
        NotEnoughDataError
            If the secret has fewer than two labels in the release, or nothing is known of people.
        """
        release = known.releases[0]
        guessed = labels_of(release, self.secret)
        if not self.known:
            msg = "nothing else is known of people; a column the attacker may know"
            raise NotEnoughDataError(msg)
        digits = digits_of(release.select(telling(release, self.known)))
        rank = ranks(release[self.secret].values, guessed)
        columns = range(len(digits.sizes))
        sets = [chosen for size in range(1, self.ways) for chosen in combinations(columns, size)]
        cells = [count(digits.values, digits.sizes, rank, len(guessed), chosen) for chosen in sets]
        margin = np.bincount(rank, minlength=len(guessed) + 1)[: len(guessed)] / len(release)
        scale = (self.trained or len(release)) / len(release)

        def attacker(people: Table) -> Values:
            asked = digits.of(people)
            bits = np.stack([_bits(cells, asked, margin, label, scale) for label in range(len(guessed))])
            surest = np.sort(bits, axis=0)
            return Values(self.secret, guessed[np.argmax(bits, axis=0)], 0.0, surest[-1] - surest[-2])

        return attacker


def labels_of(release: Table, secret: str) -> FloatArray:
    """Return the codes of the secret's most frequent labels, most frequent first.

    Raises
    ------
    NotEnoughDataError
        If there are fewer than two, or the secret is ordered.
    """
    feature = release[secret]
    codes, rows = np.unique(feature.values[~np.isnan(feature.values)], return_counts=True)
    if feature.ordered or len(codes) < 2:
        msg = "the secret has fewer than two labels in the release; a secret that varies, and is no number"
        raise NotEnoughDataError(msg)
    frequent: FloatArray = codes[np.argsort(-rows, kind="stable")[:LABELS]]
    return frequent


def ranks(values: FloatArray, labels: FloatArray) -> IntArray:
    """Return the place (rows,) of each value among the labels, their number for any other."""
    order = np.argsort(labels, kind="stable")
    place = np.minimum(np.searchsorted(labels[order], values), len(labels) - 1)
    found: IntArray = np.where(labels[order][place] == values, order[place], len(labels)).astype(np.int64)
    return found


def telling(release: Table, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the known columns that tell people apart best, cut into as few values as are counted by; sorted."""
    told = entropies(digits_of(release.select(known)).table())
    return tuple(sorted(sorted(told, key=lambda name: (-told[name], name))[:COLUMNS]))


def _bits(cells: list[Cells], asked: IntArray, margin: FloatArray, label: int, scale: float) -> FloatArray:
    """Return how much of each person (people,) is the label, between 0 and 1."""
    share = float(margin[label])
    single: dict[int, FloatArray] = {}
    votes, weights = [], []
    for cell in cells:
        rows, labelled = cell.of(asked)
        if len(cell.columns) == 1:
            single[cell.columns[0]] = (labelled[label] + share) / (rows + 1.0) - share
        expected = share + sum((single[column] for column in cell.columns), np.zeros(len(rows)))
        people = scale * rows
        companions = np.maximum(people - 1.0, 0.0)
        votes.append(scale * labelled[label] - companions * np.clip(expected, _ROOM, 1.0 - _ROOM))
        spread = share * (1.0 - share) * (companions + scale * people) + 1.0
        weights.append(np.where(rows > 0, 1.0 / np.sqrt(spread), 0.0))
    return decode_alone(np.stack(votes, axis=1), np.stack(weights, axis=1))
