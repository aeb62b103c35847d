"""What a model is asked to predict: the declared secrets, else the columns of the release that others predict best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthprivacy.measures.learning.draws import drawn
from synthprivacy.measures.learning.views import place
from synthprivacy.tables.design import design_of
from synthprivacy.tables.table import Case, Feature, FloatArray, Table

MOST = 4
"""Targets: a handful."""
CLASSES = 10
"""Labels of a target that are told apart, the most frequent ones of the release; all others are one class more."""
GIVEN = 0.98
"""A column of which others explain so much says what they say: predicting it proves nothing."""
COMMON = 0.98
"""A column of which one label takes so much of the release is hardly worth predicting."""
_ROWS = 5_000
_RIDGE = 0.01


@dataclass(frozen=True, slots=True, repr=False)
class Target:
    """A column to be predicted."""

    name: str
    labels: FloatArray
    """Codes of the labels told apart, most frequent in the release first; empty for a number."""
    ordered: bool
    middle: float
    """Median place of a number in the release; 0 for a label."""
    halved: bool = False
    """Whether a number is told as two classes: 0 above the middle, 1 for all others."""

    def truth(self, people: Table) -> FloatArray:
        """Return the class (people,) of each person, or the place of its number; NaN where missing."""
        feature = people[self.name]
        if self.halved:
            where = place(feature)
            return np.where(np.isnan(where), np.nan, np.less_equal(where, self.middle).astype(np.float64))
        if self.ordered:
            return place(feature)
        found = np.full(len(people), float(len(self.labels)))
        for number, label in enumerate(self.labels):
            found[feature.values == label] = number
        return np.where(np.isnan(feature.values), np.nan, found)

    def outcome(self) -> Target:
        """Return the target of two classes, of which the first one is the event."""
        one = np.zeros(1) if self.ordered else self.labels[:1]
        return Target(self.name, one, ordered=False, middle=self.middle, halved=self.ordered)

    def event(self, people: Table) -> FloatArray:
        """Return 1.0 where a number is above the release's median, or a label is its most frequent one; NaN if missing."""
        truth = self.truth(people)
        found = truth > self.middle if self.ordered else truth == 0.0
        return np.where(np.isnan(truth), np.nan, found.astype(np.float64))


def targets(case: Case) -> list[Target]:
    """Return at most four targets, chosen without a look at anybody but the release.

    The declared secrets in the order of their declaration; where there are none, the columns whose linear prediction
    from all others explains most of their variance in the release, without those that others determine (98 %) and
    those that are nearly constant.
    """
    there = frozenset(case.release.names)
    names = [name for name in case.schema.secrets if name in there] or _predictable(case.release)
    return [_target(case.release[name]) for name in names[:MOST]]


def _target(feature: Feature) -> Target:
    if feature.ordered:
        known = place(feature)
        known = known[~np.isnan(known)]
        return Target(feature.name, np.zeros(0), ordered=True, middle=float(np.median(known)) if len(known) else 0.0)
    codes, rows = np.unique(feature.values[~np.isnan(feature.values)], return_counts=True)
    return Target(feature.name, codes[np.argsort(-rows, kind="stable")][:CLASSES], ordered=False, middle=0.0)


def _predictable(release: Table) -> list[str]:
    """Return the columns that others predict, best first.

    With the covariance matrix G of all columns' numbers and P its inverse, the residual covariance of a block given
    the others is the inverse of P's block (Schur complement), so that one inverse serves all columns.
    """
    rows = drawn(release, _ROWS)
    parts = [design_of(release.select((name,))).of(rows) for name in release.names]
    ends = np.cumsum([part.shape[1] for part in parts])
    numbers = np.concatenate(parts, axis=1) if parts else np.zeros((len(rows), 0))
    numbers = numbers - numbers.mean(axis=0)
    spread = np.square(numbers).mean(axis=0)
    shaped = numbers / np.sqrt(np.where(spread > 0, spread, 1.0))
    covariance = shaped.T @ shaped / max(len(rows), 1) + _RIDGE * np.eye(shaped.shape[1])
    precision = np.linalg.inv(covariance)
    found: dict[str, float] = {}
    for feature, part, end in zip(release.features, parts, ends):
        block = slice(int(end) - part.shape[1], int(end))
        if _is_worth_it(feature):
            scale = spread[block]
            left = np.diag(np.linalg.inv(precision[block, block])) @ scale
            total = np.diag(covariance)[block] @ scale
            found[feature.name] = 1.0 - float(left / total) if total > 0 else 0.0
    return sorted((name for name in found if found[name] < GIVEN), key=lambda name: (-round(found[name], 9), name))


def _is_worth_it(feature: Feature) -> bool:
    known = feature.values[~np.isnan(feature.values)]
    if not len(known):
        return False
    rows = np.unique(known, return_counts=True)[1]
    few_labels = feature.ordered or int((np.sort(rows)[::-1][:CLASSES]).sum()) >= len(known) / 2
    return bool(rows.max() < COMMON * len(known)) and few_labels
