"""anonymeter's `MixedTypeKNeighbors`: brute force in numba, its own preparation of the tables included."""

from importlib.metadata import version

from neighbors_serving import serve, timed


def prepare(folder):
    """Read the tables; compile before anything is timed."""
    import anonymeter.evaluators  # noqa: F401 - its neighbours cannot be imported before them
    import pandas as pd
    from anonymeter.neighbors.mixed_types_kneighbors import MixedTypeKNeighbors

    def frame(name):
        table = pd.read_parquet(folder / name)
        return table.astype({name: object for name in table if not pd.api.types.is_numeric_dtype(table[name])})

    queries, candidates = frame("queries.parquet"), frame("candidates.parquet")

    def nearest(k, rows, threads):
        search = MixedTypeKNeighbors(n_neighbors=k, n_jobs=threads).fit(candidates)
        return search.kneighbors(queries.iloc[:rows], return_distance=True)

    def work(k, rows, threads):
        seconds, (distances, _) = timed(nearest, k, rows, threads)
        return {"query": seconds}, {"distances": distances}, {}

    nearest(1, 4, 1)
    return {"anonymeter": version("anonymeter")}, work


if __name__ == "__main__":
    serve(prepare)
