"""A secret as a few classes, each with the one guess that is right most often in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthprivacy.attacks.inference_secrets import tolerance_of
from synthprivacy.tables.table import Feature, FloatArray, IntArray

CLASSES = 20
"""Classes of a secret at most. Of a number, a class within the quartiles is then about as wide as what counts as right."""


@dataclass(frozen=True, slots=True)
class Classes:
    """The most frequent labels of a secret, or bins of a number with about equally many synthetic rows each."""

    guesses: FloatArray
    """(classes,) the value to guess."""
    edges: FloatArray | None
    """(classes - 1,) inner edges of the bins of a number; None for labels."""

    def of(self, values: FloatArray) -> IntArray:
        """Return the class (rows,) of known values; -1 for labels that are too rare to be one."""
        if self.edges is not None:
            return np.searchsorted(self.edges, values, side="right").astype(np.int64)
        order = np.argsort(self.guesses)
        place = np.minimum(np.searchsorted(self.guesses[order], values), len(order) - 1)
        return np.where(self.guesses[order][place] == values, order[place], -1).astype(np.int64)


def classes_of(secret: Feature) -> Classes:
    """Return the classes of a secret, by the release alone."""
    known = secret.values[~np.isnan(secret.values)]
    if not secret.ordered:
        labels, rows = np.unique(known, return_counts=True)
        return Classes(labels[np.argsort(-rows, kind="stable")[:CLASSES]], None)
    shares = np.linspace(0.0, 1.0, CLASSES + 1)[1:-1]
    edges = np.unique(np.quantile(known, shares, method="inverted_cdf"))
    edges = edges[edges > known.min()]
    bins = np.searchsorted(edges, known, side="right")
    guesses = [_densest(np.sort(known[bins == number]), tolerance_of(secret)) for number in range(len(edges) + 1)]
    return Classes(np.array(guesses), edges)


def _densest(values: FloatArray, tolerance: float) -> float:
    """Return the middle one of the values that most others of a bin are near to."""
    with np.errstate(over="ignore"):
        ends = np.searchsorted(values, values + 2.0 * tolerance, side="right")
    start = int(np.argmax(ends - np.arange(len(values))))
    return float(values[(start + int(ends[start]) - 1) // 2])
