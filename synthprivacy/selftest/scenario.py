"""A scenario: how the tables of one replicate come about, and what is true of them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from synthprivacy.schemata import conform, infer
from synthprivacy.selftest.populations import Draw
from synthprivacy.selftest.releases import Generate
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load
from synthprivacy.tables.table import Case

LIMIT = 0.05
"""The limit the gate's promises are tested at."""

Spoil = Callable[[pd.DataFrame, pd.DataFrame, np.random.Generator], pd.DataFrame]
"""(original, control, rng) → the control as the user hands it in."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way of making original, control and release, again and again."""

    name: str
    row: str
    """Row of the benchmark it stands for: N0, L1, …"""
    draw: Draw
    release: Generate
    people: int = 500
    """Training people, and rows of the release."""
    control: float = 1.0
    """Control people per training person."""
    truth: Mapping[str, float] = field(default_factory=dict)
    """Residual risk by attack, where it is known exactly."""
    attacks: tuple[str, ...] = ()
    """Attacks that read it; empty = every one."""
    unit: str | None = None
    guessed: str | None = None
    """The column inference goes for; None = the first one."""
    family: str = ""
    """Scenarios of one family differ only in how much they leak."""
    level: float = 0.0
    """Higher = leaks more, within the family."""
    spoil: Spoil | None = None
    """What is wrong with the control."""

    def tables(self, seed: int, number: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Return original, control and release of one replicate."""
        rng = np.random.default_rng([seed, zlib.crc32(self.name.encode()), number])
        sizes = (self.people, round(self.control * self.people), self.people)
        original, control, fresh = (self.draw(size, stream) for size, stream in zip(sizes, rng.spawn(3)))
        if self.spoil is not None:
            control = self.spoil(original, control, rng)
        return original, control, self.release(original, fresh, rng)

    def case(self, seed: int, number: int) -> Case:
        """Return the encoded tables of one replicate."""
        original, control, release = self.tables(seed, number)
        return case_of(original, control, release, unit=self.unit, guessed=self.guessed)


def case_of(
    original: pd.DataFrame,
    control: pd.DataFrame | None,
    release: pd.DataFrame,
    *,
    unit: str | None = None,
    guessed: str | None = None,
) -> Case:
    """Return three frames as a user's tables come in: read, given a schema, encoded."""
    given = {"original": original, "control": control, "release": release}
    frames = {label: load(frame, label=label) for label, frame in given.items() if frame is not None}
    schema = infer(frames["original"], unit=unit, secrets=() if guessed is None else (guessed,))
    conforming, _ = conform(frames, schema)
    return encode(
        original=conforming["original"],
        control=conforming.get("control"),
        release=conforming["release"],
        schema=schema,
    )
