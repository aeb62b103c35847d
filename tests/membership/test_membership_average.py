"""The average of the membership battery: places among people nobody studied, and the mean of them."""

import numpy as np
import pytest

from synthprivacy.attacks.membership_average import average
from synthprivacy.attacks.membership_battery import AVERAGED, Battery
from synthprivacy.attacks.membership_edits import written
from synthprivacy.crossfitting import averaged, crossfit, placed
from synthprivacy.errors import DataError


def test_places_rise_strictly_and_mean_the_same_for_every_model():
    """A place keeps the order of scores, even beyond all calibrating people, and forgets unit and origin."""
    rng = np.random.default_rng(0)
    calibration, scores = rng.normal(size=50), np.sort(rng.normal(scale=3, size=200))

    places, moved = placed(calibration)(scores), placed(calibration * 8 + 16)(scores * 8 + 16)

    assert (np.diff(places) > 0).all()
    assert places == pytest.approx(moved, abs=1e-12)
    assert np.abs(places - np.searchsorted(np.sort(calibration), scores) / 50).max() <= 0.25 / 50 + 1e-12
    assert placed(np.zeros(20))(np.array([-1.0, 0.0, 1.0])) == pytest.approx([-0.0125, 0.5, 1.0125])


def test_the_average_is_of_ranks_among_people_nobody_studied(survey):
    """The mean share of the yardstick that is outscored, ties counting one half."""
    numbers = next(feature.name for feature in survey.control.features if not np.isnan(feature.values).any())
    yardstick, column = survey.control, survey.original[numbers].values
    usual = yardstick[numbers].values

    score = average([lambda table: table[numbers].values, lambda table: 8 * table[numbers].values], yardstick)

    outscored = [np.mean(usual < value) + np.mean(usual == value) / 2 for value in column]
    assert score(survey.original) == pytest.approx(np.array(outscored))


def test_the_average_is_the_mean_of_places(survey):
    """Each person's average is the mean of its places, whatever became of others; other people's are refused."""
    crossed = [
        crossfit(Battery(name), survey, np.random.default_rng(0), targets=200, deal=4)
        for name in ("difference", "domias")
    ]
    other = crossfit(Battery("difference"), survey, np.random.default_rng(0), targets=150, deal=4)

    mean = averaged(crossed, "membership.average").outcome

    for population in ("original", "control"):
        one, two = (part.outcome.answers[population] for part in crossed)
        assert mean.answers[population].score == pytest.approx((one.score + two.score) / 2)
        assert np.array_equal(mean.answers[population].unit, one.unit)
    assert mean.parameters["scores"] == ["membership.difference", "membership.domias"]
    assert len(AVERAGED) >= 6
    with pytest.raises(DataError, match="same people"):
        averaged([crossed[0], other], "membership.average")


def test_written_rows_tell_values_apart(survey):
    """Rows are written alike exactly where they hold the same, and unseen labels never equal one of the release."""
    texts, keys = written(survey.release), survey.release.keys()

    assert len(np.unique(texts)) == len(np.unique(keys))
    published = np.isin(survey.original.keys(), keys)
    assert np.array_equal(np.isin(written(survey.original), texts), published)
