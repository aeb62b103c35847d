"""The self-test is tested: every estimator known to be wrong is found out, and for the fault it is known for."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import trapezoid
from scipy.stats import binom

from synthprivacy.attacks import Knowledge
from synthprivacy.attacks.membership import Distance
from synthprivacy.errors import DataError
from synthprivacy.results import Matches
from synthprivacy.selftest import contract
from synthprivacy.selftest.catalogue import SCENARIOS
from synthprivacy.selftest.closed_forms import DISPLAY_COVERAGE, enumerated, on_grid
from synthprivacy.selftest.impostors import IMPOSTORS, Rejection, Trial
from synthprivacy.selftest.impostors.attackers import COPIED, MedianRadius, peeking
from synthprivacy.selftest.impostors.closest_records import ALONE, COPY, strictly_closer
from synthprivacy.selftest.impostors.impostor import both, tried
from synthprivacy.selftest.impostors.intervals import as_if_counted, propagated
from synthprivacy.selftest.impostors.predicates import correction, expected, size_corrected
from synthprivacy.selftest.impostors.ratios import AUDITS, EPSILON, audits, largest_ratio
from synthprivacy.selftest.impostors.rejecting import reject, reject_all, summary
from synthprivacy.selftest.impostors.thresholds import CLEAN, calibrated_on_fitted
from synthprivacy.selftest.subjects import read
from synthprivacy.statistics.roc import auc


@pytest.fixture(scope="module")
def rejections():
    """Return what became of every impostor."""
    return {one.impostor: one for one in reject_all(seed=0)}


def _laws(rejection):
    return {(trial.impostor.law, trial.impostor.scenario) for trial in rejection.trials}


@pytest.mark.slow
@pytest.mark.parametrize("name", IMPOSTORS)
def test_every_impostor_is_rejected(rejections, name):
    """Every law that must reject an impostor does, and the house keeps it on the same replicates."""
    rejection = rejections[name]

    assert rejection.trials
    for trial in rejection.trials:
        assert not trial.impostor.passed, trial
        assert trial.house.passed, trial
        assert trial.impostor.replicates == trial.house.replicates
        assert (trial.impostor.law, trial.impostor.bar) == (trial.house.law, trial.house.bar)


@pytest.mark.slow
def test_all_ten_are_counted(rejections):
    """The self-test says how many it rejected, in a sentence, as strict JSON and as findings of its own."""
    every = list(rejections.values())

    assert summary(every) == "10 of 10 known-bad estimators rejected"
    assert all(one.finding().passed for one in every)
    assert all(str(one).startswith("rejected ") for one in every)
    json.dumps([one.to_dict() for one in every], allow_nan=False)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_rejection_is_no_luck(seed):
    """Every impostor is rejected with other seeds too; the house may miss a bar in one law of two hundred."""
    trials = [trial for rejection in reject_all(seed) for trial in rejection.trials]

    assert not [str(trial) for trial in trials if trial.impostor.passed]
    assert sum(not trial.house.passed for trial in trials) <= 1


@pytest.mark.slow
def test_same_seed_same_rejection(rejections):
    """Nothing but the seed decides what the figures are."""
    again = reject("attacker that peeks", 0)

    assert again == rejections["attacker that peeks"]


def test_the_house_is_no_impostor():
    """An estimator without a fault is not rejected, and a law that the house breaks too rejects nobody."""
    clean = SCENARIOS["nothing, continuous"]

    def honest(_scenario, case, seed):
        reading = read(Distance(), case, seed)
        return both(reading, reading)

    trial = tried(honest, clean, "false alarm", replicates=20, seed=0)
    wrong = replace(trial.impostor, passed=False)

    assert not trial.rejected
    assert Trial(wrong, trial.house).rejected
    assert not Trial(wrong, wrong).rejected
    assert not Rejection("honest", "nothing", (Trial(wrong, trial.house), trial)).rejected
    assert not Rejection("untried", "nothing", ()).rejected
    assert not Rejection("honest", "nothing", (trial,)).finding().passed


@pytest.mark.parametrize(("law", "replicates"), [("coverage", 5), ("power to alarm", 20)])
def test_a_law_that_says_nothing_is_an_error(law, replicates):
    """Too few replicates, or a law that does not apply, is an error and no acquittal."""

    def skipped(_scenario, _case, _seed):
        return both(None, None)

    with pytest.raises(DataError, match="says nothing of the impostor"):
        tried(skipped, SCENARIOS["nothing, continuous"], law, replicates=replicates, seed=0)


@pytest.mark.parametrize(
    ("hits", "people", "control_hits", "low", "high"),
    [
        (430, 500, 10, 0.8225782410792629, 0.8850139577835229),
        (5, 100, 1, 0.0, 0.09285375931149503),
        (99, 100, 90, 0.4925230164424627, 1.0),
        (500, 500, 499, 0.0, 1.0),
    ],
)
def test_propagated_half_widths_are_the_published_ones(hits, people, control_hits, low, high):
    """The interval is that of anonymeter 1.1.0, to rounding."""
    ends = propagated(np.array([float(hits)]), people, np.array([float(control_hits)]), people)

    assert [float(end[0, 0]) for end in ends] == pytest.approx([low, high], abs=1e-12)


def test_propagated_half_widths_fail_where_they_are_said_to():
    """They meet the bar on the grid, .937, and break it where secrets are easy and the control is the smaller one."""
    assert on_grid(propagated) == pytest.approx((0.9369, 0.0438), abs=5e-4)
    assert enumerated(propagated, (2_000, 500), 0.99, 0.0)[0] == pytest.approx(0.824, abs=0.005)
    assert enumerated(propagated, (1_000, 100), 0.95, 0.0)[0] < DISPLAY_COVERAGE


def test_a_correction_for_a_finite_population_alarms_thrice_too_often():
    """With half of the variance gone the null alarms are those of a normal beyond 1.96 / sqrt(2): .083."""
    alarms = [enumerated(as_if_counted, (1_000, 1_000), c, 0.0)[2] for c in (0.1, 0.5, 0.9)]

    assert alarms == pytest.approx([0.0829] * 3, abs=0.011)


@pytest.mark.parametrize(("control", "people", "factor"), [(250, 500, 0.500998), (250, 1_000, 0.250749)])
def test_size_correction_is_the_published_one(control, people, factor):
    """On up to 1,000 control people the fitted factor is (n_C + 1) / (n_T + 1), as in anonymeter 1.1.0."""
    isolating = np.arange(60)
    matches = Matches(isolating, isolating, queries=200, people=control)

    found = correction(matches, people, np.random.default_rng(0))

    assert found == pytest.approx((control + 1) / (people + 1), rel=1e-6)
    assert found == pytest.approx(factor, abs=1e-6)


def test_size_correction_integrates_the_chance_of_isolation():
    """The curve is the integral of the binomial probability of exactly one, by the trapezoidal rule."""
    weights = np.linspace(0.0, 0.004, 4_001)
    mass = binom.pmf(1, 500, weights)

    assert expected(np.array([500]), 0.004)[0] == pytest.approx(trapezoid(mass, weights), rel=1e-6)


def test_without_a_size_to_correct_there_is_little_to_reject():
    """On a control of the original's size the same interval alarms in at most 3 of 20 replicates, not in all."""
    scenario = replace(SCENARIOS["nothing, control x 0.5"], control=1.0)
    rows = [size_corrected(scenario, scenario.case(0, number), number) for number in range(20)]

    assert sum(row["the impostor"].lower > 0 for row in rows) <= 3


