"""The notebooks run from the first cell to the last, and nothing of anybody's machine is stored in them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from matplotlib import pyplot as plt

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

pytestmark = pytest.mark.skipif(not NOTEBOOKS, reason="the notebooks are in the source tree only")


def cells(path, kind="code"):
    """Return the texts of a notebook's cells of one kind."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_whole_and_hold_no_output(path):
    """A notebook is nbformat 4 with an id for each cell, no output, no count of runs, and a title first."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    ids = [cell["id"] for cell in notebook["cells"]]

    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert len(ids) == len(set(ids))
    assert notebook["cells"][0]["source"][0].startswith("# ")
    for cell in notebook["cells"]:
        assert cell["metadata"] == {}
        assert cell["cell_type"] == "markdown" or (cell["outputs"] == [] and cell["execution_count"] is None)
    assert not re.search(r"/(home|root|tmp|work|Users)/", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_is_python(path):
    """Every code cell compiles, without a magic of the notebook."""
    for number, source in enumerate(cells(path), start=1):
        compile(source, f"{path.name}, cell {number}", "exec")


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run(path, tmp_path, monkeypatch):
    """The code cells run one after another in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTHPRIVACY_KEY", "a key of these tests")
    plt.switch_backend("agg")
    names = {"__name__": "__main__"}

    for number, source in enumerate(cells(path), start=1):
        exec(compile(source, f"{path.name}, cell {number}", "exec"), names)  # noqa: S102 - our own notebooks
    for number in plt.get_fignums():
        plt.figure(number).canvas.draw()
    plt.close("all")
