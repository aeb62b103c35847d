"""The notebooks as pages: their words and their code, which a test runs; no output is stored in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from _ext.markdown import filled


def notebook_pages(folder: Path) -> dict[str, str]:
    """Return a page for each notebook of a folder, and their index; only the index says so where there are none."""
    notebooks = sorted(folder.glob("*.ipynb"))
    pages = {f"notebooks/{path.stem}.md": _page(path) for path in notebooks}
    return {"notebooks/index.md": filled("notebooks.md.jinja", names=[path.stem for path in notebooks])} | pages


def _page(path: Path) -> str:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    title, *rest = [_cell(cell) for cell in cells]
    download = f"{{download}}`{path.name} <../../{path.parent.name}/{path.name}>` runs in Jupyter; here is what it says and does."
    head, _, words = title.partition("\n")
    return "\n\n".join([head, download, *([words.strip()] if words.strip() else []), *rest]) + "\n"


def _cell(cell: dict[str, Any]) -> str:
    text = "".join(cell["source"]).strip()
    return f"```python\n{text}\n```" if cell["cell_type"] == "code" else text
