"""What the command line says: results on stdout, chatter on stderr, and nothing that a terminal would obey."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synthprivacy.clock import Progress


def tell(text: str) -> None:
    """Print a result."""
    print(plain(text))


def say(text: str) -> None:
    """Print chatter."""
    print(plain(text), file=sys.stderr)


def last_line(code: int, reason: str) -> None:
    """Print the line that names the exit code and the reason; of several reasons, each on a line of its own before."""
    reasons = [line.strip() for line in reason.splitlines() if line.strip()]
    if len(reasons) > 1:
        say("\n".join(f"  {line}" for line in reasons))
        reason = f"{len(reasons)} problems, all listed above; the first: {reasons[0]}"
    say(f"exit {code}: {' '.join(reason.split())}")


def plain(text: str) -> str:
    """Return text with every invisible character but the line feed spelled out: names of columns may hold anything."""
    return "".join(c if c.isprintable() or c == "\n" else _spelled(c) for c in text)


def _spelled(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode()


@contextmanager
def progress_bar(*, left: bool = True) -> Iterator[Progress | None]:
    """Yield a progress callback that draws a bar on a terminal, and nothing in a pipe or in CI.

    Parameters
    ----------
    left : bool
        Whether to reckon the time left, as the mean of the steps so far; not where the callback is told it.
    """
    if not sys.stderr.isatty() or os.environ.get("CI"):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.table import Column

    columns = (
        BarColumn(bar_width=20),
        TextColumn("{task.fields[steps]}", markup=False),
        TextColumn("{task.description}", markup=False, table_column=Column(ratio=1, no_wrap=True)),
        TimeElapsedColumn(),
        *((TimeRemainingColumn(), TextColumn("{task.fields[left]}")) if left else ()),
    )
    with Progress(
        *columns,
        console=Console(stderr=True),
        expand=True,  # a long name is cut, and the times are always there
        transient=True,
        redirect_stdout=False,  # which may be a file
        speed_estimate_period=float("inf"),
    ) as bar:
        task = bar.add_task("getting ready", total=None, steps="", left="")

        def show(done: int, total: int, what: str) -> None:
            steps = f"{done}/{total}"
            bar.update(task, completed=done, total=total, description=plain(what), steps=steps, left="left")
            bar.refresh()  # so that no step is passed over, however short

        yield show
