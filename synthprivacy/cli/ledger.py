"""`synthprivacy ledger`: what was judged, what went out, and what it adds up to."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from synthprivacy.cli.console import last_line, say, tell
from synthprivacy.errors import ConfigError

if TYPE_CHECKING:
    from synthprivacy.ledger.composing import Claim


class Action(StrEnum):
    """What to do with a ledger."""

    add = "add"
    show = "show"
    check = "check"


def ledger(
    action: Action = typer.Argument(help="Write down that a release goes out; tell what is there; look for edits."),
    file: Path = typer.Argument(help="The ledger; `add` makes one."),
    evaluation: Path | None = typer.Argument(None, help="For add: what `evaluate --json` wrote."),
    release: str = typer.Option("", help="For add: which release of the evaluation; needless where it has one."),
    recipient: str = typer.Option("", help="For add: who receives it."),
    epsilon: float | None = typer.Option(None, help="For add: what its generator claims."),
    kept: Path | None = typer.Option(None, help="For add: the file itself, to attack later releases together with it."),
    training: Path | None = typer.Option(
        None, help="For add: the training table, to see whether those of later releases drift away from it."
    ),
    delta: float = typer.Option(0.0, help="For add: the claim's delta."),
    seal: str | None = typer.Option(None, help="For check: a seal that was noted down earlier must still be there."),
) -> int:
    """Keep the memory of a gate: one file, appended to only, every entry sealed with the one before it.

    `gate --ledger FILE` writes down what it judges. `check` exits 0 if the ledger is whole and 1 if it was edited.

    Example: synthprivacy ledger add releases.ledger evaluation.json --release ctgan --recipient "open data portal"
    """
    if (evaluation is not None) != (action is Action.add):
        msg = "ledger add needs an evaluation, show and check take none; see `synthprivacy ledger --help`"
        raise ConfigError(msg)
    if action is Action.check:
        return _check(file, seal)
    if action is Action.show or evaluation is None:
        return _show(file)
    return _add(file, evaluation, release, recipient, _claim(epsilon, delta), kept=kept, training=training)


def _claim(epsilon: float | None, delta: float) -> Claim | None:
    from synthprivacy.ledger.composing import Claim

    return None if epsilon is None else Claim(epsilon, delta)


def _check(file: Path, seal: str | None) -> int:
    from synthprivacy.cli.remembering import key
    from synthprivacy.ledger.store import check

    found = check(file, key(), head=seal)
    for fault in found:
        say(fault)
    last_line(1 if found else 0, f"{file.name} is {'broken: ' + found[0] if found else 'whole'}")
    return 1 if found else 0


def _show(file: Path) -> int:
    from synthprivacy.cli.remembering import attackers, key, now
    from synthprivacy.ledger.pages import page
    from synthprivacy.ledger.store import read

    tell(page(read(file, key()), attackers=attackers(), today=now().date()))
    last_line(0, f"{file.name} is whole")
    return 0


def _add(
    file: Path,
    source: Path,
    release: str,
    recipient: str,
    claim: Claim | None,
    *,
    kept: Path | None,
    training: Path | None,
) -> int:
    from synthprivacy.cli.attested import subject, training_sha256
    from synthprivacy.cli.remembering import key, now, stamp
    from synthprivacy.gating.union import files_of
    from synthprivacy.ledger.judging import released
    from synthprivacy.ledger.keeping import place_of, training_of
    from synthprivacy.ledger.store import append
    from synthprivacy.results import Evaluation

    evaluation = Evaluation.from_json(source)
    files = files_of(evaluation)
    names = [found.name for found in evaluation.releases if found.name in files]
    name = release or (names[0] if len(names) == 1 else "")
    if name not in names:
        raise ConfigError(f"--release must name one of the {len(names)} releases of {source.name}: {', '.join(names)}")
    place = None if kept is None else place_of(kept, subject(evaluation, name, kept).sha256, file.parent)
    secret = key()
    origin = (
        None
        if training is None
        else training_of(training, training_sha256(evaluation, training, secret), file.parent, secret)
    )
    written, decision = append(
        file,
        secret,
        lambda entries: released(
            entries, evaluation, name, key=secret, claim=claim, to=recipient, kept=place, training=origin
        ),
        at=stamp(now()),
    )
    tell(f"{name}: written down as released; the gate said: {decision}")
    last_line(0, f"{file.name}: {written.head.count} entries, the last sealed {written.entries[-1].seal}")
    return 0
