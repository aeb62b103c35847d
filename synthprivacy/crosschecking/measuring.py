"""What is measured on the tables of a release so that a reason can be given: facts, no verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.asking import ask
from synthprivacy.attacks import Attack, Knowledge
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.crosschecking.counting import Counts, Sides
from synthprivacy.crosschecking.sampling import Drawn, drawn
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.frames import Frames, case_of
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.hashing import hash_columns
from synthprivacy.rendering.counts import THRESHOLD
from synthprivacy.results import Conjunctions, Guesses, Hits, Values
from synthprivacy.schemata import ORDERED, Column, Schema
from synthprivacy.scoring import judge
from synthprivacy.tables.space import points
from synthprivacy.tables.table import Case, FloatArray, Table

_TENTHS = 10
Said = Mapping[str, Guesses]
"""Guesses about each population."""


@dataclass(frozen=True, slots=True, repr=False)
class Tables:
    """One release with its people, as both sides see them."""

    frames: Frames
    """All people."""
    drawn: Drawn
    """Those attacked."""
    whole: Case
    few: Case
    """With those attacked alone."""
    alike: Case
    """The same, numbers divided by their whole range and labels equal or unequal: the distances of anonymeter."""
    attacks: int
    seed: int

    def __repr__(self) -> str:
        return f"<tables of {self.whole.name}>"


def tables_of(frames: Frames, release: str, attacks: int, seed: int) -> Tables:
    """Return a release as both sides see it."""
    some = drawn(frames, release, attacks, seed)
    alike = replace(some.frames, schema=with_ranges(some.frames, release))
    cases = (case_of(frames, release), case_of(some.frames, release), case_of(alike, release))
    return Tables(frames, some, *cases, attacks=attacks, seed=seed)


def with_ranges(frames: Frames, release: str) -> Schema:
    """Return the schema with the range that each ordered column has in people and release for its bounds."""
    everybody = [frames.original, frames.synthetic[release], *([] if frames.control is None else [frames.control])]
    return replace(frames.schema, columns=tuple(_ranged(column, everybody) for column in frames.schema.columns))


def _ranged(column: Column, frames: Sequence[pa.Table]) -> Column:
    if column.kind == "code":
        return replace(column, kind="category")
    if column.kind not in ORDERED:
        return column
    values = [_as_numbers(frame[column.name]) for frame in frames if column.name in frame.column_names]
    known = np.concatenate([value[~np.isnan(value)] for value in values])
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    return replace(column, bounds=(low, high) if low < high else None)


def _as_numbers(column: pa.ChunkedArray) -> FloatArray:
    whole = column.cast(pa.int64()) if pa.types.is_temporal(column.type) else column
    return np.array(pc.fill_null(whole.cast(pa.float64()), float("nan")).to_numpy(), dtype=np.float64)


def said(attack: Attack, case: Case, seed: int) -> Said | NotEnoughDataError:
    """Return what one of our attacks guesses about the people of a case, or why it cannot be made."""
    people = {"original": case.original} | ({} if case.control is None else {"control": case.control})
    return ask([attack], case.release, case.schema, people, seed)[0]


def counted(guesses: Said | NotEnoughDataError, case: Case) -> Sides | None:
    """Return how many of the guesses are right; None where there are none."""
    if isinstance(guesses, NotEnoughDataError):
        return None
    sides = {"original": case.original} | ({} if case.control is None else {"control": case.control})
    found = {name: _counts(judge(guesses[name], table)) for name, table in sides.items()}
    return None if found["original"] is None else Sides(found["original"], found.get("control"))


def _counts(answers: object) -> Counts | None:
    if not isinstance(answers, Hits) or not answers.trials.sum():
        return None
    return Counts(int(answers.hits.sum()), int(answers.trials.sum()))


def by_their_rule(guesses: Said, case: Case) -> Sides | None:
    """Return how many guessed numbers are right within 5 % of the guess, a negative one always; None for labels."""
    sides = {"original": case.original} | ({} if case.control is None else {"control": case.control})
    found: dict[str, Counts] = {}
    for name, table in sides.items():
        guess = guesses[name]
        if not (isinstance(guess, Values) and table[guess.column].ordered):
            return None
        truth = table[guess.column].values
        with np.errstate(invalid="ignore"):
            near = np.abs(guess.value - truth) <= 0.05 * guess.value
        right = near | ((guess.value < 0) & ~np.isnan(truth)) | (np.isnan(guess.value) & np.isnan(truth))
        found[name] = Counts(int(right.sum()), len(truth), least_rows(table))
    return Sides(found["original"], found.get("control"))


def below_zero(guesses: Guesses) -> float:
    """Return the share of guessed numbers below zero."""
    return float(np.mean(guesses.value < 0)) if isinstance(guesses, Values) else 0.0


def tied(case: Case, parts: Sequence[Sequence[str]]) -> float:
    """Return the share of training people to whom, by some part of the columns, two records are equally near."""
    if len(case.release) < 2:
        return 0.0
    ties = np.zeros(len(case.original), dtype=np.bool_)
    for columns in parts:
        index = neighbors.build(points(case.release.select(tuple(columns))))
        steps = neighbors.nearest(index, points(case.original.select(tuple(columns))), 2).steps
        ties |= steps[:, 0] == steps[:, 1]
    return float(ties.mean())


def least_rows(table: Table) -> int:
    """Return how many rows are of ten people in any case: one more than the nine with most of them have."""
    return 1 + int(np.sort(np.bincount(table.unit))[1 - THRESHOLD :].sum())


def found_again(people: Table, release: Table, known: Sequence[str]) -> Counts:
    """Return how many people's known values are together in the release, numbers in tenths of their range."""
    least = least_rows(people)
    people, release = people.select(tuple(known)), release.select(tuple(known))
    found = np.isin(_tenths(people, people), _tenths(release, people))
    return Counts(int(found.sum()), len(found), least)


