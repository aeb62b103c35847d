"""Canaries: made-up people with a secret drawn by chance, planted before training and looked for in the release.

The secret of a canary is drawn uniformly from candidates that were drawn before, and all candidates share its body. A
release that depends on no canary ranks the secret like any other candidate, which gives exposure its exact null. What
is planted must be removed from whatever goes out.

- ``improbable`` (the default): a body like those of real people, each column taken from one of five who are alike, and
  secret values drawn uniformly from what the columns can hold: what it leaks, people with an unusual secret leak.
- ``random``: every value drawn uniformly. ``rare``: every value from the rare labels and the outer parts of the numbers.
  Both are far from all people, and a generator may not learn them at all: weak where it does not.
- ``token``: a body like those of real people, and a word of its own in a column of text or labels.

References
----------
Carlini, Liu, Erlingsson, Kos and Song (2019), The secret sharer (canaries and exposure); Meeus, Wutschitz, Zanella-Béguelin,
Tople and Shokri (2025), The canary's echo, arXiv 2502.14921 (canaries unlike the data are weak against a release).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.auditing.closeness import column_distances
from synthprivacy.auditing.coding import Coding, FloatArray, IntArray, coded
from synthprivacy.errors import ConfigError, NotEnoughDataError
from synthprivacy.schemata import Schema

Kind = Literal["improbable", "random", "rare", "token"]
KINDS: tuple[Kind, ...] = ("improbable", "random", "rare", "token")
CANDIDATES = 256
"""Of a secret, itself among them: exposures reach 8 bits."""
_ALIKE = 5
_LOOKED_AT = 400
"""People among whom those alike are looked for."""
_ENOUGH = 16 * CANDIDATES
"""Values that the secret columns can hold together: fewer, and a secret is not told from its likes."""
_LETTERS = np.array(list("abcdefghijkmnopqrstuvwxyz"))


@dataclass(frozen=True, slots=True, repr=False)
class Canaries:
    """Made-up people and what their secrets could have been."""

    kind: Kind
    secrets: tuple[str, ...]
    """Columns that hold the secret."""
    candidates: tuple[pa.Table, ...]
    """For each canary all that was in the draw, one row each, in the columns of the training table."""
    drawn: IntArray
    """(canaries,) which of its candidates each canary is."""

    def __repr__(self) -> str:
        return f"<{len(self.candidates)} canaries ({self.kind})>"  # bodies are near to real people

    @property
    def rows(self) -> pa.Table:
        """The canaries, one row each."""
        return pa.concat_tables([table.slice(int(at), 1) for table, at in zip(self.candidates, self.drawn)])


def make_canaries(
    people: pa.Table,
    coding: Coding,
    schema: Schema,
    rng: np.random.Generator,
    *,
    count: int = 10,
    kind: Kind = "improbable",
    candidates: int = CANDIDATES,
) -> Canaries:
    """Return canaries for a training table.

    Parameters
    ----------
    people : pyarrow.Table
        Canonical; the training table, or people like it.
    coding : Coding
        Of the same columns.
    schema : Schema
        Whose secrets the canaries' are.
    rng : numpy.random.Generator
    count : int
        At most one in a hundred of `people`.
    kind : {"improbable", "random", "rare", "token"}
    candidates : int
        In the draw of each secret, at most: fewer where the columns cannot hold as many.

    Raises
    ------
    ConfigError
        If there are too many canaries, the kind is unknown, or no column can hold a token.
    NotEnoughDataError
        If there are too few people for one canary.
    """
    most = people.num_rows // 100
    if most < 1:
        raise NotEnoughDataError(f"a canary needs 100 people to hide among: {people.num_rows}; pass a larger original")
    if not 1 <= count <= most:
        raise ConfigError(f"canaries must be at most one in a hundred of the people: {count}; pass 1 to {most}")
    if kind not in KINDS:
        raise ConfigError(f"kind of canary must be one of {', '.join(KINDS)}; change it")
    secrets = secrets_of(people, coding, schema, kind)
    numbers = coded(people, coding)
    tables = []
    for _ in range(count):
        donors = _body(numbers, coding, people.num_rows, people.column_names, rng)
        columns = {}
        for name, donor in zip(people.column_names, donors):
            if name not in secrets:
                columns[name] = people[name].take(pa.array(np.full(candidates, donor)))
            elif kind == "token":
                columns[name] = _tokens(people[name].type, candidates, rng)
            else:
                columns[name] = _values(people[name], candidates, rng, rare=kind == "rare")
        tables.append(_distinct(pa.table(columns, schema=people.schema), coding, kind))
    drawn = np.array([rng.integers(table.num_rows) for table in tables])
    return Canaries(kind, secrets, tuple(tables), drawn)


def plant(training: pa.Table, canaries: Canaries, rng: np.random.Generator) -> pa.Table:
    """Return the training table with the canaries at places that are drawn."""
    whole = pa.concat_tables([training, canaries.rows.cast(training.schema)])
    return whole.take(pa.array(rng.permutation(whole.num_rows)))


def remove(release: pa.Table, canaries: Canaries) -> pa.Table:
    """Return a release without the rows that hold a canary's whole secret: what goes out must hold none.

    A secret of one label that many share takes the rows of all who have it as well only if the rest of the row is the
    canary's too.
    """
    kept = np.ones(release.num_rows, dtype=np.bool_)
    planted = canaries.rows
    names = canaries.secrets if len(canaries.secrets) > 1 or canaries.kind == "token" else tuple(planted.column_names)
    for place in range(planted.num_rows):
        same = np.ones(release.num_rows, dtype=np.bool_)
        for name in names:
            same &= _equal(release[name], planted[name][place])
        kept &= ~same
    return release.filter(pa.array(kept))


def ranks(release: pa.Table, canaries: Canaries, coding: Coding) -> tuple[IntArray, IntArray]:
    """Return the rank of each secret among its candidates, and how many there are, (canaries,) both.

    A candidate ranks by its distance to the nearest row of the release, a token by how many rows hold it. A tie counts
    against the secret.
    """
    rows = coded(release, coding)
    found, of = [], []
    for table, at in zip(canaries.candidates, canaries.drawn):
        if canaries.kind == "token":
            values = release[canaries.secrets[0]].cast(pa.string())
            words = table[canaries.secrets[0]].cast(pa.string()).to_pylist()
            score = np.array([pc.sum(pc.equal(values, word)).as_py() or 0 for word in words], dtype=np.float64)
        else:
            score = -_nearest(coded(table, coding), rows, coding)
        found.append(int((score >= score[at]).sum()))
        of.append(table.num_rows)
    return np.array(found), np.array(of)


def _nearest(candidates: FloatArray, release: FloatArray, coding: Coding) -> FloatArray:
    blocks = np.array_split(np.arange(candidates.shape[1]), max(1, candidates.shape[1] * release.size >> 22))
    nearest = [column_distances(candidates[:, block], release, coding).mean(axis=0).min(axis=1) for block in blocks]
    return np.concatenate(nearest).astype(np.float64)


def secrets_of(people: pa.Table, coding: Coding, schema: Schema, kind: Kind) -> tuple[str, ...]:
    """Return the columns that hold the secret of canaries of a kind: all of them where the whole row is drawn by chance."""
    if kind == "token":
        return _token_column(people, schema)
    return _secret_columns(people, coding, schema) if kind == "improbable" else coding.names


def _secret_columns(people: pa.Table, coding: Coding, schema: Schema) -> tuple[str, ...]:
    """Return the declared secrets, and those columns with the most values that are needed for enough candidates."""
    values = {name: pc.count_distinct(people[name]).as_py() for name in coding.names}
    secrets = [name for name in coding.names if name in schema.secrets]
    others = sorted((name for name in coding.names if name not in secrets), key=lambda name: -values[name])
    while others and (math.prod(values[name] for name in secrets) < _ENOUGH or not secrets):
        secrets.append(others.pop(0))
    return tuple(secrets)


def _token_column(people: pa.Table, schema: Schema) -> tuple[str, ...]:
    named = [
        name
        for name in (*schema.texts, *schema.attackable)
        if name in people.column_names and (pa.types.is_string(people[name].type) or pa.types.is_dictionary(people[name].type))
    ]  # fmt: skip
    if not named:
        msg = "a token needs a column of text or labels, there is none; choose another kind of canary"
        raise ConfigError(msg)
    return (named[0],)


def _body(numbers: FloatArray, coding: Coding, rows: int, names: Sequence[str], rng: np.random.Generator) -> list[int]:
    """Return for each column the person it is taken from: one of a few who are alike."""
    middle = int(rng.integers(rows))
    others = rng.choice(rows, min(_LOOKED_AT, rows), replace=False)
    distance = column_distances(numbers[:, [middle]], numbers[:, others], coding).mean(axis=0)[0]
    alike = others[np.argsort(distance, kind="stable")[:_ALIKE]]
    return [int(rng.choice(alike)) for _ in names]


def _values(column: pa.ChunkedArray, count: int, rng: np.random.Generator, *, rare: bool) -> pa.Array:
    """Return values drawn uniformly from what a column can hold, or from its outer parts and rare labels."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_temporal(kind):
        whole = pc.drop_null(column.cast(pa.int64()) if pa.types.is_temporal(kind) else column)
        numbers = np.asarray(whole.cast(pa.float64()).to_numpy(), dtype=np.float64)
        if len(numbers):
            low, high = np.quantile(numbers, [0.01, 0.99])
            depth = rng.random(count) * (0.1 if rare else 1.0)
            drawn = low + (high - low) * np.where(rare & (rng.random(count) < 0.5), 1.0 - depth, depth)
            if not pa.types.is_floating(kind):
                return pa.array(np.round(drawn).astype(np.int64)).cast(kind)
            return pa.array(np.round(drawn, _decimals(numbers)))
    labels = pc.value_counts(pc.drop_null(column.cast(pa.string())))
    values, counts = labels.field(0), np.asarray(labels.field(1))
    if not len(values):
        return pa.nulls(count, kind)
    order = np.argsort(counts, kind="stable")
    kept = order[: max(1, len(order) // 2)] if rare else np.sort(order)
    drawn_labels = values.take(pa.array(rng.choice(kept, count)))
    return drawn_labels.cast(kind) if not pa.types.is_dictionary(kind) else drawn_labels.dictionary_encode()


def _decimals(numbers: FloatArray) -> int:
    """Return the decimals a column is written with, at most six."""
    return next((places for places in range(6) if np.allclose(numbers, np.round(numbers, places), atol=1e-9)), 6)


def _tokens(kind: pa.DataType, count: int, rng: np.random.Generator) -> pa.Array:
    words = pa.array(["".join(word) for word in rng.choice(_LETTERS, (count, 12))])
    return words.dictionary_encode() if pa.types.is_dictionary(kind) else words


def _distinct(candidates: pa.Table, coding: Coding, kind: Kind) -> pa.Table:
    """Return different candidates only: a secret is not drawn from several copies of itself."""
    if kind == "token":
        return candidates
    rows = np.nan_to_num(coded(candidates, coding), nan=-1.0)
    first = np.sort(np.unique(rows, axis=1, return_index=True)[1])
    return candidates.take(pa.array(first))


def _equal(values: pa.ChunkedArray, value: pa.Scalar) -> np.ndarray:
    if not value.is_valid:
        return np.asarray(pc.is_null(values))
    if pa.types.is_dictionary(values.type):
        values = values.cast(pa.string())
    return np.asarray(pc.fill_null(pc.equal(values, pa.scalar(value.as_py(), values.type)), False))
