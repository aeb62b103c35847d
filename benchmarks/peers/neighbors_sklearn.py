"""scikit-learn's `NearestNeighbors` under the Manhattan metric, on the embedding in which it is Gower's distance."""

import numpy as np
from neighbors_serving import serve, timed


def prepare(folder):
    """Read the embedded tables."""
    import sklearn
    from sklearn.neighbors import NearestNeighbors

    queries, candidates = np.load(folder / "queries.npy"), np.load(folder / "candidates.npy")

    def work(k, rows, threads, algorithm):
        search = NearestNeighbors(n_neighbors=k, metric="manhattan", algorithm=algorithm, n_jobs=threads)
        fit, search = timed(search.fit, candidates)
        seconds, (distances, _) = timed(search.kneighbors, queries[:rows])
        return {"fit": fit, "query": seconds}, {"distances": distances}, {}

    return {"scikit-learn": sklearn.__version__}, work


if __name__ == "__main__":
    serve(prepare)
