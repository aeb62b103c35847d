"""scipy's `cKDTree` under p = 1, on the embedding in which it is Gower's distance."""

import numpy as np
from neighbors_serving import serve, timed


def prepare(folder):
    """Read the embedded tables."""
    import scipy
    from scipy.spatial import cKDTree

    queries, candidates = np.load(folder / "queries.npy"), np.load(folder / "candidates.npy")

    def work(k, rows, threads):
        fit, tree = timed(cKDTree, candidates)
        seconds, (distances, _) = timed(tree.query, queries[:rows], k=list(range(1, k + 1)), p=1, workers=threads)
        return {"fit": fit, "query": seconds}, {"distances": distances}, {}

    return {"scipy": scipy.__version__}, work


if __name__ == "__main__":
    serve(prepare)
