"""Attribute inference: every attacker on every kind of secret, what is known anyway, and the searches they share."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.dummy import DummyClassifier
from sklearn.naive_bayes import GaussianNB

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.asking import ask
from synthprivacy.attacks import Knowledge
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.inference_attribution import Attribution
from synthprivacy.attacks.inference_classes import CLASSES, classes_of
from synthprivacy.attacks.inference_learned import Learned
from synthprivacy.attacks.inference_together import may_share
from synthprivacy.attacks.inference_vote import Vote
from synthprivacy.comparators.adjusting import KNOWN_ANYWAY, with_adjusted
from synthprivacy.comparators.anyway import adjusted
from synthprivacy.config import PlanSettings
from synthprivacy.driver import run, run_together
from synthprivacy.errors import DataError
from synthprivacy.results import Evaluation, Hits, Outcome, Series
from synthprivacy.schemata import infer
from synthprivacy.scoring import judge
from synthprivacy.statistics.estimate import estimate
from synthprivacy.statistics.precision import precision_curves
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

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


def frame(rows, rng):
    """Return people whose secrets follow from nothing: negative, zero-centred, 95 % one label, dates, codes."""
    known = simulate.gaussian(rows, 3, rng)
    return known.assign(
        negative=rng.normal(-1000, 300, rows),
        centred=rng.normal(0, 1, rows),
        rare=np.where(rng.random(rows) < 0.95, "no", "yes"),
        when=pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1000, rows), unit="D"),
        code=rng.choice(["E11.9", "E11.2", "I20.0", "I20.9", "J45.0"], rows),
    )


def case_of(original, control, release, **declared):
    """Return the encoded case."""
    frames = [load(one, label="table") for one in (original, control, release)]
    declared.setdefault("declared", {"code": {"kind": "code"}} if "code" in original else None)
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=infer(frames[0], **declared))


def known_beside(case, secret):
    """Return every column but the secret."""
    return tuple(name for name in case.release.names if name != secret)


@functools.cache
def drawn(number, *, share=0.0, people=PEOPLE):
    """Return independent people of whom a share is copied into the release."""
    rng = np.random.default_rng([3, number])
    original, control, fresh = (frame(people, stream) for stream in rng.spawn(3))
    return case_of(original, control, simulate.copy_share(original, fresh, share, rng))


def risk_of(attack, case):
    """Return what an attack found."""
    outcome = run(attack, case, np.random.default_rng(1), targets=20_000)
    assert isinstance(outcome, Outcome), outcome
    return estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(2))


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("kind", EVERY)
def test_what_follows_from_nothing_is_no_risk(kind, secret):
    """Secrets that are negative, centred on 0, 95 % one label, dates or codes: no attacker's lower bound exceeds 0."""
    case = drawn(0)

    risk = risk_of(EVERY[kind](secret, ("x0", "x1", "x2")), case)

    assert risk.lower <= 0 < risk.upper
    assert risk.evidence.original.successes < 0.99 * PEOPLE


def test_the_interval_of_an_unrelated_secret_holds_0():
    """Over 10 replicates of five secrets the nearest record's interval holds 0 in as many as its 95 % say."""
    attacks = [NearestGuess(secret, ("x0", "x1", "x2")) for secret in SECRETS]
    held = []
    for number in range(10):
        for ran in run_together(attacks, drawn(number), np.random.default_rng(1), targets=20_000):
            risk = estimate(ran.outcome, primary=False, confidence=0.95, rng=np.random.default_rng(2))
            held.append(risk.interval[0] <= 0 <= risk.interval[1])

    assert binomtest(sum(held), len(held)).proportion_ci(0.99).high >= 0.95


@pytest.mark.parametrize("secret", ["negative", "centred", "when", "code"])
def test_a_copied_share_is_recovered(secret):
    """A share of .3 copied reads .3 on average over 5 replicates, within .06, for the nearest record."""
    values = [risk_of(NearestGuess(secret, ("x0", "x1", "x2")), drawn(n, share=0.3)).value for n in range(5)]

    assert np.mean(values) == pytest.approx(0.3, abs=0.06)


@pytest.mark.parametrize("kind", EVERY)
def test_every_attacker_finds_what_is_there(kind):
    """A secret that the release ties to its people, and the control's to nobody, is found by every attacker."""
    rng = np.random.default_rng(0)
    original, control = (frame(PEOPLE, stream) for stream in rng.spawn(2))
    original["rare"] = np.where(original["x0"] > 0, "yes", "no")
    control["rare"] = rng.choice(["yes", "no"], PEOPLE)
    case = case_of(original, control, original)

    assert risk_of(EVERY[kind]("rare", ("x0", "x1", "x2")), case).lower > 0.3


@pytest.mark.parametrize("kind", ["nearest", "vote", "attribution", "logistic"])
def test_a_resampled_column_is_protected_and_only_that(kind):
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


