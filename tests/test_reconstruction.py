"""Laws of the reconstruction from counts, for one person and for everybody at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from synthprivacy import simulate
from synthprivacy.attacks import Knowledge
from synthprivacy.attacks.reconstruction import CountReconstruction, telling
from synthprivacy.attacks.reconstruction_jointly import JointReconstruction
from synthprivacy.driver import run
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.kernels.cells import count
from synthprivacy.kernels.decoding import decode, decode_alone
from synthprivacy.results import Risk, Skipped
from synthprivacy.schemata import infer
from synthprivacy.scoring import judge
from synthprivacy.selftest import contract, releases
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

PEOPLE = 300
KNOWN = tuple(f"c{number}" for number in range(8))


def case_of(original, control, release, hidden="secret"):
    """Return the encoded case."""
    frames = [load(frame, label="table") for frame in (original, control, release)]
    schema = infer(frames[0], secrets=(hidden,))
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=schema)


def coins(rows, rng, share=0.5, missing=0.0):
    """Return eight columns of four labels, and a secret that is a coin: nothing to infer from the population."""
    frame = simulate.discrete(rows, 8, 4, rng)
    frame["secret"] = np.where(rng.random(rows) < share, "yes", "no")
    return frame.mask(rng.random(frame.shape) < missing) if missing else frame


def drawn(original, times, rng):
    """Return training people drawn with replacement, so many rows a person."""
    return original.sample(n=times * len(original), replace=True, random_state=rng).reset_index(drop=True)


def rates(outcome):
    """Return the success on original and control."""
    return [
        float(outcome.answers[side].hits.sum() / len(outcome.answers[side].hits)) for side in ("original", "control")
    ]


def alone(case, **parameters):
    """Return the success on original and control of the attack on one person at a time."""
    attack = CountReconstruction("secret", KNOWN, **parameters)
    return rates(run(attack, case, np.random.default_rng(0), targets=10_000))


def jointly(case, register):
    """Return the share of the register's secrets that are solved for."""
    attacker = JointReconstruction("secret", register).prepare(
        Knowledge((case.release,), None, case.schema), np.random.default_rng(0)
    )
    hits = judge(attacker(register.select(KNOWN)), register)
    return float(hits.hits.sum() / hits.trials.sum())


def test_cells_by_hand():
    """Five rows counted by hand: a cell that nobody fills is empty, a row without a label counts as a row only."""
    digits = np.array([[0, 0, 1, 1, 1], [0, 0, 2, 2, 0]])
    cells = count(digits, np.array([2, 3]), np.array([0, 1, 1, 2, 0]), 2, (0, 1))

    rows, labelled = cells.of(np.array([[0, 1, 1, 0], [0, 2, 0, 2]]))

    assert rows.tolist() == [2, 2, 1, 0]
    assert labelled.tolist() == [[1, 0, 1, 0], [1, 1, 0, 0]]


def test_counts_that_determine_the_bits_give_them_back():
    """Exact counts over random halves of 40 people give every bit, and so they do where one count in ten is wild."""
    rng = np.random.default_rng(1)
    bits = rng.integers(0, 2, 40).astype(float)
    members = rng.integers(0, 2, (120, 40)).astype(float)
    counts = members @ bits
    counts[::10] += 25

    assert decode(csr_array(members), counts) == pytest.approx(bits, abs=1e-6)


def test_one_unknown_is_a_weighted_median():
    """With one person, the linear program and its closed form agree; without any vote the bit is one half."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        votes, weights = rng.normal(0.5, 1.0, (1, 7)), rng.random((1, 7))
        solved = decode(csr_array(weights.T), (weights * votes)[0])
        bit = decode_alone(votes, weights)
        loss = [float((weights * np.abs(b - votes)).sum()) for b in (solved, bit)]
        assert loss[0] == pytest.approx(loss[1], abs=1e-6)
    assert decode_alone(np.array([[3.0, 4.0]]), np.zeros((1, 2))).tolist() == [0.5]
    assert decode_alone(np.zeros((2, 0)), np.zeros((2, 0))).tolist() == [0.5, 0.5]


@pytest.mark.parametrize("attack", [alone, lambda case: [jointly(case, case.original), jointly(case, case.control)]])
def test_it_grows_with_released_rows_and_sees_nothing_in_marginals(attack):
    """A coin is solved for the more often the more rows are released, and at one half from independent marginals.

    Four standard errors of 300 guesses at one half are .115; the control stays within them throughout.
    """
    rng = np.random.default_rng(3)
    original, control = coins(PEOPLE, rng), coins(PEOPLE, rng)
    none = attack(case_of(original, control, releases.shuffled(original, original, rng)))
    growing = [attack(case_of(original, control, drawn(original, times, rng))) for times in (1, 10, 100)]

    solved = [original_rate for original_rate, _ in growing]
    assert abs(none[0] - 0.5) < 0.115
    assert 0.62 < solved[0] < solved[1] < solved[2] + 0.02
    assert solved[2] > 0.85
    assert all(abs(rate - 0.5) < 0.115 for _, rate in (none, *growing))


def test_knowing_everybody_is_stronger_than_knowing_one():
    """With many rows released, solving for all bits at once beats one person at a time, and finds nearly everybody's."""
    rng = np.random.default_rng(4)
    original, control = coins(PEOPLE, rng), coins(PEOPLE, rng)
    case = case_of(original, control, drawn(original, 10, rng))

    assert jointly(case, case.original) > max(0.9, alone(case)[0])


