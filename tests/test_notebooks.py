"""The notebooks run from the first cell to the last, and nothing of anybody's machine is stored in them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from unittest.mock import patch

import pytest
from matplotlib import pyplot as plt

from synthprivacy.attacks import ATTACKS

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


@pytest.fixture(name="run")
def _run(tmp_path, monkeypatch):
    """Return a function that runs a notebook's code cells in an empty folder, and the names they leave."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTHPRIVACY_KEY", "a key of these tests")
    plt.switch_backend("agg")

    def run(path):
        names = {"__name__": "__main__"}
        with patch.dict(ATTACKS):  # a notebook that fails half-way leaves no attack of its own to other tests
            for number, source in enumerate(cells(path), start=1):
                cell = compile(source, f"{path.name}, cell {number}", "exec", dont_inherit=True)
                exec(cell, names)  # noqa: S102 - our own notebooks
        return names

    yield run
    plt.close("all")


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run(path, run):
    """The code cells run one after another, what they draw can be drawn, and the list of attacks is as it was."""
    listed = list(ATTACKS)

    run(path)

    for number in plt.get_fignums():
        plt.figure(number).canvas.draw()
    assert list(ATTACKS) == listed


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
def test_stored_figures_are_those_of_anonymeter(run):
    """Where anonymeter is installed the notebook about it measures the figures that it stores."""
    pytest.importorskip("anonymeter.evaluators")

    names = run(FOLDER / "anonymeter_and_us.ipynb")

    assert names["measured"].keys() == names["stored"].keys()
    for case, stored in names["stored"].items():
        assert names["measured"][case] == pytest.approx(stored, abs=0.02), case
