"""May this be judged at all? Rules about the tables alone, asked before any attack.

What makes every number meaningless raises an error (exit code 2); what leaves doubt is a `Check` that a policy can
see. Details never tell a count of people under ten. The comparison with a release is in `identity`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.errors import DataError, NotEnoughDataError
from synthprivacy.results.risk import Check
from synthprivacy.tables.identity import GROSS, SIGNIFICANCE, control_in_release, count_text, find_people, identity
from synthprivacy.tables.table import KeyArray, Table

FEWEST = 30
"""People, or rows of a release, without whom nothing can be said."""
FEW = 100
"""Fewer people than this are worth a warning: most endpoints will be skipped."""

_PERMUTATIONS = 1_999
_BATCH = 50
_ENOUGH = 10
"""Permutations as extreme as the data after which the p-value cannot come below `SIGNIFICANCE` any more."""


def check_tables(
    *,
    original: Table,
    control: Table | None,
    rng: np.random.Generator,
    original_ids: pa.ChunkedArray[Any] | None = None,
    control_ids: pa.ChunkedArray[Any] | None = None,
) -> tuple[Check, ...]:
    """Return what there is to say about original and control: `size`, and with a control `control_overlap`.

    Parameters
    ----------
    original, control : Table
        Encoded alike, by any of the releases.
    rng : numpy.random.Generator
        For the permutation test.
    original_ids, control_ids : pyarrow.ChunkedArray, optional
        The declared unit column of either frame; adds the check `shared_people`.

    Raises
    ------
    NotEnoughDataError
        If a table has fewer than 30 people.
    DataError
        If every column of the original is constant; if an id is on both sides; if the control equals the original
        or overlaps it by more than 20 points beyond what its own duplicates explain.
    """
    tables = {"original": original} if control is None else {"original": original, "control": control}
    checks = [check_size({name: table.people for name, table in tables.items()})]
    _refuse_constant(original)
    if original_ids is not None and control_ids is not None:
        checks.append(shared_people(original_ids, control_ids))
    if control is not None:
        checks.append(control_overlap(original=original, control=control, rng=rng))
    return tuple(checks)


def check_release(*, original: Table, control: Table | None, release: Table, name: str) -> tuple[Check, ...]:
    """Return what there is to say about one release: `size`, `identity` and, with a control, `control_in_release`.

    Raises
    ------
    NotEnoughDataError
        If the release has fewer than 30 rows.
    """
    size = check_size({f"release {name}": len(release)}, release=name)
    readings = find_people(original=original, control=control, release=release)
    if control is None:
        return size, identity(readings, name=name)
    doubles = min(1.0, own_doubles(original) * max(1.0, len(release) / len(original)))
    return size, identity(readings, name=name), control_in_release(readings, doubles=doubles, name=name)


def check_size(people: Mapping[str, int], release: str | None = None) -> Check:
    """Return whether the tables hold enough people (rows, for a release).

    Parameters
    ----------
    people : mapping of str to int
        By table.
    release : str, optional
        The release it is about.

    Raises
    ------
    NotEnoughDataError
        If a table has fewer than 30.
    """
    what = "people" if release is None else "rows"
    for table, count in people.items():
        if count < FEWEST:
            remedy = "pass a larger table" if release is None else "sample more rows"
            msg = f"{table} must have at least {FEWEST} {what}: it has {count}; {remedy}"
            raise NotEnoughDataError(msg)
    few = [f"{table} has {count} {what}" for table, count in people.items() if count < FEW]
    if few:
        return Check("size", "warn", f"{' and '.join(few)}: under {FEW} most endpoints are skipped", release)
    return Check(
        "size", "ok", " and ".join(f"{table} has {count:,} {what}" for table, count in people.items()), release
    )


def shared_people(original_ids: pa.ChunkedArray[Any], control_ids: pa.ChunkedArray[Any]) -> Check:
    """Return that no declared unit id is on both sides; missing ids are nobody's.

    Raises
    ------
    DataError
        If one is.
    """
    if original_ids.type != control_ids.type:
        original_ids, control_ids = (pc.cast(ids, pa.string()) for ids in (original_ids, control_ids))
    known = pc.drop_null(pc.unique(original_ids))
    others = pc.drop_null(pc.unique(control_ids))
    both = len(others.filter(pc.is_in(others, value_set=known)))
    if both:
        msg = (
            f"control must not share people with original: {count_text(both)} of {len(others):,} are in both; "
            "pass the split that was held out"
        )
        raise DataError(msg)
    return Check("shared_people", "ok", "no unit id is in both original and control")


def control_overlap(*, original: Table, control: Table, rng: np.random.Generator) -> Check:
    """Return whether the control holds people of the original.

    A person is found by the content of all of their rows. What chance explains is read off the original itself: the
    share of its people who have a double among the others. An excess of up to 20 points is put to a permutation test of
    who is original and who is control; at p < .001 risks cannot be interpreted, because they come out too low.

    Raises
    ------
    DataError
        If the control equals the original, or the excess is over 20 points.
    """
    people, others = people_keys(original), people_keys(control)
    if np.array_equal(np.sort(people), np.sort(others)):
        msg = (
            "control must be other people than original: the two tables are equal; pass the people held out of training"
        )
        raise DataError(msg)
    found = int(np.isin(others, people).sum())
    sizes = np.unique(people, return_counts=True)[1]
    doubles = int(sizes[sizes > 1].sum())
    excess = found / len(others) - doubles / len(people)
    if excess > GROSS:
        msg = (
            f"control must be other people than original: {count_text(found)} of {len(others):,} are in both, "
            f"{100 * excess:.0f} points more than chance explains; pass the people held out of training"
        )
        raise DataError(msg)
    if excess > 0 and _overlap_p_value(people, others, rng) < SIGNIFICANCE:
        detail = (
            f"{count_text(found)} of {len(others):,} control people are in original, more than chance explains "
            f"(p < {SIGNIFICANCE}): risks come out too low"
        )
        return Check("control_overlap", "failed", detail)
    return Check("control_overlap", "ok", "no more control people are in original than chance explains")


def own_doubles(table: Table) -> float:
    """Return the share of a table's rows that have a double among the others."""
    counts = np.unique(table.keys(), return_counts=True)[1]
    return float(counts[counts > 1].sum() / len(table))


