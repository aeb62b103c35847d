"""The numbers of a result: counts are kept, so that any interval can be computed later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Count = int | str
"""A number of people; in the public rendering a number under ten is the text ``"<10"``."""
Interval = tuple[float, float]
"""Lower and upper end; -inf and inf are allowed inside the house and are `null` in JSON."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Successes out of trials, over a number of people."""

    successes: Count
    trials: Count
    people: Count
    """Independent units behind the trials; equals `trials` where one row is one person."""
    design_effect: float = 1.0
    """Variance inflation by several rows of one person (1 = none). Kish (1965), section 8.2."""


@dataclass(frozen=True, slots=True)
class HitsEvidence:
    """Right guesses on each population."""

    original: Rate
    control: Rate | None
    naive: Rate | None = None
    population: Rate | None = None


@dataclass(frozen=True, slots=True)
class TruePositives:
    """What a threshold taken for a nominal false-positive rate finds, as a two-sample quantity."""

    fpr: float
    """The nominal rate."""
    successes: Count
    trials: Count
    false_positives: Count
    nonmembers: Count

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {
            "fpr": self.fpr,
            "successes": self.successes,
            "trials": self.trials,
            "false_positives": self.false_positives,
            "nonmembers": self.nonmembers,
        }


@dataclass(frozen=True, slots=True)
class ScoresEvidence:
    """How well a membership score tells training people from control people."""

    members: int
    nonmembers: int
    auc: float
    standard_error: float
    """Of the AUC."""
    tpr: tuple[TruePositives, ...] = ()


@dataclass(frozen=True, slots=True)
class ByColumns:
    """The predicates that use some number of columns."""

    columns: int
    queries: int
    isolated_original: Count
    isolated_control: Count | None
    people: Count
    """Distinct training people isolated by at least one of them."""
    value: float | None
    """As `Risk.value`, of these predicates alone; None where there are too few of them."""
    interval: Interval | None
    """As `Risk.interval`; it decides nothing."""


@dataclass(frozen=True, slots=True)
class MatchesEvidence:
    """How many predicates isolate exactly one person of a table."""

    queries: int
    isolated_original: Count
    isolated_control: Count | None
    people: Count
    """Distinct training people isolated by at least one predicate."""
    size: int
    """The common table size m the rates are matched to."""
    standard_error: float
    """Of the value, by row jackknife."""
    of: int | None = None
    """Training people attacked; ``people / of`` is the share of distinct people isolated."""
    drawn: int | None = None
    """Predicates tried on the release to find these."""
    weight: float | None = None
    """Share of control people for whom a predicate holds, the mean over predicates; None without a control."""
    trivial: float | None = None
    """The most that predicates of this weight can isolate of `size` people without a leak: up to 1/e is no finding."""
    by_columns: tuple[ByColumns, ...] = ()
    """Where predicates use different numbers of columns: each number alone, rising."""


Evidence = HitsEvidence | ScoresEvidence | MatchesEvidence


@dataclass(frozen=True, slots=True)
class Excess:
    """The difference a - c of the success rates, for secrets that are easy to guess anyway."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A risk without the chance difference in who is guessed anyway. It decides nothing."""

    value: float
    interval: Interval
    """As those of `Risk`."""
    lower: float
    upper: float
    excess: Excess
    variance_left: float
    """Of the variance of the risk, 1 where nothing could be adjusted."""
    anyway: Rate
    """Training people guessed by the same attacker when it studied real people who were never used."""
    reading: str | None
    """A sentence, where what is guessed is known from the population anyway."""


@dataclass(frozen=True, slots=True)
class Risk:
    """What one attack gained from a person being in the training table."""

    attack: str
    endpoint: str
    primary: bool
    parameters: Mapping[str, Any]
    estimand: str
    estimator: str
    value: float
    """0 = no leak, 1 = total; may be negative; never clipped."""
    interval: Interval
    """Two-sided at `confidence`, for display."""
    lower: float
    """Decision bound, one-sided at (1 + confidence) / 2: at or above the limit means the gate fails."""
    upper: float
    """Decision bound, one-sided at (1 + confidence) / 2: at or below the limit means the gate passes."""
    excess: Excess | None
    confidence: float
    p_value: float | None
    """One-sided, of `value` ≤ 0; None where there is no control."""
    needed_rows: int | None
    """Control people with which a perfect release would be likely to show an upper end under 0.05."""
    evidence: Evidence
    copies: Copies | None = None
    """The same as a number of people; None where there is no ruler, or where it would tell a withheld count."""
    adjusted: Adjusted | None = None
    """None where nothing is guessed, there is no held-out control, or it would tell a withheld count."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """An endpoint that could not be judged: never dropped from a report, never a low number."""

    attack: str
    endpoint: str
    reason: str
    needs: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """A utility or diagnostic number beside the risks. Scores decide nothing unless a policy says so."""

    family: str
    metric: str
    """Stable dotted name within the family: ``shapes`` has ``mean`` and one ``column.NAME`` each."""
    value: float | None
    """The release against the original; None where it is undefined."""
    reference: float | None
    """The control against the original: what a fresh sample of real people would have scored."""
    interval: Interval | None
    better: Literal["higher", "lower"]
    range: tuple[float | None, float | None] = (0.0, 1.0)
    """The least and the most it can be whatever the tables; None where it has no end."""
    reason: str | None = None
    """Why it is undefined, in words that go on from "not defined:"; None where it is defined."""


@dataclass(frozen=True, slots=True)
class Series:
    """A binned, disclosure-safe curve, so that every chart can be drawn from the JSON."""

    name: str
    of: str
    """The endpoint or score it belongs to."""
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    """Of a histogram: what its bins are called, `y` being their shares; a last one without a name is of all others. Between
    ordered bins `x` holds the ends."""


@dataclass(frozen=True, slots=True)
class Check:
    """May this be judged at all? One question about the tables."""

    check: str
    status: Literal["ok", "warn", "failed"]
    detail: str
    release: str | None = None
    """The release it is about; None for the tables themselves."""


@dataclass(frozen=True, slots=True)
class Copies:
    """A result as people: "as if `value` of `of` real records had been published outright (at most interval[1])"."""

    value: Count | float
    interval: tuple[Count | float, Count | float]
    of: int
    perfect_value: Count | float | None
    """What a perfect release reads; None where it could not be attacked, or where it would tell a small count."""
    perfect_interval: tuple[Count | float, Count | float] | None
    floor: Count | None
    """The smallest number of planted people this attack would have noticed; None if not even all of them."""
    found: Rate | None = None
    """Of guesses: right ones about the planted people."""


@dataclass(frozen=True, slots=True)
class Floor:
    """The smallest leak that at least one primary endpoint of a run would have noticed in half of its repetitions."""

    people: Count | None
    """Published people; None if not even all of them."""
    of: int
    """Training people."""
    endpoints: Mapping[str, Count | None]
    """The same for each primary endpoint alone, each held to its share of the error (Bonferroni)."""
