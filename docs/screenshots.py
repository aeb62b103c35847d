"""Makes the pictures of the README from the demo: `python docs/screenshots.py`, with the extra `browser` and a Chromium."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from matplotlib import pyplot as plt
from PIL import Image
from playwright.sync_api import sync_playwright

import synthprivacy as sp
from synthprivacy.config import policy_of_limit
from synthprivacy.demonstration import demonstration
from synthprivacy.results import Evaluation

WIDTH, SCALE = 1_180, 0.75
"""Of the window and of the picture, which is as wide as a README is shown and as high as the report's first section."""
DOCS = Path(__file__).parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def demo() -> Evaluation:
    """Return the evaluation that `synthprivacy demo` makes."""
    shown = demonstration("simulated", seed=0)
    releases = {name: frame for name, (frame, _) in shown.releases.items()}
    return sp.evaluate(
        original=shown.original, control=shown.control, synthetic=releases, policy=policy_of_limit(0.05), seed=0
    )


def shoot(page: Path, picture: Path) -> None:
    """Write a picture of a report's first section, as somebody sees it by day.

    Raises
    ------
    FileNotFoundError
        If there is no Chromium on the PATH.
    """
    if CHROMIUM is None:
        msg = "the pictures need a Chromium on the PATH; install Debian's package chromium"
        raise FileNotFoundError(msg)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-lcd-text"])
        opened = browser.new_page(
            viewport={"width": WIDTH, "height": 900}, device_scale_factor=SCALE, color_scheme="light"
        )
        opened.goto(page.resolve().as_uri())
        bottom = opened.evaluate("document.querySelector('main section').getBoundingClientRect().bottom")
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": round(bottom)}
        opened.screenshot(path=picture, clip=clip, full_page=True)
        browser.close()
    with Image.open(picture) as taken:  # 256 colours are near enough: no channel is off by more than a few steps
        few = taken.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(picture, optimize=True)


def draw(evaluation: Evaluation, picture: Path) -> None:
    """Write the chart of risks as a notebook shows it."""
    evaluation.plot.risks()
    plt.savefig(picture, dpi=90, bbox_inches="tight", metadata={"Software": None})
    plt.close()


def main(folder: Path) -> None:
    """Write every picture into a folder."""
    plt.switch_backend("agg")
    evaluation = demo()
    with tempfile.TemporaryDirectory() as place:
        page = Path(place) / "report.html"
        sp.report(evaluation, page)
        shoot(page, folder / "report.png")
    draw(evaluation, folder / "risks.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS)
