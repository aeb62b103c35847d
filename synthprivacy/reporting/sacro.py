"""The record that output checkers of data agencies work with: the public report, its charts as pictures, and checksums.

The layout is the one that ACRO writes and the SACRO Viewer opens: `results.json` names every file with a status, and
`checksums/FILE.txt` holds its SHA-256. Nothing is marked as passed: whether a file may go out is the checker's to say.

References
----------
AI-SDC/ACRO, `acro/record.py`, and opensafely-core/sacro, `outputs.py` (both on GitHub, read in November 2026).
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.rendering.counts import THRESHOLD
from synthprivacy.reporting import svg
from synthprivacy.reporting.html import render
from synthprivacy.reporting.names import shown
from synthprivacy.reporting.plots import Plots
from synthprivacy.results import Evaluation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

VERSION = "0.4.0"
"""Of the layout: what the SACRO Viewer writes for files that ACRO did not make."""
_DOTS = 144


@dataclass(frozen=True, slots=True)
class Output:
    """One file to be checked."""

    name: str
    content: bytes
    summary: str


def write_record(
    evaluations: Sequence[Evaluation],
    folder: str | os.PathLike[str],
    *,
    counted: Sequence[Mapping[str, int]] = (),
    against: Evaluation | None = None,
) -> tuple[str, ...]:
    """Write the public report, the public evaluations and charts into a new folder, with the record of them.

    The record is written last: a folder without `results.json` is not whole.

    Parameters
    ----------
    evaluations
        At least one; they are made public first.
    folder
        Must not exist, or be empty: a file from before would go out unchecked.
    counted, against
        As in `render`.

    Returns
    -------
    tuple of str
        Names of the files that are to be checked.

    Raises
    ------
    ConfigError
        If there is no evaluation, or the folder holds something.
    DataError
        If the folder cannot be written.
    """
    place = Path(folder)
    try:
        if place.exists() and any(place.iterdir()):
            raise ConfigError(f"{place.name} must be a new or empty folder: it holds files already; name another one")
        page = render(evaluations, counted=counted, against=against)
        outputs = tuple(_outputs([evaluation.public() for evaluation in evaluations], page))
        place.mkdir(exist_ok=True)
        (place / "checksums").mkdir()
        for output in outputs:
            _write(place, output.name, output.content)
        _write(place, "results.json", _record(outputs).encode())
    except OSError as error:
        msg = f"{place.name} cannot be written ({error.strerror}); name a folder in one that you may write to"
        raise DataError(msg) from None
    return tuple(output.name for output in outputs)


def _outputs(evaluations: Sequence[Evaluation], page: str) -> Iterator[Output]:
    """Yield every file with what is in it. Names are counted, since those of attacks and releases may be any text."""
    yield Output("report.html", page.encode(), "Report of a privacy evaluation of synthetic data.")
    for number, evaluation in enumerate(evaluations, start=1):
        what = "Numbers of the privacy evaluation behind the report, counts under ten withheld."
        yield Output(f"evaluation-{number}.json", evaluation.dumps().encode(), what)
        for place, (title, picture) in enumerate(_charts(evaluation), start=1):
            yield Output(f"chart-{number}-{place:02}.png", picture, title)


def _charts(evaluation: Evaluation) -> Iterator[tuple[str, bytes]]:
    """Yield every chart that the evaluation has numbers for, with what it shows."""
    plots = Plots(evaluation, managed=False)
    risks = [risk for release in evaluation.releases for risk in release.risks]
    wanted = [
        (f"Risks of {shown(attack)} with intervals.", "risks", {"attack": attack}) for attack in _each(risks, "attack")
    ]
    wanted += [
        (f"Training people found at few false alarms, {shown(name)}.", "roc", {"endpoint": name})
        for name in _each(risks, "endpoint")
    ]
    parts = [found for release in evaluation.releases for found in release.deciles]
    wanted += [
        (f"Risk by how unusual people are, {shown(name)}.", "deciles", {"endpoint": name})
        for name in _each(parts, "endpoint")
    ]
    wanted += [
        ("How the headline was read.", "ladder", {}),
        ("Risk against utility.", "frontier", {}),
        ("How each column looks.", "shapes", {}),
    ]
    for title, chart, of in wanted:
        with svg.defaults():
            try:
                ax = getattr(plots, chart)(**of)
            except ConfigError:  # there is nothing to draw
                continue
            yield title, _picture(ax)


def _each(items: Sequence[object], what: str) -> list[str]:
    return list(dict.fromkeys(getattr(item, what) for item in items))


def _picture(ax: Axes) -> bytes:
    """Return a chart as PNG: the same bytes for the same numbers and version of matplotlib."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # A name in a script that the font lacks is drawn as boxes, which is no one's mistake.
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        cast("Figure", ax.figure).savefig(buffer, format="png", dpi=_DOTS, metadata={"Software": None})
    return buffer.getvalue()


def _record(outputs: Sequence[Output]) -> str:
    date = os.environ.get("SOURCE_DATE_EPOCH", "")
    when = datetime.fromtimestamp(int(date), tz=UTC).isoformat() if date.isdecimal() else ""
    results = {
        f"output_{number}": {
            "uid": f"output_{number}",
            "status": "review",
            "type": "custom",
            "properties": {"rendering": "public", "threshold": THRESHOLD},
            "files": [{"name": output.name, "sdc": {}}],
            "outcome": {},
            "command": "synthprivacy report --sacro",
            "summary": f"review; {output.summary}",
            "timestamp": when,
            "comments": [f"Public rendering: counts of people under {THRESHOLD} are withheld."],
            "exception": "",
        }
        for number, output in enumerate(outputs)
    }
    return json.dumps({"version": VERSION, "results": results}, indent=1, ensure_ascii=False) + "\n"


def _write(place: Path, name: str, content: bytes) -> None:
    (place / name).write_bytes(content)
    (place / "checksums" / f"{name}.txt").write_text(hashlib.sha256(content).hexdigest(), encoding="ascii")
