"""`synthprivacy.crosscheck`: the numbers of other tools beside ours, from tables as users have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from synthprivacy import __version__
from synthprivacy.clock import Progress
from synthprivacy.crosschecking import asking_anonymeter, asking_sdmetrics
from synthprivacy.crosschecking.measuring import Tables, tables_of
from synthprivacy.crosschecking.running import Interpreter
from synthprivacy.crosschecking.sending import sent
from synthprivacy.crosschecking.values import Crosscheck, Question, Row
from synthprivacy.errors import ConfigError, DataError
from synthprivacy.frames import Frames, read_tables
from synthprivacy.results import Skipped
from synthprivacy.schemata import Schema, shown

PEERS: Mapping[str, Callable[..., list[Question]]] = MappingProxyType(
    {"anonymeter": asking_anonymeter.questions, "sdmetrics": asking_sdmetrics.questions}
)
"""By the name of the package."""
ATTACKS = 500
"""People attacked a side: anonymeter's own number."""
_LEAST = (1, 1)
"""The first version of anonymeter that does not run the text of a table as code."""


def crosscheck(
    *,
    original: object,
    synthetic: object | Mapping[str, object],
    control: object | None = None,
    schema: Schema | None = None,
    peers: Sequence[str] = (),
    python: str = "",
    attacks: int = ATTACKS,
    seed: int = 0,
    inside: bool = False,
    timeout: float = 3600.0,
    progress: Progress | None = None,
) -> Crosscheck:
    """Return what anonymeter and SDMetrics say of releases, what this package says of the same people, and why it differs.

    The peers run in a process of their own, in this Python or in another one: none of them is needed to use this package.
    They are given the columns that attacks may use, under names without meaning.

    Parameters
    ----------
    original, synthetic, control, schema
        As for `evaluate`.
    peers : sequence of {"anonymeter", "sdmetrics"}
        Those that must be there; whichever are found if empty.
    python : str
        Path of the Python that has them; this one if empty.
    attacks : int
        People attacked a side, predicates, and released rows asked about; at least 20.
    seed : int
        The same tables, seed and versions give the same result.
    inside : bool
        Show what may tell of fewer than ten people, for those who may see the original.
    timeout : float
        Seconds that one peer may take on one release.
    progress : callable, optional
        Called with (steps done, steps in all, what comes next).

    Returns
    -------
    Crosscheck
        A row a measure; no cell of a person.

    Raises
    ------
    ConfigError
        If a peer that was named, or every peer, is missing, or the Python cannot be started.
    SynthPrivacyError
        If the tables cannot be judged.
    """
    frames = read_tables(original=original, control=control, synthetic=synthetic, schema=schema)
    interpreter = Interpreter(python, timeout)
    return crosscheck_frames(
        frames, interpreter, peers=peers, attacks=attacks, seed=seed, inside=inside, progress=progress
    )


def crosscheck_frames(
    frames: Frames,
    interpreter: Interpreter,
    *,
    peers: Sequence[str] = (),
    attacks: int = ATTACKS,
    seed: int = 0,
    inside: bool = False,
    progress: Progress | None = None,
) -> Crosscheck:
    """Return the crosscheck of conforming tables; see `crosscheck`."""
    _require(peers, attacks)
    there = interpreter.versions()
    asked, skipped = _found(peers, there)
    rows: list[Row] = []
    turns = [(release, peer) for release in frames.synthetic for peer in asked]
    for turn, (release, peer) in enumerate(turns):
        if progress is not None:
            progress(turn, len(turns), f"{release}: {peer}")
        tables = tables_of(frames, release, attacks, seed)
        questions = PEERS[peer](tables, inside=inside)
        try:
            answers = interpreter.ask(_request(tables, questions, numbered=peer == "sdmetrics"))
        except DataError as error:
            why = f"it {error} about {shown(release)}"
            skipped.append(Skipped(peer, peer, why, "ask it by itself, or give it more time"))
            continue
        rows += (row for question, answer in zip(questions, answers) for row in question.rows(answer))
    known = {"synthprivacy": __version__} | {peer: there[peer] for peer in asked}
    return Crosscheck(seed, attacks, inside, known, tuple(rows), tuple(skipped))


def _request(tables: Tables, questions: Sequence[Question], *, numbered: bool) -> dict[str, Any]:
    """Return all that one peer is asked about one release, with the tables."""
    some = tables.drawn
    frames = {"original": tables.frames.original, "release": tables.frames.synthetic[tables.whole.name]}
    frames |= {"people": some.frames.original, "rows": some.rows}
    if tables.frames.control is not None and some.frames.control is not None:
        frames |= {"control": tables.frames.control, "others": some.frames.control}
    return {
        "seed": tables.seed,
        "tables": sent(frames, tables.frames.schema, numbered=numbered),
        "tasks": [dict(question.task) for question in questions],
    }


def _require(peers: Sequence[str], attacks: int) -> None:
    unknown = [peer for peer in peers if peer not in PEERS]
    if unknown:
        raise ConfigError(f"a peer must be {' or '.join(PEERS)}, not {shown(unknown[0])}; change it")
    if not isinstance(attacks, int | np.integer) or isinstance(attacks, bool) or attacks < 20:
        raise ConfigError(f"attacks must be a whole number of at least 20: {attacks}; change it")


def _found(peers: Sequence[str], there: Mapping[str, Any]) -> tuple[list[str], list[Skipped]]:
    """Return the peers to ask, and those that are skipped because nobody named them.

    Raises
    ------
    ConfigError
        If one that was named cannot be asked, or none can.
    """
    why_not = {peer: why for peer in PEERS if (why := _why_not(peer, there.get(peer))) is not None}
    for peer in peers:
        if peer in why_not:
            raise ConfigError(f"{peer} {why_not[peer]}")
    asked = list(dict.fromkeys(peers)) or [peer for peer in PEERS if peer not in why_not]
    if not asked:
        raise ConfigError("; ".join(f"{peer} {why}" for peer, why in why_not.items()))
    skipped = []
    for peer, why in why_not.items():
        if not peers:
            reason, _, needs = why.partition("; ")
            skipped.append(Skipped(peer, peer, reason, needs))
    return asked, skipped


def _why_not(peer: str, version: str | None) -> str | None:
    """Return why a peer cannot be asked, and what would help."""
    remedy = f"install {peer} there, or pass the path of a Python that has it by --python"
    if version is None:
        return f"is not in this Python; {remedy}"
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if peer == "anonymeter" and numbers < _LEAST:
        return f"{version} runs text of a table as code; install 1.1 or later there"
    return None
