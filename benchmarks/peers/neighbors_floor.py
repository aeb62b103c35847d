"""How far the dense blocks are from what one core can do.

The floor counts the cells that a search computes: pairs of its blocks times the columns that vary in them. A cell of a
coded column is a comparison and an addition of bytes; a cell of an ordered one a subtraction, an absolute value and an
addition of 16-bit numbers, and a minimum where a difference may exceed a whole mismatch. Each of them is measured on
short contiguous arrays in the first-level cache, which is as fast as one core does it from numpy.
"""

from time import perf_counter

import numpy as np

from synthprivacy.kernels.blocks import Block

_SHORT, _LONG = 1024, 7168
"""Elements of two arrays: the difference of their times is free of what a call costs."""
_CALLS = 100
_ROUNDS = 200


def rates():
    """Return the seconds that one core takes for one element of each operation, the best of several rounds."""
    short, long = _operations(_SHORT), _operations(_LONG)
    return {name: (_best(long[name]) - _best(short[name])) / (_LONG - _SHORT) for name in short}


def _operations(cells):
    rng = np.random.default_rng(0)
    byte, other = (rng.integers(0, 9, cells).astype(np.uint8) for _ in range(2))
    word, another = (rng.integers(0, 999, cells).astype(np.int16) for _ in range(2))
    truth, bytes_out, words_out = np.empty(cells, bool), np.empty(cells, np.uint8), np.empty(cells, np.int16)
    return {
        "unequal": lambda: np.not_equal(byte, other, out=truth),
        "add bytes": lambda: np.add(byte, other, out=bytes_out),
        "subtract": lambda: np.subtract(word, another, out=words_out),
        "absolute": lambda: np.abs(word, out=words_out),
        "minimum": lambda: np.minimum(word, another, out=words_out),
        "add words": lambda: np.add(word, another, out=words_out),
    }


def floor(index, search):
    """Run a search with counters in its blocks, on one thread.

    Returns
    -------
    dict
        Pairs and cells computed; seconds of the search, of the blocks, and of the floor of both the cells computed and
        of all cells, had nothing been left out.
    """
    counts = {"blocks read": 0, "block pairs": 0, "coded cells": 0, "ordered cells": 0, "clipped cells": 0}
    inside, own = 0.0, Block.distances

    def counted(block, rows, span):
        nonlocal inside
        begin = perf_counter()
        total = own(block, rows, span)
        inside += perf_counter() - begin
        ordered = [column for column in span.varying if column < len(index.ordered)]
        counts["blocks read"] += 1
        counts["block pairs"] += total.size
        counts["coded cells"] += total.size * (len(span.varying) - len(ordered))
        counts["ordered cells"] += total.size * len(ordered)
        counts["clipped cells"] += total.size * int(np.count_nonzero(span.far[ordered]))
        return total

    Block.distances = counted
    try:
        begin = perf_counter()
        search()
        seconds = perf_counter() - begin
    finally:
        Block.distances = own
    rate = rates()
    coded = rate["unequal"] + rate["add bytes"]
    ordered = rate["subtract"] + rate["absolute"] + rate["add words"]
    least = counts["coded cells"] * coded + counts["ordered cells"] * ordered
    least += counts["clipped cells"] * rate["minimum"]
    return {
        **counts,
        "search": seconds,
        "blocks": inside,
        "floor of blocks": least,
        "floor of a pair of all columns": len(index.codes) * coded + len(index.ordered) * ordered,
        "nanoseconds per element": {name: 1e9 * value for name, value in rate.items()},
    }


def _best(operation):
    """Return the least seconds of a call: rounds are short, so that some of them are not interrupted."""
    found = []
    for _ in range(_ROUNDS):
        begin = perf_counter()
        for _ in range(_CALLS):
            operation()
        found.append(perf_counter() - begin)
    return min(found) / _CALLS
