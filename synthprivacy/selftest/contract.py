"""The contract between an attack and the driver, kept or broken by any attack whatever.

Each law plays one trick on an attack and counts the answers that it changes: none may be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import fields, replace

import numpy as np
import numpy.typing as npt

from synthprivacy.attacks import Attack, Attacker, Knowledge
from synthprivacy.driver import met, run, shuffled
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.frames import case_of, read_tables
from synthprivacy.results import Answers, Claims, Conjunctions, Guesses, Links, Outcome, Scores, Skipped, Values
from synthprivacy.schemata import infer
from synthprivacy.selftest.catalogue import SCENARIOS
from synthprivacy.selftest.finding import Finding, exact
from synthprivacy.selftest.subjects import EVERY, USUAL, attacks_on
from synthprivacy.tables.read import load
from synthprivacy.tables.table import Case, FloatArray, IntArray, Table

Array = npt.NDArray[np.generic]
Law = Callable[[Attack, Case], Finding]

SURVEY = "nothing, survey"
LEAK = "copied 0.3, continuous"
MORE = ("nothing, awkward", "nothing, few cells", "bootstrap")
"""Scenarios the thorough run adds."""
FEW, ALONE = 37, 5
"""People shown in a small company, and one by one."""


def contract(seed: int, *, thorough: bool = False) -> list[Finding]:
    """Return whether every registered attack keeps its contract."""
    names = (LEAK, *(MORE if thorough else ()))
    cases = {SURVEY: partly_known(seed)} | {name: replace(SCENARIOS[name].case(seed, 0), name=name) for name in names}
    keys = EVERY if thorough else USUAL
    made = [
        (key, attack, case)
        for name, case in cases.items()
        for key, attack in attacks_on(replace(SCENARIOS[name], attacks=()), case, keys)
        if _attacker(attack, case) is not None
    ]
    untried = frozenset(keys) - {key for key, _, _ in made}
    every = exact("tried", "every scenario", "registered attacks", len(untried), side="at most", bar=0.0)
    return [every, *(law(attack, case) for _, attack, case in made for law in LAWS)]


def partly_known(seed: int) -> Case:
    """Return people of whom only some columns may be known, so that there is something to hide from every attack."""
    original, control, release = SCENARIOS[SURVEY].tables(seed, 0)
    declared = {
        name: {"role": "quasi_identifier"} for name in ("age", "height_cm", "region", "sex", "smoker", "visits")
    }
    schema = infer(load(original, label="original"), secrets=("diagnosis",), declared=declared)
    frames = read_tables(original=original, control=control, synthetic={SURVEY: release}, schema=schema)
    return case_of(frames, SURVEY)


def one_at_a_time(attack: Attack, case: Case) -> Finding:
    """Ask that the answers about some people are the same in whatever company they are shown (law 1)."""

    def differing(attacker: Attacker, known: tuple[str, ...]) -> int:
        people = case.original.select(known)
        together = attacker(people)
        apart = [_differing(_about(together, rows), _table(attacker(people.take(rows)))) for rows in _companies(people)]
        if case.control is not None:
            crowd = attacker(people.joined(case.control.select(known)))
            apart.append(_differing(_table(together), _about(crowd, np.arange(len(people)))))
        return sum(apart)

    return _finding("one at a time", attack, case, differing)


def blind(attack: Attack, case: Case) -> Finding:
    """Ask that permuting what an attack does not know, or has to guess, changes no guess (law 2)."""

    def differing(attacker: Attacker, known: tuple[str, ...]) -> int:
        before = attacker(case.original.select(known))
        hidden = frozenset(case.original.names) - frozenset(known)
        if isinstance(before, Values):
            hidden |= {before.column}
        mixed = shuffled(case.original, np.random.default_rng(0))
        features = [
            other if other.name in hidden else mine for mine, other in zip(case.original.features, mixed.features)
        ]
        after = attacker(replace(case.original, features=tuple(features)).select(known))
        return _differing(_table(before), _table(after))

    return _finding("blind", attack, case, differing)


def equal(attack: Attack, case: Case) -> Finding:
    """Ask that swapping original and control swaps the outcome, everybody attacked or a sample (law 3).

    Whom an attack studies besides the release are neither, and stay who they are.
    """
    case = replace(met(attack, case), kept=None)
    if case.control is None:
        return exact("equal", case.name, attack.endpoint, math.nan, side="at most", bar=0.0)
    swapped = replace(case, original=case.control, control=case.original)
    differing = 0.0
    for targets in (max(1, case.original.people // 2), case.original.people + case.control.people):
        one, other = _outcome(attack, case, targets), _outcome(attack, swapped, targets)
        for mine, theirs in (("original", "control"), ("control", "original")):
            differing += _unlike(one, mine, other, theirs)
    return exact("equal", case.name, attack.endpoint, differing, side="at most", bar=0.0)


def repeatable(attack: Attack, case: Case) -> Finding:
    """Ask that the same seed gives the same answers about everyone (law 5)."""
    one, other = (_outcome(attack, case, case.original.people) for _ in range(2))
    differing = sum(_unlike(one, population, other, population) for population in ("original", "control"))
    return exact("repeatable", case.name, attack.endpoint, differing, side="at most", bar=0.0)


def read_only(attack: Attack, case: Case) -> Finding:
    """Ask that every array an attack is given is read-only, and as it was afterwards (law 5)."""
    tables = [table for table in (case.original, case.control, case.release) if table is not None]
    given = [array for table in tables for array in _arrays(table) if array.size]
    before = [array.copy() for array in given]
    writeable = sum(array.flags.writeable for array in given)
    _outcome(attack, case, case.original.people)
    changed = sum(_differing(was, now) for was, now in zip(before, given))
    return exact("read-only", case.name, attack.endpoint, writeable + changed, side="at most", bar=0.0)


LAWS: tuple[Law, ...] = (one_at_a_time, blind, equal, repeatable, read_only)
"""Every law of the contract."""


def _finding(law: str, attack: Attack, case: Case, differing: Callable[[Attacker, tuple[str, ...]], int]) -> Finding:
    """Return the finding that no answer differs; NaN, which never passes, where the attack cannot be made."""
    attacker = _attacker(attack, case)
    figure = math.nan if attacker is None else differing(attacker, attack.knows(case.schema))
    return exact(law, case.name, attack.endpoint, figure, side="at most", bar=0.0)


def _attacker(attack: Attack, case: Case) -> Attacker | None:
    """Return the attacker, None where there is too little to attack with."""
    try:
        return attack.prepare(Knowledge((case.release,), None, case.schema), np.random.default_rng(3))
    except NotEnoughDataError:
        return None


def _companies(people: Table) -> Iterator[IntArray]:
    """Yield the companies people are shown in: a few of them in any order, everyone backwards, one alone."""
    order = np.random.default_rng(0).permutation(len(people))
    yield order[:FEW]
    yield np.arange(len(people))[::-1]
    yield from (order[place : place + 1] for place in range(ALONE))


def _outcome(attack: Attack, case: Case, targets: int) -> Outcome | Skipped:
    return run(attack, case, np.random.default_rng(1), targets=targets)


def _unlike(one: Outcome | Skipped, mine: str, other: Outcome | Skipped, theirs: str) -> float:
    """Return how many answers about two populations differ; NaN where there are none."""
    if isinstance(one, Skipped) or isinstance(other, Skipped):
        return math.nan
    left, right = one.answers[mine], other.answers[theirs]
    return float(sum(_differing(*pair) for pair in zip(_parts(left), _parts(right))))


def _parts(answers: Answers) -> list[Array]:
    return [np.asarray(getattr(answers, part.name)) for part in fields(answers)]


def _table(guesses: Guesses) -> FloatArray:
    """Return guesses as one row per person, or per term of a predicate."""
    match guesses:
        case Values():
            columns = [guesses.value, guesses.confidence, np.full(len(guesses.value), guesses.tolerance)]
        case Scores():
            columns = [guesses.real]
        case Claims():
            columns = [guesses.present]
        case Links():
            columns = [guesses.first, guesses.second]
        case Conjunctions():
            columns = [guesses.query, guesses.column, guesses.operator, guesses.operand]
    return np.column_stack(columns).astype(np.float64)


def _about(guesses: Guesses, rows: IntArray) -> FloatArray:
    """Return the guesses about some people; predicates are about nobody in particular."""
    table = _table(guesses)
    return table if isinstance(guesses, Conjunctions) else table[rows]


def _differing(one: Array, other: Array) -> int:
    """Return how many entries differ, two missing ones being equal; of arrays of unlike shape, all."""
    if one.shape != other.shape:
        return max(one.size, other.size, 1)
    missing = np.isnan(one.astype(np.float64)) & np.isnan(other.astype(np.float64))
    return int(((one != other) & ~missing).sum())


def _arrays(table: Table) -> Iterator[Array]:
    yield table.unit
    for feature in table.features:
        yield from (feature.values, *feature.parts, feature.unseen)
