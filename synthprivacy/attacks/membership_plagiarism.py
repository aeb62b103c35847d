"""Membership by the data plagiarism index: are the records nearest to a person synthetic or real?"""

from __future__ import annotations

import numpy as np

from synthprivacy.attacks.membership_space import Scorer, sampled
from synthprivacy.kernels import neighbors
from synthprivacy.tables.space import points
from synthprivacy.tables.table import FloatArray, Table

NEIGHBOURS = 20
PARAMETERS = {"distance": "gower", "neighbours": NEIGHBOURS, "sizes": "equal, by sampling the larger table"}


def plagiarism(release: Table, reference: Table, rng: np.random.Generator, jobs: int) -> Scorer:
    """Return the score *share of synthetic rows among the 20 rows nearest to a person*.

    Release and reference are of one size: of unequal ones the larger has more rows everywhere. Rows that tie for the last
    places share them.

    References
    ----------
    Ward, Wang and Cheng (2024), Data plagiarism index: characterizing the privacy risk of data-copying in tabular
    generative models.
    """
    size = min(len(release), len(reference))
    synthetic, real = (sampled(table, size, rng) for table in (release, reference))
    both, own = (neighbors.build(points(table)) for table in (synthetic.joined(real), synthetic))
    k = min(NEIGHBOURS, 2 * size - 1)

    def score(people: Table) -> FloatArray:
        shown = points(people)
        near = neighbors.nearest(both, shown, k + 1, jobs=jobs)
        reach = near.steps[:, k - 1]
        is_mine, is_nearer = near.rows[:, :k] < size, near.steps[:, :k] < reach[:, None]
        share: FloatArray = is_mine.sum(axis=1).astype(np.float64)
        tied = np.flatnonzero(near.steps[:, k] == reach)
        if not len(tied):
            return share / k
        among = shown.take(tied)
        inside, mine = (neighbors.count_within(index, among, reach[tied], jobs=jobs) for index in (both, own))
        nearer, mine_nearer = is_nearer[tied].sum(axis=1), (is_nearer & is_mine)[tied].sum(axis=1)
        share[tied] = mine_nearer + (k - nearer) / (inside - nearer) * (mine - mine_nearer)
        return share / k

    return score
