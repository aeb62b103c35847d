"""Singling out: predicates learned from the release that describe exactly one real person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.kernels import predicates
from synthprivacy.kernels.hashing import hash_columns
from synthprivacy.results import Conjunctions
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import BoolArray, Feature, FloatArray, IntArray, Table

_BATCH = 1 << 15
_DRAWS_PER_QUERY = 1_000
_IDLE_BATCHES = 3
_LEAST_QUOTA = 50


@dataclass(frozen=True, slots=True)
class SinglingOut:
    """The attacker emits predicates that isolate one synthetic record, and hopes that they isolate a person.

    With one column: the extremes, the values that occur once, and missingness where it occurs once, each column
    allowed the same number. With several: random records and column sets, each number bounded on the side of the
    median it lies on.

    References
    ----------
    Cohen and Nissim (2020), Towards formalizing the GDPR's notion of singling out, section 2.
    Giomi, Boenisch, Wehmeyer and Tasnádi (2023), A unified framework for quantifying privacy risk in synthetic
    data, section 5.1.
    """

    columns: int
    queries: int

    name: ClassVar[str] = "singling_out"
    everyone: ClassVar[bool] = True
    comparators: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[SinglingOut, ...]:
        """Return the attack by one column, and by three (or as many as there are)."""
        several = min(3, len(release.features))
        widths = (1, several) if several > 1 else (1,)
        return tuple(cls(width, budget.queries) for width in widths)

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
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
        return {"columns": self.columns, "queries": self.queries}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Find predicates that isolate a synthetic record.

        Raises
        ------
        NotEnoughDataError
            If the release has no such predicate.
        """
        release = known.releases[0].select(self.knows(known.schema))
        found = _univariate(release, self.queries, rng) if self.columns == 1 else self._multivariate(release, rng)
        if found.queries == 0:
            msg = "no predicate isolates a record of the release; a release with rarer values"
            raise NotEnoughDataError(msg)

        def attacker(people: Table) -> Conjunctions:
            return found

        return attacker

    def _multivariate(self, release: Table, rng: np.random.Generator) -> Conjunctions:
        """Return isolating predicates, each once; stops when they are enough or draws no longer bring any."""
        values = np.stack([feature.values for feature in release.features])
        columns = predicates.comparable(values)
        medians = np.array([_median(feature) for feature in release.features])
        ordered = np.array([feature.ordered for feature in release.features])
        emitted: list[_Drawn] = []
        seen = np.zeros(0, dtype=np.uint64)
        drawn = idle = 0
        while len(seen) < self.queries and drawn < _DRAWS_PER_QUERY * self.queries and idle < _IDLE_BATCHES:
            batch = _draw(values, medians, ordered, self.columns, rng)
            drawn += len(batch.record)
            batch = batch.take(np.flatnonzero(predicates.isolating(batch.terms(), columns, batch.record)))
            keys = batch.keys()
            fresh = np.sort(np.unique(keys, return_index=True)[1])
            fresh = fresh[~np.isin(keys[fresh], seen)][: self.queries - len(seen)]
            idle = 0 if len(fresh) else idle + 1
            emitted.append(batch.take(fresh))
            seen = np.concatenate([seen, keys[fresh]])
        return _conjunctions(emitted, self.columns)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Candidate predicates and the records they were made from."""

    record: IntArray
    column: IntArray
    operator: IntArray
    operand: FloatArray

    def take(self, rows: IntArray) -> _Drawn:
        return _Drawn(self.record[rows], self.column[rows], self.operator[rows], self.operand[rows])

    def terms(self) -> predicates.Terms:
        return predicates.terms(self.column, self.operator, self.operand)

    def keys(self) -> np.ndarray[Any, np.dtype[np.uint64]]:
        parts = [*self.column.T, *self.operator.T, *self.operand.T]
        return hash_columns([part.astype(np.float64) for part in parts], len(self.record))


def _draw(values: FloatArray, medians: FloatArray, ordered: BoolArray, width: int, rng: np.random.Generator) -> _Drawn:
    """Return a batch of predicates, each from a random record and a random set of columns."""
    record = rng.integers(values.shape[1], size=_BATCH)
    column = (
        np.argsort(rng.random((_BATCH, len(values))), axis=1)[:, :width]
        if len(values) <= 64
        else (np.stack([rng.choice(len(values), width, replace=False) for _ in range(_BATCH)]))
    )
    column = np.sort(column, axis=1)
    operand = values[column, record[:, None]]
    operator = np.where(operand > medians[column], predicates.AT_LEAST, predicates.AT_MOST)
    operator = np.where(ordered[column], operator, predicates.EQUAL)
    operator = np.where(np.isnan(operand), predicates.MISSING, operator)
    return _Drawn(record, column, operator, operand)


def _median(feature: Feature) -> float:
    present = feature.values[~np.isnan(feature.values)]
    return float(np.quantile(present, 0.5, method="inverted_cdf")) if len(present) else np.inf


def _univariate(release: Table, queries: int, rng: np.random.Generator) -> Conjunctions:
    """Return predicates on one column each, at most an equal share of them per column."""
    quota = max(_LEAST_QUOTA, -(-queries // len(release.features)))
    parts = []
    for position, feature in enumerate(release.features):
        operator, operand = _extremes(feature)
        chosen = np.sort(rng.permutation(len(operator))[:quota])
        parts.append((np.full(len(chosen), position), operator[chosen], operand[chosen]))
    column, operator, operand = (np.concatenate(list(part)) for part in zip(*parts))
    kept = np.sort(rng.permutation(len(column))[:queries])
    empty = np.zeros(len(kept), dtype=np.int64)
    drawn = _Drawn(empty, column[kept, None], operator[kept, None], operand[kept, None])
    return _conjunctions([drawn], 1)


def _extremes(feature: Feature) -> tuple[IntArray, FloatArray]:
    """Return operators and operands of the predicates on one column that match one row of the release."""
    missing = np.isnan(feature.values)
    values, counts = np.unique(feature.values[~missing], return_counts=True)
    single = values[counts == 1]
    operators = [np.full(len(single), predicates.EQUAL)]
    operands = [single]
    if feature.ordered and len(values):
        if counts[0] == 1:
            operators.append(np.array([predicates.AT_MOST]))
            operands.append(values[:1])
        if counts[-1] == 1:
            operators.append(np.array([predicates.AT_LEAST]))
            operands.append(values[-1:])
    if missing.sum() == 1:
        operators.append(np.array([predicates.MISSING]))
        operands.append(np.array([np.nan]))
    return np.concatenate(operators).astype(np.int64), np.concatenate(operands)


def _conjunctions(emitted: list[_Drawn], width: int) -> Conjunctions:
    empty = np.zeros((0, width), dtype=np.int64)
    column = np.concatenate([empty, *(drawn.column for drawn in emitted)])
    operator = np.concatenate([empty, *(drawn.operator for drawn in emitted)])
    operand = np.concatenate([empty.astype(np.float64), *(drawn.operand for drawn in emitted)])
    queries = len(column)
    return Conjunctions(
        queries=queries,
        query=np.repeat(np.arange(queries), width),
        column=column.ravel(),
        operator=operator.ravel(),
        operand=operand.ravel(),
        width=np.full(queries, width, dtype=np.int64),
    )
