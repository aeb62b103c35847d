"""The frontier between risk and utility, the overfitting flag, and how the page shows them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synthprivacy.config import PlanSettings, parse
from synthprivacy.errors import ConfigError
from synthprivacy.reporting.html import render
from synthprivacy.results import Score
from synthprivacy.results.frontier import frontier

FRESH = 0.98


def likeness(value, *, family="shapes", metric="mean_control", interval=(-0.01, 0.01)):
    """Return a likeness of some value, its interval around it."""
    ends = None if interval is None else (value + interval[0], value + interval[1])
    return Score(family, metric, value, FRESH, ends, "higher")


@pytest.fixture(name="judged")
def _judged(release, risk, evaluation):
    """Return the maker of an evaluation of releases by name: their risk and their utility."""

    def make(**releases):
        made = []
        for name, (value, utility) in releases.items():
            interval = (value - 0.02, value + 0.02)
            worst = risk(value=value, interval=interval, lower=interval[0], upper=interval[1])
            scores = [] if utility is None else [likeness(utility), likeness(utility, family="pairs")]
            made.append(replace(release(worst, name=name), scores=tuple(scores)))
        return evaluation(releases=made)

    return make


def test_the_frontier_holds_what_no_other_release_beats(judged):
    """Less risk or more utility keeps a release on the frontier; worse in both, or equal in one, does not."""
    found = frontier(judged(safe=(0.0, 0.6), good=(0.1, 0.9), bad=(0.2, 0.7), same=(0.1, 0.8), wild=(0.5, 0.95)))
    assert {place.release: place.dominated_by for place in found} == {
        "safe": (),
        "good": (),
        "bad": ("good", "same"),
        "same": ("good",),
        "wild": (),
    }
    assert [place.best for place in found] == [True, True, False, False, True]


def test_a_hair_of_utility_hides_no_risk(judged):
    """A release ahead by less than the intervals tell, at clearly more risk, is on the frontier with a warning."""
    found = {place.release: place for place in frontier(judged(safe=(0.0, 0.9), copy=(0.9, 0.905), far=(0.9, 0.99)))}
    assert found["copy"].clearly_safer == ("safe",)
    assert found["safe"].clearly_safer == found["far"].clearly_safer == ()
    page = render(judged(safe=(0.0, 0.9), copy=(0.9, 0.905)), inside=True)
    assert "clearly riskier than A and not clearly worth more" in page


def test_equal_releases_do_not_beat_each_other(judged):
    """Two releases in one place are both on the frontier."""
    assert all(place.best for place in frontier(judged(one=(0.1, 0.9), two=(0.1, 0.9))))


def test_a_place_has_intervals_on_both_axes(judged):
    """Risk has the interval of the worst primary endpoint, utility the mean of the ends of its scores."""
    (place,) = frontier(judged(only=(0.1, 0.9)))
    assert place.risk_interval == (0.1 - 0.02, 0.1 + 0.02)
    assert place.utility_interval == pytest.approx((0.89, 0.91))
    assert place.fresh == FRESH


def test_a_release_without_utility_has_no_place(judged):
    """A release whose utility was not measured leaves the axis without a score that all have: nobody has a place."""
    assert frontier(judged(one=(0.1, 0.9), two=(0.1, None))) == ()


def test_likeness_to_the_original_is_the_axis_only_without_a_control(judged):
    """Copying pays on the mean against the original, which is not looked at where there is one against the control."""
    found = judged(one=(0.1, 0.9))
    both = replace(found.releases[0], scores=(*found.releases[0].scores, likeness(1.0, metric="mean")))
    assert frontier(replace(found, releases=(both,)))[0].utility == pytest.approx(0.9)
    alone = replace(found.releases[0], scores=(likeness(1.0, metric="mean"),))
    assert frontier(replace(found, releases=(alone,)))[0].utility == 1.0


def test_the_page_draws_the_frontier_of_several_releases_only(judged):
    """Two releases have a chart and a table of who beats whom; one has neither."""
    two = render(judged(good=(0.01, 0.95), bad=(0.3, 0.8)), inside=True)
    assert 'id="frontier-title"' in two
    assert "on the frontier" in two
    assert "beaten by A" in two
    assert 'id="frontier-title"' not in render(judged(good=(0.01, 0.95)), inside=True)


def test_the_public_page_draws_it_without_intervals_of_utility(judged):
    """The public rendering withholds intervals of scores, and the plane is drawn all the same."""
    public = render(judged(good=(0.01, 0.95), bad=(0.3, 0.8)))
    assert 'id="frontier-title"' in public
    assert "on the frontier" in public


def test_the_flag_stands_in_the_table_of_risks(judged):
    """Beside every endpoint of a release `to_frame` names the likenesses that are above their ceiling."""
    found = judged(copy=(0.5, 0.99), fresh=(0.0, 0.9))
    flag = Score("shapes", "mean_above", 1.0, 0.0, None, "lower")
    copy = replace(found.releases[0], scores=(*found.releases[0].scores, flag))
    table = replace(found, releases=(copy, found.releases[1])).to_frame().set_index("release")
    assert table["above_ceiling"].to_dict() == {"copy": "shapes.mean", "fresh": ""}


def test_shares_of_people_are_not_told_near_their_ends(judged):
    """In public a rule that no control person breaks, and one that nine break, read the same."""
    found = judged(only=(0.1, 0.9))
    for family in ("constraints", "manifold"):
        told = []
        for share in (0.0, 9 / 2_000):
            score = Score(family, "mean", share, share, None, "lower")
            public = replace(found, releases=(replace(found.releases[0], scores=(score,)),)).public()
            told.append(public.releases[0].scores)
        assert told[0] == told[1]


@pytest.mark.parametrize("inside", [True, False])
def test_the_flag_stands_on_the_page(judged, inside):
    """A release above its ceiling is named on the page, inside and in public; others are not."""
    found = judged(copy=(0.5, 0.99))
    flagged = replace(
        found.releases[0],
        scores=(
            *found.releases[0].scores,
            Score("shapes", "mean_ceiling", 0.985, FRESH, None, "higher"),
            Score("shapes", "mean_above", 1.0, 0.0, None, "lower"),
        ),
    )
    told = "than a fresh sample of the population could be"
    assert told in render(replace(found, releases=(flagged,)), inside=inside)
    assert told not in render(found, inside=inside)


def test_every_family_has_its_own_words_and_bars(judged):
    """Distances are drawn from 0 and likenesses up to 1, each with the words of its family, value, interval and bar."""
    found = judged(only=(0.1, 0.9))
    scores = (
        Score("marginals", "hellinger", 0.02, 0.01, (0.01, 0.03), "lower"),
        Score("marginals", "tails", 0.9, 0.97, (0.85, 0.95), "higher"),
        Score("k_way", "k_marginal", 912.0, 955.0, (900.0, 920.0), "higher"),
        *(Score("association", f"pair.{pair}", 0.1, 0.02, None, "lower") for pair in ("a|b", "a|c", "b|c")),
    )
    page = render(replace(found, releases=(replace(found.releases[0], scores=scores),)), inside=True)
    for words in ("Single columns, by other distances", "Hellinger", "0.010 to 0.030", "the higher the better".title()):
        assert words.lower() in page.lower()
    assert page.count('id="score-1-lower-title"') == page.count('id="score-1-higher-title"') == 1
    assert 'id="score-3-matrix-title"' in page
    assert "912.000" in page


def test_the_plan_says_which_families_run():
    """`utility` is read from TOML; an unknown family is an error with the nearest name, one that stands twice too."""
    assert parse({"plan": {"utility": ["shapes"]}}).plan.utility == ("shapes",)
    assert "shapes" in PlanSettings().utility
    with pytest.raises(ConfigError, match=r"plan\.utility knows no shape .*did you mean shapes"):
        parse({"plan": {"utility": ["shape"]}})
    with pytest.raises(ConfigError, match="stands twice"):
        PlanSettings(utility=("shapes", "shapes"))
