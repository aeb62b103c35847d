"""Attacks that study real people: the control in three parts, and nobody is scored by a model that has seen them.

In each of three turns one part of the control is studied, the second says what scores mean, and the third is attacked,
with a third of the training people. Over the turns every control person is attacked once; where not everybody can be,
people who are not attacked are studied all the same. A threshold from people who were studied would be far too low for
all others: under no leak it calls .47 of them members at a nominal .01.

Every part takes every role, so that the same people say of each other what is usual. That biases nothing: of 10,000
releases without a leak (2,500 each of numbers, few cells and mixed columns with gaps at 300 + 300 people, and of numbers
at 500 + 200) the calibrated distance read 0 within one standard error in each, and its lower end was above 0 in .020 of
all, at a nominal .025. Nor does it harm the threshold that a random half of the control sets for the other half and for
the members: with 400 + 660 people, 800 releases, calibrated distance and DOMIAS call .100 of members and .100 of
non-members at a nominal .1, .009 and .009 at .01, and their difference alarms in .015 of releases at most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from synthprivacy.attacks import Attack, Attacker, Knowledge
from synthprivacy.attacks.membership_battery import Battery
from synthprivacy.driver import drawn
from synthprivacy.errors import DataError, NotEnoughDataError
from synthprivacy.results import Answers, Marks, Outcome, Scores, Skipped
from synthprivacy.tables.table import Case, FloatArray, IntArray, Table

TURNS = 3
REFERENCE = 20_000
"""People studied in a turn, at most: of more, a draw."""
NO_CONTROL = ("studies people the generator never saw", "a control: people the generator never saw")


@dataclass(frozen=True, slots=True)
class Crossfitted:
    """An outcome, and who was attacked."""

    outcome: Outcome
    original: IntArray
    """(people,) codes of the training people attacked, rising; theirs are the units of the marks, in this order."""
    control: IntArray
    """(people,) the same of control people."""


def crossfit(attack: Attack, case: Case, rng: np.random.Generator, *, targets: int, deal: int) -> Crossfitted | Skipped:
    """Return the scores of one attack about training and control people, or why it cannot be made.

    Scores are places among those of the calibrating part, which makes those of the three turns comparable; see `placed`.

    Parameters
    ----------
    attack : Attack
        One that scores membership.
    case : Case
    rng : numpy.random.Generator
        The attack's own stream.
    targets : int
        People attacked per side, unless the attack can afford fewer.
    deal : int
        Seed of who is attacked, studied, and in which part; the same for all attacks whose results are compared.

    Raises
    ------
    DataError
        If the attack does not score membership.
    """
    if case.control is None:
        return Skipped(attack.name, attack.endpoint, *NO_CONTROL)
    affordable = attack.most if isinstance(attack, Battery) else None
    most = targets if affordable is None else min(targets, affordable)
    codes = [drawn(table, most, deal) for table in (case.original, case.control)]
    sides = [table.of_people(chosen) for table, chosen in zip((case.original, case.control), codes)]
    dealing = np.random.default_rng(deal)
    parts = [dealing.permutation(side.people) % TURNS for side in sides]
    studied = _studied(case.control.people, codes[1], parts[1], dealing)
    scores = [np.empty(len(side)) for side in sides]
    shown = attack.knows(case.schema)
    for turn, own in enumerate(rng.spawn(TURNS)):
        fit = case.control.of_people(studied[turn])
        usual = sides[1].of_people(np.flatnonzero(parts[1] == (turn + 1) % TURNS))
        try:
            attacker = attack.prepare(Knowledge((case.release,), fit.select(fit.names), case.schema), own)
        except NotEnoughDataError as error:
            reason, _, needs = str(error).partition("; ")
            return Skipped(attack.name, attack.endpoint, reason, needs)
        place = placed(_scored(attacker, usual.select(shown)))
        for side, part, found, asked in zip(sides, parts, scores, (turn, (turn + 2) % TURNS)):
            rows = np.flatnonzero(part[side.unit] == asked)
            found[rows] = place(_scored(attacker, side.take(rows).select(shown)))
    marks = [Marks(found, side.unit, side.weight) for found, side in zip(scores, sides)]
    answers = {"original": marks[0], "control": marks[1]}
    fixed = {"crossfitted": TURNS, "targets": most, "reference": REFERENCE}
    return Crossfitted(Outcome(attack.name, attack.endpoint, answers, attack.parameters() | fixed), *codes)


def _studied(people: int, attacked: IntArray, part: IntArray, dealing: np.random.Generator) -> list[IntArray]:
    """Return the control people studied in each turn: a part of those attacked, and of all others."""
    turn = np.empty(people, dtype=np.int64)
    turn[attacked] = part
    others = np.setdiff1d(np.arange(people), attacked, assume_unique=True)
    turn[others] = dealing.permutation(len(others)) % TURNS
    parts = (np.flatnonzero(turn == number) for number in range(TURNS))
    return [one if len(one) <= REFERENCE else np.sort(dealing.permutation(one)[:REFERENCE]) for one in parts]


def averaged(crossed: Sequence[Crossfitted], endpoint: str) -> Crossfitted:
    """Return the mean of several attacks' scores, which are places already: an attack like any other.

    This is `membership_average` with the calibrating part as the yardstick. A person's place is among people who were neither studied nor attacked, so that the mean, unlike one of ranks among
    the people attacked, does not depend on the company.

    Parameters
    ----------
    crossed : sequence of Crossfitted
        About the same people, dealt by the same seed.
    endpoint : str
        The name of the mean.

    Raises
    ------
    DataError
        If they are not about the same people.
    """
    first = crossed[0]
    if any(
        not np.array_equal(mine, theirs)
        for one in crossed
        for mine, theirs in ((one.original, first.original), (one.control, first.control))
    ):
        msg = "scores are averaged over the same people only; leave out attacks that cannot afford everyone"
        raise DataError(msg)
    answers: dict[str, Answers] = {}
    for population in first.outcome.answers:
        marks = [marks_of(one.outcome.answers[population]) for one in crossed]
        mean = np.mean([one.score for one in marks], axis=0)
        answers[population] = Marks(mean, marks[0].unit, marks[0].weight)
    parameters = {"scores": [one.outcome.endpoint for one in crossed], "crossfitted": TURNS}
    return replace(first, outcome=Outcome(first.outcome.attack, endpoint, answers, parameters))


def marks_of(answers: Answers) -> Marks:
    """Return answers that are scores.

    Raises
    ------
    DataError
        If they are others.
    """
    if isinstance(answers, Marks):
        return answers
    msg = "only scores can be compared with scores; run an attack that scores membership"
    raise DataError(msg)


def placed(calibration: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """Return the map of scores to their place among those of people who were neither studied nor attacked.

    The share of them below, ties counting one half, which means the same for every model. The map rises strictly: scores
    with the same people below them keep their order by how far they are from the middle, so that no copy ties with the
    few most unusual people. Under no leak the places of members and non-members are alike, whatever the model.

    Parameters
    ----------
    calibration : ndarray of float64, shape (people,)

    References
    ----------
    Vovk, Gammerman and Shafer (2005), Algorithmic learning in a random world, chapter 2 (conformal transducers).
    """
    ranked = np.sort(calibration)
    lower, middle, upper = np.quantile(ranked, [0.25, 0.5, 0.75])
    scale = upper - lower if upper > lower else max(float(ranked.std()), np.finfo(np.float64).tiny)

    def place(scores: FloatArray) -> FloatArray:
        below = (np.searchsorted(ranked, scores, "left") + np.searchsorted(ranked, scores, "right")) / 2.0
        with np.errstate(over="ignore"):
            within = np.arctan((scores - middle) / scale) / (2.0 * np.pi)  # a quarter at most: less than a half place
        return np.asarray((below + within) / len(ranked))

    return place


def _scored(attacker: Attacker, people: Table) -> FloatArray:
    match attacker(people):
        case Scores() as found:
            return found.real
    msg = "only scores can be cross-fitted, this attack answers otherwise; run it as it is"
    raise DataError(msg)
