"""faiss's flat search under L1, on the embedding in which L1 is Gower's distance."""

import numpy as np
from neighbors_serving import serve, timed


def prepare(folder):
    """Read the embedded tables."""
    import faiss

    queries, candidates = np.load(folder / "queries.npy"), np.load(folder / "candidates.npy")

    def work(k, rows, threads):
        faiss.omp_set_num_threads(threads)
        seconds, (distances, _) = timed(faiss.knn, queries[:rows], candidates, k, metric=faiss.METRIC_L1)
        return {"query": seconds}, {"distances": distances}, {}

    return {"faiss": faiss.__version__}, work


if __name__ == "__main__":
    serve(prepare)
