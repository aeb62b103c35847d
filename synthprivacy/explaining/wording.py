"""An explanation as text: tables that a person reads from the top, and stops where they know enough."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from synthprivacy.explaining.remedies import Remedy, share
from synthprivacy.explaining.values import ByColumn, Ends, Explanation, Mechanism, best, fall
from synthprivacy.results import Interval, Risk
from synthprivacy.schemata import shown

WARNING = (
    "Never release a table from which rows were taken because they are close to training people: which rows are missing "
    "tells who was trained on (ReconSyn: Ganev and De Cristofaro 2023, arXiv 2312.05114). Change the generator or the "
    "columns, and evaluate what comes out."
)
NOTHING = (
    "Nothing to explain: to the attacks that ran, this endpoint shows no risk, and no way of repeating people is evident. "
    "Nothing needs to be changed for it."
)
NOTHING_ALONE = (
    "No single column and no single mechanism takes a material part of this risk: train for fewer epochs, with stronger "
    "regularisation (trees: larger leaves) or with differential privacy, and evaluate what comes out."
)
Row = tuple[str, ...]


def to_text(explanation: Explanation) -> str:
    """Return an explanation as text."""
    return "\n".join(line.rstrip() for line in _lines(explanation))


def _lines(explanation: Explanation) -> Iterator[str]:
    name, endpoint = shown(explanation.release), shown(explanation.endpoint)
    yield f"{name}: {endpoint} shows a risk of {_amount(explanation.risk)}"
    yield from (f"note: {note}" for note in _notes(explanation))
    if explanation.people is not None and explanation.nothing:
        yield ""
        yield NOTHING if explanation.rendering == "inside" else f"{NOTHING} What is withheld here is not spoken of."
    elif explanation.people is not None:
        yield from _first(explanation)
    if explanation.people is not None and not explanation.nothing:
        yield from ("", "What to change")
        yield from (f"  {number}. {_sentence(one, explanation)}" for number, one in enumerate(explanation.remedies, 1))
        if not explanation.remedies:
            yield f"  {NOTHING_ALONE}"
        yield from ("", WARNING)
    for title, rows in _tables(explanation):
        yield ""
        yield title
        yield from _aligned(rows)


def _notes(explanation: Explanation) -> Iterator[str]:
    yield from explanation.notes
    if explanation.people is not None:
        original, control = explanation.people
        again = "" if explanation.read is None else f"; it reads {_amount(explanation.read)} on them"
        yield f"asked again about {original:,} training and {control:,} control people{again}"
    if explanation.passed_over:
        yield f"a first look on fewer people passed over {explanation.passed_over} columns"


def _first(explanation: Explanation) -> Iterator[str]:
    mechanism, column = explanation.mechanism, explanation.column
    if mechanism is None:
        yield "first mechanism: none is evident"
    else:
        part = share(explanation, mechanism)
        goes = "" if part is None else f"; {part:.0%} of the risk goes with the rows that show it"
        yield f"first mechanism: {_title(mechanism)}{goes}"
    if not explanation.columns:
        return
    if column is None:
        yield "first column: none; without any single one of those the attacker knows, the risk stays"
    else:
        left = "nothing is left to attack" if column.gone else f"{_amount(column.without)} is left"
        yield f"first column: {shown(column.column)}; without it {left}"


def _sentence(one: Remedy, explanation: Explanation) -> str:
    """Return a change and its effect, a sentence each."""
    if one.gone:
        effect = "nothing is left to attack"
    elif one.after is not None:
        effect = f"the risk is {_amount(one.after)} instead of {_amount(explanation.read)}"
    else:
        why = "could not be measured" if explanation.excess else "was not measured, as the endpoint shows no risk"
        return f"{_capital(one.change)}. Its effect {why}."
    if one.indirect:
        return f"{_capital(one.change)}. Without the rows that show it {effect}; what is made in their place decides the rest."
    return f"{_capital(one.change)}. Measured on these tables, {effect} then."


def _tables(explanation: Explanation) -> Iterator[tuple[str, Sequence[Row]]]:
    if explanation.columns:
        head: Row = ("column", "left without it", "takes", "left with it coarser", "how")
        yield "By column", [head, *(_column_row(one, explanation) for one in explanation.columns)]
    if explanation.mechanisms:
        head = ("mechanism", "evidence", "p", "rows", "left without them", "accounts for")
        yield "By mechanism", [head, *(_mechanism_row(one, explanation) for one in explanation.mechanisms)]
    if explanation.groups:
        rows = [(shown(_people(risk)), _amount(risk)) for risk in explanation.groups]
        yield "By group", [("people", "risk"), *rows]
    if explanation.deciles is not None:
        parts = enumerate(explanation.deciles.parts, 1)
        rows = [(str(number), f"{_share(part.value)} ({_ends(part.interval)})") for number, part in parts]
        yield "From the least to the most unusual people", [("part", "risk"), *rows]


def _column_row(one: ByColumn, explanation: Explanation) -> Row:
    without = "it is guessed" if one.guessed else "nothing" if one.gone else _amount(one.without)
    return (
        shown(one.column),
        without,
        _share(fall(explanation.read, best(one))),
        _amount(one.coarser),
        one.how or "is as coarse already",
    )


def _mechanism_row(one: Mechanism, explanation: Explanation) -> Row:
    if one.evidence is None:
        return (_title(one), f"not told: {one.reason}")
    evidence = one.evidence
    if isinstance(evidence, Ends):
        told = f"{evidence.original} of {evidence.of} ends, {evidence.control} by the control"
    else:
        told = _amount(evidence)
    left = "nothing" if one.gone else _amount(one.left)
    part = share(explanation, one)
    p_value = "" if evidence.p_value is None else f"{evidence.p_value:.2g}"
    rows = "" if one.rows is None else f"{one.rows:.1%} {one.how or ''}"
    return (_title(one), told, p_value, rows, left, "" if part is None else f"{part:.0%}")


def _title(one: Mechanism) -> str:
    return one.title if one.column is None else f"{one.title} ({shown(one.column)})"


def _people(risk: Risk) -> str:
    """Return whom a risk is about; what stands after an ``@`` of its endpoint may be part of a column's name."""
    stratum = risk.parameters.get("stratum")
    return stratum if isinstance(stratum, str) else risk.endpoint


def _amount(risk: Risk | None) -> str:
    return "" if risk is None else f"{_share(risk.value)} ({_ends(risk.interval)})"


def _ends(interval: Interval) -> str:
    return f"{_share(interval[0])} to {_share(interval[1])}"


def _share(value: float | None) -> str:
    if value is None:
        return ""
    if not math.isfinite(value):
        return "-∞" if value < 0 else "∞"
    return f"{value:.1%}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _aligned(rows: Sequence[Row]) -> Iterator[str]:
    """Yield rows in columns; the last cell of a row that is shorter than the others tells a reason, and sets no width."""
    most = max(len(row) for row in rows)
    widths = [max(len(row[place]) for row in rows if len(row) == most or place < len(row) - 1) for place in range(most)]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths))
