"""What is done in one fit of shadow-model membership: train a world, read the release for all targets at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from synthprivacy.auditing import closeness, marginals
from synthprivacy.auditing.coding import Coding, FloatArray, IntArray, coded
from synthprivacy.auditing.queries import QUERIES, draw_queries, query_counts
from synthprivacy.auditing.worlds import Worlds
from synthprivacy.generators.protocol import Generator
from synthprivacy.kernels.hashing import hash_columns
from synthprivacy.kernels.predicates import Terms

Reading = Mapping[str, npt.NDArray[Any]]
"""What is kept of a fit: arrays of numbers about the release, no cell of anyone."""

SHARED = ("naive", "histogram", "correlation")
"""Features of a release that are the same for every target."""
OWN = ("queries", "nearness")
"""Features of a release for one target."""
WEIGHTS: Mapping[str, float] = MappingProxyType({**dict.fromkeys(SHARED, 0.1), **dict.fromkeys(OWN, 1.0)})
"""Of the sets of features: those for one target say the most, those for all are mostly noise."""


class Study(Protocol):
    """A frozen dataclass: what one fit is trained on, and what is read off its release."""

    def facts(self) -> dict[str, Any]:
        """Return what checkpoints of the same study agree in: strict JSON, no cell."""

    def read(self, people: pa.Table, generator: Generator, number: int) -> Reading:
        """Return the reading of the fit with a number: the same in whatever process, after whatever other fits."""


@dataclass(frozen=True, slots=True, repr=False)
class Membership:
    """Fits with and without each target."""

    worlds: Worlds
    coding: Coding
    grid: marginals.Grid
    targets: FloatArray
    """(columns, targets) coded."""
    secrets: IntArray
    """(secrets,) columns to guess."""
    rows: int
    """Of a release."""
    queries: int = QUERIES
    """A target."""
    planted: tuple[pa.Table, ...] = ()
    """Rows of a contributor that every fit is trained on as well."""

    def __repr__(self) -> str:
        return f"<membership of {self.targets.shape[1]} targets>"  # targets are cells: tracebacks are logs

    def facts(self) -> dict[str, Any]:
        """Return what the readings depend on besides the people."""
        return {
            "study": "membership",
            "seed": self.worlds.seed,
            "targets": len(self.worlds.targets),
            "chosen": int(self.worlds.targets @ np.arange(1, len(self.worlds.targets) + 1)),
            "columns": {column.name: column.ordered for column in self.coding.columns},
            "secrets": [self.coding.names[place] for place in self.secrets],
            "rows": self.rows,
            "queries": self.queries,
            "planted": sum(part.num_rows for part in self.planted),
        }

    def terms(self) -> Terms:
        """Return the conjunctions of all targets: the same in every fit."""
        return draw_queries(self.targets, self.coding, np.random.default_rng([self.worlds.seed, 3]), self.queries)

    def read(self, people: pa.Table, generator: Generator, number: int) -> Reading:
        """Return the features of one release, shared and of each target, and which secrets it gives away."""
        training = pa.concat_tables([self.worlds.training(people, number), *self.planted])
        made = generator.fit_sample(training, self.rows, self.worlds.generator_seed(number))
        release = self._without_planted(coded(made, self.coding))
        distances = closeness.column_distances(self.targets, release, self.coding)
        counted = query_counts(self.terms(), release, self.targets.shape[1])
        return {
            "naive": marginals.naive(release, self.coding.ordered),
            "histogram": marginals.histogram(release, self.grid),
            "correlation": marginals.correlation(release, self.grid),
            "queries": np.sqrt(counted).astype(np.float32),  # counts of steady variance
            "nearness": closeness.nearness(distances).astype(np.float32),
            "right": closeness.guessed_right(distances, self.targets, release, self.coding, self.secrets),
        }

    def _without_planted(self, release: FloatArray) -> FloatArray:
        """Return a coded release without what its contributor knows for its own rows, unless nothing else is in it."""
        rows = [coded(part, self.coding) for part in self.planted if part.num_rows]
        if not rows:
            return release
        own = np.concatenate([hash_columns(list(part), part.shape[1]) for part in rows])
        kept = ~np.isin(hash_columns(list(release), release.shape[1]), own)
        return release[:, kept] if kept.any() else release
