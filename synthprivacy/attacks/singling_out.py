"""Singling out: predicates learned from the release that describe exactly one real person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.attacks.singling_out_greedy import greedy
from synthprivacy.attacks.singling_out_multivariate import multivariate
from synthprivacy.attacks.singling_out_records import study_alike
from synthprivacy.attacks.singling_out_univariate import univariate
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.results import Conjunctions
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import Table

if TYPE_CHECKING:
    import numpy as np

GREEDY_COLUMNS = 6
"""Columns a greedy predicate may use by default: with more it describes a record that hardly any person can be."""


@dataclass(frozen=True, slots=True)
class SinglingOut:
    """The attacker emits predicates that isolate one synthetic record, and hopes that they isolate a person.

    With one column: the extremes, the values that occur once, and missingness where it occurs once. With several: random
    records and column sets, each number bounded on the side of the median it lies on; with one to several: equally many
    of each number of columns. *Greedy*: random records, each described by the columns that set it apart. Predicates on
    the same columns are rationed, none is emitted twice, and of several releases each predicate isolates one record
    in each.

    References
    ----------
    Cohen and Nissim (2020), Towards formalizing the GDPR's notion of singling out, section 2.
    Giomi, Boenisch, Wehmeyer and Tasnádi (2023), A unified framework for quantifying privacy risk in synthetic
    data, section 5.1.
    """

    columns: int
    """Columns a predicate uses, the most it may use if greedy."""
    queries: int
    """Predicates at most."""
    fewest: int | None = field(default=None, kw_only=True)
    """The smallest number of columns, where predicates of several numbers are wanted."""
    greedy: bool = field(default=False, kw_only=True)

    name: ClassVar[str] = "singling_out"
    everyone: ClassVar[bool] = True
    comparators: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[SinglingOut, ...]:
        """Return the attack by one column, by three (or as many as there are), and by as few as will do."""
        several = min(3, len(release.features))
        if several == 1:
            return (cls(1, budget.queries),)
        few = cls(min(GREEDY_COLUMNS, len(release.features)), budget.queries, greedy=True)
        return cls(1, budget.queries), cls(several, budget.queries), few

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        if self.greedy:
            return "singling_out.greedy"
        if self.fewest not in {None, self.columns}:
            return "singling_out.several"
        return "singling_out.univariate" if self.columns == 1 else "singling_out.multivariate"

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return "the attacker holds the release only and describes people it never met"

    def knows(self, schema: Schema) -> tuple[str, ...]:
        """Return every usable column: predicates may use them all; no person's values are looked at."""
        return schema.attackable

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        several = {} if self.fewest is None else {"fewest": self.fewest}
        return {"columns": self.columns, "queries": self.queries, **several}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Find predicates that isolate a synthetic record.

        Raises
        ------
        NotEnoughDataError
            If the release has no such predicate.
        DataError
            If there are several releases that are not encoded alike.
        """
        releases = tuple(release.select(self.knows(known.schema)) for release in known.releases)
        found = self._predicates(releases, rng)
        if found.queries == 0:
            msg = f"no predicate isolates a record of the release, {found.drawn:,} tried; a release with rarer values"
            raise NotEnoughDataError(msg)

        def attacker(people: Table) -> Conjunctions:
            return found

        return attacker

    def _predicates(self, releases: tuple[Table, ...], rng: np.random.Generator) -> Conjunctions:
        records = study_alike(releases)
        columns = min(self.columns, records[0].columns)
        if self.greedy:
            return greedy(records, columns, self.queries, rng)
        fewest = columns if self.fewest is None else min(self.fewest, columns)
        if columns == 1:
            return univariate(records, self.queries, rng)
        return multivariate(records, range(fewest, columns + 1), self.queries, rng)