@pytest.mark.slow
def test_size_correction_alarms_with_a_control_of_a_quarter():
    """Nor does more of it help: with a quarter of the people every second release without a leak alarms, or more."""
    trial = tried(size_corrected, SCENARIOS["nothing, control x 0.25"], "false alarm", replicates=20, seed=0)

    assert trial.rejected
    assert trial.impostor.figure >= 0.5


def test_a_copy_is_perfectly_protected_by_the_strict_share():
    """On an exact copy few rows are strictly closer to the original, as SDMetrics finds, too: the score is 1."""
    case = COPY.case(0, 0)

    share = strictly_closer(case.release, case.original, case.control)

    assert share == pytest.approx(ALONE, abs=4 * np.sqrt(ALONE / 500))
    assert min(2.0 * (1.0 - share), 1.0) == 1.0


def test_calibration_on_the_fitted_calls_everybody_a_member():
    """The realised rate of false positives is far above the nominal 1 %; the house's reading stays near nothing."""
    rows = [calibrated_on_fitted(CLEAN, CLEAN.case(0, number), number) for number in range(5)]

    assert min(row["the impostor"].value for row in rows) > 0.9
    assert max(abs(row["the house"].value) for row in rows) < 0.05


def test_the_largest_ratio_proves_what_is_not_so():
    """It claims more than the true epsilon in 95 % of audits or more, and is infinite on separated scores."""
    impostor, house = (np.array(bounds) for bounds in zip(*audits(3)))

    assert (impostor > EPSILON).mean() >= 0.95
    assert (house > EPSILON).sum() <= binom.ppf(0.995, AUDITS, 0.05)
    assert largest_ratio(np.arange(50.0) + 100.0, np.arange(50.0)) == np.inf


def test_the_attacker_that_peeks_knows_the_training_people_only():
    """It is right about everyone trained on, and says of everyone else what an honest attacker says."""
    scenario = SCENARIOS["nothing, continuous"]
    case = scenario.case(0, 0)
    impostor, honest = peeking(case)
    known = Knowledge((case.release,), None, case.schema)
    told, guess = (attack.prepare(known, np.random.default_rng(1)) for attack in (impostor, honest))
    shown = impostor.knows(case.schema)

    right = told(case.original.select(shown)).value == case.original[honest.secret].values
    others = case.control.select(shown)

    assert right.all()
    assert np.array_equal(told(others).value, guess(others.select(honest.known)).value)


def test_the_median_radius_loses_a_copy_when_the_sides_are_shown_apart():
    """Six people in ten copied read as about nobody, side by side; in one batch the same attack finds them."""
    case = COPIED.case(0, 0)
    attacker = MedianRadius().prepare(Knowledge((case.release,), None, case.schema), np.random.default_rng(0))
    shown = MedianRadius().knows(case.schema)
    original, control = case.original.select(shown), case.control.select(shown)

    apart = auc(attacker(original).real, attacker(control).real).value
    together = attacker(original.joined(control)).real

    assert apart == pytest.approx(0.467, abs=0.04)
    assert auc(together[: len(original)], together[len(original) :]).value > 0.6
    assert not contract.one_at_a_time(MedianRadius(), case).passed


@pytest.mark.slow
def test_laws_named_in_the_specification_reject(rejections):
    """Each impostor falls to the law and the scenario it is known to break."""
    expectation = {
        "propagated half-widths": {"decision miss", "coverage"},
        "size correction": {"false alarm"},
        "largest ratio": {"false proof"},
        "strict closest-record share": {"false pass"},
        "calibration on the fitted": {"false alarm"},
        "rows taken for people": {"coverage"},
        "errors over predicates": {"coverage"},
        "finite-population correction": {"false alarm"},
        "attacker that peeks": {"false alarm", "blind"},
        "median radius": {"one at a time", "power to alarm"},
    }

    assert {name: {law for law, _ in _laws(one)} for name, one in rejections.items()} == expectation
