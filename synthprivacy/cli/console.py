"""What the command line says: results on stdout, chatter on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synthprivacy.evaluation import Progress


def say(text: str) -> None:
    """Print chatter."""
    print(text, file=sys.stderr)


def last_line(code: int, reason: str) -> None:
    """Print the line that names the exit code and the reason, in one line whatever the reason holds."""
    print(f"exit {code}: {' '.join(reason.split())}", file=sys.stderr)


@contextmanager
def progress_bar() -> Iterator[Progress | None]:
    """Yield a progress callback that draws a bar on a terminal, and nothing in a pipe or in CI."""
    if not sys.stderr.isatty() or os.environ.get("CI"):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def show(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=what)

        yield show