def determined(number, rows=PEOPLE, noise=0.0):
    """Return people whose secret follows from the other columns."""
    rng = np.random.default_rng([29, number])
    frames = []
    for stream in rng.spawn(3):
        known = simulate.gaussian(rows, 2, stream)
        above = known["x0"] + known["x1"] + noise * stream.normal(size=rows) > 0
        frames.append(known.assign(secret=np.where(above, "yes", "no")))
    return case_of(*frames)


def ran_on(case, name="secret"):
    """Return what became of the nearest guess, with what is guessed anyway."""
    attack = NearestGuess(name, known_beside(case, name))
    return run_together([attack], case, np.random.default_rng(1), targets=20_000, adjusting=True)[0]


def with_reading(ran):
    """Return the risk with its adjusted form."""
    risk = estimate(ran.outcome, primary=False, confidence=0.95, rng=np.random.default_rng(2))
    return with_adjusted(risk, ran.outcome, ran.anyway)


def test_what_the_population_tells_is_labelled():
    """N2: a secret that follows from the others is guessed of nearly everybody, is no risk, and is called known anyway."""
    risk = with_reading(ran_on(determined(0)))

    assert risk.evidence.original.successes > 0.9 * PEOPLE
    assert risk.interval[0] <= 0 <= risk.interval[1]
    assert risk.adjusted.reading == KNOWN_ANYWAY
    assert risk.adjusted.anyway.successes > 0.9 * PEOPLE


def test_a_leak_is_not_called_known_anyway():
    """A copied secret that follows from nothing has no such label, nor has one that nobody can guess."""
    leak = with_reading(ran_on(drawn(0, share=0.5), "code"))
    nothing = with_reading(ran_on(drawn(0), "negative"))

    assert leak.lower > 0
    assert leak.adjusted.reading is None
    assert nothing.adjusted.reading is None


def coverage_of(replicates, *, rows, noise):
    """Return whether plain and adjusted intervals hold 0, the variance left, and the rate on the control."""
    plain, after, left, rates = [], [], [], []
    for number in range(replicates):
        ran = ran_on(determined(number, rows, noise))
        original, control = ran.outcome.answers["original"], ran.outcome.answers["control"]
        found = adjusted(original, control, ran.anyway)
        risk = estimate(ran.outcome, primary=False, confidence=0.95, rng=np.random.default_rng(0))
        low, high = found.residual.interval(0.95, "jeffreys")
        plain.append(risk.interval[0] <= 0 <= risk.interval[1] if hasattr(risk, "interval") else True)
        after.append(low <= 0 <= high)
        left.append(found.variance_left)
        rates.append(control.hits.mean())
    return plain, after, float(np.mean(left)), float(np.mean(rates))


@pytest.mark.slow
def test_adjusted_intervals_hold_0_where_nearly_all_is_known_anyway():
    """N2 at a control rate of .9 and more: over 200 replicates both intervals hold 0 as often as they say."""
    plain, after, left, rate = coverage_of(200, rows=500, noise=0.2)

    assert rate >= 0.9
    assert left < 1.0
    for held in (plain, after):
        assert binomtest(sum(held), len(held)).proportion_ci(0.99).high >= 0.95


def test_nobody_is_guessed_by_who_studied_that_very_person():
    """Control people guessed from their own fold would be guessed nearly always; they are as often as the original."""
    also = ran_on(drawn(1, people=800), "negative").anyway

    assert abs(also.control.hits.mean() - also.original.hits.mean()) < 0.05
    assert set(also.fold_control) == set(also.fold_original) == {0, 1}


def test_shared_searches_answer_like_single_ones():
    """Without ties the secrets guessed in one pass are those guessed one by one, value for value and as surely."""
    case = drawn(2)
    names = case.release.names
    attacks = [NearestGuess(secret, known_beside(case, secret)) for secret in names]
    assert may_share(attacks)
    people = {"original": case.original, "control": case.control}

    together = ask(attacks, case.release, case.schema, people, 7)
    apart = [ask([attack], case.release, case.schema, people, 7)[0] for attack in attacks]

    for one, other in zip(together, apart):
        for side in people:
            np.testing.assert_array_equal(one[side].value, other[side].value)
            np.testing.assert_allclose(one[side].confidence, other[side].confidence)
            assert one[side].tolerance == other[side].tolerance


def test_shared_searches_are_blind_and_one_at_a_time():
    """With ties too: permuting a secret changes no guess of it, and neither does the company."""
    rng = np.random.default_rng(1)
    case = case_of(*(simulate.discrete(300, 6, 3, stream) for stream in rng.spawn(3)))
    attacks = [NearestGuess(name, known_beside(case, name)) for name in case.release.names]

    def guesses(people):
        found = ask(attacks, case.release, case.schema, {"people": people}, 3)
        return [one["people"].value for one in found]

    whole = guesses(case.original)
    some = guesses(case.original.take(np.arange(0, 300, 7)))
    for every, few in zip(whole, some):
        np.testing.assert_array_equal(every[::7], few)
    for place, name in enumerate(case.release.names):
        mixed = replace(
            case.original,
            features=tuple(
                replace(one, values=one.values[::-1]) if one.name == name else one for one in case.original.features
            ),
        )
        np.testing.assert_array_equal(guesses(mixed)[place], whole[place])


