"""Attribute inference: every attacker on every kind of secret, and what an evaluation says of it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.naive_bayes import GaussianNB

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.asking import ask
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.inference_attribution import Attribution
from synthprivacy.attacks.inference_learned import Learned
from synthprivacy.attacks.inference_vote import Vote
from synthprivacy.config import PlanSettings
from synthprivacy.driver import run_together
from synthprivacy.results import Evaluation, Hits, Outcome, Series
from synthprivacy.scoring import judge
from synthprivacy.statistics.estimate import estimate
from synthprivacy.statistics.precision import precision_curves

PEOPLE = 400
EVERY = {
    "nearest": NearestGuess,
    "vote": Vote,
    "attribution": Attribution,
    "boosting": lambda secret, known: Learned(secret, known, "boosting"),
    "logistic": lambda secret, known: Learned(secret, known, "logistic"),
    "own": lambda secret, known: Learned(secret, known, "bayes", learner=GaussianNB()),
}
SECRETS = ("negative", "centred", "rare", "when", "code")


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("kind", EVERY)
def test_what_follows_from_nothing_is_no_risk(kind, secret, drawn, risk_of):
    """Secrets that are negative, centred on 0, 95 % one label, dates or codes: no attacker's lower bound exceeds 0."""
    case = drawn(0)

    risk = risk_of(EVERY[kind](secret, ("x0", "x1", "x2")), case)

    assert risk.lower <= 0 < risk.upper
    assert risk.evidence.original.successes < 0.99 * PEOPLE


def test_the_interval_of_an_unrelated_secret_holds_0(drawn):
    """Over 10 replicates of five secrets the nearest record's interval holds 0 in as many as its 95 % say."""
    attacks = [NearestGuess(secret, ("x0", "x1", "x2")) for secret in SECRETS]
    held = []
    for number in range(10):
        for ran in run_together(attacks, drawn(number), np.random.default_rng(1), targets=20_000):
            risk = estimate(ran.outcome, primary=False, confidence=0.95, rng=np.random.default_rng(2))
            held.append(risk.interval[0] <= 0 <= risk.interval[1])

    assert binomtest(sum(held), len(held)).proportion_ci(0.99).high >= 0.95


@pytest.mark.parametrize("secret", ["negative", "centred", "when", "code"])
def test_a_copied_share_is_recovered(secret, drawn, risk_of):
    """A share of .3 copied reads .3 on average over 5 replicates, within .06, for the nearest record."""
    values = [risk_of(NearestGuess(secret, ("x0", "x1", "x2")), drawn(n, share=0.3)).value for n in range(5)]

    assert np.mean(values) == pytest.approx(0.3, abs=0.06)


@pytest.mark.parametrize("kind", EVERY)
def test_every_attacker_finds_what_is_there(kind, case_of, frame, risk_of):
    """A secret that the release ties to its people, and the control's to nobody, is found by every attacker."""
    rng = np.random.default_rng(0)
    original, control = (frame(PEOPLE, stream) for stream in rng.spawn(2))
    original["rare"] = np.where(original["x0"] > 0, "yes", "no")
    control["rare"] = rng.choice(["yes", "no"], PEOPLE)
    case = case_of(original, control, original)

    assert risk_of(EVERY[kind]("rare", ("x0", "x1", "x2")), case).lower > 0.3


@pytest.mark.parametrize("kind", ["nearest", "vote", "attribution", "logistic"])
def test_a_resampled_column_is_protected_and_only_that(kind, case_of, frame, risk_of):
    """L3: copies with one column drawn anew protect that secret, and no other."""
    rng = np.random.default_rng(5)
    original, control = (frame(PEOPLE, stream) for stream in rng.spawn(2))
    release = original.assign(negative=rng.permutation(original["negative"].to_numpy()))
    case = case_of(original, control, release)

    protected, other = (risk_of(NearestGuess(name, ("x0", "x1", "x2")), case) for name in ("negative", "centred"))
    by_another = risk_of(EVERY[kind]("negative", ("x0", "x1", "x2")), case)

    assert protected.lower <= 0
    assert by_another.lower <= 0
    assert other.lower > 0.9


def test_a_confident_minority_is_seen_in_the_curve():
    """One person in twenty guessed right and surely: precision is 1 there and .05 on average, in the JSON too."""
    sure = np.arange(1000) < 50
    answers = Hits(sure.astype(np.int64), np.ones(1000, dtype=np.int64), confidence=np.where(sure, 0.9, 0.1))

    (curve,) = precision_curves(Outcome("inference", "inference.x", {"original": answers}, {}))

    assert isinstance(curve, Series)
    assert curve.x == (0.05, 1.0)
    assert curve.y == (1.0, 0.05)


def test_an_evaluation_has_every_attacker_and_comes_back_from_json():
    """A plan that names every attacker judges the first secret by all of them; nothing is lost in the JSON."""
    rng = np.random.default_rng(8)
    original, control, release = (simulate.people(300, stream) for stream in rng.spawn(3))

    found = sp.evaluate(
        original=original, control=control, synthetic=release, schema=sp.schema(original, secrets=["diagnosis", "smoker"]),
        plan=PlanSettings(attacks=("inference", "inference.vote", "inference.attribution", "inference.learned")),
    )  # fmt: skip

    endpoints = {risk.endpoint: risk for risk in found.releases[0].risks}
    methods = ("", "vote.", "attribution.", "boosting.", "logistic.")
    assert set(endpoints) == {f"inference.{method}diagnosis" for method in methods} | {"inference.smoker"}
    assert [name for name, risk in endpoints.items() if risk.primary] == ["inference.diagnosis"]
    assert all(risk.adjusted is not None for risk in endpoints.values())
    assert {"precision, original", "precision, control"} <= {curve.name for curve in found.releases[0].series}
    assert Evaluation.from_dict(found.to_dict()).to_dict() == found.to_dict()


def test_judged_answers_say_how_sure_they_were(drawn):
    """A person's confidence is the mean over the rows that were guessed."""
    case = drawn(0)
    attack = NearestGuess("negative", ("x0",))
    guesses = ask([attack], case.release, case.schema, {"people": case.original}, 0)[0]["people"]

    answers = judge(guesses, case.original)

    np.testing.assert_allclose(np.sort(answers.confidence), np.sort(guesses.confidence))
