"""Markdown out of values: tables, cells, filled templates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import jinja2

TEMPLATES = Path(__file__).parents[1] / "_templates"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; what would end a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def without_empty(head: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Return a table without the columns in which no row says anything."""
    kept = [place for place in range(len(head)) if any(row[place] for row in rows)]
    return [head[place] for place in kept], [[row[place] for place in kept] for row in rows]


def code(text: str) -> str:
    """Return text as code, nothing where there is none."""
    return f"`{text}`" if text else ""


def filled(template: str, **values: object) -> str:
    """Return a template of the site with its values; a value that is missing is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=jinja2.select_autoescape(("html",)),  # the templates are Markdown
    )
    return environment.get_template(template).render(values)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
