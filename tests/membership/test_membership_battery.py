"""The membership battery: every score one person at a time, cross-fitted, whatever the tables."""

from dataclasses import replace

import numpy as np
import pytest

from synthprivacy import simulate
from synthprivacy.attacks import Budget, Knowledge
from synthprivacy.attacks.membership_battery import METHODS, TOGETHER, Battery
from synthprivacy.battery import run_battery
from synthprivacy.crossfitting import REFERENCE, TURNS, crossfit
from synthprivacy.errors import DataError, NotEnoughDataError
from synthprivacy.results import Claims, Scores, Skipped
from synthprivacy.selftest import populations, releases
from synthprivacy.selftest.scenario import case_of

EVERY = (*METHODS, TOGETHER)
QUICK = tuple(name for name in METHODS if name not in {"edits", "surrogate"})


@pytest.mark.parametrize("method", EVERY)
def test_law_1_one_at_a_time(method, survey, prepared):
    """A person's score is the same to the last bit alone, in a small company, backwards, and in a crowd."""
    half = np.arange(len(survey.control) // 2)
    attacker = prepared(method, survey, survey.control.take(half))
    everyone = survey.original.joined(survey.control)

    together = attacker(everyone).real
    order = np.random.default_rng(0).permutation(len(everyone))

    for rows in (order[:37], np.arange(len(everyone))[::-1], *(order[place : place + 1] for place in range(5))):
        assert np.array_equal(attacker(everyone.take(rows)).real, together[rows])


@pytest.mark.parametrize("method", EVERY)
def test_law_5_repeatable_on_any_number_of_threads(method, survey):
    """The same seed gives the same scores, whatever the number of threads."""
    reference = survey.control.take(np.arange(90))
    known = Knowledge((survey.release,), reference, survey.schema)

    once, again = (
        Battery(method, jobs).prepare(known, np.random.default_rng(3))(survey.original).real for jobs in (1, 2)
    )

    assert np.array_equal(once, again)


def test_law_6_the_order_of_rows_and_columns_changes_nothing():
    """Tables in another order of rows, or of columns, give the same readings and the same p-values to the last bit."""
    streams = np.random.default_rng(0).spawn(4)
    few = ["age", "sex", "class", "my col", "ticket"]
    original, control, fresh = (populations.awkward(120, own)[few] for own in streams[:3])
    frames = (original, control, releases.copied(0.2)(original, fresh, streams[3]))

    def found(changed):
        return run_battery(case_of(*map(changed, frames)), 0, targets=110, methods=QUICK)

    usual = found(lambda frame: frame)

    assert found(lambda frame: frame.sample(frac=1.0, random_state=3)) == usual
    assert found(lambda frame: frame[few[::-1]]) == usual


def test_without_a_reference_there_is_no_battery(survey):
    """An attack that studies real people is refused without them, with what it needs."""
    with pytest.raises(NotEnoughDataError, match="; a control"):
        Battery("domias").prepare(Knowledge((survey.release,), None, survey.schema), np.random.default_rng(0))

    skipped = crossfit(Battery("domias"), replace(survey, control=None), np.random.default_rng(0), targets=100, deal=0)

    assert isinstance(skipped, Skipped)
    assert "control" in skipped.needs


def test_variants_are_all_methods(survey):
    """A plan gets every method once."""
    variants = Battery.variants(survey.schema, survey.release, Budget(queries=10))

    assert [attack.method for attack in variants] == list(EVERY)
    assert len({attack.endpoint for attack in variants}) == len(variants)


class Watching:
    """An attack that remembers whom it studied and whom it was shown, by the first number of their records."""

    name = "membership"
    everyone = False
    comparators = ()
    endpoint = "membership.watching"

    def __init__(self):
        self.turns = []

    def knows(self, schema):
        """Return every column."""
        return schema.attackable

    def parameters(self):
        """Return nothing."""
        return {}

    def prepare(self, known, _rng):
        """Start a turn."""
        studied, shown = set(known.reference["x0"].values), []
        self.turns.append((studied, shown))

        def attacker(people):
            shown.append(people["x0"].values.copy())
            return Scores(np.zeros(len(people)))

        return attacker


def test_every_control_person_is_attacked_once_by_a_model_that_never_saw_it(drawn):
    """In three turns the control is studied, calibrates and is attacked, each person once in each role."""
    case = drawn(populations.continuous, releases.oracle, rows=301)
    attack = Watching()

    crossfit(attack, case, np.random.default_rng(0), targets=10_000, deal=1)

    everyone, members = sorted(case.control["x0"].values), sorted(case.original["x0"].values)
    for role in (1, 2):  # shown first to calibrate; then the members of the turn; then the control people attacked
        assert sorted(np.concatenate([shown[0 if role == 1 else 2] for _, shown in attack.turns])) == everyone
    assert sorted(np.concatenate([shown[1] for _, shown in attack.turns])) == members
    assert len(attack.turns) == TURNS
    for studied, (usual, _, attacked) in attack.turns:
        assert not studied & set(usual)
        assert not studied & set(attacked)
        assert not set(usual) & set(attacked)


def test_people_who_are_not_attacked_are_studied_all_the_same(monkeypatch, drawn):
    """With fewer targets than control people the reference is still a third of everybody, up to its bound."""
    case = drawn(populations.continuous, releases.oracle, rows=300)
    attack, few = Watching(), Watching()

    outcome = crossfit(attack, case, np.random.default_rng(0), targets=60, deal=1).outcome
    monkeypatch.setattr("synthprivacy.crossfitting.REFERENCE", 40)
    crossfit(few, case, np.random.default_rng(0), targets=60, deal=1)

    assert [len(studied) for studied, _ in attack.turns] == [100, 100, 100]
    assert [len(studied) for studied, _ in few.turns] == [40, 40, 40]
    assert len(set.union(*(studied for studied, _ in attack.turns))) == 300
    for studied, shown in attack.turns:
        assert not studied & set(np.concatenate(shown))
    assert sum(len(shown[2]) for _, shown in attack.turns) == 60
    assert (outcome.parameters["targets"], outcome.parameters["reference"]) == (60, REFERENCE)


def test_of_large_releases_fewer_people_are_attacked_and_the_interval_is_theirs(monkeypatch, drawn):
    """Beyond its pairs the battery attacks fewer people with the whole release: every copy still counts, less surely."""
    case = drawn(populations.continuous, releases.copied(0.3), rows=600)
    everyone = run_battery(case, 0, targets=10_000, methods=("distance",)).results[0]
    monkeypatch.setattr("synthprivacy.attacks.membership_battery.PAIRS", 90_000)
    monkeypatch.setattr("synthprivacy.attacks.membership_battery.PEOPLE", 100)
    fewer = run_battery(case, 0, targets=10_000, methods=("distance",)).results[0]

    assert (everyone.evidence.members, fewer.evidence.members, fewer.evidence.nonmembers) == (600, 150, 150)
    assert fewer.parameters["targets"] == 150
    assert fewer.value == pytest.approx(everyone.value, abs=0.15)
    widths = [risk.interval[1] - risk.interval[0] for risk in (everyone, fewer)]
    assert widths[1] > 1.8 * widths[0]


def test_only_scores_are_cross_fitted(survey):
    """An attack that answers otherwise is refused."""
    attack = Watching()
    attack.prepare = lambda *_: lambda people: Claims(np.zeros(len(people), dtype=bool))

    with pytest.raises(DataError, match="only scores"):
        crossfit(attack, survey, np.random.default_rng(0), targets=100, deal=0)


def test_too_few_people_are_not_measurable(drawn, risk_of):
    """Below 299 calibrating non-members there is no true-positive rate at 1 %: the field is absent, never 0."""
    case = drawn(populations.continuous, releases.copied(0.3), rows=400, control=580)

    risk = risk_of("difference", case)

    assert [point.fpr for point in risk.evidence.tpr] == [0.1]


def test_attacks_that_meet_fewer_people_meet_the_same_ones_again(survey, monkeypatch):
    """An attack that cannot afford everyone is compared on those it met."""
    short = replace(METHODS["edits"], most=150)
    monkeypatch.setattr("synthprivacy.attacks.membership_battery.METHODS", {**METHODS, "edits": short})

    found = run_battery(survey, 0, targets=10_000, methods=("difference", "edits"))

    assert found.results[1].evidence.members == 150
    assert set(found.adjusted) == {"membership.difference", "membership.edits"}


@pytest.mark.slow
def test_two_hundred_columns_with_gaps(prepared):
    """The surrogate takes 200 columns of mixed kinds with missing values."""
    rng = np.random.default_rng(0)
    frames = []
    for stream in rng.spawn(3):
        frame = simulate.gaussian(150, 200, stream)
        frame = frame.mask(stream.random(frame.shape) < 0.1)
        frame["x7"] = np.where(stream.random(150) < 0.5, "a", "b")
        frames.append(frame)
    case = case_of(*frames)

    scores = prepared("surrogate", case, case.control.take(np.arange(60)))(case.original).real

    assert np.isfinite(scores).all()
    assert len(np.unique(scores)) > 100
