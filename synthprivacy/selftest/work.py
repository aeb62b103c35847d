"""Independent tasks on as many processes as wanted; their number changes no result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

Result = TypeVar("Result")


def results_of(function: Callable[..., Result], tasks: Sequence[tuple[Any, ...]], jobs: int) -> Iterator[Result]:
    """Yield the result of each task in order.

    Parameters
    ----------
    function : callable
        Of a module's top level, so that another process can find it.
    tasks : sequence of tuple
        Arguments of each call.
    jobs : int
        Processes; with one, everything happens in this one. Interrupted, none is left behind.
    """
    if jobs == 1:
        yield from (function(*task) for task in tasks)
        return
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))
    try:
        for waiting in [pool.submit(function, *task) for task in tasks]:
            yield waiting.result()
    finally:
        pool.shutdown(cancel_futures=True)
