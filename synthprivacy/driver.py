"""One attack on every population: the only place that knows there are several.

The attacker is never told whom it is shown. Original and control are drawn and shown in the same way, so swapping
them swaps the outcome.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from synthprivacy.attacks import Attack, Knowledge
from synthprivacy.comparators.crossfitted import others
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.results import Answers, Outcome, Skipped
from synthprivacy.scoring import judge
from synthprivacy.tables.table import Case, IntArray, Table, frozen

COMPARISON_TARGETS = 2_000
"""People attacked with the naive and the population release: they are described, not decided on."""
NO_OTHERS = (
    "needs people the generator never saw: other training people can take their place only in guesses about single people",
    "a control: people the generator never saw",
)
"""Why an attack has nothing to be held against where other training people take the place of a control."""


def run(
    attack: Attack,
    case: Case,
    rng: np.random.Generator,
    *,
    targets: int,
    reference: Table | None = None,
    crossfitted: bool = False,
) -> Outcome | Skipped:
    """Return the answers of one attack about every population, or why it cannot be made.

    Parameters
    ----------
    attack : Attack
    case : Case
    rng : numpy.random.Generator
        The attack's own stream.
    targets : int
        People attacked per side, unless the attack can afford everyone.
    reference : Table, optional
        Held-out people who can stand in as a release, for the population comparator.
    crossfitted : bool
        Whether other training people's records take the place of a control that is not there.
    """
    knowing, drawing, comparing = (int(seed) for seed in rng.integers(2**63, size=3))
    known = Knowledge((case.release,), None, case.schema)
    try:
        attacker = attack.prepare(known, np.random.default_rng(knowing))
    except NotEnoughDataError as error:
        reason, _, needs = str(error).partition("; ")
        return Skipped(attack.name, attack.endpoint, reason, needs)
    shown = attack.knows(case.schema)
    sides = {"original": case.original} | ({} if case.control is None else {"control": case.control})
    answers: dict[str, Answers] = {}
    for population, table in sides.items():
        people = table if attack.everyone else sample(table, targets, drawing)
        answers[population] = judge(attacker(people.select(shown)), people)
    if crossfitted and case.control is None:
        attacked = drawn(case.original, case.original.people if attack.everyone else targets, drawing)
        instead = others(attack, case, attacked, np.random.default_rng([drawing, comparing]))
        if instead is None:
            return Skipped(attack.name, attack.endpoint, *NO_OTHERS)
        answers["others"] = instead
    answers |= _compare(attack, case, reference, comparing, min(targets, COMPARISON_TARGETS))
    return Outcome(attack.name, attack.endpoint, answers, attack.parameters())


def _compare(attack: Attack, case: Case, reference: Table | None, seed: int, targets: int) -> Mapping[str, Answers]:
    """Return the answers about training people with a release that knows only marginals, or only the population."""
    releases = {"naive": shuffled(case.release, np.random.default_rng(seed))}
    if reference is not None:
        releases["population"] = reference.select(reference.names)  # an attacker sees no weights
    people = sample(case.original, targets, seed)
    answers: dict[str, Answers] = {}
    for population in attack.comparators:
        if population in releases:
            known = Knowledge((releases[population],), None, case.schema)
            try:
                attacker = attack.prepare(known, np.random.default_rng(seed))
            except NotEnoughDataError:
                continue  # people who are all alike tell the attacker nothing; they decide nothing either
            answers[population] = judge(attacker(people.select(attack.knows(case.schema))), people)
    return answers


def sample(table: Table, people: int, seed: int) -> Table:
    """Return all rows of at most `people` people, the same ones for the same seed."""
    return table if table.people <= people else table.of_people(drawn(table, people, seed))


def drawn(table: Table, people: int, seed: int) -> IntArray:
    """Return the codes of the people whom `sample` draws, rising."""
    if table.people <= people:
        return np.arange(table.people)
    chosen: IntArray = np.sort(np.random.default_rng(seed).choice(table.people, people, replace=False))
    return chosen


def shuffled(table: Table, rng: np.random.Generator) -> Table:
    """Return the table with every column permuted on its own: its marginals, and nothing else of it."""
    features = []
    for feature in table.features:
        order = rng.permutation(len(table))
        parts = tuple(frozen(part[order]) for part in feature.parts)
        features.append(replace(feature, values=frozen(feature.values[order]), parts=parts))
    return Table(tuple(features), table.unit)


def halves(table: Table, seed: int) -> tuple[Table, Table]:
    """Return two disjoint halves of a table's people."""
    order = np.random.default_rng(seed).permutation(table.people)
    middle = table.people // 2
    return table.of_people(order[:middle]), table.of_people(order[middle:])


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random stream of one part: the order of the parts, and the columns' names, change nothing."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])
