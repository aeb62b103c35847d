"""What SDMetrics is asked, and what our own scores and attacks say of the same tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthprivacy.attacks import Attack, Budget
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.crosschecking import reasons_sdmetrics as why
from synthprivacy.crosschecking.counting import Counts, Sides, stepped
from synthprivacy.crosschecking.measuring import Tables, found_again, said
from synthprivacy.crosschecking.reading import failed, found_by, shown_risk
from synthprivacy.crosschecking.sending import names_of
from synthprivacy.crosschecking.values import Answer, Question, Reading, Row
from synthprivacy.kernels import neighbors
from synthprivacy.measures import column_pairs, column_shapes, distances
from synthprivacy.results.risk import Score
from synthprivacy.tables.encode import encode
from synthprivacy.tables.space import points
from synthprivacy.tables.table import Case, IntArray, Table


def questions(tables: Tables, *, inside: bool) -> list[Question]:
    """Return all that SDMetrics is asked about a release: every metric with a counterpart of ours."""
    asked = [_quality(tables, inside=inside), _new_rows(tables, inside=inside), _baseline(tables, inside=inside)]
    if tables.whole.control is not None:
        asked.append(_overfitting(tables, inside=inside))
    budget = Budget(tables.attacks)
    secrets = NearestGuess.variants(tables.few.schema, tables.few.release, budget)
    return asked + [_disclosure(tables, attack, inside=inside) for attack in secrets]


def _quality(tables: Tables, *, inside: bool) -> Question:
    setup = "all rows; 1 is alike"

    def rows(answer: Answer) -> tuple[Row, ...]:
        shapes, pairs = (_mean(family(tables.whole)) for family in (column_shapes, column_pairs))
        ours = {"shapes.mean": shapes, "pairs.mean": pairs}
        names = {"shapes.mean": ("Column Shapes", "shapes"), "pairs.mean": ("Column Pair Trends", "trends")}
        made = []
        for endpoint, reading in ours.items():
            measure, key = names[endpoint]
            theirs, reasons = _score(answer, key)
            if theirs.value is not None and endpoint == "shapes.mean":
                reasons = why.shapes(theirs.value, reading.value)
            elif endpoint == "pairs.mean" and "error" not in answer:
                counts = answer["every"], answer["common"], answer["used"], answer["pairs"]
                found = why.Trends(theirs.value, *counts, rows=None if inside else _fewest(tables.whole))
                reasons = why.trends(found, reading.value)
            made.append(_row(tables, (measure, endpoint, setup), theirs, reading, reasons, inside=inside, whole=True))
        return tuple(made)

    return Question({"task": "quality"}, rows)


def _new_rows(tables: Tables, *, inside: bool) -> Question:
    setup = f"{_released(tables)}; 1 is safe there, 0 here"

    def rows(answer: Answer) -> tuple[Row, ...]:
        theirs, reasons = _score(answer, "score")
        if theirs.value is not None:
            control = answer["control"]
            reasons = why.new_rows(
                _left(theirs.value, answer["rows"]),
                _exact(tables),
                None if control is None else _left(control, answer["rows"]),
            )
        ours = _ours(tables, ExactCopies(), inside=inside)
        return (_row(tables, ("NewRowSynthesis", ExactCopies().endpoint, setup), theirs, ours, reasons, inside=inside),)

    return Question({"task": "new_rows"}, rows)


def _baseline(tables: Tables, *, inside: bool) -> Question:
    setup = f"{_released(tables)}; 1 is safe there, 0 here"

    def rows(answer: Answer) -> tuple[Row, ...]:
        theirs, reasons = _score(answer, "score")
        ours = _ours(tables, Distance(), inside=inside)
        if theirs.value is not None:
            reasons = why.baseline(theirs.value, answer["control"], ours)
        words = ("DCRBaselineProtection", Distance().endpoint, setup)
        return (_row(tables, words, theirs, ours, reasons, inside=inside),)

    return Question({"task": "baseline"}, rows)


def _overfitting(tables: Tables, *, inside: bool) -> Question:
    setup = f"{_released(tables)}; 1 is safe there, one half here"

    def rows(answer: Answer) -> tuple[Row, ...]:
        theirs, reasons = _score(answer, "score")
        share = next((score for score in distances(tables.whole) if score.metric == "closest_share"), None)
        ours = Reading(None, note="undefined") if share is None else Reading(share.value)
        if theirs.value is not None:
            reasons = why.overfitting(_nearer(tables, theirs.value), ours.value)
        words = ("DCROverfittingProtection", "distances.closest_share", setup)
        return (_row(tables, words, theirs, ours, reasons, inside=inside),)

    return Question({"task": "overfitting"}, rows)


def _disclosure(tables: Tables, attack: NearestGuess, *, inside: bool) -> Question:
    names = names_of(tables.few.schema)
    task = {"task": "disclosure", "known": names.sent(attack.known), "secret": names.sent([attack.secret])[0]}
    setup = f"the same {len(tables.few.original):,} rows, {len(attack.known)} known columns; 1 is safe there, 0 here"

    def rows(answer: Answer) -> tuple[Row, ...]:
        theirs, reasons = _score(answer, "score")
        if theirs.value is not None:
            scored = _scored(tables.few, attack.known)
            control = None if scored.few else answer["control"]  # of so few people two scores are no comparison
            asked = None if inside else len(tables.few.original)
            reasons = why.disclosure(theirs.value, control, scored.original, rows=asked)
            if scored.few and not inside:
                theirs = Reading(None, note="withheld: of fewer than ten people")
        found = found_by(attack, said(attack, tables.few, tables.seed), tables.few, tables.seed)
        ours = shown_risk(found, tables.whole.original.people, inside=inside)
        words = ("DisclosureProtection", attack.endpoint, setup)
        return (_row(tables, words, theirs, ours, reasons, inside=inside),)

    return Question(task, rows)


def _score(answer: Answer, key: str) -> tuple[Reading, tuple[str, ...]]:
    """Return a score of theirs, or why there is none."""
    if "error" in answer or answer[key] is None:
        return failed(answer)
    return Reading(answer[key]), ()


def _row(
    tables: Tables,
    words: tuple[str, str, str],
    theirs: Reading,
    ours: Reading,
    reasons: tuple[str, ...],
    *,
    inside: bool,
    whole: bool = False,
) -> Row:
    """Return a row, scores in steps that ten rows move unless it stays inside.

    Parameters
    ----------
    whole : bool
        Whether their score is of all rows, as ours are, and not of those drawn.
    """
    measure, endpoint, setup = words
    if not inside:
        theirs = stepped(theirs, _fewest(tables.whole) if whole else len(tables.few.original))
        ours = ours if ours.interval is not None else stepped(ours, _fewest(tables.whole))
    return Row(tables.whole.name, "sdmetrics", measure, endpoint, theirs, ours, setup, reasons)


def _fewest(case: Case) -> int:
    return min(len(table) for table in (case.original, case.control, case.release) if table is not None)


def _mean(scores: Sequence[Score]) -> Reading:
    value = next((score.value for score in scores if score.metric == "mean"), None)
    return Reading(value, note="undefined" if value is None else "")


def _ours(tables: Tables, attack: Attack, *, inside: bool) -> Reading:
    found = found_by(attack, said(attack, tables.whole, tables.seed), tables.whole, tables.seed)
    return shown_risk(found, tables.whole.original.people, inside=inside)


def _left(score: float, rows: int) -> Counts:
    """Return the rows that are not new, of a share that are."""
    return Counts(round((1.0 - score) * rows), rows)


def _rows(tables: Tables) -> Table:
    """Return the released rows that they are asked about, encoded as the release."""
    frames = tables.frames
    asked = encode(
        original=tables.drawn.rows, control=None, release=frames.synthetic[tables.whole.name], schema=frames.schema
    )
    return asked.original


def _exact(tables: Tables) -> Counts:
    held = np.unique(tables.whole.original.keys())
    rows = _rows(tables).keys()
    return Counts(int(np.isin(rows, held).sum()), len(rows))


def _nearer(tables: Tables, score: float) -> why.Nearer:
    """Return how many of the rows they are asked about are nearer to one side than to the other, by our distances."""
    rows, whole = _rows(tables), tables.whole
    others = whole.original if whole.control is None else whole.control
    one, other = (_steps(people, rows) for people in (whole.original, others))
    return why.Nearer(
        score,
        Counts(int((one < other).sum()), len(rows)),
        Counts(int((one == other).sum()), len(rows)),
        len(whole.original),
        len(others),
    )


def _scored(few: Case, known: Sequence[str]) -> Sides:
    """Return how many people have their known values together in the release, numbers in tenths of their range."""
    original = found_again(few.original, few.release, known)
    return Sides(original, None if few.control is None else found_again(few.control, few.release, known))


def _steps(people: Table, rows: Table) -> IntArray:
    return neighbors.nearest_steps(neighbors.build(points(people)), points(rows))


def _released(tables: Tables) -> str:
    return f"the same {tables.drawn.rows.num_rows:,} released rows there, all of them here"
