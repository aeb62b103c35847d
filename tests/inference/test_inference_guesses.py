"""How secrets are guessed: searches that attackers share, votes, classes, learners."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.naive_bayes import GaussianNB

from synthprivacy import simulate
from synthprivacy.asking import ask
from synthprivacy.attacks import Knowledge
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.inference_attribution import Attribution
from synthprivacy.attacks.inference_classes import CLASSES, classes_of
from synthprivacy.attacks.inference_learned import Learned
from synthprivacy.attacks.inference_together import may_share
from synthprivacy.attacks.inference_vote import Vote
from synthprivacy.errors import DataError


def test_shared_searches_answer_like_single_ones(drawn, known_beside):
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


def test_shared_searches_are_blind_and_one_at_a_time(case_of, known_beside):
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
def test_a_vote_is_the_majority_of_the_nearest(tied, case_of):
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


def test_attribution_is_the_commonest_secret_of_who_has_the_same_values(case_of):
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


def test_classes_are_few_and_each_has_its_likeliest_value(case_of):
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


def test_a_learner_of_ones_own_is_trained_anew_each_time_and_left_as_it_was(drawn):
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
