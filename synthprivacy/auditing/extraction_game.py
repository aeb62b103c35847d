"""Extraction by prefix: given all of a canary but its secret, does the generator go on with the secret?

Who may ask a generator for rows of which some columns are known holds what a prompt is to a model of language. The body
of each canary is asked for again and again, and the most frequent secrets that come back are the guesses. What a generator
that never met the canary would answer is known exactly without another fit, because the secret was drawn from candidates:
see `statistics.extraction`.

References
----------
Carlini, Liu, Erlingsson, Kos and Song (2019), The secret sharer (canaries, and extraction given their prefix); Carlini
et al. (2021), Extracting training data from large language models (sampling many times, and ranking what comes back).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from synthprivacy.auditing.canaries import Canaries, Kind, make_canaries, plant, secrets_of
from synthprivacy.auditing.canary_risks import ExtractionRisk
from synthprivacy.auditing.coding import Coding, IntArray
from synthprivacy.auditing.study import Reading
from synthprivacy.auditing.worlds import fit_seed
from synthprivacy.generators.protocol import Generator, completing
from synthprivacy.results import Skipped
from synthprivacy.schemata import Schema
from synthprivacy.statistics.extraction import extraction

COMPLETIONS = 64
"""Of the body of a canary."""
GUESSES = 8
"""The most frequent of them."""
CANDIDATES = 1024
"""Of a secret: the chance of one guess is below one in a thousand, or nearly so."""
_STREAM = 15


@dataclass(frozen=True, slots=True, repr=False)
class ExtractionGame:
    """Fits on the original and fresh canaries, asked how their bodies go on."""

    original: int
    """Rows of the original, the first of the people at hand."""
    coding: Coding
    schema: Schema
    kind: Kind
    count: int
    seed: int

    def __repr__(self) -> str:
        return f"<extraction game of {self.count} canaries>"

    def known(self, people: pa.Table) -> tuple[str, ...]:
        """Return the columns that are given of a canary: none where all are secret."""
        secrets = secrets_of(people.slice(0, self.original), self.coding, self.schema, self.kind)
        return tuple(name for name in self.coding.names if name not in secrets)

    def facts(self) -> dict[str, Any]:
        """Return what the readings depend on besides the people."""
        return {
            "study": f"extraction.{self.kind}",
            "seed": self.seed,
            "canaries": self.count,
            "columns": {column.name: column.ordered for column in self.coding.columns},
            "secrets": list(self.schema.secrets),
            "completions": COMPLETIONS,
        }

    def read(self, people: pa.Table, generator: Generator, number: int) -> Reading:
        """Return of each canary what `extracted` returns.

        Raises
        ------
        ConfigError
            If the generator cannot be asked how rows go on.
        """
        able = completing(generator)
        rng = np.random.default_rng([self.seed, number, _STREAM])
        training = people.slice(0, self.original)
        made = make_canaries(
            training, self.coding, self.schema, rng, count=self.count, kind=self.kind, candidates=CANDIDATES
        )
        trained = plant(training, made, rng)
        completed = able.fit_complete(trained, prompts(made, self.coding), fit_seed(self.seed, number))
        place, named, answered = extracted(completed, made)
        of = np.array([table.num_rows for table in made.candidates])
        return {"place": place, "named": named, "of": of, "answered": answered}


def prompts(canaries: Canaries, coding: Coding, each: int = COMPLETIONS) -> pa.Table:
    """Return what is given of each canary, `each` times one after the other: all columns an attacker could use but the secret.

    No column where all of them are secret: such canaries cannot be asked for.
    """
    rows = canaries.rows.select([name for name in coding.names if name not in canaries.secrets])
    return rows.take(pa.array(np.repeat(np.arange(len(canaries.candidates)), each)))


def extracted(
    completed: pa.Table, canaries: Canaries, each: int = COMPLETIONS, guesses: int = GUESSES
) -> tuple[IntArray, IntArray, IntArray]:
    """Return what became of the secret of each canary, three arrays (canaries,).

    Parameters
    ----------
    completed : pyarrow.Table
        What the generator made of the `prompts`, in their order.
    canaries : Canaries
    each : int
        Rows of each canary.
    guesses : int
        Different secrets that are taken for guesses: the most frequent ones, of equally frequent ones the first.

    Returns
    -------
    place : ndarray of int64
        Of the secret among the guesses, from 1; 0 where it is none.
    named : ndarray of int64
        How many of its candidates are among the guesses, the secret itself included.
    answered : ndarray of int64
        Completions that say anything of the secret.
    """
    rows = _secrets(completed, canaries)
    found = np.zeros((3, len(canaries.candidates)), dtype=np.int64)
    for number, (table, at) in enumerate(zip(canaries.candidates, canaries.drawn)):
        said = [row for row in rows[number * each : (number + 1) * each] if any(value is not None for value in row)]
        guessed = [row for row, _ in Counter(said).most_common(guesses)]
        candidates = _secrets(table, canaries)
        place = guessed.index(candidates[at]) + 1 if candidates[at] in guessed else 0
        found[:, number] = place, len(set(guessed) & set(candidates)), len(said)
    return found[0], found[1], found[2]


def judge_extraction(readings: Sequence[Reading], kind: Kind, *, confidence: float = 0.95) -> ExtractionRisk | Skipped:
    """Return how many secrets of all fits were extracted, or that no canary was ever completed."""
    place, named, of, answered = (
        np.concatenate([reading[name] for reading in readings]) for name in ("place", "named", "of", "answered")
    )
    if not answered.any():
        reason = "the generator found no row that goes on as a canary begins"
        return skipped(kind, reason, "a generator with a conditional law of its own")
    fit = np.repeat(np.arange(len(readings)), [len(reading["place"]) for reading in readings])
    found = extraction(place > 0, named, of, fit, confidence=confidence)
    return ExtractionRisk(
        kind=kind,
        canaries=len(place),
        fits=len(readings),
        completions=COMPLETIONS,
        guesses=GUESSES,
        answered=int((answered > 0).sum()),
        extracted=found.extracted,
        first=int((place == 1).sum()),
        value=found.value,
        interval=found.interval,
        chance=found.chance,
        p_value=found.p_value,
    )


def skipped(kind: Kind, reason: str, needs: str) -> Skipped:
    """Return that extraction was not judged, and why."""
    return Skipped("extraction", f"extraction.{kind}", reason, needs)


def _secrets(table: pa.Table, canaries: Canaries) -> list[tuple[Any, ...]]:
    """Return the values of the secret columns, row by row."""
    return list(zip(*(table[name].to_pylist() for name in canaries.secrets)))
