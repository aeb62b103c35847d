"""The first screen: what was decided, the headline of each release, and the sentences that justify it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from synthprivacy.gating.candidates import share
from synthprivacy.gating.counts import plural
from synthprivacy.reporting import amounts, charts, svg
from synthprivacy.reporting.accepted import against_accepted
from synthprivacy.reporting.entries import Entry
from synthprivacy.reporting.evidence import is_withheld
from synthprivacy.reporting.names import listed, prose, shown
from synthprivacy.reporting.words import CHECKS, STATUSES, readable
from synthprivacy.results import Check, Copies, Count, Evaluation, Floor, Release, Risk, statement
from synthprivacy.results.overfitting import above_ceiling


@dataclass(frozen=True, slots=True)
class Headline:
    """As if N of n real records had been published outright (at most M)."""

    published: str
    of: str
    at_most: str
    """Empty where `published` says it already."""
    most: str
    """`at_most` for a column that is headed so; never empty."""
    perfect: str
    """Empty where a perfect release could not be read."""
    perfect_most: str


@dataclass(frozen=True, slots=True)
class Worst:
    """The worst endpoint against its limit."""

    endpoint: str
    primary: bool
    value: str
    interval: str
    bound: str
    limit: str


@dataclass(frozen=True, slots=True)
class Card:
    """One release on the first screen."""

    entry: Entry
    headline: Headline | None
    worst: Worst | None
    floor: str
    """The smallest leak noticed, for a column that is headed so."""
    sentences: tuple[str, ...]

    @property
    def without(self) -> str:
        """Why there is no headline, where there is none."""
        release = self.entry.release
        if self.entry.evaluation.control is None:
            return "No headline: without people never used for training there is no ruler."
        if any(one.endpoint == "copies" for one in release.skipped):
            return "No headline: the reason is among what was not judged."
        if any(one.attack == "membership" for one in release.risks):
            return "No headline: it would tell of fewer than ten people."
        return "No headline: membership was not attacked."


@dataclass(frozen=True, slots=True)
class Asked:
    """A check and its answer."""

    status: str
    word: str
    question: str
    detail: str
    release: str


def cards(entries: Sequence[Entry]) -> tuple[Card, ...]:
    """Return the first screen's part of every release."""
    return tuple(_card(entry) for entry in entries)


def ruler(entries: Sequence[Entry]) -> svg.Drawing | None:
    """Return the headlines as one chart."""
    told = [(entry, entry.release.copies) for entry in entries if entry.release.copies is not None]
    if not told:
        return None
    rows = [_ruler_row(entry, copies) for entry, copies in told if copies is not None]
    with svg.defaults():
        return svg.inline(
            charts.ruler(rows, people=max(copies.of for _, copies in told if copies is not None)),
            key="ruler",
            title="Real records that might as well have been published",
            description="; ".join(f"{row.label}: {row.text}" for row in rows),
        )


def checks(evaluations: Sequence[Evaluation]) -> tuple[Asked, ...]:
    """Return every check, each once, what did not hold first."""
    found = dict.fromkeys(check for evaluation in evaluations for check in evaluation.checks)
    order = {"failed": 0, "warn": 1, "ok": 2}
    return tuple(_asked(check) for check in sorted(found, key=lambda check: order[check.status]))


def _card(entry: Entry) -> Card:
    copies, worst = entry.release.copies, entry.release.worst
    headline = None if copies is None else _headline(copies)
    found = None if worst is None else _worst(entry, worst)
    return Card(entry, headline, found, _floor(entry.release), tuple(_sentences(entry, headline, found)))


def _headline(copies: Copies) -> Headline:
    published, most = amounts.whole(copies.value), amounts.at_most(copies.interval[1])
    perfect = None if copies.perfect_interval is None else copies.perfect_interval[1]
    return Headline(
        published=published,
        of=f"{copies.of:,}",
        at_most="" if most == published else most,
        most=amounts.whole(copies.interval[1]),
        perfect="" if perfect is None else amounts.at_most(perfect),
        perfect_most=amounts.NOTHING if perfect is None else amounts.whole(perfect),
    )


def _noticed(release: Release) -> Count | Literal["none"] | None:
    """Return the smallest leak any primary endpoint noticed, else the headline; None where that was not measured."""
    measured = release.floor or release.copies
    if measured is None:
        return None
    people = measured.people if isinstance(measured, Floor) else measured.floor
    return "none" if people is None else people


