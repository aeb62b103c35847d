"""The measured defects of anonymeter 1.1.0, 10 to 16 and d, each as a test with the right answer.

Numbers 1 to 16 are confirmed by running that code; letters a to i were found on its version 1.1.0.
"""

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.driver import run
from synthprivacy.results import Hits, Matches, Outcome
from synthprivacy.statistics.estimate import estimate


def test_defect_10_predicates_that_isolate_by_chance_are_no_risk(noise, risks):
    """Predicates of any weight isolate strangers as well; what they isolate of a control is taken off."""
    tables = [noise(1000, seed).round(1) for seed in range(3)]

    risk = risks(*tables, attacks=("singling_out",))["singling_out.multivariate"]

    assert risk.evidence.isolated_original > 0.1 * risk.evidence.queries
    assert risk.interval[0] <= 0 <= risk.interval[1]


def test_defect_11_asking_the_same_twice_is_no_evidence(case_of, noise):
    """Queries share their rows: repeating every query leaves the interval as wide as it was."""
    tables = [noise(600, seed).round(1) for seed in range(3)]
    outcome = run(SinglingOut(3, 100), case_of(*tables), np.random.default_rng(0), targets=10_000)

    def doubled(answers):
        query = np.concatenate([answers.query, answers.query + answers.queries])
        return Matches(query, np.tile(answers.person, 2), 2 * answers.queries, answers.people)

    twice = {population: doubled(answers) for population, answers in outcome.answers.items()}
    once, again = (
        estimate(one, primary=False, confidence=0.95, rng=np.random.default_rng(1))
        for one in (outcome, Outcome(outcome.attack, outcome.endpoint, twice, outcome.parameters))
    )

    assert again.value == pytest.approx(once.value)
    assert again.evidence.standard_error == pytest.approx(once.evidence.standard_error)


def hits_of(successes, trials):
    """Return answers with a number of hits."""
    return Hits((np.arange(trials) < successes).astype(np.int64), np.ones(trials, dtype=np.int64))


@pytest.mark.parametrize(("a", "c"), [(480, 450), (495, 490), (499, 490)])
def test_defect_12_the_estimate_is_not_shrunk_where_the_control_is_high(a, c):
    """The value is (a - c) / (1 - c) of the counts themselves."""
    outcome = Outcome("inference", "inference.x", {"original": hits_of(a, 500), "control": hits_of(c, 500)}, {})

    risk = estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(0))

    assert risk.value == pytest.approx((a - c) / (500 - c))


def test_defect_13_and_d_more_targets_than_people_attack_everyone(noise, risks):
    """Asking for more people than there are attacks all of them, each side with its own number."""
    found = risks(noise(300, 0), noise(150, 1), noise(200, 2), attacks=("linkability", "membership"))

    evidence = found["linkability.halves"].evidence
    assert (evidence.original.trials, evidence.control.trials) == (300, 150)
    assert found["membership.distance"].evidence.nonmembers == 150


def test_defect_14_the_seed_decides_everything(noise):
    """The same seed gives the same bytes; the global random state is neither read nor changed."""
    tables = {"original": noise(200, 0), "control": noise(200, 1), "synthetic": noise(200, 2)}
    np.random.seed(1)  # noqa: NPY002 - the law is about the global state
    before = np.random.get_state()[1].tolist()  # noqa: NPY002 - the same

    one = sp.evaluate(**tables).dumps()
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002 - the same
    np.random.seed(2)  # noqa: NPY002 - the same

    assert sp.evaluate(**tables).dumps() == one


def test_defect_15_no_column_crowds_out_the_others(case_of):
    """A column with thousands of unique values gets no more predicates than any other may have."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({name: rng.normal(size=1000).round(1) for name in "abcd"}).assign(wide=rng.normal(size=1000))
    case = case_of(frame, frame, frame)
    attack = SinglingOut(1, 500)
    from synthprivacy.attacks import Knowledge

    guesses = attack.prepare(Knowledge((case.release,), None, case.schema), rng)(case.original)

    counts = np.bincount(guesses.column, minlength=5)
    assert counts.max() == 100  # a fifth of the queries
    assert (counts > 0).all()


def test_defect_16_links_that_strangers_get_too_are_taken_off(risks):
    """Where a few records answer for everyone, people link in masses, and the control shows that it means nothing."""
    rng = np.random.default_rng(0)
    original, control = (pd.DataFrame({"a": rng.integers(0, 3, 800), "b": rng.integers(0, 3, 800)}) for _ in range(2))
    release = pd.DataFrame({"a": [0, 1, 2] * 20, "b": [0, 1, 2] * 20})

    risk = risks(original, control, release, attacks=("linkability",))["linkability.halves"]

    assert risk.interval[0] <= 0 <= risk.interval[1]
