"""Two training tables and the release of either: does the difference of the releases give away who came and who went?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from synthprivacy.attacks.membership_differencing import Differencing
from synthprivacy.driver import sample
from synthprivacy.errors import DataError, NotEnoughDataError
from synthprivacy.results import Guesses, Risk, Scores, Skipped
from synthprivacy.schemata import Schema, conform, infer
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load
from synthprivacy.tables.table import BoolArray, FloatArray, IntArray, KeyArray, Table
from synthprivacy.together.differences import encoded_alike, risk_of, studied
from synthprivacy.together.union import union_of

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Differenced:
    """What two consecutive releases tell about who is in one training table only."""

    changed: int
    """People in one of the two training tables only."""
    risk: Risk | Skipped
    """Of the changed people against the control, as any membership score; skipped where they are too few."""
    ranks: IntArray = field(repr=False)
    """(changed,) how many people score at least as high as each of them, themselves included: 1 is found for sure. About
    single people: for the secure room only."""
    of: int
    """People ranked: the changed, those in both training tables, and the control."""


def differencing(
    *,
    original: tuple[object, object],
    synthetic: tuple[object, object],
    control: object,
    schema: Schema | None = None,
    targets: int = 20_000,
    confidence: float = 0.95,
    seed: int = 0,
    jobs: int = 1,
) -> Differenced:
    """Return whether an attacker who holds two consecutive releases sees who came and who went in between.

    The truth are the people of one training table only, by what their rows hold: a person whose record was edited has
    changed. They are held against people who were in neither, and who are shown alike.

    Parameters
    ----------
    original : pair of dataframes or paths
        The training tables, before and after.
    synthetic : pair of dataframes or paths
        Their releases.
    control : dataframe or path
        People in neither training table.
    schema : Schema, optional
        Inferred from the first training table where absent.
    targets : int
        Changed people, and control people, attacked for the risk; everybody is ranked.
    confidence : float
        Two-sided.
    seed : int
    jobs : int
        Threads; they change no answer.

    Raises
    ------
    DataError
        If nobody came or went, or a table cannot be read.
    SchemaError
        If the tables do not describe the same columns.
    NotEnoughDataError
        If a release has fewer than two rows.
    """
    frames, known = _read(original, synthetic, control, schema)
    releases = [frames["release before"], frames["release after"]]
    union = union_of({"before": releases[0], "after": releases[1]})
    case = encode(original=frames["before"], control=frames["after"], release=union, schema=known)
    held_out = encode(original=frames["control"], control=None, release=union, schema=known).original
    changed, unchanged = _parted(case.original, case.control or case.original)
    rng = np.random.default_rng(seed)
    drawing, knowing = (int(drawn) for drawn in rng.integers(2**63, size=2))
    ranked = {"changed": changed, "unchanged": unchanged, "held out": held_out}
    attacked = {"original": sample(changed, targets, drawing), "control": sample(held_out, targets, drawing)}
    attack = Differencing(jobs)
    found = studied(attack, encoded_alike(releases, union, known), ranked | attacked, known, knowing)
    if isinstance(found, NotEnoughDataError):
        raise found
    scores = [_highest(found[name], people) for name, people in ranked.items()]
    everyone = np.sort(np.concatenate(scores))
    ranks = len(everyone) - np.searchsorted(everyone, scores[0], side="left")
    risk = risk_of(attack, found, attacked, rng, confidence)
    return Differenced(changed.people, risk, ranks.astype(np.int64), len(everyone))


def _read(
    original: tuple[object, object], synthetic: tuple[object, object], control: object, schema: Schema | None
) -> tuple[dict[str, pa.Table], Schema]:
    sources = {"before": original[0], "after": original[1], "control": control}
    sources |= {"release before": synthetic[0], "release after": synthetic[1]}
    frames = {label: load(source, label=label) for label, source in sources.items()}
    known = infer(frames["before"]) if schema is None else schema
    return conform(frames, known)[0], known


def _parted(before: Table, after: Table) -> tuple[Table, Table]:
    """Return the people of one table only, of either, and those of both.

    Raises
    ------
    DataError
        If the tables hold the same people.
    """
    keys = [_people_keys(table) for table in (before, after)]
    gone, new = _beyond(keys[0], keys[1]), _beyond(keys[1], keys[0])
    if not gone.any() and not new.any():
        msg = "the two training tables must differ in somebody: they hold the same people; nothing came or went that releases could tell"
        raise DataError(msg)
    parts = [table.of_people(np.flatnonzero(only)) for table, only in ((before, gone), (after, new)) if only.any()]
    changed = parts[0] if len(parts) == 1 else parts[0].joined(parts[1])
    return changed, after.of_people(np.flatnonzero(~new))


def _people_keys(table: Table) -> KeyArray:
    """Return one key per person, (people,): equal where all rows of two people are equal, in any order."""
    keys = np.zeros(table.people, dtype=np.uint64)
    np.add.at(keys, table.unit, table.keys())
    return keys


def _beyond(keys: KeyArray, others: KeyArray) -> BoolArray:
    """Return which keys (people,) have no partner among the others, each of which is partner to one."""
    values, counts = np.unique(others, return_counts=True)
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    nth = np.arange(len(ranked)) - np.searchsorted(ranked, ranked, side="left")  # how many equal ones came before
    place = np.minimum(np.searchsorted(values, ranked), max(len(values) - 1, 0))
    there = np.where(values[place] == ranked, counts[place], 0) if len(values) else np.zeros(len(ranked))
    beyond = np.empty(len(keys), dtype=np.bool_)
    beyond[order] = nth >= there
    return beyond


def _highest(guesses: Guesses, people: Table) -> FloatArray:
    """Return each person's highest score, (people,)."""
    if not isinstance(guesses, Scores):
        msg = "people are ranked by scores; pass an attack that scores them"
        raise DataError(msg)
    highest = np.full(people.people, -np.inf)
    np.maximum.at(highest, people.unit, guesses.real)
    return highest
