"""Making a control before training: people drawn at random, each with the same chance, whatever the order of the rows.

Every person draws a number from a hash of what identifies them (their id, else their row) and the seed. So the same
table gives the same split after any shuffling, a person's rows stay together, and the draws are independent: what
an audit from one training run needs (Steinke, Nasr and Jagielski 2023, algorithm 1). For such an audit the seed must be
unknown to whoever trains.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import numpy.typing as npt

from synthprivacy.errors import ConfigError, NotEnoughDataError
from synthprivacy.kernels.hashing import uniform
from synthprivacy.schemata import shown
from synthprivacy.tables.checks import FEWEST
from synthprivacy.tables.people import person_keys
from synthprivacy.tables.read import load

if TYPE_CHECKING:
    import pyarrow as pa

BoolArray = npt.NDArray[np.bool_]

FORMAT = "synthprivacy/split/1"

_TAIL = 0.025
"""The decision bound is one-sided at 1 - .025."""


def split(
    members: Any,
    *,
    unit: str | None = None,
    limit: float = 0.05,
    share: float = 0.2,
    seed: int = 0,
    label: str = "members",
) -> tuple[Any, Any]:
    """Return the people to train on and the control to hold out.

    Parameters
    ----------
    members : dataframe or path
    unit : str, optional
        Column that names the person a row belongs to; without it, or where it is missing, every row is a person.
    limit : float
        The risk the control is to exclude; see `require_people`.
    share : float
        Chance of every person to be held out.
    seed : int
    label : str
        What messages call the table.

    Returns
    -------
    tuple of (train, control)
        Of the library of `members`, in the order of their rows; pyarrow tables for a path or a lazy frame.

    Raises
    ------
    ConfigError
        If share, limit, seed or unit is out of range.
    NotEnoughDataError
        If either part would be too small for any statement.
    DataError
        If the table cannot be read.
    """
    frame = load(members, label=label)
    in_control = split_rows(frame, unit, share, seed, label=label)
    require_people(frame, in_control, unit=unit, limit=limit, label=label)
    is_eager = not isinstance(members, str | os.PathLike) and nw.dependencies.is_into_dataframe(members)
    rows = nw.from_native(members if is_eager else frame, eager_only=True)
    train, control = (rows[np.flatnonzero(side)] for side in (~in_control, in_control))
    return train.to_native(), control.to_native()


def split_rows(
    frame: pa.Table, unit: str | None = None, share: float = 0.2, seed: int = 0, *, label: str = "members"
) -> BoolArray:
    """Return which rows are held out.

    Parameters
    ----------
    frame : pyarrow.Table
        In canonical form, as `load` returns it.
    unit, share, seed, label
        As in `split`.

    Returns
    -------
    ndarray of shape (rows,), bool

    Raises
    ------
    ConfigError
        If share, seed or unit is out of range.
    """
    if not 0 < share < 1:
        msg = f"share must be between 0 and 1, not {share}; pass the part of the people to hold out, such as 0.2"
        raise ConfigError(msg)
    if not 0 <= seed < 2**64:
        msg = f"seed must be a whole number from 0 to 2^64 - 1, not {seed}; pass another one"
        raise ConfigError(msg)
    if unit is not None and unit not in frame.column_names:
        msg = (
            f"unit must be a column of {label}: {shown(unit)!r} is none; pass the name of the column with people's ids"
        )
        raise ConfigError(msg)
    return uniform(person_keys(frame, unit), seed) < share


def require_people(
    frame: pa.Table, in_control: BoolArray, *, unit: str | None, limit: float, label: str = "members"
) -> None:
    """Refuse a split that could decide nothing, before anything is trained on it.

    The control must be large enough to be judged at all. On the training side no release could show a risk
    under the limit with fewer than ln(.025) / ln(1 - limit) people: with nobody hit among n, the decision bound is
    1 - .025^(1/n). That this is enough is not said: see ``needed`` of `split_facts`.

    Raises
    ------
    ConfigError
        If the limit is not between 0 and 1.
    NotEnoughDataError
        If either side has too few people.

    References
    ----------
    Clopper and Pearson (1934), The use of confidence or fiducial limits, section 3.
    """
    if not 0 < limit < 1:
        msg = f"limit must be between 0 and 1, not {limit}; pass the largest risk you accept, such as 0.05"
        raise ConfigError(msg)
    keys = person_keys(frame, unit)
    fewest = max(FEWEST, math.ceil(math.log(_TAIL) / math.log1p(-limit)))
    for side, rows, needed in (("train", ~in_control, fewest), ("control", in_control, FEWEST)):
        people = len(np.unique(keys[rows]))
        if people < needed:
            msg = (
                f"{side} must have at least {needed} people for a limit of {limit}, it would have {people} of the {label}; "
                "pass more people, or change limit or share"
            )
            raise NotEnoughDataError(msg)


def split_facts(
    frame: pa.Table,
    in_control: BoolArray,
    *,
    unit: str | None,
    share: float,
    seed: int,
    limit: float,
    needed: Mapping[float, int | None],
) -> dict[str, Any]:
    """Return what `split.json` tells about a split: strict JSON, no data.

    Parameters
    ----------
    frame : pyarrow.Table
    in_control : ndarray of shape (rows,), bool
        From `split_rows` with the same unit, share and seed.
    unit, share, seed
        As in `split_rows`.
    limit : float
        The risk the control is to exclude.
    needed : mapping of float to int or None
        For some success rates of an attack on the control, the control people that `limit` needs; None = no number.

    Returns
    -------
    dict
        ``format``, ``seed``, ``unit``, ``share`` (chance of a person to be held out), ``probability`` (chance to be
        trained on), ``train`` and ``control`` (``rows``, ``people``), ``limit`` and ``needed``: one
        ``{"control_success", "people", "enough"}`` per rate.
    """
    keys = person_keys(frame, unit)
    sides = {
        side: {"rows": int(rows.sum()), "people": len(np.unique(keys[rows]))}
        for side, rows in (("train", ~in_control), ("control", in_control))
    }
    has = sides["control"]["people"]
    return {
        "format": FORMAT,
        "seed": seed,
        "unit": unit,
        "share": share,
        "probability": 1 - share,
        **sides,
        "limit": limit,
        "needed": [
            {"control_success": rate, "people": people, "enough": people is not None and has >= people}
            for rate, people in sorted(needed.items())
        ],
    }
