"""The pages of the site that nobody writes: made from the package before Sphinx reads anything.

Adding an attack, a verb, a setting or a notebook adds its page or its row.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from _ext.attack_pages import attack_pages
from _ext.notebook_pages import notebook_pages
from _ext.reference_pages import reference_pages

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDERS = ("attacks", "notebooks", "reference")
"""Folders of made pages and of nothing else; git knows none of them."""


def write_pages(app: Sphinx) -> None:
    """Write every made page that is not there as it should be, and remove those that are no more."""
    source = Path(app.srcdir)
    pages = attack_pages() | reference_pages() | notebook_pages(source.parent / "notebooks")
    for name, text in pages.items():
        page = source / name
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.parent.mkdir(exist_ok=True)
            page.write_text(text, encoding="utf-8")
    for folder in FOLDERS:
        for page in (source / folder).glob("*.md"):
            if page.relative_to(source).as_posix() not in pages:
                page.unlink()


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the pages at the beginning of every build."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
