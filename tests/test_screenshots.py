"""The pictures of the README: a script makes them out of the demo, and they are small."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from matplotlib import pyplot as plt

from synthprivacy.reporting import write

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "docs" / "screenshots.py"
MOST = 300_000
"""Bytes of a picture."""

pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="the script is in the source tree only")


def size_of(picture):
    """Return width and height of a PNG."""
    data = picture.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(data) < MOST
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


def test_pictures_of_the_readme_are_there_and_small():
    """Each picture that the README shows is one of the script's, is a PNG, and has at most 300 kB."""
    shown = re.findall(r"!\[[^\]]+\]\((docs/[^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))

    assert "docs/report.png" in shown
    for picture in shown:
        assert f'"{Path(picture).name}"' in SCRIPT.read_text(encoding="utf-8")
        assert min(size_of(ROOT / picture)) > 200


@pytest.mark.slow
def test_a_picture_is_taken_of_any_report(tmp_path, risk, release, evaluation):
    """The first section of a report is taken whole, at a width that is always the same; the same page, the same bytes."""
    pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    spec = importlib.util.spec_from_file_location("screenshots", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    if script.CHROMIUM is None:
        pytest.skip("no Chromium is on the PATH")
    releases = [release(risk(original=(20 + leak, 2_000)), name=name) for name, leak in (("a", 0), ("b", 300))]
    write(evaluation(releases=releases), tmp_path / "report.html")

    for name in ("one.png", "again.png"):
        script.shoot(tmp_path / "report.html", tmp_path / name)
    plt.switch_backend("agg")
    script.draw(evaluation(releases=releases), tmp_path / "risks.png")

    width, height = size_of(tmp_path / "one.png")
    assert width == round(script.WIDTH * script.SCALE)
    assert height > 300
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "again.png").read_bytes()
    assert min(size_of(tmp_path / "risks.png")) > 100
