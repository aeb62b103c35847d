"""Auditors: they are told of half of the people whether they were trained on, which no attacker is.

What an auditor finds bounds what attackers may find one day. It is not a risk of the release: whoever knows who is in
the training table has nothing left to find out about them.
"""

from __future__ import annotations

from types import MappingProxyType

from synthprivacy.auditors.discriminator import Discriminator
from synthprivacy.auditors.protocol import Auditor, audit
from synthprivacy.auditors.stacked import Stacked

AUDITORS = MappingProxyType({"stacked": Stacked, "discriminator": Discriminator})
"""By name."""

__all__ = ["AUDITORS", "Auditor", "Discriminator", "Stacked", "audit"]
