"""What a long run tells while it works: the step it is at, and the seconds of those behind it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[[int, int, str], None]
"""Called with the steps done, the steps in all, and what comes next."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds per stage, and where to report progress."""

    progress: Progress | None
    steps: int
    seconds: dict[str, float] = field(default_factory=dict)

    def step(self, done: int, what: str) -> None:
        """Report what comes next."""
        if self.progress is not None:
            self.progress(done, self.steps, what)
        self.seconds[what] = -time.perf_counter()

    def stop(self, what: str) -> None:
        """Note how long a stage took."""
        self.seconds[what] += time.perf_counter()
