"""Canaries in the game: fits with fresh canaries each, and what their exposures say of the generator."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.auditing.canaries import Canaries, Kind, make_canaries, plant, ranks
from synthprivacy.auditing.canary_risks import CanaryRisk
from synthprivacy.auditing.coding import Coding
from synthprivacy.auditing.records import RIGHTS
from synthprivacy.auditing.study import Reading
from synthprivacy.auditing.worlds import fit_seed
from synthprivacy.generators.protocol import Generator
from synthprivacy.results.files import write_text
from synthprivacy.schemata import Schema
from synthprivacy.statistics.exposure import exposure

LOG = "synthprivacy/canaries/1"
_STREAM = 7


@dataclass(frozen=True, slots=True, repr=False)
class CanaryGame:
    """Fits on the original and fresh canaries."""

    original: int
    """Rows of the original, the first of the people at hand."""
    coding: Coding
    schema: Schema
    kind: Kind
    count: int
    rows: int
    """Of a release."""
    seed: int

    def __repr__(self) -> str:
        return f"<canary game of {self.count} canaries>"

    def facts(self) -> dict[str, Any]:
        """Return what the readings depend on besides the people."""
        return {
            "study": f"canaries.{self.kind}",
            "seed": self.seed,
            "canaries": self.count,
            "columns": {column.name: column.ordered for column in self.coding.columns},
            "secrets": list(self.schema.secrets),
            "rows": self.rows,
        }

    def read(self, people: pa.Table, generator: Generator, number: int) -> Reading:
        """Return the ranks of the secrets of this fit's canaries, and of how many."""
        rng = np.random.default_rng([self.seed, number, _STREAM])
        training = people.slice(0, self.original)
        made = make_canaries(training, self.coding, self.schema, rng, count=self.count, kind=self.kind)
        release = generator.fit_sample(plant(training, made, rng), self.rows, fit_seed(self.seed, number))
        rank, of = ranks(release, made, self.coding)
        return {"rank": rank, "of": of}


def judge_canaries(readings: Sequence[Reading], kind: Kind) -> CanaryRisk:
    """Return how exposed the secrets of all fits are.

    Canaries of one fit share a release; without a leak their ranks are independent all the same, because each secret was
    drawn on its own.
    """
    rank = np.concatenate([reading["rank"] for reading in readings])
    of = np.concatenate([reading["of"] for reading in readings])
    found = exposure(rank, of)
    return CanaryRisk(
        kind=kind,
        canaries=len(rank),
        fits=len(readings),
        first=int((rank == 1).sum()),
        bits=found.mean,
        ceiling=float(np.mean(found.ceiling)),
        p_value=found.p_value,
    )


def write_log(path: str | Path, canaries: Canaries) -> None:
    """Write what was planted, for whoever must find and remove it again: for its owner only, it stays inside.

    Bodies are made up from the values of real people.

    Raises
    ------
    DataError
        If it cannot be written.
    """
    rows = canaries.rows
    written = pa.table({name: pc.cast(rows[name], pa.string()) for name in rows.column_names}).to_pylist()
    log = {"format": LOG, "kind": canaries.kind, "secrets": list(canaries.secrets), "canaries": written}
    write_text(path, json.dumps(log, indent=1, ensure_ascii=False) + "\n", mode=RIGHTS)
