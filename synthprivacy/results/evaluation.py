"""The whole of an evaluation: everything a gate, a report or a comparison needs, and no data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from synthprivacy.errors import DataError
from synthprivacy.results.deciles import Deciles
from synthprivacy.results.privacy_loss import PrivacyLoss, statement
from synthprivacy.results.risk import Check, Copies, Count, Floor, Risk, Score, Series, Skipped
from synthprivacy.results.sealing import require_whole, sealed

if TYPE_CHECKING:
    import os

    import pandas as pd

    from synthprivacy.explaining import Explanation
    from synthprivacy.reporting.plots import Plots

FORMAT = "synthprivacy/evaluation/1"


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What is said of a table: never more than its shape and a digest."""

    digest: str | None
    """``sha256:…`` for a release; ``hmac-sha256:…`` for original and control; None without a key."""
    rows: int
    units: int
    columns: int


@dataclass(frozen=True, slots=True)
class Release:
    """What was found about one synthetic table."""

    name: str
    copies: Copies | None
    risks: tuple[Risk, ...]
    skipped: tuple[Skipped, ...] = ()
    scores: tuple[Score, ...] = ()
    series: tuple[Series, ...] = ()
    floor: Floor | None = None
    """None where no primary endpoint was judged."""
    privacy_loss: PrivacyLoss | None = None
    """None without a split drawn by coins."""
    deciles: tuple[Deciles, ...] = ()
    """How the risk of each primary endpoint goes with how unusual people are."""

    @property
    def worst(self) -> Risk | None:
        """The primary endpoint with the largest decision bound (any endpoint if none is primary)."""
        candidates = [risk for risk in self.risks if risk.primary] or list(self.risks)
        return max(candidates, key=lambda risk: (risk.upper, risk.value), default=None)

    def explain(self, endpoint: str | None = None) -> Explanation:
        """Return what this release alone tells of an endpoint: its risk by group and by how unusual people are.

        By column and by mechanism needs the tables: `synthprivacy.explain`.

        Parameters
        ----------
        endpoint : str, optional
            The worst primary one where none is named.
        """
        from synthprivacy.explaining import explain_release

        return explain_release(self, endpoint)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One run: some releases of one original, judged with one control."""

    seed: int
    plan: Mapping[str, Any]
    """What was decided before anyone was seen, as strict JSON; ``plan["policy"]`` holds the declared policy or null."""
    versions: Mapping[str, str]
    comparator: Mapping[str, Any]
    """``{"kind": "holdout" | "none", …}``"""
    checks: tuple[Check, ...]
    original: TableFacts
    control: TableFacts | None
    synthetic: Mapping[str, TableFacts]
    releases: tuple[Release, ...]
    rendering: Literal["inside", "public"] = "inside"
    pairs: tuple[Mapping[str, Any], ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict, compare=False)
    """Seconds per stage; never part of the JSON, which is the same byte for byte in every run."""

    def __getitem__(self, name: str) -> Release:
        """Return the release called `name`."""
        for release in self.releases:
            if release.name == name:
                return release
        raise KeyError(name)

    def __repr__(self) -> str:
        return "\n".join(line for release in self.releases for line in _lines(release))

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON: no NaN, `None` where there is nothing."""
        from synthprivacy.results.serialize import evaluation_to_dict

        return evaluation_to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Evaluation:
        """Return the evaluation that `to_dict` wrote.

        Raises
        ------
        DataError
            If the format is unknown or a required part is missing.
        """
        from synthprivacy.results.parse import evaluation_from_dict

        return evaluation_from_dict(data)

    def to_json(self, path: str | os.PathLike[str]) -> None:
        """Write the JSON atomically: the file is whole or as it was."""
        from synthprivacy.results.files import write_text

        write_text(path, self.dumps())

    def dumps(self) -> str:
        """Return the JSON text, with a digest of itself in it."""
        return json.dumps(sealed(self.to_dict()), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, path: str | os.PathLike[str]) -> Evaluation:
        """Read what `to_json` wrote.

        Raises
        ------
        DataError
            If the file is missing, is not JSON, has an unknown format, or is not as it was written.
        """
        from synthprivacy.results.files import read_json

        data = read_json(path)
        if not isinstance(data, dict):
            msg = "an evaluation must be a JSON object; write one with `synthprivacy evaluate --json FILE`"
            raise DataError(msg)
        if data.get("format") == FORMAT:
            require_whole(data)
        return cls.from_dict(data)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per release and endpoint, skipped ones included (pandas).

        ``above_ceiling`` names the likenesses in which the release is closer to the training people than a fresh sample could
        be; it is empty where there are none.
        """
        import pandas as pd

        from synthprivacy.results.overfitting import above_ceiling

        flags = {release.name: ", ".join(above_ceiling(release.scores)) for release in self.releases}

        rows = [
            {
                "release": release.name,
                "attack": risk.attack,
                "endpoint": risk.endpoint,
                "primary": risk.primary,
                "value": risk.value,
                "low": risk.interval[0],
                "high": risk.interval[1],
                "upper": risk.upper,
                "skipped": None,
                "above_ceiling": flags[release.name],
            }
            for release in self.releases
            for risk in release.risks
        ]
        rows += [
            {
                "release": release.name,
                "attack": skipped.attack,
                "endpoint": skipped.endpoint,
                "primary": skipped.primary,
                "skipped": skipped.reason,
                "above_ceiling": flags[release.name],
            }
            for release in self.releases
            for skipped in release.skipped
        ]
        columns = [
            "release",
            "attack",
            "endpoint",
            "primary",
            "value",
            "low",
            "high",
            "upper",
            "skipped",
            "above_ceiling",
        ]
        return pd.DataFrame(rows, columns=columns)

    def metrics(self) -> dict[str, float]:
        """Return a flat mapping of numbers for experiment trackers: ``RELEASE.ENDPOINT.value|upper``."""
        flat: dict[str, float] = {}
        for release in self.releases:
            for risk in release.risks:
                flat[f"{release.name}.{risk.endpoint}.value"] = risk.value
                flat[f"{release.name}.{risk.endpoint}.upper"] = risk.upper
            for score in release.scores:
                if score.value is not None:
                    flat[f"{release.name}.{score.family}.{score.metric}"] = score.value
        return {name: value for name, value in flat.items() if abs(value) != float("inf")}

    def public(self) -> Evaluation:
        """Return the rendering that may leave the house: counts of people under ten withheld."""
        from synthprivacy.rendering import public

        return public(self)

    @property
    def plot(self) -> Plots:
        """The report's charts: ``plot.risks(ax=None)``, ``ladder``, ``deciles``, ``roc``, ``frontier`` and ``shapes``."""
        from synthprivacy.reporting.plots import Plots

        return Plots(self)

    def _repr_html_(self) -> str:
        from synthprivacy.reporting.html import snippet

        return snippet(self)


def _lines(release: Release) -> tuple[str, ...]:
    loss = release.privacy_loss
    return (headline(release),) if loss is None else (headline(release), f"  {statement(loss)}")


def headline(release: Release) -> str:
    """Return the one sentence about a release that everybody understands."""
    copies = release.copies
    name = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in release.name)
    if copies is None:
        return f"{name}: no headline, for want of a control large enough to read it on"
    perfect = copies.perfect_interval
    return (
        f"{name}: to the attacks that ran, as if {people(copies.value)} of {copies.of:,} real records had been "
        f"published ({at_most(copies.interval[1])})"
    ) + ("" if perfect is None else f"; a perfect release reads {at_most(perfect[1])}")


def people(count: Count | float) -> str:
    """Return a number of people as text: whole people, rounded from one half upwards."""
    return f"{max(0, int(count + 0.5)):,}" if isinstance(count, int | float) else "fewer than 10"


def at_most(count: Count | float) -> str:
    """Return an upper end as text."""
    return f"at most {people(count)}" if isinstance(count, int | float) else people(count)
