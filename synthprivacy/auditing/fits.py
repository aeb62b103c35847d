"""Fits in parallel processes: each is read, kept, and forgotten, so that no more releases are in memory than processes.

A fit depends on its number alone, not on the process it runs in or on the fits before it: what is kept is the same in any
order, on any number of processes, and after any number of interruptions. Each process keeps a fit itself, as soon as it is
made, and a file is whole or absent: a process that is killed loses at most the one fit that it is in the midst of. Where only
the one that counts is killed, the others finish theirs, keep it, and end: then no fit is lost that was begun.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Generator as Yielding
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

import pyarrow as pa
from threadpoolctl import threadpool_limits

from synthprivacy.auditing.checkpoints import Checkpoints, Kept
from synthprivacy.auditing.study import Study
from synthprivacy.clock import Progress
from synthprivacy.errors import ConfigError, DataError, SynthPrivacyError
from synthprivacy.generators.protocol import Generator

_ENDING = 5.0
"""Seconds a worker has to end itself."""


@dataclass(frozen=True, slots=True, repr=False)
class Fitting:
    """What all fits of a study are made with."""

    study: Study
    generator: Generator
    kept: Checkpoints

    def __repr__(self) -> str:
        return f"<fits of {self.generator.name}>"

    def make(self, people: pa.Table, number: int) -> int:
        """Make the fit with a number and keep what was read of it; return the number."""
        start = time.perf_counter()
        reading = self.study.read(people, self.generator, number)
        self.kept.save(number, reading, time.perf_counter() - start)
        return number


def run_fits(
    study: Study,
    generator: Generator,
    people: pa.Table,
    numbers: Iterable[int],
    *,
    kept: Checkpoints,
    jobs: int = 1,
    progress: Progress | None = None,
) -> tuple[Kept, ...]:
    """Return the fits with some numbers: those that are kept already, and the others as they are made.

    Parameters
    ----------
    study : Study
    generator : Generator
        Must be fit to be handed to another process where there are several.
    people : pyarrow.Table
        All real people at hand, in the order the study knows them by.
    numbers : iterable of int
    kept : Checkpoints
    jobs : int
        Processes, each with one fit at a time.
    progress : callable, optional
        Called before and after each fit, with the time left.

    Raises
    ------
    DataError
        If a fit fails, or cannot be kept.
    ConfigError
        If the generator cannot be handed to another process.
    """
    wanted = sorted(set(numbers))
    there = kept.numbers()
    missing = [number for number in wanted if number not in there]
    start = time.perf_counter()
    _tell(progress, len(wanted) - len(missing), len(wanted), None)
    fitting, processes = Fitting(study, generator, kept), min(jobs, len(missing))
    with threadpool_limits(1):  # also because sums in another order have other last digits
        made = (
            (fitting.make(people, number) for number in missing)
            if processes <= 1
            else _elsewhere(fitting, people, missing, processes)
        )
        with closing(made):  # at once, also where somebody else holds on to an error of ours
            for done, _ in enumerate(made, start=1):
                left = (time.perf_counter() - start) / done * (len(missing) - done)
                _tell(progress, len(wanted) - len(missing) + done, len(wanted), left)
    return tuple(kept.load(number) for number in wanted)


def _tell(progress: Progress | None, done: int, of: int, left: float | None) -> None:
    if progress is not None:
        progress(done, of, "fits" if left is None else f"fits, about {spoken(left)} left")


def spoken(seconds: float) -> str:
    """Return a duration in words."""
    if seconds < 90.0:
        return f"{seconds:.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 5400.0 else f"{seconds / 3600.0:.1f} h"


def _elsewhere(fitting: Fitting, people: pa.Table, numbers: Sequence[int], jobs: int) -> Yielding[int, None, None]:
    """Yield the numbers of fits of as many processes as asked for; interrupted, none is left behind.

    People go through pipes, so that no copy of them is on a disk, whatever ends us.
    """
    context = get_context("spawn")
    workers: list[BaseProcess] = []
    pipes: list[Connection] = []
    try:
        for _ in range(jobs):
            ours, theirs = context.Pipe()
            worker: BaseProcess = context.Process(target=_work, args=(fitting, theirs), daemon=True)
            _started(worker)
            theirs.close()
            workers.append(worker)
            pipes.append(ours)
        for pipe in pipes:
            pipe.send_bytes(_packed(people))
        yield from _collected(pipes, list(numbers))
    except BaseException:
        for worker in workers:
            worker.terminate()
        raise
    finally:
        for pipe in pipes:
            pipe.close()  # which tells an idle worker to go
        for worker in workers:
            _end(worker)


def _end(worker: BaseProcess) -> None:
    worker.join(_ENDING)
    if worker.is_alive():
        worker.terminate()
        worker.join(_ENDING)


def _packed(people: pa.Table) -> memoryview:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, people.schema) as writer:
        writer.write_table(people)
    return memoryview(sink.getvalue())


def _started(worker: BaseProcess) -> None:
    try:
        worker.start()
    except (AttributeError, TypeError):
        msg = "a generator must be an object that another process can be handed: this one is not; pass jobs=1, or define its class in a module"
        raise ConfigError(msg) from None


def _collected(pipes: Sequence[Connection], numbers: list[int]) -> Iterator[int]:
    """Yield the numbers of fits as they are made; every worker has one at a time."""
    waiting, busy = numbers[::-1], 0
    for idle in pipes:
        idle.send(waiting.pop())
        busy += 1
    while busy:
        for pipe in (pipe for pipe in wait(pipes) if isinstance(pipe, Connection)):
            found = _received(pipe)
            busy -= 1
            if waiting:
                pipe.send(waiting.pop())
                busy += 1
            yield found


def _received(pipe: Connection) -> int:
    try:
        found = pipe.recv()
    except EOFError:
        msg = "a process that fitted the generator ended without a word, perhaps for want of memory; pass jobs=1"
        raise DataError(msg) from None
    if isinstance(found, DataError):
        raise found
    return int(found)


def _work(fitting: Fitting, pipe: Connection) -> None:
    """Fit what the pipe asks for, and keep it, until the pipe is closed, by whomever or whatever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other end was interrupted too, and ends us
    with threadpool_limits(1):
        try:
            people = pa.ipc.open_stream(pipe.recv_bytes()).read_all()
            for number in _asked(pipe):
                _send(pipe, fitting.make(people, number))
        except SynthPrivacyError as error:
            _send(pipe, DataError(str(error)))
        finally:
            _leave(pipe)


def _asked(pipe: Connection) -> Iterator[int]:
    """Yield what the other end asks for, until there is none."""
    with suppress(EOFError, ConnectionError):
        while True:
            yield pipe.recv()


def _send(pipe: Connection, what: int | DataError) -> None:
    """Send a word to the other end, which may be gone."""
    with suppress(OSError):
        pipe.send(what)


def _leave(pipe: Connection) -> None:
    """End this process where an error is on its way up: what Python would print of it may hold cells."""
    kind = sys.exc_info()[0]
    if kind is None:
        return
    name = kind.__name__
    _send(pipe, DataError(f"the generator failed in a fit ({name}); fit it on the table by itself to see why"))
    pipe.close()
    os._exit(1)