def _floor(release: Release) -> str:
    noticed = _noticed(release)
    return amounts.NOTHING if noticed is None else noticed if noticed == "none" else amounts.whole(noticed)


def _worst(entry: Entry, risk: Risk) -> Worst:
    decimals = amounts.digits(risk.interval)
    return Worst(
        endpoint=shown(risk.endpoint),
        primary=risk.primary,
        value=amounts.percent(risk.value, decimals),
        interval=amounts.between(risk.interval),
        bound=amounts.percent(risk.upper, decimals, "up"),
        limit=entry.standing.limit(risk),
    )


def _sentences(entry: Entry, headline: Headline | None, worst: Worst | None) -> list[str]:
    """Return three to five sentences that justify the headline."""
    said = []
    if headline is not None and headline.perfect:
        said.append(
            f"By the same ruler a perfect release, made of people never used for training, reads {headline.perfect}."
        )
    if worst is not None:
        which = "primary endpoint" if worst.primary else "endpoint (none was declared primary)"
        said.append(
            f"The worst {which} is {worst.endpoint}: risk {worst.value} ({worst.interval}), decision bound {worst.bound} "
            f"({worst.limit or 'no limit was declared'})."
        )
    said.append(_leaks(entry.release.risks))
    if flags := above_ceiling(entry.release.scores):
        said.append(
            f"It is closer to the people it was trained on than a fresh sample could be ({listed(flags)}): a sign of "
            "copying, whatever the attacks found."
        )
    if (floor := _floor(entry.release)) != amounts.NOTHING:
        said.append(
            "Even all records together would not have been noticed by this run."
            if floor == "none"
            else f"The smallest leak this run would have noticed is {floor} published records; less could go unseen."
        )
    if against := against_accepted(entry):
        said.append(against)
    if entry.candidate is not None:
        said.append(
            f"It is candidate no. {entry.candidate} judged with this control: its decision bounds are at "
            f"{share(entry.candidate):.3g} of the error that a single one may make."
        )
    if entry.release.privacy_loss is not None:
        said.append(statement(entry.release.privacy_loss))
    if entry.release.skipped:
        said.append(_left_out(entry))
    return said


def _leaks(risks: Sequence[Risk]) -> str:
    """Return where the attacks gained something; a risk from withheld counts is an upper end and proves no gain."""
    told = [risk for risk in risks if not is_withheld(risk.evidence)]
    hidden = len(risks) - len(told)
    aside = (
        f" At {plural(hidden, 'endpoint')} counts are withheld; the figures there are the highest possible."
        if hidden
        else ""
    )
    if not told:
        return f"No endpoint can be told about.{aside}" if hidden else "No endpoint could be judged."
    leaks = sum(risk.interval[0] > 0.0 for risk in told)
    if leaks == 0:
        return f"At all {plural(len(told), 'endpoint')} judged the attacks gained no more than chance explains.{aside}"
    verb = "shows" if leaks == 1 else "show"
    rest = "; at the others the attacks gained no more than chance explains" if leaks < len(told) else ""
    return f"Of {plural(len(told), 'endpoint')} judged, {leaks:,} {verb} a gain beyond chance (an interval above 0%){rest}.{aside}"


def _left_out(entry: Entry) -> str:
    skipped = entry.release.skipped
    primary = sum(item.primary for item in skipped)
    some = f", {primary:,} of them primary" if primary else ""
    return f"{plural(len(skipped), 'endpoint')} could not be judged{some}: nothing is known there, which is not a low risk."


def _ruler_row(entry: Entry, copies: Copies) -> charts.Ruler:
    text = amounts.whole(copies.value)
    most = amounts.at_most(copies.interval[1])
    noticed = _noticed(entry.release)
    return charts.Ruler(
        release=entry.position,
        label=shown(f"{entry.letter}  {entry.name}" if entry.letter else entry.name, 26),
        value=amounts.as_number(copies.value),
        low=amounts.as_number(copies.interval[0]) if not isinstance(copies.interval[0], str) else 0.0,
        high=amounts.as_number(copies.interval[1]),
        perfect=0.0 if copies.perfect_interval is None else amounts.as_number(copies.perfect_interval[1]),
        floor=None if noticed is None or noticed == "none" else amounts.as_number(noticed),
        text=text if text == most else f"{text}, {most}",
    )


def _asked(check: Check) -> Asked:
    return Asked(
        status=check.status,
        word=STATUSES[check.status],
        question=CHECKS.get(check.check, shown(readable(check.check)).capitalize()),
        detail=prose(check.detail),
        release="" if check.release is None else shown(check.release),
    )
