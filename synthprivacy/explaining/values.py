"""What an explanation is made of: frozen values without a cell, and the share of a risk that something accounts for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from synthprivacy.results import Deciles, Interval, Risk

if TYPE_CHECKING:
    from synthprivacy.explaining.remedies import Remedy

FORMAT = "synthprivacy/explanation/1"
MATERIAL = 0.1
"""Share of a risk that must go with a column, or with a mechanism, before a change of it is proposed."""

How = Literal["left out", "shuffled", "emptied"]


@dataclass(frozen=True, slots=True)
class ByColumn:
    """The endpoint's risk with one column of the release emptied, and with it made coarser."""

    column: str
    guessed: bool
    """Whether it is what the attacker guesses: without it there is nothing to be guessed."""
    without: Risk | None
    """None where nothing can be attacked without it."""
    coarser: Risk | None
    """None where there is no coarser form, or nothing can be attacked with it."""
    how: str | None
    """How it was made coarser; None where it cannot be."""
    gone: bool = False
    """Whether nothing can be attacked without what the attacker knows here."""


@dataclass(frozen=True, slots=True)
class Ends:
    """How many ends of ordered columns, smallest and largest values, the release has in common with people."""

    of: int
    original: int
    control: int
    value: float
    """(a - c) / (1 - c), of ends instead of people."""
    interval: Interval
    p_value: float
    """Fisher's exact one, one-sided; of a control smaller than the original, see `ends_in_common`."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One way in which a generator repeats people: whether the release shows it, and what goes with it."""

    name: str
    title: str
    column: str | None = None
    """Of mechanisms that concern one column."""
    evidence: Risk | Ends | None = None
    """What the mechanism's own attack finds on training people, against the control; None where it was not looked for, or
    may not be shown."""
    evident: bool = False
    """Whether that is more than chance, as one of all mechanisms looked for (Holm)."""
    reason: str | None = None
    """Why there is no evidence."""
    rows: float | None = None
    """Share of the release's rows that show it, and none of the evident ones before it."""
    how: How | None = None
    """What was done to these rows before the endpoint was read again."""
    left: Risk | None = None
    """The endpoint's risk then; None where it was not read, or nothing can be attacked any more."""
    gone: bool = False
    """Whether nothing can be attacked any more."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one endpoint of one release has its risk, and what to change."""

    release: str
    endpoint: str
    seed: int | None
    """Of the evaluation; None where only a release of it spoke."""
    risk: Risk
    """As the evaluation has it."""
    read: Risk | None
    """Read again on the people who are asked here, in the same way as everything it is compared with; None where it was not."""
    people: tuple[int, int] | None
    """Training and control people asked; None where nobody was."""
    columns: tuple[ByColumn, ...] = ()
    """Those whose absence lowers the risk most come first, the guessed one last."""
    passed_over: int = 0
    """Columns that a first look on fewer people passed over."""
    mechanisms: tuple[Mechanism, ...] = ()
    """Those that account for most of the risk come first."""
    groups: tuple[Risk, ...] = ()
    """The endpoint's risks of strata and declared groups, the highest first."""
    deciles: Deciles | None = None
    notes: tuple[str, ...] = ()
    rendering: Literal["inside", "public"] = "inside"

    @property
    def excess(self) -> bool:
        """Whether the endpoint shows a risk at all."""
        return self.risk.lower > 0.0

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to explain: no risk, and no mechanism that shows."""
        return not self.excess and not any(mechanism.evident for mechanism in self.mechanisms)

    @property
    def column(self) -> ByColumn | None:
        """The first column, of those the attacker knows, whose absence takes a material part of the risk; None without one."""
        known = (one for one in self.columns if not one.guessed)
        return next((one for one in known if one.gone or material(self.read, one.without)), None)

    @property
    def mechanism(self) -> Mechanism | None:
        """The first mechanism that shows; None without one."""
        return next((one for one in self.mechanisms if one.evident), None)

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """What to change, that which promises most first; empty where there is nothing to explain."""
        from synthprivacy.explaining.remedies import remedies

        return remedies(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as strict JSON."""
        from synthprivacy.explaining.serialize import to_dict

        return to_dict(self)

    def __repr__(self) -> str:
        from synthprivacy.explaining.wording import to_text

        return to_text(self)


def best(one: ByColumn) -> Risk | None:
    """Return the risk that is left where a column is emptied, or of a guessed one made coarser."""
    return one.coarser if one.guessed else one.without


def fall(before: Risk | None, after: Risk | None) -> float | None:
    """Return by how much a risk falls; None where one of the two was not read."""
    return None if before is None or after is None else before.value - after.value


def accounted(before: Risk | None, mechanism: Mechanism) -> float | None:
    """Return the share of a risk that goes with a mechanism's rows; None where there is none, or it was not read."""
    if before is None or before.value <= 0.0:
        return None
    if mechanism.gone:
        return 1.0
    fallen = fall(before, mechanism.left)
    return None if fallen is None else fallen / before.value


def material(before: Risk | None, after: Risk | None) -> bool:
    """Return whether a risk falls by more than chance and by a part that matters."""
    fallen = fall(before, after)
    if before is None or after is None or fallen is None:
        return False
    return fallen >= MATERIAL * before.value > 0.0 and after.interval[1] < before.value
