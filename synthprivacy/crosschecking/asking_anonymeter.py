"""What anonymeter is asked, and what our own attacks say of the same people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from synthprivacy.attacks import Attack, Budget
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.linkability import Halves
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.crosschecking.counting import Counts, Sides, withheld
from synthprivacy.crosschecking.measuring import (
    Tables,
    below_zero,
    by_their_rule,
    counted,
    foremost,
    least_rows,
    missing_among,
    quoted,
    repeated,
    said,
    tied,
)
from synthprivacy.crosschecking.reading import Found, failed, found_by, shown_risk
from synthprivacy.crosschecking.reasons_anonymeter import Facts, about_theirs, reasons
from synthprivacy.crosschecking.sending import names_of
from synthprivacy.crosschecking.values import Answer, Question, Reading, Row
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.schemata import ORDERED

ATTEMPTS = 200_000
"""Predicates that anonymeter may try; its own default of ten million runs for hours where hardly any isolates a record."""


def questions(tables: Tables, *, inside: bool) -> list[Question]:
    """Return all that anonymeter is asked about a release: every attack that both sides have."""
    schema, release = tables.few.schema, tables.few.release
    budget = Budget(tables.attacks)
    asked = [
        _singling_out(tables, columns, inside=inside) for columns in dict.fromkeys((1, min(3, len(release.features))))
    ]
    asked += [_linkability(tables, attack, inside=inside) for attack in Halves.variants(schema, release, budget)[:1]]
    asked += [_inference(tables, attack, inside=inside) for attack in NearestGuess.variants(schema, release, budget)]
    return asked


def _singling_out(tables: Tables, columns: int, *, inside: bool) -> Question:
    attack = SinglingOut(columns, tables.attacks)
    task = {"task": "singling_out", "columns": columns, "attacks": tables.attacks, "attempts": ATTEMPTS}
    number = "one column" if columns == 1 else f"{columns} columns"
    setup = f"at most {tables.attacks:,} predicates on {number}, each side's own, asked of all rows"

    def facts(answer: Answer, found: Found, theirs: Reading) -> Facts:
        original, control = tables.whole.original, tables.whole.control
        return Facts(
            theirs,
            found.reading,
            _sides(answer, tables),
            found.counts,
            tables.attacks,
            emitted=answer["emitted"],
            original_rows=len(original),
            control_rows=None if control is None else len(control),
            repeated=repeated(original),
            release_repeated=repeated(tables.whole.release),
            quoted=quoted(tables.frames.synthetic[tables.whole.name], tables.whole.schema) if columns > 1 else 0.0,
            foremost=foremost(tables.whole) if columns == 1 else None,
        )

    def rows(answer: Answer) -> tuple[Row, ...]:
        found = found_by(attack, said(attack, tables.whole, tables.seed), tables.whole, tables.seed)
        mode = "univariate" if columns == 1 else "multivariate"
        return (
            _row(tables, attack, (f"singling out, {mode}", setup), answer, found=found, facts=facts, inside=inside),
        )

    return Question(task, rows)


def _linkability(tables: Tables, attack: Halves, *, inside: bool) -> Question:
    names = names_of(tables.few.schema)
    task = {"task": "linkability", "first": names.sent(attack.first), "second": names.sent(attack.second)}
    setup = f"{_people(tables)}, {len(attack.first)} + {len(attack.second)} columns, one neighbour"

    def facts(answer: Answer, found: Found, theirs: Reading) -> Facts:
        known = (*attack.first, *attack.second)
        return replace(
            _of_guesses(tables, attack, known, answer=answer, found=found, theirs=theirs),
            tied=tied(tables.few, (attack.first, attack.second)),
            published_again=repeated(tables.few.release.select(known)),
        )

    def rows(answer: Answer) -> tuple[Row, ...]:
        found = found_by(attack, said(attack, tables.few, tables.seed), tables.few, tables.seed)
        return (_row(tables, attack, ("linkability", setup), answer, found=found, facts=facts, inside=inside),)

    return Question(task, rows)


def _inference(tables: Tables, attack: NearestGuess, *, inside: bool) -> Question:
    names = names_of(tables.few.schema)
    task = {"task": "inference", "known": names.sent(attack.known), "secret": names.sent([attack.secret])[0]}
    setup = f"{_people(tables)}, {len(attack.known)} known columns, the nearest record"
    guesses = said(attack, tables.few, tables.seed)

    def facts(answer: Answer, found: Found, theirs: Reading) -> Facts:
        made = _of_guesses(tables, attack, attack.known, answer=answer, found=found, theirs=theirs)
        made = replace(
            made,
            tied=tied(tables.few, (attack.known,)),
            secrets_missing=missing_among(tables.few.original, (attack.secret,), ordered=False),
        )
        if isinstance(guesses, NotEnoughDataError) or tables.few.schema[attack.secret].kind not in ORDERED:
            return made
        return replace(made, their_rule=by_their_rule(guesses, tables.few), below_zero=below_zero(guesses["original"]))

    def rows(answer: Answer) -> tuple[Row, ...]:
        found = found_by(attack, guesses, tables.few, tables.seed)
        return (_row(tables, attack, ("inference", setup), answer, found=found, facts=facts, inside=inside),)

    return Question(task, rows)


def _of_guesses(
    tables: Tables, attack: Attack, known: Sequence[str], *, answer: Answer, found: Found, theirs: Reading
) -> Facts:
    """Return what is known of every attack on single people."""
    original = tables.few.original
    return Facts(
        theirs,
        found.reading,
        _sides(answer, tables),
        found.counts,
        len(original),
        their_scale=counted(said(attack, tables.alike, tables.seed), tables.alike),
        numbers_missing=missing_among(original, known, ordered=True),
        people=original.people if original.people < len(original) else None,
    )


def _row(
    tables: Tables,
    attack: Attack,
    words: tuple[str, str],
    answer: Answer,
    *,
    found: Found,
    facts: Callable[[Answer, Found, Reading], Facts],
    inside: bool,
) -> Row:
    """Return the row of an answer, or of the error that came instead."""
    measure, setup = words
    ours = shown_risk(found, tables.whole.original.people, inside=inside)
    if "error" in answer or answer["value"] is None:
        theirs, why = failed(answer)
        return Row(tables.whole.name, "anonymeter", measure, attack.endpoint, theirs, ours, setup, why)
    low, high = answer["interval"]
    read = Reading(answer["value"], (low, high))
    theirs = read if inside else withheld(read, _sides(answer, tables))
    # told from what is shown: what the numbers withheld are like must not be read off the reasons
    known = facts(answer, replace(found, reading=ours), theirs)
    why = (*found.why_not, *about_theirs(known)) if found.why_not else reasons(known)
    return Row(tables.whole.name, "anonymeter", measure, attack.endpoint, theirs, ours, setup, why)


def _sides(answer: Answer, tables: Tables) -> Sides:
    """Return their successes; they count rows, of which one person may have many."""
    trials, control = int(answer["attacks"]), tables.few.control
    others = None if control is None or answer["control"] is None else (answer["control"], trials, least_rows(control))
    return Sides(
        Counts(answer["successes"], trials, least_rows(tables.few.original)),
        None if others is None else Counts(*others),
    )


def _people(tables: Tables) -> str:
    rows = len(tables.few.original)
    return f"the same {rows:,} rows of the original" + ("" if tables.few.control is None else " and of the control")
