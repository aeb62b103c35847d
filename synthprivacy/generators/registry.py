"""What a generator is called on a command line: `copula`, `cart:minbucket=5`, `cmd:make --in {train} --out {out}`.

A new generator is one file and one line in `GENERATORS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from difflib import get_close_matches
from importlib import import_module
from types import MappingProxyType
from typing import Any, get_type_hints

from synthprivacy.errors import ConfigError
from synthprivacy.generators.domain import Domain
from synthprivacy.generators.protocol import Generator
from synthprivacy.schemata import shown

GENERATORS: Mapping[str, str] = MappingProxyType(
    {
        "bootstrap": "smoothed:SmoothedBootstrap",
        "cart": "cart:SequentialCART",
        "cmd": "command:Command",
        "copier": "copier:Copier",
        "copula": "copula:GaussianCopula",
        "dp-broken": "broken:BrokenDP",
        "dp-histogram": "histogram:DPHistogram",
        "dp-pairs": "pairwise:DPPairs",
        "marginals": "marginals:IndependentMarginals",
        "memoriser": "memoriser:Memoriser",
        "outliers": "outliers:OutlierCopier",
        "sdv": "sdv:SDVSynthesizer",
        "smote": "smote:Smote",
    }
)
"""Name on the command line → module and class."""
WHOLE = frozenset({"cmd"})
"""Names that are followed by one text, colons and all."""


def named(spec: str) -> Generator:
    """Return the generator that a text describes.

    Parameters
    ----------
    spec : str
        ``NAME``, or ``NAME:key=value:…``; values without a key are those of the first parameters, in their order:
        ``sdv:CTGAN:epochs=10``. What follows ``cmd:`` is a command.

    Raises
    ------
    ConfigError
        If the name or a parameter is unknown (with the nearest known one), is missing, or has no such value.
    """
    name, _, rest = spec.strip().partition(":")
    if name not in GENERATORS:
        msg = f"generator {shown(name)!r} is unknown{_hint(name, GENERATORS)}"
        raise ConfigError(msg)
    module, _, kind = GENERATORS[name].partition(":")
    maker: Callable[..., Generator] = getattr(import_module(f"synthprivacy.generators.{module}"), kind)
    parameters = _parameters(name, maker)
    given = {next(iter(parameters)): rest} if name in WHOLE else _split(name, rest, parameters)
    hints = get_type_hints(maker)
    settings = {key: _value(name, key, text, hints[key]) for key, text in given.items()}
    missing = [key for key, field in parameters.items() if key not in settings and _is_needed(field)]
    if missing:
        msg = f"generator {name} needs {', '.join(missing)}; write {name}:{missing[0]}=…"
        raise ConfigError(msg)
    return maker(**settings)


def _parameters(name: str, maker: Any) -> dict[str, Field[Any]]:
    """Return the parameters that can be written down, in their order."""
    hints = get_type_hints(maker)
    return {field.name: field for field in fields(maker) if name in WHOLE or hints[field.name] in _READERS}


def _split(name: str, rest: str, parameters: Mapping[str, Any]) -> dict[str, str]:
    given: dict[str, str] = {}
    for place, part in enumerate(rest.split(":") if rest else ()):
        key, equals, value = part.partition("=")
        if not equals:
            key, value = (list(parameters)[place] if place < len(parameters) else ""), part
        if key not in parameters:
            word = key or part
            msg = f"generator {name} has no parameter {shown(word)!r}{_hint(word, parameters)}"
            raise ConfigError(msg)
        if key in given:
            msg = f"parameter {key} of generator {name} is given twice; keep one"
            raise ConfigError(msg)
        given[key] = value
    return given


def _value(name: str, key: str, text: str, kind: Any) -> Any:
    reader, wanted = _READERS[kind]
    try:
        return reader(text)
    except ValueError:
        msg = f"parameter {key} of generator {name} must be {wanted}, not {shown(text)!r}; write {name}:{key}=…"
        raise ConfigError(msg) from None


def _is_needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _number(text: str) -> float:
    number = float(text)
    if math.isnan(number):
        raise ValueError
    return number


def _truth(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError
    return text.lower() == "true"


_READERS: Mapping[Any, tuple[Callable[[str], Any], str]] = MappingProxyType(
    {
        int: (int, "a whole number"),
        float: (_number, "a number"),
        bool: (_truth, "true or false"),
        str: (str, "text"),
        Domain | None: (Domain.read, "the path of a TOML file"),
        Domain: (Domain.read, "the path of a TOML file"),
        Generator: (named, "the name of a generator"),
    }
)
"""Type of a parameter → how it is read from text, and what the text must be."""


def _hint(word: str, known: Mapping[str, Any]) -> str:
    near = get_close_matches(word[:80], list(known), n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; choose from {', '.join(known)}" if known else "; it has none"
