"""Why a risk of anonymeter (1.1) is not ours: small rules, each true of the numbers it was given or silent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from synthprivacy.crosschecking.counting import Sides
from synthprivacy.crosschecking.values import Reading
from synthprivacy.rendering.counts import THRESHOLD
from synthprivacy.schemata import shown

SEEN = 0.01
"""A share of people, rows or successes from which on something is worth a reason; of people it must be ten, too."""
_MOVED = 0.005
_NEAR = 0.02
_TIES = 0.05
_APART = 0.05
_WIDER = 1.5
_MOST = 0.5
WITHHELD = "fewer than ten people: both numbers are shown inside alone"
UNEXPLAINED = "none of the known differences explains this; please report it"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one attack on both sides; the defaults say that there is nothing to tell."""

    theirs: Reading
    ours: Reading
    their_counts: Sides
    our_counts: Sides
    asked: int
    """Attacks asked for."""
    emitted: int | None = None
    """Predicates that anonymeter found, where these were fewer."""
    original_rows: int | None = None
    control_rows: int | None = None
    """Rows of the tables, where their sizes matter."""
    repeated: float = 0.0
    """Share of the original's rows that are there before."""
    release_repeated: float = 0.0
    """The same of the released rows."""
    quoted: float = 0.0
    """Share of the labels of the release that hold a quotation mark, for predicates on several columns."""
    foremost: tuple[str, float] | None = None
    """The column that most predicates on one column are about, and the share of them."""
    tied: float = 0.0
    """Share of people to whom several records are equally near."""
    published_again: float = 0.0
    """Share of the release's rows that are there before, where that matters."""
    their_scale: Sides | None = None
    """Our successes with the distances of anonymeter."""
    their_rule: Sides | None = None
    """Our guesses counted by its rule."""
    below_zero: float = 0.0
    """Share of guessed numbers below zero."""
    secrets_missing: float = 0.0
    """Share of people whose secret is missing."""
    numbers_missing: float = 0.0
    """Share of missing values among the numbers known of people."""
    people: int | None = None
    """People behind the rows attacked, where these are more."""


Rule = Callable[[Facts], str | None]


def agreeing(facts: Facts) -> str | None:
    """Say that both numbers are the same as far as anybody can tell."""
    if _within(facts.theirs.value, facts.ours) and _within(max(0.0, facts.ours.value or 0.0), facts.theirs):
        return "the same within both intervals"
    return None


def no_excess(facts: Facts) -> str | None:
    """Say that the control is found out as often as the original."""
    control = facts.our_counts.control
    if control is None or not _holds_zero(facts.ours) or not _holds_zero(facts.theirs):
        return None
    return f"the attack succeeds on people who were never used as it does on training people ({control} and {facts.our_counts.original}): no excess"


def cut_off(facts: Facts) -> str | None:
    """Say that a negative number was made zero."""
    below = facts.ours.value is not None and facts.ours.value < 0
    return "theirs is cut off at 0, ours is not" if facts.theirs.value == 0 and below else None


def requested(facts: Facts) -> str | None:
    """Say that they divide by attacks that were never made."""
    if facts.emitted is None or facts.emitted >= facts.asked:
        return None
    return f"they found {facts.emitted:,} predicates and divide by the {facts.asked:,} asked for; ours divides by those made"


def resized(facts: Facts) -> str | None:
    """Say that a control of another size is carried to the original's in another way."""
    original, control = facts.original_rows, facts.control_rows
    if original is None or control is None or abs(original - control) < SEEN * original:
        return None
    return f"the original has {original:,} rows, the control {control:,}: they extrapolate its successes along a curve fitted to them, ours counts both as in tables of one size"


def repeated(facts: Facts) -> str | None:
    """Say that repeated rows were dropped before anybody was singled out."""
    if not _seen(facts.repeated, facts.original_rows or 0):
        return None
    return f"{facts.repeated:.0%} of the original's rows are repeated: they drop these first, so that whoever is there twice counts as alone"


def release_repeated(facts: Facts) -> str | None:
    """Say that repeated rows of the release were dropped before anything was learned from it."""
    if facts.release_repeated < SEEN:
        return None
    return f"{facts.release_repeated:.0%} of the released rows are repeated: they drop these first, so that their predicates also describe what was released twice"


def quoted(facts: Facts) -> str | None:
    """Say that labels with a quotation mark are never matched."""
    if facts.quoted < SEEN:
        return None
    return f"{facts.quoted:.0%} of the release's labels hold a quotation mark: their predicates on these match nobody"


def rationed(facts: Facts) -> str | None:
    """Say that predicates on one column are mostly about one of them."""
    if facts.foremost is None or facts.foremost[1] < _MOST or not _apart(facts):
        return None
    column, share = facts.foremost
    return f"{share:.0%} of all predicates on one column are about {shown(column)}: theirs come in that proportion, ours are rationed by column"


def other_predicates(facts: Facts) -> str | None:
    """Say that predicates of either side isolate people more often than those of the other."""
    if facts.original_rows is None or not _apart(facts):
        return None
    theirs, ours = facts.their_counts.original, facts.our_counts.original
    return f"each side draws predicates of its own: of theirs {theirs} isolate a training person, of ours {ours}"


def their_rule(facts: Facts) -> str | None:
    """Say that a guessed number is right within a share of itself there."""
    if facts.their_rule is None or not _moved(facts.their_rule, facts.our_counts):
        return None
    return f"a number is right within 5 % of the guess there, within 5 % of the interquartile range here: by their rule our guesses are right for {_told(facts.their_rule)}, by ours for {_told(facts.our_counts)}"


