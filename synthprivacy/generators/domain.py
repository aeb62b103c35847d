"""What values a column may have, declared by people who know the survey and never read from its answers.

A differentially private generator that takes bounds or labels from the table breaks its promise before it adds any
noise: whoever has the extreme income or the rare diagnosis is in the release because the release could hold it.

References
----------
Annamalai, Ganev and De Cristofaro (2024), "What do you want from theory alone?" Experimenting with tight auditing of
differentially private synthetic data generation: violations by metadata that come from the data.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthprivacy.errors import ConfigError
from synthprivacy.schemata import shown
from synthprivacy.schemata.settings import position

_KEYS = frozenset({"labels", "low", "high", "bins", "missing"})


@dataclass(frozen=True, slots=True)
class Labels:
    """A column of labels (or of true and false)."""

    labels: tuple[str, ...]
    """What may be answered; whatever else stands in the table counts as the first."""
    missing: bool = False
    """Whether answers may be missing; where not, a missing one counts as the first label."""

    def __post_init__(self) -> None:
        if not self.labels or len(set(self.labels)) < len(self.labels):
            msg = "labels of a domain must be different, and at least one; list each once"
            raise ConfigError(msg)

    @property
    def cells(self) -> int:
        """Number of cells, one for missing values included."""
        return len(self.labels) + self.missing


@dataclass(frozen=True, slots=True)
class Bins:
    """A column of numbers, instants or durations, in cells of equal width."""

    low: float
    high: float
    """Bounds, both possible; whatever lies outside counts as the nearer one. Instants in microseconds since 1970."""
    bins: int = 10
    missing: bool = False
    """Whether answers may be missing; where not, a missing one counts as the lower bound."""

    def __post_init__(self) -> None:
        if not -math.inf < self.low < self.high < math.inf or self.bins < 1:
            msg = "a domain of numbers must have finite bounds low < high and at least one bin; correct its bounds"
            raise ConfigError(msg)

    @property
    def cells(self) -> int:
        """Number of cells, one for missing values included."""
        return self.bins + self.missing


@dataclass(frozen=True, slots=True)
class Domain:
    """What every column may hold."""

    columns: tuple[tuple[str, Labels | Bins], ...]
    """Name and possible values; hashable, so that a generator can be compared."""

    @classmethod
    def of(cls, columns: Mapping[str, Labels | Bins]) -> Domain:
        """Return the domain of columns by their names."""
        return cls(tuple(columns.items()))

    @classmethod
    def read(cls, path: str) -> Domain:
        """Return the domain that a TOML file declares, one table for each column.

        ``[sex]`` with ``labels = ["female", "male"]``; ``[age]`` with ``low = 0``, ``high = 120`` and ``bins = 12``;
        either may say ``missing = true``. Bounds may be dates.

        Raises
        ------
        ConfigError
            If the file cannot be read, or declares no domain.
        """
        name = shown(Path(path).name)
        try:
            entries = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigError(f"{name} cannot be read ({error.strerror}); pass the path of a domain in TOML") from None
        except ValueError:
            raise ConfigError(f"{name} is not TOML; write a table for each column, such as [age]") from None
        if not entries:
            raise ConfigError(f"{name} declares no column; write a table for each, such as [age]")
        return cls.of({column: _possible(name, column, entry) for column, entry in entries.items()})

    def __getitem__(self, name: str) -> Labels | Bins:
        """Return the possible values of the column called `name`."""
        for column, possible in self.columns:
            if column == name:
                return possible
        raise KeyError(name)

    def only(self, names: Sequence[str]) -> Domain:
        """Return the domain of some of the columns."""
        return Domain(tuple((name, self[name]) for name in names))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column for column, _ in self.columns)


def _possible(file: str, column: str, entry: Any) -> Labels | Bins:
    place = f"{file}, column {shown(column)!r}"
    if not isinstance(entry, Mapping) or not set(entry) <= _KEYS or ("labels" in entry) == ("low" in entry):
        raise ConfigError(f"{place} must have labels, or low, high and bins, and nothing else but missing; correct it")
    missing = entry.get("missing", False)
    if not isinstance(missing, bool):
        raise ConfigError(f"{place}: missing must be true or false; correct it")
    if "labels" in entry:
        labels = entry["labels"]
        if not isinstance(labels, list) or not all(isinstance(label, str | bool) for label in labels):
            raise ConfigError(f"{place}: labels must be a list of texts; correct it")
        return Labels(tuple(_label(label) for label in labels), missing)
    low, high, bins = position(entry["low"]), position(entry.get("high")), entry.get("bins", 10)
    if not low < high or not isinstance(bins, int) or isinstance(bins, bool):
        raise ConfigError(f"{place} must have low < high, and bins in whole numbers; correct it")
    return Bins(low, high, bins, missing)


def _label(label: str | bool) -> str:
    return str(label).lower() if isinstance(label, bool) else label
