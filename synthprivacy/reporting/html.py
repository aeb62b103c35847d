"""Evaluations as HTML: `write` a file, `render` a page, `snippet` for a notebook."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from synthprivacy.errors import ConfigError
from synthprivacy.gating.candidates import as_candidates
from synthprivacy.gating.counts import plural
from synthprivacy.reporting import hooks, method, overview, pairs, people, responses, threats, unpaired, utility, words
from synthprivacy.reporting.entries import line_up
from synthprivacy.reporting.verdicts import judge
from synthprivacy.results import Evaluation
from synthprivacy.results.files import write_text


def write(
    evaluations: Evaluation | Sequence[Evaluation],
    path: str | os.PathLike[str],
    *,
    inside: bool = False,
    counted: Sequence[Mapping[str, int]] = (),
    against: Evaluation | None = None,
) -> None:
    """Write the report as one HTML file that needs nothing else: no network, no script, no font.

    Parameters
    ----------
    evaluations
        One evaluation or several, each with one release or many; all releases stand side by side.
    path
        The file; it is whole or as it was.
    inside
        Print counts of people under ten. The default is the public rendering, which may leave the house.
    counted
        For each evaluation, as which candidate of its control each release was judged, by name: a ledger knows. Decision
        bounds are held to their share of the error, as the gate holds them.
    against
        An evaluation of the release that was accepted last: not shown, but all others are held against it, unpaired.

    Raises
    ------
    ConfigError
        If there is no evaluation.
    DataError
        If the file cannot be written.
    """
    write_text(path, render(evaluations, inside=inside, counted=counted, against=against))


def render(
    evaluations: Evaluation | Sequence[Evaluation],
    *,
    inside: bool = False,
    counted: Sequence[Mapping[str, int]] = (),
    against: Evaluation | None = None,
) -> str:
    """Return the report as one HTML page: the same bytes for the same evaluations.

    Parameters
    ----------
    evaluations, inside, counted, against
        As in `write`.

    Raises
    ------
    ConfigError
        If there is no evaluation.
    """
    given = (evaluations,) if isinstance(evaluations, Evaluation) else tuple(evaluations)
    if not given:
        msg = "a report needs at least one evaluation: 0 were given; pass what `evaluate` returned"
        raise ConfigError(msg)
    told = [
        _told(evaluation, numbers, inside=inside) for evaluation, numbers in zip(given, counted or [{}] * len(given))
    ]
    judgements = tuple(judge(evaluation) for evaluation in told)
    entries = line_up(told, judgements, counted)
    environment = _environment()
    style = environment.get_template("style.css").render()
    return environment.get_template("page.html").render(
        style_hash=_source_hash(style),
        entries=entries,
        several=len(entries) > 1,
        public=all(evaluation.rendering == "public" for evaluation in told),
        notices=method.notices(told),
        judgements=judgements,
        cards=overview.cards(entries),
        ruler=overview.ruler(entries),
        ladder=responses.ladder(entries),
        checks=overview.checks(told),
        sections=threats.sections(entries),
        people=people.people(entries),
        utility=utility.utility(entries),
        pairs=pairs.pairs(entries),
        unpaired=unpaired.unpaired(entries, None if against is None else _told(against, {}, inside=inside)),
        counted=bool(counted),
        uncounted=[entry.name for entry in entries if counted and entry.candidate is None],
        estimands=method.estimands(entries),
        hooks=hooks.HOOKS,
        hooks_as_of=hooks.AS_OF,
        runs=method.runs(told),
        words=words,
    )


def snippet(evaluation: Evaluation) -> str:
    """Return the headline and the endpoints of an evaluation as a small table for a notebook."""
    told = _as_stored(evaluation)
    entries = line_up([told], [judge(told)])
    return (
        _environment()
        .get_template("snippet.html")
        .render(cards=overview.cards(entries), sections=threats.sections(entries, drawn=False), words=words)
    )


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader(__name__.rpartition(".")[0]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["plural"] = plural
    return made


def _told(evaluation: Evaluation, numbers: Mapping[str, int], *, inside: bool) -> Evaluation:
    """Return the evaluation as it is shown, releases that are candidates held to their share of the error."""
    return _as_stored(as_candidates(evaluation if inside else evaluation.public(), numbers))


def _as_stored(evaluation: Evaluation) -> Evaluation:
    """Return the evaluation as its JSON has it, so that a report made from the file is the same byte for byte."""
    return Evaluation.from_dict(json.loads(evaluation.dumps()))


def _source_hash(text: str) -> str:
    """Return the source expression by which the page's security policy allows exactly this style sheet."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