def below_zero(facts: Facts) -> str | None:
    """Say that every negative guess is right there."""
    if facts.below_zero < SEEN:
        return None
    return f"{facts.below_zero:.0%} of the guesses are below zero, each of which counts as right there"


def their_scale(facts: Facts) -> str | None:
    """Say that numbers are divided by another range."""
    if facts.their_scale is None or not _moved(facts.their_scale, facts.our_counts):
        return None
    return f"numbers are divided by their whole range in people and release there, by declared bounds or percentiles of the release here: with their ranges ours succeeds on {_told(facts.their_scale)}, else on {_told(facts.our_counts)}"


def tied(facts: Facts) -> str | None:
    """Say that equally near records are told apart by their order."""
    if facts.tied < _TIES or not _seen(facts.tied, facts.asked):
        return None
    return f"{facts.tied:.0%} of the people have several equally near records: there the order of the rows decides, here a draw"


def published_again(facts: Facts) -> str | None:
    """Say that equal rows of a release are one record here."""
    if facts.published_again < SEEN:
        return None
    return f"{facts.published_again:.0%} of the released rows are repeated: two halves that lead to different ones of them are linked here, not there"


def secrets_missing(facts: Facts) -> str | None:
    """Say that missing secrets can be guessed there."""
    if not _seen(facts.secrets_missing, facts.asked):
        return None
    return f"{facts.secrets_missing:.0%} of the secrets are missing: to guess that is right there, here there is nothing to find out"


def numbers_missing(facts: Facts) -> str | None:
    """Say that missing numbers are far from each other there."""
    if not _seen(facts.numbers_missing, facts.asked):
        return None
    return f"{facts.numbers_missing:.0%} of the numbers known of people are missing: two missing ones are as far apart as can be there, equal here"


def rows_of_people(facts: Facts) -> str | None:
    """Say that rows are attacked there, people here."""
    if facts.people is None:
        return None
    people = "fewer than ten" if facts.people < THRESHOLD else f"{facts.people:,}"
    return f"they attack {facts.asked:,} rows, which are {people} people here"


def shrunk(facts: Facts) -> str | None:
    """Say that rates were moved towards a half before they were compared."""
    plain = facts.their_counts.excess
    if facts.theirs.value is None or abs(max(0.0, plain) - facts.theirs.value) < _MOVED:
        return None
    given = "" if facts.their_counts.small else f": their plain counts give {plain:.3f}"
    return f"they move both success rates towards a half first (Wilson's centre){given}"


def interval(facts: Facts) -> str | None:
    """Say that an interval is narrower for a reason of its own."""
    theirs, ours = _width(facts.theirs), _width(facts.ours)
    if theirs is None or ours is None or max(theirs, ours) < _WIDER * min(theirs, ours):
        return None
    if facts.original_rows is not None:
        return "their interval takes predicates for independent, although all are asked of the same people"
    return "their interval is symmetric about moved rates and cut to 0 and 1, ours is neither"


RULES: tuple[Rule, ...] = (
    agreeing,
    no_excess,
    cut_off,
    requested,
    resized,
    repeated,
    release_repeated,
    quoted,
    rationed,
    other_predicates,
    their_rule,
    below_zero,
    their_scale,
    tied,
    published_again,
    secrets_missing,
    numbers_missing,
    rows_of_people,
    shrunk,
    interval,
)
"""In the order of the report."""
SETTLED: tuple[Rule, ...] = (agreeing, no_excess, cut_off)
"""What is left to say where both numbers are nearly the same."""

THEIRS: tuple[Rule, ...] = (requested, repeated, release_repeated, quoted, below_zero)
"""What is true of their number alone."""


def reasons(facts: Facts) -> tuple[str, ...]:
    """Return every reason that holds, or that none is known."""
    rules = SETTLED if _alike(facts) else RULES
    found = tuple(told for rule in rules if (told := rule(facts)) is not None)
    if facts.theirs.value is None or facts.ours.value is None:
        return (WITHHELD, *found)
    return found or (UNEXPLAINED,)


def _alike(facts: Facts) -> bool:
    """Return whether two numbers agree and are near each other, too."""
    if facts.theirs.value is None or facts.ours.value is None or agreeing(facts) is None:
        return False
    return abs(facts.theirs.value - max(0.0, facts.ours.value)) < _NEAR


def _seen(share: float, people: int) -> bool:
    return share >= SEEN and share * people >= THRESHOLD


def about_theirs(facts: Facts) -> tuple[str, ...]:
    """Return what is to be known of their number where ours says nothing."""
    return tuple(told for rule in THEIRS if (told := rule(facts)) is not None)


def _within(value: float | None, reading: Reading) -> bool:
    return value is not None and reading.interval is not None and reading.interval[0] <= value <= reading.interval[1]


def _holds_zero(reading: Reading) -> bool:
    return reading.interval is not None and reading.interval[0] <= 0.0 <= reading.interval[1]


def _apart(facts: Facts) -> bool:
    return abs(facts.their_counts.original.share - facts.our_counts.original.share) >= _APART


def _moved(one: Sides, other: Sides) -> bool:
    pairs = [(one.original, other.original), (one.control, other.control)]
    return any(a is not None and b is not None and abs(a.share - b.share) >= SEEN for a, b in pairs)


def _told(sides: Sides) -> str:
    return f"{sides.original}" + ("" if sides.control is None else f" ({sides.control} of the control)")


def _width(reading: Reading) -> float | None:
    return None if reading.interval is None else reading.interval[1] - reading.interval[0]
