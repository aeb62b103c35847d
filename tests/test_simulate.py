"""Laws of the simulated populations and releases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.errors import ConfigError

ROWS = 4_000


@pytest.fixture(scope="module")
def survey():
    """Return the people most tests look at."""
    return simulate.people(ROWS, 0)


def rows_of(frame):
    """Return the rows as hashes of their content."""
    return pd.util.hash_pandas_object(frame, index=False)


def published(original, release):
    """Return how many of the original stand in the release."""
    return int(rows_of(original).isin(rows_of(release)).sum())


def test_the_same_seed_gives_the_same_people(survey):
    """A seed fixes every value; another seed gives other people."""
    pd.testing.assert_frame_equal(survey, simulate.people(ROWS, 0))
    pd.testing.assert_frame_equal(survey, simulate.people(ROWS, np.random.default_rng(0)))
    assert published(survey, simulate.people(ROWS, 1)) == 0


def test_people_are_practically_unique(survey):
    """Fewer than one person in a thousand shares all values with another one."""
    assert rows_of(survey).duplicated(keep=False).mean() < 0.001


def test_the_survey_has_what_tables_have(survey):
    """Mixed kinds, a name with a space, rare labels, a skewed number, a date and missing values."""
    assert survey.shape == (ROWS, 13)
    assert survey["occupation"].nunique() == len(simulate.OCCUPATION)
    assert survey["diagnosis"].value_counts().min() < ROWS / 100
    assert survey["household income"].skew() > 1
    assert pd.api.types.is_datetime64_any_dtype(survey["registered"])
    missing = survey.isna().mean()
    assert (missing[["household income", "height_cm"]].between(0.02, 0.2)).all()
    assert survey["weight_kg"].between(35, 250).all()


def test_columns_depend_on_each_other(survey):
    """Income rises with education, blood pressure with age, and lung cancer with smoking."""
    rank = survey["education"].map({label: place for place, label in enumerate(simulate.EDUCATION)})
    assert rank.corr(survey["household income"], method="spearman") > 0.3
    assert survey["age"].corr(survey["systolic"]) > 0.4
    ill = survey["diagnosis"] == "lung cancer"
    assert survey["smoker"][ill].mean() > 2 * survey["smoker"][~ill].mean()


def test_a_clean_release_publishes_nobody(survey):
    """Fresh people are no training people."""
    release, truth = simulate.release_clean(survey, simulate.people(ROWS, 1))
    assert (truth.published, truth.risk, truth.leak) == (0, 0.0, "none")
    assert published(survey, release) == 0


@pytest.mark.parametrize("make", [simulate.release_copied, simulate.release_outliers])
@pytest.mark.parametrize("share", [0.0, 0.05, 1.0])
def test_a_leaking_release_publishes_just_whom_it_says(survey, make, share):
    """The release holds exactly the announced number of training people, and as many rows as the fresh table."""
    release, truth = make(survey, simulate.people(ROWS + 100, 1), share, np.random.default_rng(2))
    assert truth.people == ROWS
    assert truth.published == round(share * ROWS)
    assert published(survey, release) == pytest.approx(truth.published, abs=2)  # nearly everyone is unique
    assert len(release) == ROWS + 100
    assert list(release.columns) == list(survey.columns)
    assert (release.dtypes == survey.dtypes).all()


def test_the_order_of_a_release_tells_nothing(survey):
    """Published people stand anywhere: their mean position is that of the table within 4 standard errors."""
    release, truth = simulate.release_copied(survey, simulate.people(ROWS, 1), 0.2, np.random.default_rng(2))
    places = np.flatnonzero(rows_of(release).isin(rows_of(survey)))
    assert places.mean() == pytest.approx(ROWS / 2, abs=4 * ROWS / np.sqrt(12 * truth.published))


def test_outliers_are_the_unusual(survey):
    """Everyone published is more unusual than everyone who is not."""
    release, _ = simulate.release_outliers(survey, simulate.people(ROWS, 1), 0.01, np.random.default_rng(2))
    leaked = rows_of(survey).isin(rows_of(release)).to_numpy()
    score = simulate.unusualness(survey)
    assert score[leaked].min() >= score[~leaked].max()
    rare = survey["diagnosis"] == "Huntington's disease"
    assert rare[leaked].mean() > rare.mean()


def test_unusual_is_extreme_or_rare_or_missing():
    """A number at either end, a rare label and a rare missing value are unusual; the middle is not."""
    frame = pd.DataFrame({"x": [*range(101), 50, np.nan], "c": ["a"] * 102 + ["b"]})
    score = simulate.unusualness(frame)
    assert score[102] == score.max()
    assert score[0] == score[100] > score[25] > score[50]


def test_gaussian_columns_are_correlated_by_half():
    """Any two normal columns have correlation .5, unit variance and no ties."""
    frame = simulate.gaussian(20_000, 4, np.random.default_rng(0))
    assert frame.corr().to_numpy()[np.triu_indices(4, 1)] == pytest.approx(0.5, abs=0.03)
    assert frame.var().to_numpy() == pytest.approx(1, abs=0.05)
    assert frame["x0"].is_unique


def test_discrete_people_are_alike():
    """Three columns of three labels make at most 27 different people, the first label the most common."""
    frame = simulate.discrete(1_000, 3, 3, np.random.default_rng(0))
    assert len(frame.drop_duplicates()) <= 27
    assert (frame.mode().iloc[0] == "level 0").all()


def test_copied_people_are_distinct():
    """Nobody is published twice, so the share published is the share asked for."""
    rng = np.random.default_rng(0)
    original, fresh = simulate.gaussian(500, 3, rng), simulate.gaussian(400, 3, rng)
    release = simulate.copy_share(original, fresh, 0.3, rng)
    assert (published(original, release), published(fresh, release)) == (150, 250)


@pytest.mark.parametrize(("share", "rows", "rule"), [(1.5, 100, "between 0 and 1"), (0.9, 10, "at least as many rows")])
def test_an_impossible_share_is_refused(share, rows, rule):
    """A share outside 0 to 1, or more people than the release has room for, is an error."""
    rng = np.random.default_rng(0)
    with pytest.raises(ConfigError, match=rule):
        simulate.copy_share(simulate.gaussian(100, 2, rng), simulate.gaussian(rows, 2, rng), share, rng)
