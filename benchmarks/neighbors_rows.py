"""The work rows of the benchmark of neighbours: which tables, who takes part, and what must be reached."""

from collections.abc import Callable
from dataclasses import dataclass, field

import neighbors_tables as tables
from neighbors_harness import OURS, Contender

FIRST = "ours, 2 threads"
FLOOR = "floor"
_SCALES = {"10k": 10_000, "30k": 30_000, "100k": 100_000, "half": 145_000, "300k": 300_000, "1m": 1_000_000}


@dataclass(frozen=True)
class Row:
    """One piece of work, done by several contenders in turns."""

    name: str
    work: str
    make: Callable
    """Takes a random generator and a factor of size; returns tables by name, and the bounds of their numbers."""
    contenders: tuple
    """The first one is what all others are measured against."""
    bars: dict = field(default_factory=dict)
    """Beginning of names → how many times as long as the first one the fastest of them must take at least."""
    limits: dict = field(default_factory=dict)
    """What the first one may take at most: `seconds`, `peak MiB`."""
    differs: dict = field(default_factory=dict)
    """Beginning of names → why its distances are others."""
    embedded: bool = True
    """Whether a contender needs the tables as numbers."""
    quick: bool = False


def ours(k=1, **once):
    """Return our search on two threads and on one."""
    return tuple(
        Contender(
            f"ours, {threads} thread{'s' * (threads > 1)}", OURS, {"do": "nearest", "k": k, "threads": threads}, **one
        )
        for threads, one in ((2, {}), (1, once))
    )


def floor(k=1):
    """Return our search with counters in its blocks, on one thread."""
    return Contender(FLOOR, OURS, {"do": "floor", "k": k, "threads": 1}, runs=1)


def brute():
    """Return our blocks over every pair."""
    return tuple(
        Contender(f"our brute kernel, {threads}", OURS, {"do": "everything", "k": 1, "threads": number})
        for number, threads in ((2, "2 threads"), (1, "1 thread"))
    )


def peer(program, k=1, rows=None, **asked):
    """Return a peer on two threads."""
    names = {"faiss": "faiss flat L1", "sklearn": "scikit-learn", "scipy": "scipy cKDTree"}
    name = " ".join([names.get(program, program), *asked.values()])
    return Contender(f"{name}, 2 threads", program, {"k": k, "threads": 2, **asked}, rows)


def peers(k=1, rows=1000, every=None):
    """Return all peers; those slower than a minute answer some of the queries."""
    learners = (peer("sklearn", k, rows, algorithm=algorithm) for algorithm in ("brute", "ball_tree"))
    return (peer("faiss", k, every), peer("anonymeter", k, every), *learners, peer("scipy", k, rows))


def _adult(rng, size):
    queries, candidates = (tables.adult(name).sample(frac=size, random_state=rng) for name in ("control", "syn_ctgan"))
    return _pair(queries, candidates)


def _adult_by_quantiles(rng, size):
    return _adult(rng, size)[0], {"candidates": None}


def _shares(rng, size):
    drawn = {
        "queries": tables.adult("syn_ctgan"),
        "training": tables.adult("train_reconstructed"),
        "holdout": tables.adult("control"),
    }
    drawn = {name: frame.sample(int(5000 * size), random_state=rng) for name, frame in drawn.items()}
    return drawn, {name: tables.own_bounds(frame) for name, frame in drawn.items() if name != "queries"}


def _like_adult(rows):
    def make(rng, size):
        frame = tables.adult("syn_ctgan")
        sides = {name: tables.like(frame, int(rows * size), rng) for name in ("queries", "candidates")}
        return sides, {"candidates": None}

    return make


def _real(source, rows, *, joint=False):
    def make(rng, size):
        frame, count = source(), int(rows * size)
        if 2 * count > len(frame):
            sides = [tables.like(frame, count, rng) for _ in range(2)]
        else:
            sides = tables.halves(frame, count, rng)
        return _pair(*sides) if joint else (_pair(*sides)[0], {"candidates": None})

    return make


def _noise(rows, candidates=None, **columns):
    def make(rng, size):
        counts = (int(rows * size), int((candidates or rows) * size))
        return _pair(*(tables.noise(count, rng, **columns) for count in counts))

    return make


def _duplicates(rng, size):
    few = (
        tables.adult("syn_ctgan").sample(1000, random_state=rng),
        tables.adult("control").sample(1000, random_state=rng),
    )
    return _pair(*(frame.sample(int(100_000 * size), replace=True, random_state=rng) for frame in few))


def _pair(queries, candidates):
    sides = {"queries": queries.reset_index(drop=True), "candidates": candidates.reset_index(drop=True)}
    return sides, {"candidates": tables.joint_bounds(queries, candidates)}


