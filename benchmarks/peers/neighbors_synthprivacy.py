"""Our own search, timed as the others are; encoding the tables is timed apart, but for the shares."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from neighbors_floor import floor
from neighbors_serving import serve, timed

import synthprivacy
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.blocks import Asked
from synthprivacy.kernels.collectors import NearestOnes
from synthprivacy.kernels.index import normalise
from synthprivacy.kernels.points import UNIT, Points
from synthprivacy.kernels.reading import Reading
from synthprivacy.kernels.search import WHOLE
from synthprivacy.schemata import Column, Schema
from synthprivacy.tables.encode import encode_pair
from synthprivacy.tables.read import load
from synthprivacy.tables.space import points


def prepare(folder):
    """Return what answers requests; the tables are encoded at the first."""
    bounds = json.loads((folder / "bounds.json").read_text())
    encoded = {}

    def work(do, **asked):
        if do == "shares":
            return _shares(folder, bounds, **asked)
        if not encoded:
            encoded["seconds"], encoded["points"] = timed(_encoded, folder, bounds, "candidates")
        queries, candidates = encoded["points"]
        queries = queries.take(np.arange(min(asked.pop("rows"), queries.rows)))
        parts, arrays, figures = _WORKS[do](queries, candidates, **asked)
        return parts, arrays, {"encode": encoded["seconds"], **figures}

    return {"synthprivacy": synthprivacy.__version__}, work


def _encoded(folder, bounds, name):
    """Return queries and candidates as points; with bounds, numbers are scaled by them and all else has labels."""
    schema = None
    if bounds[name] is not None:
        columns = bounds[name].items()
        schema = Schema(
            tuple(Column(key, "number" if ends else "category", bounds=ends and tuple(ends)) for key, ends in columns)
        )
    tables = (load(folder / f"{side}.parquet", label=side) for side in ("queries", name))
    return tuple(points(table) for table in encode_pair(*tables, schema))


def _nearest(queries, candidates, k, threads):
    build, index = timed(neighbors.build, candidates)
    search, found = timed(neighbors.nearest, index, queries, k, jobs=threads)
    return {"build": build, "search": search}, {"distances": found.steps / UNIT}, {"leaves": index.leaves}


def _everything(queries, candidates, k, threads):
    """Compute every pair in the same dense blocks: one leaf, no boxes, nothing left out."""
    build, index = timed(neighbors.build, candidates, leaf=candidates.rows)

    def search():
        normal = normalise(queries, index.origin, index.span, index.levels)
        asked, found = Asked.of(index, normal), NearestOnes(index, queries.rows, k, None)
        parts = np.array_split(np.arange(queries.rows), threads)
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda rows: Reading(index, asked, found, WHOLE, rows).everything(rows), parts))
        return found.steps

    seconds, steps = timed(search)
    return {"build": build, "search": seconds}, {"distances": steps / UNIT}, {}


def _floor(queries, candidates, k, threads):
    """Search with counters in the blocks; only the counts and the time inside the blocks are of use."""
    index = neighbors.build(candidates)
    figures = floor(index, lambda: neighbors.nearest(index, queries, k, jobs=threads))
    columns = len(candidates.ordered) + len(candidates.codes)
    return {"search": figures["search"]}, {}, {**figures, "pairs": queries.rows * candidates.rows, "columns": columns}


def _views(queries, candidates, threads):
    """Leave one column out after another, all in one pass."""
    columns = len(candidates.ordered) + len(candidates.codes)
    build, index = timed(neighbors.build, candidates)
    views = [frozenset([column]) for column in range(columns)]
    keys = np.tile(_keys(queries), (columns, 1))
    search, found = timed(neighbors.draw_in_views, index, queries, views, keys, jobs=threads)
    return {"build": build, "search": search}, {"distances": found.steps / UNIT}, {}


def _separately(queries, candidates, threads):
    """Leave one column out after another, each with an index and a search of its own."""
    build, search, steps = 0.0, 0.0, []
    for column in range(len(candidates.ordered) + len(candidates.codes)):
        taken, index = timed(neighbors.build, _without(candidates, column))
        build += taken
        asked = _without(queries, column)
        taken, found = timed(neighbors.draw_nearest, index, asked, _keys(queries), jobs=threads)
        search += taken
        steps.append(found.steps[:, 0])
    return {"build": build, "search": search}, {"distances": np.array(steps) / UNIT}, {}


def _shares(folder, bounds, rows, threads):
    """Return the share of released rows nearer to the training table than to the holdout, tables read and encoded.

    Each table is searched by a thread of its own where there are two.
    """

    def distances(name):
        queries, candidates = _encoded(folder, bounds, name)
        index = neighbors.build(candidates)
        return neighbors.nearest_steps(index, queries.take(np.arange(rows))) / (UNIT * index.columns)

    def both():
        with ThreadPoolExecutor(threads) as pool:
            return dict(zip(("training", "holdout"), pool.map(distances, ("training", "holdout"))))

    seconds, found = timed(both)
    share = float((found["training"] < found["holdout"]).mean())
    return {"encode, build, search": seconds}, found, {"closer to training": share}


def _without(table, column):
    """Return points without one column: ordered ones from 0, coded ones behind them."""
    ordered, coded = len(table.ordered), len(table.codes)
    keep, kept = np.arange(ordered) != column, np.arange(ordered, ordered + coded) != column
    return Points(table.ordered[keep], table.missing[keep], table.codes[kept], table.weights[kept], table.columns)


def _keys(queries):
    return np.random.default_rng(0).integers(2**63, size=queries.rows, dtype=np.uint64)


_WORKS = {
    "nearest": _nearest,
    "everything": _everything,
    "floor": _floor,
    "views": _views,
    "separately": _separately,
}


if __name__ == "__main__":
    serve(prepare)