def test_few_known_columns_are_searched_alone():
    """Attackers that know little in common do not share an index; the same quasi-identifiers for all are shared."""
    names = ("a", "b", "c", "d")

    assert may_share([NearestGuess("s", names), NearestGuess("t", names)])
    assert not may_share([NearestGuess("s", names[:2]), NearestGuess("t", names[2:])])
    assert not may_share([NearestGuess("s", names)])


@pytest.mark.parametrize("tied", [False, True])
def test_a_vote_is_the_majority_of_the_nearest(tied):
    """Three records at a person's place outvote one; numbers are guessed by their median."""
    release = pd.DataFrame(
        {"x": [0.0] * 5 + [9.0] * 5, "label": list("aaabb") + list("bbbba"), "n": [1.0, 2, 3, 4, 90] * 2}
    )
    people = pd.DataFrame({"x": [0.0, 9.0], "label": ["b", "a"], "n": [0.0, 0.0]})
    case = case_of(people, people, release)
    rng = np.random.default_rng(int(tied))

    def guess(secret):
        attacker = Vote(secret, ("x",)).prepare(Knowledge((case.release,), None, case.schema), rng)
        return attacker(case.original.select(("x",)))

    assert guess("label").value.tolist() == [0.0, 1.0]
    assert guess("label").confidence == pytest.approx([0.6, 0.8])
    assert guess("n").value.tolist() == [3.0, 3.0]


def test_attribution_is_the_commonest_secret_of_who_has_the_same_values():
    """The confidence is the share of the equivalence class (CAP); who is like nobody is looked up by fewer columns."""
    release = pd.DataFrame(
        {"sex": ["f"] * 6 + ["m"] * 6, "town": list("aaabbb") * 2, "ill": ["y", "y", "n", "n", "n", "n"] + ["y"] * 6}
    )
    people = pd.DataFrame({"sex": ["f", "f", "m"], "town": ["a", "b", "z"], "ill": ["y", "y", "y"]})
    case = case_of(people, people, release)

    attacker = Attribution("ill", ("sex", "town")).prepare(
        Knowledge((case.release,), None, case.schema), np.random.default_rng(0)
    )
    found = attacker(case.original.select(("sex", "town")))

    by_place = dict(
        zip(zip(case.original["sex"].values, case.original["town"].values), zip(found.value, found.confidence))
    )
    assert by_place[0.0, 0.0] == (1.0, pytest.approx(2 / 3))
    assert by_place[0.0, 1.0] == (0.0, 1.0)
    assert found.value[case.original["sex"].values == 1.0].tolist() == [1.0]


def test_classes_are_few_and_each_has_its_likeliest_value():
    """A number has up to 20 bins of equal weight whose guess is one of its values; a heavy value is a bin of its own."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"n": np.where(rng.random(2000) < 0.6, 0.0, rng.normal(50, 9, 2000)), "x": rng.normal(size=2000)}
    )
    secret = case_of(table, table, table).release["n"]

    classes = classes_of(secret)

    assert 0.0 in classes.guesses
    assert 2 <= len(classes.guesses) <= CLASSES
    assert np.isin(classes.guesses, secret.values).all()
    assert (np.diff(classes.guesses) > 0).all()


def test_a_learner_of_ones_own_is_trained_anew_each_time_and_left_as_it_was():
    """An object with `fit` and `predict` is copied before it is trained; one that predicts nonsense is refused."""
    case = drawn(0)
    known = Knowledge((case.release,), None, case.schema)
    own = GaussianNB()

    attacker = Learned("rare", ("x0", "x1"), "bayes", learner=own).prepare(known, np.random.default_rng(0))
    assert not hasattr(own, "classes_")
    assert len(np.unique(attacker(case.original.select(("x0", "x1"))).confidence)) > 2

    wrong = DummyClassifier(strategy="constant", constant=1)
    wrong.predict = lambda rows: np.full(len(rows), 77)
    attacker = Learned("rare", ("x0", "x1"), "wrong", learner=wrong).prepare(known, np.random.default_rng(0))
    with pytest.raises(DataError, match="predict one of the classes"):
        attacker(case.original.select(("x0", "x1")))


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
    assert {curve.name for curve in found.releases[0].series} == {"precision, original", "precision, control"}
    assert Evaluation.from_dict(found.to_dict()).to_dict() == found.to_dict()


def test_judged_answers_say_how_sure_they_were():
    """A person's confidence is the mean over the rows that were guessed."""
    case = drawn(0)
    attack = NearestGuess("negative", ("x0",))
    guesses = ask([attack], case.release, case.schema, {"people": case.original}, 0)[0]["people"]

    answers = judge(guesses, case.original)

    np.testing.assert_allclose(np.sort(answers.confidence), np.sort(guesses.confidence))
