"""A matplotlib figure as inert inline SVG: no style, no script, no id of its own, colours left to the page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import matplotlib.style

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

INK, MUTED, FAINT, ACCENT, PAPER = "#000001", "#000002", "#000003", "#000004", "#000005"
"""Colours of a drawing are roles; the style sheet says what they look like by day, by night and on paper."""

_ROLES = {INK: "ink", MUTED: "muted", FAINT: "faint", ACCENT: "accent", PAPER: "paper"}
_KEPT = ("stroke-width", "stroke-dasharray", "text-anchor", "fill-opacity", "opacity")
_FONT = ("font-size", "font-weight")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_LINK = "{http://www.w3.org/1999/xlink}href"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished piece of SVG; templates print it as it is."""

    markup: str

    def __html__(self) -> str:
        """Return markup that needs no escaping: every text in it went through an XML writer."""
        return self.markup


@contextmanager
def defaults() -> Iterator[None]:
    """Draw and save as matplotlib does out of the box, whatever the user's settings are."""
    settings = {"svg.fonttype": "none", "svg.hashsalt": "synthprivacy"}
    with matplotlib.style.context(["default", settings]):
        yield


def inline(figure: Figure, *, key: str, title: str, description: str, kind: str = "chart") -> Drawing:
    """Return a figure as an `<svg>` element.

    Parameters
    ----------
    figure
        Drawn in the colours of this module.
    key
        Prefix of every id, unique on the page.
    title, description
        What a screen reader says instead of the picture.
    kind
        Its class in the style sheet: how wide it may be.
    """
    texts = _lift_texts(figure)
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    drawn = ET.fromstring(buffer.getvalue())  # noqa: S314 - matplotlib wrote it a line before
    attributes = {
        "class": kind,
        "role": "img",
        "aria-labelledby": f"{key}-title {key}-desc",
        "viewBox": drawn.attrib["viewBox"],
    }
    root = ET.Element("svg", attributes)
    ET.SubElement(root, "title", {"id": f"{key}-title"}).text = title
    ET.SubElement(root, "desc", {"id": f"{key}-desc"}).text = description
    root.extend(_together(_clean(drawn, key, texts)))
    return Drawing(ET.tostring(root, encoding="unicode"))


def _lift_texts(figure: Figure) -> dict[str, tuple[str, Text]]:
    """Put a key in place of every text: matplotlib never measures a name, looks up its glyphs or reads it as maths."""
    lifted = {}
    for number, artist in enumerate(artist for ax in figure.axes for artist in ax.texts if artist.get_text()):
        lifted[f"text{number}"] = (artist.get_text(), artist)
        artist.set_text(f"text{number}")
    return lifted


def _clean(parent: ET.Element, key: str, texts: dict[str, tuple[str, Text]]) -> Iterator[ET.Element]:
    """Yield the children that draw something, without metadata, inline style and groups that only carry an id."""
    for child in parent:
        tag = child.tag.rpartition("}")[2]
        if tag == "g":
            yield from _clean(child, key, texts)
        elif tag == "defs":
            definitions = ET.Element(tag)
            definitions.extend(list(_clean(child, key, texts)))
            if len(definitions):
                yield definitions
        elif tag == "text":
            yield _text(child, *texts[child.text or ""])
        elif tag in {"path", "use"}:
            yield _shape(child, tag, key)


def _together(elements: Iterable[ET.Element]) -> Iterator[ET.Element]:
    """Yield the elements, marks or texts in a row that are painted alike as one group: it is painted once."""
    for (tag, paint), alike in groupby(elements, lambda one: (one.tag, _painted(one))):
        marks = list(alike)
        if tag not in {"use", "text"} or len(marks) < 2:
            yield from marks
            continue
        group = ET.Element("g", dict(paint))
        for mark in marks:
            for name, _ in paint:
                del mark.attrib[name]
            group.append(mark)
        yield group


def _painted(element: ET.Element) -> tuple[tuple[str, str], ...]:
    return tuple((name, element.attrib[name]) for name in ("class", "fill", *_FONT, *_KEPT) if name in element.attrib)


def _shape(source: ET.Element, tag: str, key: str) -> ET.Element:
    element = ET.Element(tag, {**_geometry(source), **_paint(source.attrib.get("style", ""))})
    if _LINK in source.attrib:
        element.set("href", f"#{key}-{source.attrib[_LINK].removeprefix('#')}")
    if "id" in source.attrib:
        element.set("id", f"{key}-{source.attrib['id']}")
    return element


def _text(source: ET.Element, text: str, artist: Text) -> ET.Element:
    element = ET.Element("text", {name: _short(source.attrib[name]) for name in ("x", "y")})
    element.set("class", f"{_ROLES.get(str(artist.get_color()), 'ink')}-fill")
    element.set("font-size", f"{artist.get_fontsize():g}")
    if artist.get_fontweight() == "bold":
        element.set("font-weight", "600")
    element.set("text-anchor", {"left": "start", "center": "middle", "right": "end"}[artist.get_horizontalalignment()])
    element.text = text
    return element


def _geometry(source: ET.Element) -> dict[str, str]:
    return {name: _short(source.attrib[name]) for name in ("d", "x", "y", "transform") if name in source.attrib}


def _paint(style: str) -> dict[str, str]:
    """Return inline style as attributes and classes: the page's security policy forbids inline style."""
    given = dict(part.strip().split(": ", 1) for part in style.split(";") if ": " in part)
    classes = [f"{_ROLES[given[what]]}-{what}" for what in ("fill", "stroke") if given.get(what) in _ROLES]
    attributes = {name: _short(given[name]) for name in _KEPT if name in given}
    if given.get("fill") == "none":
        attributes["fill"] = "none"
    return {**attributes, **({"class": " ".join(classes)} if classes else {})}


def _short(coordinates: str) -> str:
    """Return a list of coordinates with two decimals: a fiftieth of a pixel."""
    return _LONG_NUMBER.sub(
        lambda match: f"{float(match[0]):.2f}".rstrip("0").rstrip("."), " ".join(coordinates.split())
    )
