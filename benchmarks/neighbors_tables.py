"""The tables of the benchmark of neighbours, and the embedding that gives them to searches for numbers only."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).parents[2] / "shared" / "data"


def adult(name):
    """Return one of the tables of anonymeter's notebook: `control`, `train_reconstructed` or `syn_ctgan`."""
    return pd.read_csv(DATA / "adult_anonymeter" / f"adults_{name}.csv.gz")


def census():
    """Return Census-Income KDD: 299,285 rows, 13 ordered and 29 coded columns."""
    return _labelled(pd.read_parquet(DATA / "census_income_kdd.parquet"))


def acs():
    """Return ACS income 2018: 295,243 rows, 4 ordered and 28 coded columns, up to 529 levels."""
    return _labelled(pd.read_parquet(DATA / "acs_income_2018.parquet"))


def like(frame, rows, rng):
    """Return a table of any size like another one.

    Rows are drawn again; numbers move by 5 % of their column's deviation, 5 % of labels are drawn anew.
    """
    drawn = frame.iloc[rng.integers(0, len(frame), rows)].reset_index(drop=True)
    for name in drawn:
        values = drawn[name].to_numpy()
        if pd.api.types.is_numeric_dtype(drawn[name]):
            moved = values + rng.normal(0, 0.05 * np.nanstd(values), rows)
            drawn[name] = np.round(moved).astype(values.dtype)
        else:
            values, anew = values.astype(object), rng.random(rows) < 0.05
            values[anew] = frame[name].to_numpy(dtype=object)[rng.integers(0, len(frame), anew.sum())]
            drawn[name] = values
    return drawn


def halves(frame, rows, rng):
    """Return two tables of `rows` rows of one, without a row in common."""
    order = rng.permutation(len(frame))[: 2 * rows]
    return frame.iloc[order[:rows]].reset_index(drop=True), frame.iloc[order[rows:]].reset_index(drop=True)


def noise(rows, rng, *, ordered=0, levels=()):
    """Return uniform noise: some ordered columns, and a coded one for each number of levels."""
    columns = {f"x{at}": rng.random(rows) for at in range(ordered)}
    columns |= {f"c{at}": np.char.add("l", rng.integers(0, count, rows).astype(str)) for at, count in enumerate(levels)}
    return pd.DataFrame(columns)


def joint_bounds(queries, candidates):
    """Return the range of each number over both tables, as anonymeter scales them; None for all other columns."""
    return {name: _range(pd.concat([queries[name], candidates[name]])) for name in candidates}


def own_bounds(frame):
    """Return the range of each number of one table, as SDMetrics scales them; None for all other columns."""
    return {name: _range(frame[name]) for name in frame}


def write(folder, tables, bounds, *, embedded=False):
    """Write tables by name, the bounds of each table of candidates, and perhaps the embedding of both sides."""
    for name, frame in tables.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    (folder / "bounds.json").write_text(json.dumps(bounds))
    if embedded:
        for name, side in embed(tables["queries"], tables["candidates"], bounds["candidates"]).items():
            np.save(folder / f"{name}.npy", side)


def embed(queries, candidates, bounds):
    """Return both tables as float32 points whose L1 distance is the sum of Gower's column distances.

    A number x of [0, 1] becomes x; where some are missing it becomes (x / 2, (1 - x) / 2), and a missing one becomes
    (-1/4, -1/4), which is at 1 from all of them. A label becomes half a unit vector, and so does a missing label.
    """
    both = pd.concat([queries, candidates], ignore_index=True)
    parts = []
    for name, ends in bounds.items():
        if ends is None:
            codes, labels = pd.factorize(both[name], use_na_sentinel=False)
            parts.append(np.eye(len(labels), dtype=np.float32)[codes] / 2)
            continue
        share = (both[name].to_numpy(dtype=float) - ends[0]) / ((ends[1] - ends[0]) or 1.0)
        missing = np.isnan(share)
        pair = np.where(missing[:, None], -0.25, np.stack([share, 1 - share], axis=1) / 2)
        parts.append((pair if missing.any() else share[:, None]).astype(np.float32))
    table = np.hstack(parts)
    return {"queries": table[: len(queries)], "candidates": table[len(queries) :]}


def _range(column):
    if not pd.api.types.is_numeric_dtype(column):
        return None
    return [float(column.min()), float(column.max())]


def _labelled(frame):
    """Return numbers as they are and everything else as text, missing where it was."""
    for name in frame:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            missing = frame[name].isna()
            frame[name] = frame[name].astype(str).astype(object).mask(missing, None)
    return frame