def test_a_register_of_both_sides_does_not_tell_them_apart():
    """An attacker who holds original and control in one register still finds the training people's secrets more often."""
    rng = np.random.default_rng(5)
    original, control, fresh = (coins(250, stream) for stream in rng.spawn(3))

    def risk(release):
        case = case_of(original, control, release)
        attack = JointReconstruction("secret", case.original.joined(case.control).select(KNOWN))
        outcome = run(attack, case, np.random.default_rng(0), targets=10_000)
        return estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(0))

    leak, none = risk(drawn(original, 40, rng)), risk(fresh)
    assert isinstance(leak, Risk)
    assert isinstance(none, Risk)
    assert leak.lower > 0.2
    assert none.interval[0] <= 0 <= none.interval[1]


def test_the_joint_attack_keeps_the_contract():
    """One at a time, blind, equal, repeatable, read-only: a register fixed beforehand breaks no law."""
    rng = np.random.default_rng(6)
    case = case_of(*(coins(150, stream, missing=0.05) for stream in rng.spawn(3)))
    attack = JointReconstruction("secret", case.original.joined(case.control).select(KNOWN), queries=300)

    for law in contract.LAWS:
        finding = law(attack, case)
        assert finding.passed, str(finding)


def test_many_labels_missing_values_and_unseen_ones():
    """A secret of many labels is solved for among its frequent ones, whatever is missing or new among the people."""
    rng = np.random.default_rng(7)
    original, control = simulate.people(PEOPLE, rng), simulate.people(PEOPLE, rng)
    control.loc[:20, "region"] = "elsewhere"
    control.loc[:30, "occupation"] = "astronaut"
    case = case_of(original, control, drawn(original, 20, rng), hidden="occupation")
    known = tuple(name for name in case.release.names if name != "occupation")

    outcome = run(CountReconstruction("occupation", known), case, np.random.default_rng(0), targets=10_000)

    risk = estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(0))
    assert isinstance(risk, Risk)
    assert risk.lower > 0.1


def test_too_little_to_count_is_skipped():
    """A secret without two labels, or an attacker who knows nothing, gives no figure."""
    rng = np.random.default_rng(8)
    original, control, fresh = (coins(120, stream) for stream in rng.spawn(3))
    whole = case_of(original, control, fresh)
    flat = case_of(original, control, fresh.replace("yes", "no"))

    for attack, case in (
        (CountReconstruction("secret", KNOWN), flat),
        (CountReconstruction("secret", ()), whole),
        (JointReconstruction("secret", whole.original.select(())), whole),
    ):
        assert isinstance(run(attack, case, np.random.default_rng(0), targets=10_000), Skipped)
    numbers = case_of(*[simulate.gaussian(120, 4, stream) for stream in rng.spawn(3)], hidden="x0")
    with pytest.raises(NotEnoughDataError):
        CountReconstruction("x0", ("x1",)).prepare(
            Knowledge((numbers.release,), None, numbers.schema), np.random.default_rng(0)
        )


def test_columns_that_tell_people_apart_are_counted_by():
    """Of many known columns the eight with most entropy are used, constant ones last."""
    rng = np.random.default_rng(9)
    frame = pd.concat([simulate.discrete(300, 9, 4, rng), coins(300, rng)[["secret"]]], axis=1).assign(dull="x")
    case = case_of(frame, frame, frame)
    known = tuple(name for name in case.release.names if name != "secret")

    assert "dull" not in telling(case.release, known)
    assert len(telling(case.release, known)) == 8


@pytest.mark.slow
def test_fresh_people_raise_no_alarm():
    """On 100 fresh releases the lower bound lies above 0 in 2.5 % at most, as far as 99 % limits tell (7 of 100)."""
    alarms = 0
    for number in range(100):
        rng = np.random.default_rng([10, number])
        case = case_of(*(simulate.people(300, stream) for stream in rng.spawn(3)), hidden="smoker")
        known = tuple(name for name in case.release.names if name != "smoker")
        outcome = run(CountReconstruction("smoker", known), case, rng, targets=10_000)
        risk = estimate(outcome, primary=False, confidence=0.95, rng=rng)
        alarms += isinstance(risk, Risk) and risk.lower > 0

    assert alarms <= 7
