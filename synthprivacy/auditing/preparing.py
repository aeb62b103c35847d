"""Before the first fit: who is trained on, who takes a target's place, whom is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa

from synthprivacy.auditing.coding import Coding, coded, coding_of
from synthprivacy.auditing.marginals import grid_of
from synthprivacy.auditing.study import Membership
from synthprivacy.auditing.targets import Targets, choose, standing_out
from synthprivacy.auditing.worlds import Worlds
from synthprivacy.errors import ConfigError, DataError, NotEnoughDataError
from synthprivacy.schemata import Schema, conform
from synthprivacy.tables.checks import control_overlap, shared_people
from synthprivacy.tables.encode import encode_pair
from synthprivacy.tables.table import Table

FEWEST = 100
"""People without whom nothing is audited."""
_SET_ASIDE = 0.2
"""Of the original, where there is no control."""
_CHOICE = 1
_SPLIT = 2
_CHECK = 5


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """What all fits share."""

    people: pa.Table
    """Those trained on, then those who take a target's place."""
    original: int
    """Rows of the first."""
    rows: np.ndarray
    """(original,) where each stands in the original that was passed."""
    substitutes: Literal["control", "set aside from original"]
    schema: Schema
    coding: Coding
    targets: Targets
    seed: int

    def __repr__(self) -> str:
        return f"<{self.people.num_rows} people, {len(self.targets.rows)} targets>"

    def membership(
        self, rows: int | None = None, *, only: int | None = None, planted: tuple[pa.Table, ...] = ()
    ) -> Membership:
        """Return the study of all targets, or of the most unusual ones only.

        Parameters
        ----------
        rows : int, optional
            Of a release; as many as are trained on by default.
        only : int, optional
            Targets.
        planted : tuple of pyarrow.Table
            Rows that every fit is trained on as well.
        """
        order = [place for place, how in enumerate(self.targets.chosen) if how == "vulnerable"]
        kept = self.targets.rows if only is None else self.targets.rows[order[:only]]
        numbers = coded(self.people, self.coding)
        secrets = [place for place, name in enumerate(self.coding.names) if name in self.guessed]
        return Membership(
            worlds=Worlds(self.original, self.people.num_rows - self.original, kept, self.seed),
            coding=self.coding,
            grid=grid_of(numbers, self.coding.ordered),
            targets=numbers[:, kept],
            secrets=np.array(secrets, dtype=np.int64),
            rows=rows or self.original,
            planted=planted,
        )

    @property
    def guessed(self) -> tuple[str, ...]:
        """Columns to guess: the declared secrets, all columns where there are none."""
        declared = tuple(name for name in self.coding.names if name in self.schema.secrets)
        return declared or self.coding.names


def prepare(original: pa.Table, control: pa.Table | None, schema: Schema, *, targets: int, seed: int) -> Prepared:
    """Return what all fits share.

    Parameters
    ----------
    original, control : pyarrow.Table
        Conforming to the schema, one row a person. Without a control a fifth of the original is set aside.
    schema : Schema
    targets : int
    seed : int

    Raises
    ------
    ConfigError
        If there is no target.
    DataError
        If a person has several rows, or people of the control are in the original.
    NotEnoughDataError
        If there are too few people.
    """
    if targets < 1:
        raise ConfigError(f"targets must be at least 1: {targets}; pass more")
    _require_single_rows(original, schema)
    frames, _ = conform({"original": original} | ({} if control is None else {"control": control}), schema)
    left_out = [name for name in (schema.unit,) if name is not None and name in frames["original"].column_names]
    trained = frames["original"].drop_columns(left_out)
    rows = np.arange(trained.num_rows)
    if control is None:
        drawn = np.random.default_rng([seed, _SPLIT]).permutation(trained.num_rows)
        cut = max(targets, round(_SET_ASIDE * trained.num_rows))
        rows, aside = np.sort(drawn[cut:]), np.sort(drawn[:cut])
        trained, others = trained.take(pa.array(rows)), trained.take(pa.array(aside))
    else:
        others = frames["control"].drop_columns(left_out).select(trained.column_names).cast(trained.schema)
    if trained.num_rows < FEWEST:
        raise NotEnoughDataError(f"an audit needs at least {FEWEST} people to train on: {trained.num_rows}; pass more")
    people = pa.concat_tables([trained, others]).combine_chunks()
    coding = coding_of(people, schema)
    encoded = encode_pair(trained, others, _without(schema, left_out))
    if control is not None:
        _refuse_shared_people(original, control, schema, encoded, np.random.default_rng([seed, _CHECK]))
    unusual = standing_out(*encoded)
    chosen = choose(unusual, targets, np.random.default_rng([seed, _CHOICE]))
    how: Literal["control", "set aside from original"] = "set aside from original" if control is None else "control"
    return Prepared(people, trained.num_rows, rows, how, schema, coding, chosen, seed)


def _without(schema: Schema, left_out: list[str]) -> Schema:
    return Schema(tuple(column for column in schema.columns if column.name not in left_out), schema.named_secrets)


def _require_single_rows(original: pa.Table, schema: Schema) -> None:
    if schema.unit is None or schema.unit not in original.column_names:
        return
    ids = original[schema.unit].drop_null()
    if len(ids.unique()) < len(ids):
        msg = "an audit takes one row a person, the unit column names people with several; aggregate them first"
        raise DataError(msg)


def _refuse_shared_people(
    original: pa.Table, control: pa.Table, schema: Schema, encoded: tuple[Table, Table], rng: np.random.Generator
) -> None:
    """Refuse a control of people who are trained on anyway: taking a target's place they would change nothing."""
    if schema.unit is not None and schema.unit in control.column_names:
        shared_people(original[schema.unit], control[schema.unit])
    control_overlap(original=encoded[0], control=encoded[1], rng=rng)
