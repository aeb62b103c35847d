"""One attack on every population: the only place that knows there are several.

The attacker is never told whom it is shown. Original and control are drawn and shown in the same way, so swapping
them swaps the outcome.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from synthprivacy.asking import Asked, ask
from synthprivacy.attacks import ENOUGH, STUDYING, Attack
from synthprivacy.comparators.anyway import Anyway, anyway
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
    return run_together([attack], case, rng, targets=targets, reference=reference, crossfitted=crossfitted)[0].outcome


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of one attack."""

    outcome: Outcome | Skipped
    anyway: Anyway | None = None
    """What the same attacker guesses who studied real people who were never used; None where nobody asked."""


def run_together(
    attacks: Sequence[Attack],
    case: Case,
    rng: np.random.Generator,
    *,
    targets: int,
    reference: Table | None = None,
    crossfitted: bool = False,
    adjusting: bool = False,
) -> list[Ran]:
    """Return what becomes of several attacks that meet the same people; those that can, share their searches.

    Parameters
    ----------
    attacks : sequence of Attack
        All of them meeting everyone, or none.
    case, rng, targets, reference, crossfitted
        As `run`.
    adjusting : bool
        Whether each attacker also studies real people who were never used, and guesses the same people.
    """
    knowing, drawing, comparing = (int(seed) for seed in rng.integers(2**63, size=3))
    case = met(attacks[0], case)
    sides = {"original": case.original} | ({} if case.control is None else {"control": case.control})
    most = {name: table.people if attacks[0].everyone else targets for name, table in sides.items()}
    codes = {name: drawn(table, most[name], drawing) for name, table in sides.items()}
    people = {name: sample(table, most[name], drawing) for name, table in sides.items()}
    found = ask(attacks, case.release, case.schema, people, knowing, usual=case.usual)
    if case.kept is not None:
        codes["control"] = case.kept[codes["control"]]
    compared = _compare(attacks, case, reference, comparing, min(targets, COMPARISON_TARGETS))
    unadjusted: list[Anyway | None] = [None] * len(attacks)
    beside = unadjusted
    if adjusting and case.control is not None:
        beside = anyway(attacks, case, people, drawn(case.control, most["control"], drawing), comparing)
    ran: list[Ran] = []
    for attack, asked, more, also in zip(attacks, found, compared, beside):
        answers = _judged(asked, people)
        if isinstance(answers, Skipped):
            ran.append(Ran(replace(answers, attack=attack.name, endpoint=attack.endpoint)))
            continue
        if crossfitted and case.control is None:
            attacked = drawn(case.original, most["original"], drawing)
            instead = others(attack, case, attacked, np.random.default_rng([drawing, comparing]))
            if instead is None:
                ran.append(Ran(Skipped(attack.name, attack.endpoint, *NO_OTHERS)))
                continue
            answers["others"] = instead
        fixed = attack.parameters() | ({} if case.usual is None else {"studied": case.usual.people})
        ran.append(Ran(Outcome(attack.name, attack.endpoint, answers | more, fixed, codes), also))
    return ran


def met(attack: Attack, case: Case) -> Case:
    """Return the case as an attack meets it: without the half of the control that it studies, where it studies any.

    Of fewer than `ENOUGH` people none are set apart; the attack makes do with the release.
    """
    control = case.control
    if not isinstance(attack, STUDYING) or control is None or case.usual is not None or control.people < ENOUGH:
        return case
    order = np.random.default_rng(0).permutation(control.people)  # the same half for all attacks, rulers and seeds
    studied, kept = np.sort(order[: control.people // 2]), np.sort(order[control.people // 2 :])
    return replace(case, control=control.of_people(kept), usual=control.of_people(studied), kept=frozen(kept))


def _judged(asked: Asked | NotEnoughDataError, people: dict[str, Table]) -> dict[str, Answers] | Skipped:
    """Return the answers about each table of people, or why there are none."""
    if isinstance(asked, NotEnoughDataError):
        reason, _, needs = str(asked).partition("; ")
        return Skipped("", "", reason, needs)
    return {name: judge(guesses, people[name]) for name, guesses in asked.items()}


def _compare(
    attacks: Sequence[Attack], case: Case, reference: Table | None, seed: int, targets: int
) -> list[dict[str, Answers]]:
    """Return the answers about training people with a release that knows only marginals, or only the population."""
    releases = {"naive": shuffled(case.release, np.random.default_rng(seed))}
    if reference is not None:
        releases["population"] = reference
    people = sample(case.original, targets, seed)
    compared: list[dict[str, Answers]] = [{} for _ in attacks]
    for population, release in releases.items():
        places = [place for place, attack in enumerate(attacks) if population in attack.comparators]
        asked = ask([attacks[place] for place in places], release, case.schema, {population: people}, seed)
        for place, found in zip(places, asked):
            if not isinstance(found, NotEnoughDataError):  # people who are all alike tell the attacker nothing
                compared[place][population] = judge(found[population], people)
    return compared


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
