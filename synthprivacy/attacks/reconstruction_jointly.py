"""Reconstruction of everybody's bit at once, by an attacker who knows all else about all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, ClassVar

import numpy as np
from scipy.sparse import csr_array

from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.attacks.reconstruction import labels_of, ranks, telling
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.kernels.cells import count
from synthprivacy.kernels.decoding import decode
from synthprivacy.results import Values
from synthprivacy.schemata import Schema
from synthprivacy.tables.digits import digits_of
from synthprivacy.tables.table import FloatArray, IntArray, Table

TOGETHER = 1_000
"""Different people whose bits are unknown at once; those of all others count as expected meanwhile."""


@dataclass(frozen=True, slots=True)
class JointReconstruction:
    """The attacker holds a register of the training people, but for the secret, and solves for all their bits at once.

    Every count over the synthetic rows that share up to `ways` - 1 values is scaled to the register, and the bits whose
    own counts come nearest to them, in absolute differences, are the solution of a linear program: the attack of Annamalai
    et al., the strongest of its kind and with the strongest knowledge. It is no entry of `ATTACKS`, because nothing in a
    plan holds a register. Who is attacked with it says whose register it is: the training people's for them and the
    control's for the control, or one of both for both, which tells the attacker nothing about who was trained on.
    People who are alike in all that is known share one unknown. Whoever is shown but not registered is guessed by the
    margin.

    References
    ----------
    Annamalai, Gadotti and Rocher (2024), A linear reconstruction approach for attribute inference attacks against
    synthetic data, section 4 (arXiv 2301.10053).
    """

    secret: str
    register: Table = field(repr=False)
    """People as they are known: without the secret, which is left out if it is there."""
    ways: int = 4
    """Columns of the largest counts, the secret included."""
    queries: int = 4_000
    """Counts that are used, drawn from all there are."""

    name: ClassVar[str] = "reconstruction"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[JointReconstruction, ...]:
        """Return none: a release holds no register."""
        return ()

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return f"reconstruction.register.{self.secret}"

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return "a register of the people in question, which lacks only the secret"

    def knows(self, schema: Schema) -> tuple[str, ...]:
        """Return the columns of the register, but for the secret."""
        return tuple(name for name in self.register.names if name != self.secret)

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {"secret": self.secret, "ways": self.ways, "queries": self.queries, "together": TOGETHER}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Solve for the bits of everybody in the register.

        Raises
        ------
        NotEnoughDataError
            If the secret has fewer than two labels in the release, or the register has no people or no columns.
        """
        release, names = known.releases[0], self.knows(known.schema)
        guessed = labels_of(release, self.secret)
        if not names or not len(self.register):
            msg = "the register is empty; people with a column the attacker may know"
            raise NotEnoughDataError(msg)
        registered = self.register.select(names)
        keys, first, alike = np.unique(registered.keys(), return_index=True, return_counts=True)
        members, counts = self._system(release, registered.take(first), guessed, alike.astype(np.float64), rng)
        bits = _solve(members, counts)
        bits = np.vstack([bits, 1.0 - bits]) if len(guessed) == 2 else bits
        guess, surest = guessed[np.argmax(bits, axis=0)], np.sort(bits, axis=0)

        def attacker(people: Table) -> Values:
            place = np.minimum(np.searchsorted(keys, people.keys()), len(keys) - 1)
            there = keys[place] == people.keys()
            sure = np.where(there, surest[-1][place] - surest[-2][place], 0.0)
            return Values(self.secret, np.where(there, guess[place], guessed[0]), 0.0, sure)

        return attacker

    def _system(
        self, release: Table, people: Table, guessed: FloatArray, alike: FloatArray, rng: np.random.Generator
    ) -> tuple[csr_array, FloatArray]:
        """Return who is in which count (counts, people), and the counts (labels, counts); of two labels the first."""
        digits = digits_of(release.select(telling(release, people.names)))
        asked, rank = digits.of(people), ranks(release[self.secret].values, guessed)
        scale = alike.sum() / len(release)
        row, counts, rows = [], [], 0
        for size in range(1, self.ways):
            for chosen in combinations(range(len(digits.sizes)), size):
                cells = count(digits.values, digits.sizes, rank, len(guessed), chosen)
                _, first, cell = np.unique(cells.radix @ asked[list(chosen)], return_index=True, return_inverse=True)
                row.append(rows + cell.reshape(-1))
                counts.append(scale * cells.of(asked[:, first])[1][: 1 if len(guessed) == 2 else None])
                rows += len(first)
        return _drawn(row, alike, np.hstack(counts), rng.permutation(rows)[: self.queries])


def _drawn(
    row: Sequence[IntArray], alike: FloatArray, counts: FloatArray, kept: IntArray
) -> tuple[csr_array, FloatArray]:
    """Return the system with some counts only."""
    column = np.tile(np.arange(len(alike)), len(row))
    place = (np.concatenate(row), column)
    members = csr_array((np.tile(alike, len(row)), place), shape=(counts.shape[1], len(alike)))
    chosen = np.sort(kept)
    return members[chosen], counts[:, chosen]


def _solve(members: csr_array, counts: FloatArray) -> FloatArray:
    """Return the bits (labels, people), so many people at once, those of all others as the margin has them."""
    people = members.shape[1]
    bits = np.zeros((len(counts), people))
    for label, wanted in enumerate(counts):
        total = np.maximum(members @ np.ones(people), 1.0)
        margin = float(np.clip(np.median(wanted / total), 0.0, 1.0))
        for start in range(0, people, TOGETHER):
            unknown = np.arange(start, min(start + TOGETHER, people))
            others = np.ones(people)
            others[unknown] = 0.0
            rest = members @ (others * margin)
            bits[label, unknown] = decode(members[:, unknown], wanted - rest)
    return bits
