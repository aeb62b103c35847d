"""Fairness: whether groups fare alike by what is learned from the release as by what is learned from the original."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from synthprivacy.measures.comparing.influence import wilson
from synthprivacy.measures.learning.draws import drawn, drawn_alike, halves
from synthprivacy.measures.learning.models import train
from synthprivacy.measures.learning.readings import Reading, mean, minus, share, weights
from synthprivacy.measures.learning.targets import Target, targets
from synthprivacy.results.risk import Score
from synthprivacy.tables.table import BoolArray, Case, FloatArray, Table

ROWS = 5_000
"""Rows of each table at most."""
FEWEST = 30
"""People of a group in the original and in the test, and rows in the release; smaller groups are left out."""
FEWEST_HITS = 10
"""A share of fewer people of a group, or of all but so few, is read as of so many: no count under ten can be told."""
TARGETS = 2
METRICS = ("rates", "parity", "odds", "utility")
_TOO_SMALL = f"fewer than two groups have {FEWEST} people in every table, or no outcome is left to compare"

Found = dict[str, tuple[Reading | None, Reading | None]]
"""Metric to the reading of the release and that of fresh people."""


def fairness(case: Case) -> tuple[Score, ...]:
    """Return by how much the release changes gaps between groups; undefined where no column has the role ``group``.

    An outcome is the release's most frequent label of a target, or a number above the release's median; the targets are
    the first two of `targets` but the group itself. A *gap* is the largest difference between two groups. All scores lie
    between 0 and 1 but ``utility`` (-1 to 1), lower is better; the reference is what fresh people in the place of the
    release would have changed.

    ``rates`` is the change of the gap of the outcome's share in the tables themselves. The others are about boosted trees
    trained on release, original or fresh people (half of the control) and asked about the other half of the control;
    people are predicted to have the outcome where that is more likely than not: ``parity`` is the change of the gap of the
    share predicted to have it (demographic parity), ``odds`` that of the larger one of the gaps among people with and
    without it (equalised odds). ``utility`` is what the group that loses most loses of accuracy. Each is the mean over group columns and
    targets, ``METRIC.GROUP`` that over targets.

    Groups of fewer than 30 people in the original or the test, or 30 rows of the release, are left out, and of the odds
    those with fewer than 30 test people of either outcome; ``compared.GROUP`` is the share of the release's rows that are
    in groups compared (higher is better). A share of fewer than ten people of a group, or of all but so few, is read as
    of ten, so that no score tells a count under ten. All tables are drawn down to equal numbers of rows, at most 5,000. Intervals
    (95 %) draw people again, each with all rows; trained models stay as they are.

    References
    ----------
    Hardt, Price and Srebro (2016), Equality of opportunity in supervised learning (equalised odds; demographic
    parity, which it argues against).
    """
    release = case.release
    groups = [name for name in case.schema.with_role("group") if name in release.names and not release[name].ordered]
    if not groups:
        return (_score("parity", None, None, "no column of labels has the role group"),)
    found: dict[str, list[Found]] = {}
    compared: list[Score] = []
    with threadpool_limits(1):  # sums over threads are not the same on every machine
        wanted = targets(case)
        for name in sorted(groups):
            labels = _large_groups(case, name)
            rows = float(np.isin(release[name].values, labels).mean())
            interval = wilson(rows, release.people) if release.people else None
            compared.append(Score("fairness", f"compared.{name}", rows, None, interval, better="higher"))
            others = [target for target in wanted if target.name != name][:TARGETS]
            found[name] = [_changes(case, name, labels, target) for target in others] if len(labels) > 1 else []
    return (*_scores(found, "there is no control to ask about" if case.control is None else _TOO_SMALL), *compared)


def _scores(found: Mapping[str, Sequence[Found]], why: str) -> Iterator[Score]:
    everything = [one for changes in found.values() for one in changes]
    for metric in METRICS:
        yield _score(metric, *_both(everything, metric), _TOO_SMALL if metric == "rates" else why)
    for name, changes in found.items():
        for metric in METRICS:
            yield _score(f"{metric}.{name}", *_both(changes, metric), _TOO_SMALL if metric == "rates" else why)


def _both(changes: Sequence[Found], metric: str) -> tuple[Reading | None, Reading | None]:
    value, reference = (mean([one[metric][side] for one in changes if metric in one]) for side in (0, 1))
    return value, reference


def _score(metric: str, value: Reading | None, reference: Reading | None, why: str) -> Score:
    low = -1.0 if metric.partition(".")[0] == "utility" else 0.0
    return Score(
        "fairness",
        metric,
        None if value is None else value.value,
        None if reference is None else reference.value,
        interval=None if value is None else value.interval(low, 1.0),
        better="lower",
        range=(low, 1.0),
        reason=why if value is None else None,
    )


def _whole(case: Case) -> dict[str, Table]:
    """Return the tables whose own shares are compared, by side."""
    fresh = {} if case.control is None else {"fresh": case.control}
    tables = {"original": case.original, "release": case.release} | fresh
    return dict(zip(tables, drawn_alike(*tables.values(), most=ROWS)))


def _parts(case: Case) -> tuple[dict[str, Table], Table | None]:
    """Return who is learned from, by side, and who is asked about."""
    if case.control is None or case.control.people < 2:
        return dict(zip(("original", "release"), drawn_alike(case.original, case.release, most=ROWS))), None
    test, fresh = halves(case.control)
    sides = drawn_alike(case.original, case.release, fresh, most=ROWS)
    return dict(zip(("original", "release", "fresh"), sides)), drawn(test, ROWS)


def _large_groups(case: Case, name: str) -> FloatArray:
    """Return the codes of the groups that are large enough in everything that is compared."""
    sides, test = _parts(case)
    tables = [*_whole(case).values(), *sides.values(), *([] if test is None else [test])]
    labels = np.unique(case.release[name].values[~np.isnan(case.release[name].values)])
    large = [all(_people(np.equal(table[name].values, label), table) >= FEWEST for table in tables) for label in labels]
    kept: FloatArray = labels[np.array(large, dtype=np.bool_)]
    return kept


def _changes(case: Case, name: str, labels: FloatArray, target: Target) -> Found:
    """Return by how much release and fresh people change the gaps of one outcome between some groups."""
    shares = {}
    for number, (side, table) in enumerate(_whole(case).items()):
        event = target.event(table)
        inside = [np.equal(table[name].values, label) & ~np.isnan(event) for label in labels]
        weight = weights(table.unit, seed=number)
        shares[side] = _gap([_within(event == 1.0, one, table, weight) for one in inside])
    found: Found = {"rates": _changed(shares)}
    sides, test = _parts(case)
    return found if test is None else found | _predicted(case, sides, test, name=name, labels=labels, target=target)


def _predicted(
    case: Case, sides: Mapping[str, Table], test: Table, *, name: str, labels: FloatArray, target: Target
) -> Found:
    """Return by how much models learned from release and fresh people change the gaps."""
    event = target.event(test)
    test = test.take(np.flatnonzero(~np.isnan(event)))
    has = target.event(test) == 1.0
    weight = weights(test.unit, seed=len(sides))
    inside = [np.equal(test[name].values, label) for label in labels]
    parity, odds, right = {}, {}, {}
    for side, table in sides.items():
        told = _told(case, table, test, target)
        parity[side] = _gap([_within(told, one, test, weight) for one in inside])
        judged = [one for one in inside if min(_people(one & has, test), _people(one & ~has, test)) >= FEWEST]
        gaps = [_gap([_within(told, one & of, test, weight) for one in judged]) for of in (has, ~has)]
        known = [gap.values for gap in gaps if gap is not None]
        odds[side] = Reading(np.max(known, axis=0)) if known else None
        right[side] = [_within(told == has, one, test, weight) for one in inside]
    return {"parity": _changed(parity), "odds": _changed(odds), "utility": _lost(right)}


def _told(case: Case, people: Table, test: Table, target: Target) -> BoolArray:
    """Return who is predicted to have the outcome."""
    told = train("boosting", people, target.outcome(), case.release)(test)
    predicted: BoolArray = told[:, 0] > 0.5
    return predicted


def _people(group: BoolArray, table: Table) -> int:
    return len(np.unique(table.unit[group]))


def _within(hit: BoolArray, group: BoolArray, table: Table, weight: FloatArray) -> Reading | None:
    """Return the share of a group that is hit."""
    people = _people(group, table)
    if not people:
        return None
    least = min(FEWEST_HITS / people, 0.5)
    return Reading(np.clip(share(hit[group], weight[:, group]).values, least, 1.0 - least))


def _gap(readings: Sequence[Reading | None]) -> Reading | None:
    """Return the largest difference; None of fewer than two groups."""
    values = [reading.values for reading in readings if reading is not None]
    return Reading(np.ptp(np.array(values), axis=0)) if len(values) > 1 else None


def _changed(gaps: Mapping[str, Reading | None]) -> tuple[Reading | None, Reading | None]:
    """Return how far the gap of the release, and that of fresh people, is from that of the original."""
    before = gaps["original"]
    release, fresh = (
        None if after is None or before is None else Reading(np.abs(minus(after, before).values))
        for after in (gaps["release"], gaps.get("fresh"))
    )
    return release, fresh


def _lost(right: Mapping[str, Sequence[Reading | None]]) -> tuple[Reading | None, Reading | None]:
    """Return how much accuracy the group that loses most loses."""
    most: list[Reading | None] = []
    for side in ("release", "fresh"):
        lost = [
            before.values - after.values
            for before, after in zip(right["original"], right[side])
            if before is not None and after is not None
        ]
        most.append(Reading(np.max(lost, axis=0)) if lost else None)
    return most[0], most[1]
