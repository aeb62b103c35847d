"""Endpoints that are about some of the people: ``linkability.halves@outliers``, ``linkability.halves@sex=F``."""

from __future__ import annotations

from collections.abc import Collection

OUTLIERS = "outliers"
"""The stratum of the most unusual people, which stands after the ``@`` as it is; a group has a ``=``."""


def split_stratum(endpoint: str, endpoints: Collection[str]) -> tuple[str, str] | None:
    """Return the endpoint about everybody and the stratum of an endpoint; None where it is itself about everybody.

    Parameters
    ----------
    endpoint : str
    endpoints : collection of str
        All there are: a column may have an ``@`` in its name.
    """
    place = endpoint.find("@")
    while place > 0:
        whole, stratum = endpoint[:place], endpoint[place + 1 :]
        if whole in endpoints and (stratum == OUTLIERS or "=" in stratum):
            return whole, stratum
        place = endpoint.find("@", place + 1)
    return None
