"""Disclosure as statistical agencies measure it: whose key is unique, and what a key gives away about a target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from synthprivacy.kernels.contingency import (
    Matches,
    baseline_attribution,
    combine,
    matches,
    replicated_uniques,
    targeted_correct_attribution,
)
from synthprivacy.results.risk import Score
from synthprivacy.tables.table import BoolArray, Case, Feature, FloatArray, IntArray, Table

_NO_KEY = "no column that the release has is declared a quasi-identifier"
CROWDS = (2, 5, 10)
"""A person is exposed in a crowd of fewer than so many people with the same key."""
FOUND_NEEDED = 1_000
"""Rows found in the release for a share of them: published in steps of a hundredth, it tells of ten rows or more."""


@dataclass(frozen=True, slots=True)
class _Coded:
    """Keys and targets of one table as whole numbers that mean the same in every table of a case."""

    keys: IntArray
    targets: Mapping[str, IntArray]


def disclosure(case: Case) -> tuple[Score, ...]:
    """Return the disclosure measures of synthpop, and how exposed the people are; undefined without a declared key.

    The key is every column declared a quasi-identifier, the targets are the declared secrets. Values are compared as they
    are, missing being a value like any other: a key that is measured finely makes everybody unique, so round it before.
    Every score is a share of rows; its reference is the same share of control rows, whom the release cannot have been
    learned from. What the release discloses about them too is what the population gives away.

    ``UiO`` and ``crowd.k`` describe the people and say nothing about the release: the share of them whose key is
    unique, or shared by fewer than k of them (k-anonymity, as a share, because the smallest crowd would be a count of
    people). ``repU`` is the share whose key is unique among them and in the release. For each target ``Dorig`` is the share
    whose key alone gives it away among the people themselves, ``DiSCO`` the share whose key gives it away, rightly, in the
    release; ``CAPd`` and ``DCAP`` are the shares of rows with their key that have their target, there and here;
    ``baseCAPd`` is the same without a key. ``TCAP`` is DiSCO among those whose key is found in the release, undefined
    where these are fewer than 1,000: in public a share of few would be a count of people.

    Parameters
    ----------
    case : Case

    Returns
    -------
    tuple of Score
        Family ``disclosure``: ``UiO``, ``repU``, ``crowd.2``, ``crowd.5``, ``crowd.10``, and for every secret
        ``Dorig.NAME``, ``DiSCO.NAME``, ``CAPd.NAME``, ``DCAP.NAME``, ``TCAP.NAME`` and ``baseCAPd.NAME``.

    References
    ----------
    Raab, Nowok and Dibben (2024), Practical privacy metrics for synthetic data (synthpop vignette; arXiv 2406.16826),
    appendices 1 and 2. Samarati and Sweeney (1998), Protecting privacy when disclosing information: k-anonymity and its
    enforcement through generalization and suppression, section 3. Taub, Elliot, Pampaka and Smith (2018), Differential
    correct attribution probability for synthetic data, section 3 (TCAP).
    """
    names = [name for name in case.release.names if name in frozenset(case.schema.with_role("quasi_identifier"))]
    if not names:
        return (_score("UiO", None, None),)
    tables = [table for table in (case.release, case.original, case.control) if table is not None]
    targets = [name for name in case.schema.secrets if name in case.release.names]
    release, *people = _coded(tables, names, targets)
    sides = [dict(_measured(side, release)) for side in people]
    references = sides[1] if len(sides) > 1 else {}
    return tuple(_score(metric, value, references.get(metric)) for metric, value in sides[0].items())


def _score(metric: str, value: float | None, reference: float | None) -> Score:
    why = f"fewer than {FOUND_NEEDED:,} keys are found in the release" if metric.startswith("TCAP") else _NO_KEY
    reason = why if value is None else None
    return Score("disclosure", metric, value, reference, interval=None, better="lower", reason=reason)


def _measured(people: _Coded, release: _Coded) -> Iterator[tuple[str, float | None]]:
    """Yield every metric of some people."""
    nothing = np.zeros(len(people.keys), dtype=np.int64)
    crowd = matches(people.keys, nothing, people.keys, nothing)
    held = matches(people.keys, nothing, release.keys, np.zeros(len(release.keys), dtype=np.int64))
    yield "UiO", _mean(crowd.unique)
    yield "repU", _mean(replicated_uniques(crowd, held))
    for fewest in CROWDS:
        yield f"crowd.{fewest}", _mean(np.less(crowd.keyed, fewest))
    for name, target in people.targets.items():
        own = matches(people.keys, target, people.keys, target)
        found = matches(people.keys, target, release.keys, release.targets[name])
        yield f"Dorig.{name}", _mean(own.disclosed)
        yield f"DiSCO.{name}", _mean(found.disclosed)
        yield f"CAPd.{name}", _mean(own.share)
        yield f"DCAP.{name}", _mean(found.share)
        yield f"TCAP.{name}", _attributed(found)
        yield f"baseCAPd.{name}", baseline_attribution(target)


def _attributed(found: Matches) -> float | None:
    disclosed, among = targeted_correct_attribution(found)
    return disclosed / among if among >= FOUND_NEEDED else None


def _mean(values: BoolArray | FloatArray) -> float:
    return float(np.mean(values))


def _coded(tables: list[Table], names: list[str], targets: list[str]) -> list[_Coded]:
    """Return every table's keys and targets, coded together."""
    cuts = np.cumsum([len(table) for table in tables])[:-1]
    key = combine([_codes([table[name] for table in tables]) for name in names])
    coded = {name: np.split(_codes([table[name] for table in tables]), cuts) for name in targets}
    return [
        _Coded(keys, {name: parts[place] for name, parts in coded.items()})
        for place, keys in enumerate(np.split(key, cuts))
    ]


def _codes(columns: list[Feature]) -> IntArray:
    """Return one column's values over all tables as codes; missing is one of them."""
    marks = np.concatenate([column.marks() for column in columns])
    codes: IntArray = np.unique(marks, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return codes
