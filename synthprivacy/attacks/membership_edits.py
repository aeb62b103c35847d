"""Membership by edits: how many characters of a person's row must change to make it a synthetic one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synthprivacy.attacks.membership_space import Scorer
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.edits import edit_distances
from synthprivacy.tables.space import points
from synthprivacy.tables.table import Feature, FloatArray, Table

NEIGHBOURS = 50
MOST = 5_000
"""People a side: comparing texts costs more than comparing numbers."""
DIGITS = 12
"""Significant digits of a number."""
PARAMETERS = {"neighbours": NEIGHBOURS, "distance": "Levenshtein", "digits": DIGITS}
_ROWS = 40
"""People at once, whose pairs fit into a cache."""
_FIRST_LABEL = 0x1000
"""Labels have characters of their own behind those that numbers are written with."""
_LABELS = 1_000_000
"""There are no more characters; a column with more labels is hardly a label column."""

Texts = npt.NDArray[np.str_]


def edits(release: Table, reference: Table, rng: np.random.Generator, jobs: int) -> Scorer:
    """Return the score *minus the edit distance to the release*, among the 50 synthetic rows nearest by Gower's distance.

    A row is written as a language model would: its numbers digit by digit. A label is one character, because that is all
    a table of codes tells of it; one that the release lacks is a character the release lacks.

    References
    ----------
    Ward, Wang and Cheng (2025), When tables leak: attacking string memorization in LLM-based tabular data generation
    (LevAtt); Levenshtein (1966), Binary codes capable of correcting deletions, insertions, and reversals.
    """
    index = neighbors.build(points(release))
    texts = written(release)
    k = min(NEIGHBOURS, len(release))

    def score(people: Table) -> FloatArray:
        near = neighbors.nearest(index, points(people), k, jobs=jobs).rows
        shown = written(people)
        closest = np.empty(len(people))
        for start in range(0, len(people), _ROWS):
            part = slice(start, start + _ROWS)
            distances = edit_distances(np.repeat(shown[part], k), texts[near[part].ravel()])
            closest[part] = distances.reshape(-1, k).min(axis=1)
        return -closest

    return score


def written(table: Table) -> Texts:
    """Return each row of a table as text (rows,)."""
    columns = [_written(feature) for feature in table.features]
    return np.array([",".join(row) for row in zip(*columns)], dtype=np.str_)


def _written(feature: Feature) -> list[str]:
    missing = np.isnan(feature.values)
    if feature.ordered:
        return ["" if gone else f"{value:.{DIGITS}g}" for value, gone in zip(feature.values.tolist(), missing.tolist())]
    codes = np.where(missing | (feature.values >= feature.levels), -1, feature.values).astype(np.int64)
    labels = [chr(_FIRST_LABEL + code % _LABELS + 1) for code in codes.tolist()]
    return ["" if gone else label for label, gone in zip(labels, missing.tolist())]
