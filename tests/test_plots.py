"""Charts for notebooks show what the report shows, in axes of one's own, from the evaluation alone."""

from __future__ import annotations

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from synthprivacy.errors import ConfigError
from synthprivacy.reporting import plots, svg
from synthprivacy.results import Copies, Deciles, Evaluation, Score, Series
from synthprivacy.results.deciles import Part

LADDER = Series("ladder", "membership.distance", (0.0, 10.0, 100.0, 4_000.0), (0.0, 0.002, 0.02, 1.0))
THRESHOLDS = [(0.1, 600, 2_000, 110, 1_000), (0.01, 240, 2_000, 12, 1_000), (0.001, 90, 2_000, 0, 1_000)]
CHARTS = {
    "risks": {},
    "ladder": {},
    "deciles": {"endpoint": "linkability.halves"},
    "roc": {"endpoint": "membership.distance"},
    "frontier": {},
    "shapes": {},
}


@pytest.fixture(autouse=True)
def _quiet():
    """Draw on no screen, and leave no figure open."""
    with mpl.rc_context():
        plt.switch_backend("agg")
        yield
        plt.close("all")


@pytest.fixture(name="two")
def _two(risk, scores, release, evaluation, histogram):
    """Return an evaluation of two releases, one of which leaks."""

    def of(name, hits, value, found):
        parts = tuple(Part(value * part, (value * part - 0.02, value * part + 0.02)) for part in range(1, 6))
        return release(
            risk("linkability.halves", (hits, 2_000)),
            scores(
                auc=0.5 + value / 2, tpr=THRESHOLDS, copies=Copies(found, (0.0, 900.0), 4_000, 0.0, (0.0, 80.0), 100)
            ),
            name=name,
            series=[
                LADDER,
                *histogram("age$", ("up to $40$", "over 40"), (0.5, 0.5), (0.6, 0.4), (0.4, 0.6), edges=(40,)),
            ],
            scores=[Score(family, "mean", 0.9, 0.99, (0.89, 0.91), "higher") for family in ("shapes", "pairs")],
            deciles=(Deciles("linkability.halves", parts, 0.1, (0.0, 0.2), 0.1),),
        )

    return evaluation(releases=[of("cart", 20, 0.02, 100.0), of("$\\frac{copied}$", 400, 0.2, 820.0)])


def drawn(ax):
    """Return every line, to the digits that the JSON keeps, and every text of a chart, in the order drawn."""
    inner = [ax, *ax.child_axes]
    lines = [tuple(map(tuple, line.get_xydata().round(9).tolist())) for one in inner for line in one.lines]
    return lines, [text.get_text() for one in inner for text in one.texts], ax.get_title(loc="left")


@pytest.mark.parametrize("chart", CHARTS)
def test_charts_take_axes_and_give_them_back(two, chart):
    """Every chart stays in the box of the axes it was given and returns them; without any it makes its own."""
    figure, (above, below) = plt.subplots(2, 1, figsize=(10, 8))

    given = getattr(two.plot, chart)(**CHARTS[chart], ax=below)
    own = getattr(two.plot, chart)(**CHARTS[chart])

    assert given is below
    assert not above.child_axes
    assert own.figure is not figure
    assert own.figure.number in plt.get_fignums()
    assert drawn(given)[:2] == drawn(own)[:2]
    figure.canvas.draw()
    box, edge = below.get_window_extent(), 1.0
    for part in below.child_axes:
        inside = part.get_window_extent()
        assert box.x0 - edge <= inside.x0
        assert inside.x1 <= box.x1 + edge
        assert box.y0 - edge <= inside.y0
        assert inside.y1 <= box.y1 + edge


@pytest.mark.parametrize("chart", CHARTS)
def test_charts_are_drawn_from_the_stored_evaluation(two, chart):
    """The evaluation read from its JSON draws the same lines and texts as the one in memory."""
    stored = Evaluation.from_dict(two.to_dict())

    assert drawn(getattr(stored.plot, chart)(**CHARTS[chart])) == drawn(getattr(two.plot, chart)(**CHARTS[chart]))


@pytest.mark.parametrize("chart", CHARTS)
def test_no_role_is_left_uncoloured(two, chart):
    """What is a role in the report's drawings is a colour on paper, and no name is read as a formula."""
    ax = getattr(two.plot, chart)(**CHARTS[chart])

    for line in (line for part in ax.child_axes for line in part.lines):
        assert to_hex(line.get_color()) not in plots.COLOURS
        assert to_hex(line.get_markerfacecolor()) not in plots.COLOURS
    for text in (*ax.texts, *(text for part in ax.child_axes for text in part.texts)):
        assert to_hex(text.get_color()) not in plots.COLOURS
        assert not text.get_parse_math()
    ax.figure.canvas.draw()


def test_roc_shows_the_rates_of_the_evidence(two):
    """A point is the share of training people found at the share of control people accused; none is drawn at zero."""
    (chart,) = two.plot.roc().child_axes

    points = {point for line in drawn(chart)[0] if len(line) == 1 for point in line}

    assert points == {(0.012, 0.12), (0.11, 0.3)}
    assert (chart.get_xscale(), chart.get_yscale()) == ("log", "log")


def test_roc_leaves_out_what_is_withheld(scores, evaluation):
    """A threshold with fewer than ten false alarms is in no chart of the public rendering."""
    few = evaluation(scores(tpr=[(0.1, 600, 2_000, 110, 1_000), (0.01, 240, 2_000, 7, 1_000)]))

    inside, public = ({line for line in drawn(one.plot.roc())[0] if len(line) == 1} for one in (few, few.public()))

    assert inside == {((0.007, 0.12),), ((0.11, 0.3),)}
    assert public == {((0.11, 0.3),)}


def test_ladder_is_straight_in_people(two):
    """Between two rungs the ladder rises evenly with the people, although their scale is one of powers."""
    (chart,) = two.plot.ladder().child_axes
    (climb, *_) = (line for line in drawn(chart)[0] if len(line) > 4)

    halves = [y for x, y in climb if x == 2_050.0]
    assert halves == [pytest.approx((0.02 + 1.0) / 2)]
    assert ((820.0, pytest.approx(0.2)),) in drawn(chart)[0]


def test_risks_of_one_attack(two):
    """Without an attack the primary endpoints are drawn, with one all of its own."""
    texts = drawn(two.plot.risks())[1]
    alone = drawn(two.plot.risks(attack="membership"))[1]

    assert {"linkability.halves", "membership.distance"} <= set(texts)
    assert "distance" in alone
    assert "halves" not in alone


@pytest.mark.parametrize("chart", CHARTS)
def test_nothing_to_draw_is_said(evaluation, chart):
    """A chart without numbers is an error that says what is missing."""
    empty = evaluation(primary=[])

    with pytest.raises(ConfigError, match="nothing to draw"):
        getattr(empty.plot, chart)(**CHARTS[chart])


def test_an_unknown_endpoint_is_told_the_known_ones(two):
    """The error about an endpoint lists those that could be drawn."""
    with pytest.raises(ConfigError, match=r"endpoint may be linkability\.halves"):
        two.plot.deciles("inference.age")


def test_roles_are_all_coloured():
    """Each role of a drawing has a colour."""
    assert set(plots.COLOURS) == {svg.INK, svg.MUTED, svg.FAINT, svg.ACCENT, svg.PAPER}
