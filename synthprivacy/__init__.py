"""synthprivacy: what a synthetic table gives away about real people, and whether it may be released.

Names are loaded when they are first used, so that importing the package loads no dataframe or plotting library.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from synthprivacy.errors import (
    ConfigError,
    DataError,
    NotEnoughDataError,
    PolicyError,
    SchemaError,
    SynthPrivacyError,
)

if TYPE_CHECKING:
    from synthprivacy.api import audit, crosscheck, evaluate, explain, gate, nearest, plan, report, schema, split
    from synthprivacy.results import Evaluation

__version__ = "0.1.0"

__all__ = [
    "ConfigError",
    "DataError",
    "Evaluation",
    "NotEnoughDataError",
    "PolicyError",
    "SchemaError",
    "SynthPrivacyError",
    "audit",
    "crosscheck",
    "evaluate",
    "explain",
    "gate",
    "nearest",
    "plan",
    "report",
    "schema",
    "split",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    home = "synthprivacy.results" if name == "Evaluation" else "synthprivacy.api"
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
