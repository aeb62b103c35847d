"""Waivers: a rule that somebody answers for not keeping, for a while, and in the open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from synthprivacy.config.names import shown
from synthprivacy.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Waiver:
    """One rule of a policy that need not be kept until a day.

    Raises
    ------
    ConfigError
        If the reason or the owner is empty, or `expires` is no date.
    """

    of: str
    """The `of` of the rule."""
    reason: str
    owner: str
    """Who answers for it."""
    expires: date
    """The last day on which it holds."""
    endpoint: str = ""
    """Only this endpoint of the rule; empty for all that the rule reaches."""

    def __post_init__(self) -> None:
        """Refuse a waiver that nobody answers for, or that has no end."""
        for name, words in (("reason", self.reason), ("owner", self.owner)):
            if not words.strip():
                raise ConfigError(f"the waiver of {shown(self.of)} needs words as {name}; write who answers, and why")

    def to_dict(self) -> dict[str, str]:
        """Return the waiver as strict JSON, in the form of the file."""
        kept = {"of": self.of, "reason": self.reason, "owner": self.owner, "expires": self.expires.isoformat()}
        return kept | ({"endpoint": self.endpoint} if self.endpoint else {})


def waiver_of(given: dict[str, Any]) -> Waiver:
    """Return the waiver of a ``[[policy.waiver]]`` table.

    Raises
    ------
    ConfigError
        As `Waiver`.
    """
    expires = given["expires"]
    if isinstance(expires, str):
        try:
            expires = date.fromisoformat(expires)
        except ValueError:
            expires = None
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise ConfigError(f"the waiver of {shown(given['of'])} must expire on a date; write expires = 2027-01-31")
    return Waiver(**(given | {"expires": expires}))