def _tenths(table: Table, people: Table) -> npt.NDArray[np.uint64]:
    """Return a key of each row, (rows,), with numbers cut into ten parts of the range that some people have."""
    columns = []
    for feature in table.features:
        values = feature.marks()
        if feature.ordered:
            known = people[feature.name].values
            inner = np.linspace(np.nanmin(known), np.nanmax(known), _TENTHS + 1)[1:-1]
            values = np.where(np.isnan(values), np.nan, np.searchsorted(inner, values, side="left"))
        columns.append(values)
    return hash_columns(columns, len(table))


def repeated(table: Table) -> float:
    """Return the share of rows that are there before."""
    return 1.0 - len(np.unique(table.keys())) / len(table)


def missing_among(table: Table, names: Sequence[str], *, ordered: bool) -> float:
    """Return the share of missing values among some columns; of numbers alone if `ordered`."""
    columns = [table[name].values for name in names if table[name].ordered or not ordered]
    return float(np.mean([np.isnan(values).mean() for values in columns])) if columns else 0.0


def quoted(frame: pa.Table, schema: Schema) -> float:
    """Return the share of labels that hold a quotation mark."""
    names = [name for name in schema.attackable if schema[name].kind not in ORDERED]
    marks = [pc.match_substring_regex(frame[name].cast(pa.string()), "['\"]") for name in names]
    return float(np.mean([pc.mean(pc.fill_null(mark, fill_value=False)).as_py() for mark in marks])) if marks else 0.0


def foremost(case: Case) -> tuple[str, float] | None:
    """Return the column that most predicates on one column are about, and the share of them."""
    attack = SinglingOut(1, len(case.release) * len(case.release.features))  # so many that none is rationed
    try:
        found = attack.prepare(Knowledge((case.release,), None, case.schema), np.random.default_rng(0))(case.release)
    except NotEnoughDataError:
        return None
    if not isinstance(found, Conjunctions):
        return None
    counts = np.bincount(found.column, minlength=len(case.release.features))
    return case.release.features[int(counts.argmax())].name, float(counts.max() / counts.sum())
