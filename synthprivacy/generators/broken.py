"""Generators that promise differential privacy and do not keep it: for tests of whoever checks promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.errors import ConfigError
from synthprivacy.generators.columns import require
from synthprivacy.generators.domain import Bins, Domain, Labels
from synthprivacy.generators.histogram import DPHistogram
from synthprivacy.generators.pairwise import DPPairs

FAULTS = ("domain", "noise", "label")


@dataclass(frozen=True, slots=True)
class BrokenDP:
    """A deliberate leaker: a mechanism that is sound but for one fault.

    ``domain`` takes labels and bounds from the table (the mistake of several published implementations, found by
    Annamalai, Ganev and De Cristofaro 2024), ``noise`` adds half of it, ``label`` spends four times the epsilon it claims.

    Parameters
    ----------
    fault : {"domain", "noise", "label"}
    epsilon : float
        What it claims.
    domain : Domain, optional
        Needed, and used, unless it is the domain that is learned.
    pairs : bool
        Whether pairs of columns are measured, and not all cells.
    """

    completes: ClassVar[bool] = True
    fault: str
    epsilon: float
    domain: Domain | None = None
    pairs: bool = False

    def __post_init__(self) -> None:
        require(self.fault in FAULTS, f"fault must be one of {', '.join(FAULTS)}; choose one")
        if (self.domain is None) != (self.fault == "domain"):
            msg = "a domain must be declared unless the fault is to learn it; declare one, or choose the fault domain"
            raise ConfigError(msg)

    @property
    def name(self) -> str:
        """What reports call it, with the claim that is not kept."""
        return f"dp-broken-{self.fault}-{self.epsilon:g}"

    def fit_sample(self, table: pa.Table, rows: int, seed: int) -> pa.Table:
        """Return made-up rows; see `Generator`."""
        return self._mechanism(table).fit_sample(table, rows, seed)

    def fit_complete(self, table: pa.Table, given: pa.Table, seed: int) -> pa.Table:
        """Return whole rows; see `Conditional`."""
        return self._mechanism(table).fit_complete(table, given, seed)

    def _mechanism(self, table: pa.Table) -> DPPairs | DPHistogram:
        spent = self.epsilon * {"domain": 1.0, "noise": 2.0, "label": 4.0}[self.fault]
        return (DPPairs if self.pairs else DPHistogram)(spent, self.domain or _learned(table))


def _learned(table: pa.Table) -> Domain:
    """Return the domain that a table happens to fill: what no private generator may do."""
    return Domain.of({name: _possible(table[name].combine_chunks()) for name in table.column_names})


def _possible(values: pa.Array) -> Labels | Bins:
    missing = values.null_count > 0
    if pa.types.is_dictionary(values.type) or pa.types.is_string(values.type) or pa.types.is_boolean(values.type):
        labels = sorted(pc.unique(values.cast(pa.string()).drop_null()).to_pylist())
        return Labels(tuple(labels) or ("none",), missing)
    ticks = values.cast(pa.int64()) if pa.types.is_temporal(values.type) else values
    numbers = ticks.drop_null().to_numpy(zero_copy_only=False).astype(np.float64)
    low, high = (float(numbers.min()), float(numbers.max())) if len(numbers) else (0.0, 1.0)
    return Bins(low, high if high > low else low + max(1.0, float(np.spacing(abs(low)))), missing=missing)