def _refuse_constant(original: Table) -> None:
    for feature in original.features:
        missing = np.isnan(feature.values)
        known = feature.values[~missing]
        if len(known) and (missing.any() or known.min() < known.max()):
            return
    msg = "original must vary in a column that may be attacked: all are constant, there is nothing to judge; pass more columns"
    raise DataError(msg)


def people_keys(table: Table) -> KeyArray:
    """Return one key per person, (people,): equal where all rows of two people are equal, in any order."""
    keys = np.zeros(table.people, dtype=np.uint64)
    np.add.at(keys, table.unit, table.keys())
    return keys


def _overlap_p_value(people: KeyArray, others: KeyArray, rng: np.random.Generator) -> float:
    """Return the permutation p-value of the number of control people who are in the original.

    Only people with doubles matter, so labels are dealt to groups of doubles (multivariate hypergeometric) instead of to
    everybody. Drawing stops when the outcome at `SIGNIFICANCE` is settled.

    References
    ----------
    Besag and Clifford (1991), Sequential Monte Carlo p-values, section 2.
    """
    everyone = np.concatenate([people, others])
    _, group, sizes = np.unique(everyone, return_inverse=True, return_counts=True)
    in_control = np.bincount(group[len(people) :], minlength=len(sizes))
    observed = in_control[in_control < sizes].sum()
    doubles = sizes[sizes > 1]
    urn = np.append(doubles, len(everyone) - doubles.sum())
    drawn = extreme = 0
    while drawn < _PERMUTATIONS and extreme < _ENOUGH:
        batch = min(_BATCH, _PERMUTATIONS - drawn)
        dealt = rng.multivariate_hypergeometric(urn, len(others), size=batch)[:, :-1]
        extreme += int(np.sum(np.where(dealt < doubles, dealt, 0).sum(axis=1) >= observed))
        drawn += batch
    return (1 + extreme) / (1 + drawn)
