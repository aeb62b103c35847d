"""What an attacker says, and what became of it: arrays, before any statistics.

An attacker returns *guesses* about the people it was shown; `scoring.judge` compares them with the truth and
returns *answers*; the driver collects the answers about each population in one `Outcome`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

POPULATIONS = ("original", "control", "others", "naive", "population")
"""The training people; the control; the training people attacked with other training people as the release (without
a control); the training people attacked with a column-shuffled release (what marginals alone give); the training
people attacked with held-out people as the release (what the population gives)."""

OPERATORS = ("equal to …", "at most …", "at least …", "missing")
"""Words for the operators of predicates, values withheld."""


@dataclass(frozen=True, slots=True)
class Values:
    """One guessed value of a hidden column for each person shown."""

    column: str
    """The hidden column."""
    value: FloatArray
    """(n,) guesses: a code of an unordered column (as float), else a number in the column's own unit; NaN = missing."""
    tolerance: float
    """Half-width within which a guess of an ordered column counts as a hit, in the column's own unit; 0 for codes."""
    confidence: FloatArray
    """(n,) how sure the attacker is, higher = surer."""


@dataclass(frozen=True, slots=True)
class Scores:
    """A membership score for each person shown."""

    real: FloatArray
    """(n,) higher = more like someone the generator was trained on."""


@dataclass(frozen=True, slots=True)
class Claims:
    """For each person shown: does the attacker claim that the release holds this very person?"""

    present: BoolArray
    """(n,)"""


@dataclass(frozen=True, slots=True)
class Links:
    """For each person shown, the release rows found from either half of what is known."""

    first: IntArray
    """(n, k) row numbers of the release."""
    second: IntArray
    """(n, k) row numbers of the release."""
    crowd: int | None = None
    """People in two shuffled tables whose rows are to be paired (k = 1); None where it is known who is who."""


@dataclass(frozen=True, slots=True, repr=False)
class Conjunctions:
    """Predicates that should each describe exactly one person. Arrays, never text.

    Predicate *q* is the conjunction of the terms with ``query == q``. What is printed of them has no operands, which are
    values of records.
    """

    queries: int
    query: IntArray
    """(terms,) the predicate a term belongs to."""
    column: IntArray
    """(terms,) position of the column in the table's features."""
    operator: IntArray
    """(terms,) 0 equal, 1 at most, 2 at least, 3 missing."""
    operand: FloatArray
    """(terms,) the value (a code for unordered columns); ignored by `missing`."""
    width: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """(queries,) number of columns each predicate uses."""
    drawn: int | None = None
    """Predicates that were tried to find these; None where nobody counted."""

    def __repr__(self) -> str:
        return f"<{self.queries:,} predicates, values withheld>"

    def words(self, query: int, names: Sequence[str]) -> str:
        """Return what a predicate asks for, values withheld: ``age at most …, smoker equal to …``.

        Parameters
        ----------
        query : int
        names : sequence of str
            Of the table's features, in order.
        """
        terms = np.flatnonzero(self.query == query)
        return ", ".join(f"{names[self.column[term]]} {OPERATORS[self.operator[term]]}" for term in terms)


Guesses = Values | Scores | Claims | Links | Conjunctions


@dataclass(frozen=True, slots=True)
class Hits:
    """Right guesses per person (unit): integers."""

    hits: IntArray
    """(people,) right guesses."""
    trials: IntArray
    """(people,) guesses made; a person with several rows has several."""
    weight: FloatArray | None = None
    """(people,) how much each person counts; None = all the same."""
    confidence: FloatArray | None = None
    """(people,) how sure the attacker is, on average of a person's guesses; None where it does not say."""
    person: IntArray | None = None
    """(people,) who it is: the codes of those about whom something was guessed, of all who were shown; None where not kept."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Membership scores, with the person each row belongs to."""

    score: FloatArray
    """(rows,)"""
    unit: IntArray
    """(rows,) person codes 0 … people - 1."""
    weight: FloatArray | None = None
    """(people,) how much each person counts; None = all the same."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Which person matches which predicate: the sparse 0/1 matrix queries × people."""

    query: IntArray
    """(matches,)"""
    person: IntArray
    """(matches,)"""
    queries: int
    people: int
    weight: FloatArray | None = None
    """(people,) how much each person counts; None = all the same."""
    width: IntArray | None = None
    """(queries,) number of columns each predicate uses; None where nobody counted."""
    drawn: int | None = None
    """Predicates that were tried to find these; None where nobody counted."""


Answers = Hits | Marks | Matches


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answers of one attack about every population that was shown to it."""

    attack: str
    endpoint: str
    answers: Mapping[str, Answers]
    """Keyed by population; a population that makes no sense for the attack is absent."""
    parameters: Mapping[str, Any]
    """What was fixed before anyone was seen: strict JSON."""
    people: Mapping[str, IntArray] = field(default_factory=dict)
    """By population, the codes (people shown,) that those shown have in their whole table; empty where not kept."""
