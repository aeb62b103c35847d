"""The releases of a page, in one line-up: each with its evaluation, its letter and what was decided about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synthprivacy.reporting.names import shown
from synthprivacy.reporting.verdicts import Judgement, Standing
from synthprivacy.results import Evaluation, Release

GLYPHS = "●□◆△▼✚"
"""The markers of the charts, as characters."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One release on the page."""

    position: int
    name: str
    """As shown; releases of the same name in different evaluations are numbered."""
    letter: str
    """Empty where it is the only release."""
    evaluation: Evaluation
    release: Release
    standing: Standing
    """What the gate decided about it."""
    candidate: int | None = None
    """It is the k-th that was judged with its control; None where nobody counted."""

    @property
    def glyph(self) -> str:
        """The release's marker in the charts; nothing to tell apart where it is the only one."""
        return GLYPHS[self.position % len(GLYPHS)] if self.letter else ""


def line_up(
    evaluations: Sequence[Evaluation], judgements: Sequence[Judgement], counted: Sequence[Mapping[str, int]] = ()
) -> tuple[Entry, ...]:
    """Return every release of every evaluation, in the order given, with what was decided about it, and as which candidate."""
    found = [
        (evaluation, release, judgement.standing(release.name), numbers.get(release.name))
        for evaluation, judgement, numbers in zip(evaluations, judgements, counted or [{}] * len(evaluations))
        for release in evaluation.releases
    ]
    names = _distinct([release.name for _, release, _, _ in found])
    return tuple(
        Entry(position, name, _letter(position) if len(found) > 1 else "", *told)
        for position, (name, told) in enumerate(zip(names, found))
    )


def _distinct(names: Sequence[str]) -> list[str]:
    """Return the names as shown, numbered where two would look the same."""
    visible = [shown(name) for name in names]
    times = Counter(visible)
    seen: Counter[str] = Counter()
    distinct = []
    for name in visible:
        seen[name] += 1
        distinct.append(f"{name} ({seen[name]})" if times[name] > 1 else name)
    return distinct


def _letter(position: int) -> str:
    """Return A, B, … Z, then AA, AB and so on."""
    head, tail = divmod(position, 26)
    return (_letter(head - 1) if head else "") + chr(ord("A") + tail)
