"""Laws of the disclosure measures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.measures import MEASURES, disclosure
from synthprivacy.results import Evaluation, Release, Score, TableFacts
from synthprivacy.schemata import infer
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

TABLE = Path(__file__).parents[2] / "shared" / "data" / "sd2011.csv.gz"


def case(original, release, control=None, *, keys, secrets=()):
    """Return the encoded case of some frames."""
    frames = [None if frame is None else load(frame, label="table") for frame in (original, control, release)]
    schema = infer(frames[0], secrets=secrets, declared={name: {"role": "quasi_identifier"} for name in keys})
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=schema)


def values(scores):
    """Return the value of each metric."""
    return {score.metric: score.value for score in scores}


def references(scores):
    """Return what the control reads of each metric."""
    return {score.metric: score.reference for score in scores}


ORIGINAL = pd.DataFrame(
    {
        "sex": ["m", "m", "f", "f", None, "f", "f", "f"],
        "town": ["a", "a", "a", "b", "b", "c", "c", "c"],
        "ill": ["yes", "no", "no", "yes", "no", "no", "no", None],
    }
)
RELEASE = pd.DataFrame(
    {
        "sex": ["m", "f", "f", None, None, "f", "f", "f"],
        "town": ["a", "a", "b", "b", "b", "d", "c", "c"],
        "ill": ["no", "no", "no", "no", "no", "yes", "no", "yes"],
    }
)


def test_by_hand():
    """Eight people counted by hand: missing is a level of the key and of the target."""
    found = values(disclosure(case(ORIGINAL, RELEASE, keys=["sex", "town"], secrets=["ill"])))

    assert found["UiO"] == 3 / 8  # f a, f b, - b
    assert found["repU"] == 2 / 8  # f a, f b; m a is unique in the release only, - b in the original only
    assert [found[f"crowd.{fewest}"] for fewest in (2, 5, 10)] == [3 / 8, 1.0, 1.0]
    assert found["Dorig.ill"] == 3 / 8  # the three unique people
    assert found["DiSCO.ill"] == 3 / 8  # m a no (the second), f a, - b
    assert found["CAPd.ill"] == pytest.approx((2 * 0.5 + 3 + 2 * 2 / 3 + 1 / 3) / 8)
    assert found["DCAP.ill"] == pytest.approx((1 + 1 + 1 + 0.5 + 0.5) / 8)
    assert found["baseCAPd.ill"] == pytest.approx((2**2 + 5**2 + 1) / 64)
    assert found["TCAP.ill"] is None


def test_labels_that_the_release_lacks_stay_apart():
    """Two labels that only people have are two keys, and no key of the release."""
    original = pd.DataFrame({"town": ["x", "y", "y", "a"] * 5, "ill": ["yes", "no", "no", "no"] * 5})
    release = pd.DataFrame({"town": ["a", "b"] * 10, "ill": ["no", "yes"] * 10})

    found = values(disclosure(case(original, release, keys=["town"], secrets=["ill"])))

    assert found["Dorig.ill"] == 1.0
    assert found["DiSCO.ill"] == 0.25


def test_the_control_is_measured_as_the_original_is():
    """Exchanging original and control exchanges every value and its reference."""
    rng = np.random.default_rng(3)
    original, control, fresh = (simulate.people(300, stream) for stream in rng.spawn(3))
    keys, secrets = ["sex", "region", "education"], ["diagnosis", "smoker"]

    one = disclosure(case(original, fresh, control, keys=keys, secrets=secrets))
    other = disclosure(case(control, fresh, original, keys=keys, secrets=secrets))

    assert values(one) == references(other)
    assert references(one) == values(other)
    assert len(values(one)) == len(one)


def test_publishing_the_people_discloses_more_than_the_population_does():
    """On a published table DiSCO is Dorig, and above what it says of the control; on fresh people it is not."""
    rng = np.random.default_rng(4)
    original, control, fresh = (simulate.people(2_000, stream) for stream in rng.spawn(3))
    keys = ["age", "sex", "region", "education"]

    leak, none = (
        disclosure(case(original, release, control, keys=keys, secrets=["diagnosis"])) for release in (original, fresh)
    )

    assert values(leak)["DiSCO.diagnosis"] == values(leak)["Dorig.diagnosis"]
    assert values(leak)["repU"] == values(leak)["UiO"]
    assert values(leak)["DiSCO.diagnosis"] > references(leak)["DiSCO.diagnosis"] + 0.1
    assert abs(values(none)["DiSCO.diagnosis"] - references(none)["DiSCO.diagnosis"]) < 4 * np.sqrt(0.5 / 2_000)
    assert values(leak)["TCAP.diagnosis"] == pytest.approx(values(leak)["DiSCO.diagnosis"])


def test_without_a_declared_key_there_is_nothing_to_measure():
    """Nobody is exposed by a key that nobody declared: one undefined score; without secrets, the key alone."""
    (nothing,) = disclosure(case(ORIGINAL, RELEASE, keys=[], secrets=["ill"]))
    assert (nothing.value, nothing.reason) == (None, "no column that the release has is declared a quasi-identifier")
    alone = disclosure(case(ORIGINAL, RELEASE, keys=["sex"]))
    assert {score.metric for score in alone} == {"UiO", "repU", "crowd.2", "crowd.5", "crowd.10"}
    assert all(score.reference is None for score in alone)
    assert MEASURES["disclosure"] is disclosure


@pytest.mark.parametrize("rows", [1_000, 400, 15])
def test_nothing_public_tells_a_small_crowd(rows):
    """No public share tells none from nine people, nor all from all but nine."""

    def shown(exposed):
        score = Score("disclosure", "UiO", exposed / rows, None, interval=None, better="lower")
        facts = TableFacts(None, rows, rows, 3)
        release = Release("release", None, (), scores=(score,))
        whole = Evaluation(0, {}, {}, {"kind": "none"}, (), facts, None, {}, (release,))
        return whole.public().releases[0].scores[0].value

    few = range(10)
    assert len({shown(exposed) for exposed in few}) == 1
    assert len({shown(rows - exposed) for exposed in few}) == 1
    assert rows < 100 or shown(0) < shown(rows // 2) < shown(rows)


@pytest.fixture(scope="module")
def sd2011():
    """Return what is measured of SD2011, published as it is."""
    if not TABLE.exists():
        pytest.skip("sd2011.csv.gz is not beside the project")
    frame = pd.read_csv(TABLE)[["sex", "age", "region", "placesize", "depress"]]
    found = disclosure(case(frame, frame, keys=["sex", "age", "region", "placesize"], secrets=["depress"]))
    return {metric: round(100 * value, 2) for metric, value in values(found).items()}


@pytest.mark.parametrize(
    ("metric", "published"),
    [("UiO", 48.38), ("repU", 48.38), ("Dorig.depress", 53.3), ("CAPd.depress", 74.15), ("baseCAPd.depress", 9.81)],
)
def test_published_figures(sd2011, metric, published):
    """The vignette's figures come out of the measure as they come out of the kernel, through the usual door."""
    assert sd2011[metric] == published