def _leaving_out(rows):
    def contender(name, do, threads):
        shown = f"{name}, {threads} thread{'s' * (threads > 1)}"
        return Contender(shown, OURS, {"do": do, "threads": threads}, rows)

    ways = (("one pass", "views"), ("15 searches", "separately"))
    return tuple(contender(name, do, threads) for threads in (2, 1) for name, do in ways)


def _scale(family, source, label, **settings):
    rows = _SCALES[label]
    once = {"runs": 1 if rows > 500_000 else 3}
    make = _like_adult(rows) if source is None else _real(source, rows)
    work = f"{rows:,} × {rows:,}, k = 1, our default scales"
    name = f"scale-{family}-{label}"
    everyone = (*ours(**once), floor())
    long = family == "acs" and rows > 30_000  # little can be left out there: minutes a run
    return Row(name, work, make, everyone[:1] if long else everyone, embedded=False, **settings)


def _rows():
    bars = {
        1: {"anonymeter": 120, "faiss": 12, "scikit-learn": 100},
        5: {"anonymeter": 70, "faiss": 7, "scikit-learn": 100},
    }
    for k, least in bars.items():
        work = f"Adult, 9,758 × 39,040, k = {k}, anonymeter's scales"
        yield Row(f"adult-k{k}", work, _adult, (*ours(k), *peers(k), floor(k)), least)
    work = "Adult, 9,758 × 39,040, k = 1, our default scales"
    yield Row("adult-default", work, _adult_by_quantiles, (*ours(), floor()), embedded=False, quick=True)
    contenders = tuple(
        Contender(f"ours, {threads} thread{'s' * (threads > 1)}", OURS, {"do": "shares", "threads": threads})
        for threads in (2, 1)
    )
    contenders += (Contender("SDMetrics DCROverfittingProtection", "sdmetrics", {}),)
    work = "Adult, 5,000 × (5,000 + 5,000), shares of closest records, reading and encoding included"
    yield Row("shares", work, _shares, contenders, {"SDMetrics": 1000}, embedded=False)
    for label, rows in (("1000", 1000), ("all", None)):
        work = f"Adult, 15 secrets left out one after another, {rows or 9758:,} targets × 39,040"
        settings = {"embedded": False, "quick": label == "1000"}
        yield Row(f"secrets-{label}", work, _adult, _leaving_out(rows), {"15 searches": 4}, **settings)
    limits = {"1m": {"seconds": 45, "peak MiB": 3 * 1024}}
    for label in ("100k", "300k", "1m"):
        yield _scale("adult", None, label, limits=limits.get(label, {}), quick=label == "100k")
    for family, source in (("census", tables.census), ("acs", tables.acs)):
        work = f"{family}, 10,000 × 10,000, k = 1, anonymeter's scales"
        contenders = (*ours(), *peers(rows=500, every=None if family == "census" else 2000), floor())
        differs = {"anonymeter": "it counts two missing numbers as a mismatch"} if family == "acs" else {}
        yield Row(f"{family}-k1", work, _real(source, 10_000, joint=True), contenders, differs=differs)
        for label in ("10k", "30k", "100k", "half", "300k"):
            yield _scale(family, source, label)
    yield from _worst()


def _worst():
    for columns in (10, 50):
        contenders = (*ours(), *brute(), peer("sklearn", algorithm="brute"), peer("faiss"), floor())
        bars = {"scikit-learn brute": 1, "our brute kernel, 2 threads": 1 / 1.1}
        work = f"uniform noise, {columns} ordered columns, 20,000 × 20,000, k = 1"
        make = _noise(20_000, ordered=columns)
        yield Row(f"noise-{columns}", work, make, contenders, bars, quick=columns == 10)
    contenders = (*ours(), *brute(), peer("sklearn", rows=1000, algorithm="brute"), peer("faiss", rows=4000), floor())
    work = "uniform noise, 40 coded columns of 2 to 41 levels, 20,000 × 20,000, k = 1"
    yield Row("coded-40", work, _noise(20_000, levels=range(2, 42)), contenders)
    work = "uniform noise, 100 ordered columns and 100 of 10 levels, 10,000 × 50,000, k = 1"
    once = (*ours(runs=1), peer("sklearn", rows=200, algorithm="brute"), peer("faiss", rows=1000), floor())
    yield Row("mixed-200", work, _noise(10_000, 50_000, ordered=100, levels=[10] * 100), once)
    contenders = (*ours(), peer("scipy"), peer("sklearn", algorithm="ball_tree"))
    yield Row(
        "one-column", "one ordered column, 100,000 × 100,000, k = 1", _noise(100_000, ordered=1), contenders, quick=True
    )
    work = "Adult, 1,000 distinct rows drawn 100,000 times, against 1,000 others drawn as often, k = 1"
    contenders = (*ours(), peer("sklearn", rows=200, algorithm="brute"), peer("faiss", rows=2000))
    yield Row("duplicates", work, _duplicates, contenders, quick=True)


ROWS = {row.name: row for row in _rows()}
