"""What the source says about a class: its first words, and the words under its fields."""

from __future__ import annotations

import ast
import inspect
import re
from itertools import pairwise
from textwrap import dedent


def summary(thing: type) -> str:
    """Return the first line of a class's docstring."""
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def words_of_fields(kind: type) -> dict[str, str]:
    """Return what stands under each field of a class and of those it takes fields from, by name of the field."""
    found: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        if one.__module__.partition(".")[0] == "synthprivacy":
            found |= _own(one)
    return found


def _own(kind: type) -> dict[str, str]:
    (body,) = ast.parse(dedent(inspect.getsource(kind))).body
    statements = body.body if isinstance(body, ast.ClassDef) else []
    found = {}
    for field, words in pairwise(statements):
        match field, words:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = re.sub(r"``(.*?)``", r"`\1`", " ".join(text.split()))
    return found
