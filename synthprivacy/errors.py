"""What can go wrong, one small class per role.

A message states the rule, the setting or count at fault (never a cell of a table) and the remedy.
The command line turns every one of them into exit code 2.
"""


class SynthPrivacyError(Exception):
    """Base of every error this package raises on purpose."""


class ConfigError(SynthPrivacyError):
    """A setting is unknown, out of range or contradicts another one."""


class SchemaError(SynthPrivacyError):
    """The tables do not describe the same columns in the same way."""


class DataError(SynthPrivacyError):
    """A table cannot be read, or holds something that cannot be judged."""


class NotEnoughDataError(DataError):
    """A table is too small for any statement."""


class PolicyError(SynthPrivacyError):
    """A policy cannot be applied to this evaluation."""
