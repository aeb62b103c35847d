"""All releases as one: what an attacker holds who kept every one of them."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from synthprivacy.errors import ConfigError

TOGETHER = "together"
"""What the union of all releases is called, as a release among them."""


def union_of(releases: Mapping[str, pa.Table]) -> pa.Table:
    """Return the rows of all releases, one release after the other, with the columns that all of them have.

    Attacked like any other release, this is the joint attack: records that were published by any of them are in it, so
    that of k releases which each publish another share λ of the people, it finds ``k λ``, and ``1 - (1 - λ)^k`` where each
    publishes people of its own choice.

    Parameters
    ----------
    releases : mapping of str to pyarrow.Table
        Frames that conform to one schema, in the order of their publication.

    Raises
    ------
    ConfigError
        If one of them has the name that is kept for the union.
    """
    if TOGETHER in releases:
        msg = f"no release may be called {TOGETHER} where plan.together is true: that is the name of all of them at once; write NAME=FILE with another name"
        raise ConfigError(msg)
    frames = list(releases.values())
    shared = [name for name in frames[0].column_names if all(name in frame.column_names for frame in frames)]
    return pa.concat_tables([frame.select(shared) for frame in frames])
