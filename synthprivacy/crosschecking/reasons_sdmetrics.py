"""Why a score of SDMetrics (0.32) is not our risk or score: small rules, each true of the numbers it was given or silent."""

from __future__ import annotations

from dataclasses import dataclass

from synthprivacy.crosschecking.counting import Counts, stepped
from synthprivacy.crosschecking.reasons_anonymeter import UNEXPLAINED
from synthprivacy.crosschecking.values import Reading

_SAME = 1e-4
_SEEN = 0.01
_ALIKE = 0.05
_HALF = 0.5
_DISTANCE = 0.02


@dataclass(frozen=True, slots=True)
class Trends:
    """The mean over pairs of columns: theirs, and theirs with one thing after the other done as here."""

    theirs: float | None
    """None where they leave out every pair."""
    every: float | None
    """Over every pair."""
    common: float | None
    """Over every pair, with a number beside a label cut over the original's range in both tables."""
    used: int
    pairs: int
    rows: int | None = None
    """Of the smallest table, where scores are told in steps that ten of them move; None inside."""


@dataclass(frozen=True, slots=True)
class Nearer:
    """Released rows that are nearer to the original than to the control."""

    score: float
    nearer: Counts
    """As they count, by our distances."""
    tied: Counts
    """As near to either."""
    original_rows: int
    control_rows: int


def shapes(theirs: float | None, ours: float | None) -> tuple[str, ...]:
    """Return why the likeness of columns differs."""
    return ("the same formula, the same number",) if _same(theirs, ours) else (UNEXPLAINED,)


def trends(found: Trends, ours: float | None) -> tuple[str, ...]:
    """Return why the likeness of pairs of columns differs."""
    if _same(found.theirs, ours):
        return ("the same formula, the same number",)
    told = []
    if found.used < found.pairs:
        told.append(
            f"they leave out {found.pairs - found.used:,} of {found.pairs:,} pairs that are weakly related in the original: every pair gives {_told(found.every, found.rows)}"
        )
    if not _same(found.every, found.common):
        told.append(
            f"they cut a number beside a label over each table's own range: cut over the original's in both, every pair gives {_told(found.common, found.rows)}"
        )
    if not _same(found.common, ours):
        told.append(UNEXPLAINED)
    return tuple(told)


def new_rows(matched: Counts, exact: Counts, of_control: Counts | None) -> tuple[str, ...]:
    """Return why rows that are not new are no copies.

    Parameters
    ----------
    matched : Counts
        Released rows that are not new beside the original, as they count.
    exact : Counts
        Released rows that are a person's record exactly.
    of_control : Counts, optional
        Released rows that are not new beside the control.
    """
    told = [
        "theirs counts released rows, ours people whose record is released, less what control people have by chance"
    ]
    if matched.share - exact.share >= _SEEN:
        told.append(f"numbers within 1 % are the same there: {matched} rows match so, {exact} exactly")
    if of_control is not None:
        told.append(f"of people who were never used, {of_control} rows are not new either")
    return tuple(told)


def overfitting(found: Nearer, ours: float | None) -> tuple[str, ...]:
    """Return why the share of rows nearer to the original differs from ours."""
    told = []
    total = found.original_rows + found.control_rows
    if abs(found.original_rows - found.control_rows) >= _SEEN * total:
        told.append(
            f"the original has {found.original_rows:,} rows, the control {found.control_rows:,}: a row that copies nobody is nearer to the original in {found.original_rows / total:.0%} of cases; ours draws equal numbers"
        )
    if found.tied.share >= _SEEN and not found.tied.small:
        told.append(f"{found.tied} rows are as near to either: they count as not nearer there, one half here")
    theirs = 1.0 - found.score / 2.0
    if found.score >= 1.0:
        if ours is not None and ours < _HALF - _SEEN:
            told.append("theirs is cut off at 1, which is a share of one half")
    elif abs(theirs - found.nearer.share) >= _DISTANCE:
        told.append(
            f"numbers are divided by each table's own range there, by percentiles of the release here: of the same rows {theirs:.0%} are nearer by theirs, {found.nearer} by ours"
        )
    if ours is not None and abs(theirs - ours) < _ALIKE:
        told.append(
            f"theirs is 2 (1 - share), a share of {theirs:.2f}{' or less' if found.score >= 1.0 else ''}: about ours"
        )
    return tuple(told) or (
        f"theirs is 2 (1 - share), a share of {theirs:.2f} among the rows asked about; ours is of others",
    )


def baseline(score: float, of_control: float | None, ours: Reading) -> tuple[str, ...]:
    """Return why nearness compared with random rows is not membership."""
    told = ["theirs compares with rows of random cells, ours with people who were never used"]
    if of_control is not None and abs(score - of_control) < _ALIKE:
        told.append(f"beside these people theirs is {of_control:.2f} as well: it does not tell who was used")
    elif of_control is not None:
        told.append(f"beside these people theirs would be {of_control:.2f}")
    if score >= 1.0 and ours.interval is not None and ours.interval[0] > 0.0:
        told.append("its median sees nothing of a few near copies")
    return tuple(told)


def disclosure(score: float, of_control: float | None, scored: Counts, *, rows: int | None = None) -> tuple[str, ...]:
    """Return why protection of a secret is not the risk of having been used.

    Parameters
    ----------
    score : float
        Of the training people.
    of_control : float, optional
        Of people who were never used.
    scored : Counts
        Training people whose known values are together in the release.
    rows : int, optional
        People asked about, where scores are told in steps that ten of them move; None inside.
    """
    told = [
        "theirs is 1 where nothing can be guessed, whoever was used; ours 0 where training people are guessed no better"
    ]
    if scored.share < _HALF:
        told.append(
            f"theirs scores {scored} people: of the others, what is known is not in the release in this combination"
        )
    others = _told(of_control, rows)
    if of_control is not None and abs(score - of_control) < _ALIKE:
        told.append(f"people who were never used get {others} by theirs: what is guessed is known of everybody")
    elif of_control is not None:
        less = "less" if score < of_control else "more"
        told.append(f"people who were never used get {others} by theirs: training people are {less} protected")
    return tuple(told)


def _told(value: float | None, rows: int | None) -> str:
    if value is None:
        return "no number"
    return f"{value if rows is None else stepped(Reading(value), rows).value:.2f}"


def _same(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= _SAME
