"""What every program of this folder shares: it prepares once, then answers requests, one JSON line each."""

import json
import os
import resource
import sys
from pathlib import Path
from time import perf_counter

import numpy as np

SHORT = 5.0
"""Seconds below which work is done twice and measured the second time: a process that slept while others worked finds
its memory and the caches of the machine gone, which says nothing of the work."""


def serve(prepare):
    """Serve requests from standard input until it ends.

    Parameters
    ----------
    prepare : callable
        Takes the folder with the tables and returns the versions of what is measured, and a function that takes the
        fields of a request and returns the seconds of each part of the work, arrays to compare, and figures.
    """
    folder = Path(sys.argv[1])
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not be taken for answers

    def say(**fields):
        print(json.dumps(fields), file=channel, flush=True)

    begin = perf_counter()
    try:
        versions, work = prepare(folder)
    except ModuleNotFoundError as missing:
        say(missing=missing.name)
        return
    versions = {"python": sys.version.split()[0], "numpy": np.__version__, **versions}
    say(versions=versions, prepare=perf_counter() - begin)
    for line in sys.stdin:
        request = json.loads(line)
        parts, arrays, figures = work(**request)
        if sum(parts.values()) < SHORT:
            parts, arrays, figures = work(**request)
        answer = folder / f"answer{os.getpid()}.npz"
        np.savez(answer, **arrays)
        say(parts=parts, figures=figures, peak=peak(), answer=answer.name)


def timed(function, *arguments, **settings):
    """Return the seconds a call takes, and what it returns."""
    begin = perf_counter()
    result = function(*arguments, **settings)
    return perf_counter() - begin, result


def peak():
    """Return the most bytes this process has held at once.

    Linux counts a parent's memory in `ru_maxrss` of a child, so the process's own high-water mark is asked first.
    """
    status = Path("/proc/self/status")
    if status.exists():
        found = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(found[0].split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
