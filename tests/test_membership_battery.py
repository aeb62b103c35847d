"""The membership battery: every score one person at a time, cross-fitted, calm without a leak and awake with one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.attacks import Budget, Knowledge
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.membership_average import average
from synthprivacy.attacks.membership_battery import AVERAGED, METHODS, TOGETHER, Battery
from synthprivacy.attacks.membership_edits import written
from synthprivacy.battery import run_battery
from synthprivacy.crossfitting import REFERENCE, TURNS, averaged, crossfit, placed
from synthprivacy.errors import DataError, NotEnoughDataError
from synthprivacy.measures.distances import distances
from synthprivacy.results import Claims, Risk, Scores, Skipped
from synthprivacy.schemata import infer
from synthprivacy.selftest import populations, releases
from synthprivacy.selftest.catalogue import SCENARIOS
from synthprivacy.statistics.estimate import estimate
from synthprivacy.statistics.roc import auc
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

EVERY = (*METHODS, TOGETHER)
QUICK = tuple(name for name in METHODS if name not in {"edits", "surrogate"})


def case_of(original, control, release):
    """Return the encoded case."""
    frames = [load(frame, label="table") for frame in (original, control, release)]
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=infer(frames[0]))


def drawn(population, generate, rows=500, seed=0, control=None):
    """Return a case of people of a population and a release made of half of them."""
    streams = np.random.default_rng(seed).spawn(4)
    original, held_out, fresh = (population(count, s) for count, s in zip((rows, control or rows, rows), streams))
    return case_of(original, held_out, generate(original, fresh, streams[3]))


def prepared(method, case, reference, seed=3):
    """Return an attacker of the battery."""
    return Battery(method).prepare(Knowledge((case.release,), reference, case.schema), np.random.default_rng(seed))


def risk_of(method, case, seed=0, targets=10_000):
    """Return the risk of one method, or why it is skipped."""
    attack = Distance() if method == "distance" else Battery(method)
    found = crossfit(attack, case, np.random.default_rng([seed, 1]), targets=targets, deal=seed)
    if isinstance(found, Skipped):
        return found
    return estimate(found.outcome, primary=False, confidence=0.95, rng=np.random.default_rng([seed, 2]))


@pytest.fixture(scope="module")
def survey():
    """Return people of mixed kinds with missing values, a tenth of whom are published."""
    few = ["age", "sex", "class", "`q` é", "my col", "debt", "lambda", "ticket"]
    return drawn(lambda rows, rng: populations.awkward(rows, rng)[few], releases.copied(0.1), rows=240)


@pytest.mark.parametrize("method", EVERY)
def test_law_1_one_at_a_time(method, survey):
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


def test_every_control_person_is_attacked_once_by_a_model_that_never_saw_it():
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


def test_people_who_are_not_attacked_are_studied_all_the_same(monkeypatch):
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


def test_of_large_releases_fewer_people_are_attacked_and_the_interval_is_theirs(monkeypatch):
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


@pytest.mark.parametrize(("method", "least"), [("distance", 0.78), ("difference", 0.75), ("neighbourhood", 0.74)])
def test_a_copied_share_is_found(method, least):
    """L1 at a share of .6: distance reads an AUC of 1/2 + .6/2 within .02, those calibrated not much less."""
    risk = risk_of(method, drawn(populations.continuous, releases.copied(0.6)))

    assert risk.evidence.auc > least
    assert risk.lower > 0.4


@pytest.mark.parametrize(
    "method", [*QUICK, "edits", *(pytest.param(name, marks=pytest.mark.slow) for name in ("surrogate", TOGETHER))]
)
def test_publishing_everybody_is_found_by_every_score(method):
    """A release of the training people themselves alarms every method but those of unlike size, which see a third."""
    risk = risk_of(method, drawn(populations.continuous, releases.copied(1.0), rows=300))

    assert risk.lower > 0.1 or method in {"plagiarism", "surrogate"}
    assert risk.value > 0.05


@pytest.mark.parametrize("share", [0.05, 0.3])
def test_exact_match_finds_the_share_without_a_false_positive(share):
    """Copied share: with distance as the score, TPR at FPR 0 is the share, and the AUC 1/2 + share/2 within .02."""
    case = drawn(populations.continuous, releases.copied(share), rows=1_000, seed=5)
    attacker = Distance().prepare(Knowledge((case.release,), None, case.schema), np.random.default_rng(0))
    members, others = (attacker(people).real for people in (case.original, case.control))

    assert np.mean(members > others.max()) == pytest.approx(share, abs=0.005)
    assert np.mean(members == 0.0) == share
    assert auc((members == 0.0).astype(float), (others == 0.0).astype(float)).value == pytest.approx(0.5 + share / 2)
    assert auc(members, others).value >= 0.5 + share / 2 - 0.03


@pytest.mark.parametrize("seed", range(3))
def test_l9_an_exact_copy_of_discrete_data_is_never_safe(seed):
    """L9: everybody's five ternary answers published: an alarm, no passing bound, and distances that count ties rightly.

    Share of synthetic rows strictly nearer to training people, as closest-record checks count it: far under a half.
    """
    case = drawn(populations.few_cells, releases.copied(1.0), rows=600, seed=seed)

    found = run_battery(case, seed, targets=10_000, methods=("distance", "difference", "neighbourhood", "marginals"))
    measured = {score.metric: score for score in distances(case)}
    near = [Distance().prepare(Knowledge((side,), None, case.schema), np.random.default_rng(0)) for side in
            (case.original, case.control)]  # fmt: skip
    strict = np.mean(near[0](case.release).real > near[1](case.release).real)

    assert strict < 0.2
    assert measured["closest_share_p"].value <= 0.01
    assert measured["identical"].value == 1.0
    assert min(found.adjusted.values()) <= 0.01
    assert max(risk.lower for risk in found.results) > 0.05
    assert max(risk.upper for risk in found.results) > 0.2


def people_with_outliers(rows, rng):
    """Return six normal columns, a hundredth of the people far out, each in a direction of its own."""
    frame = populations.continuous(rows, rng)
    far = rng.permutation(rows)[: rows // 100]
    frame.loc[far] = frame.loc[far].to_numpy() * 0.3 + rng.normal(0, 6, (len(far), frame.shape[1]))
    return frame


def leaking_outliers(original, fresh, rng):
    """Return fresh ordinary people with noisy copies of the training outliers."""
    far = original[original.abs().mean(axis=1) > 3]
    ordinary = fresh[fresh.abs().mean(axis=1) <= 3].iloc[: len(original) - len(far)]
    noise = rng.normal(0, 0.05, far.shape)
    return pd.concat([far.add(noise), ordinary], ignore_index=True)


def test_r12_closest_record_shares_look_clean_while_outliers_are_found():
    """R12: the share of closest records is a half for chance, and membership of the outliers reads an AUC over .9."""
    case = drawn(people_with_outliers, leaking_outliers, rows=4_000, seed=4)
    scores = {score.metric: score.value for score in distances(case)}
    attacker = prepared("difference", case, case.control.take(np.arange(1_000)))
    strangers = case.control.take(np.arange(1_000, 4_000))  # nobody the attacker has for a reference
    members, others = (
        attacker(side).real[np.mean([np.abs(feature.values) for feature in side.features], axis=0) > 3]
        for side in (case.original, strangers)
    )

    assert min(len(members), len(others)) >= 20
    assert scores["closest_share_p"] > 0.05
    assert scores["closest_share"] == pytest.approx(0.5, abs=0.03)
    assert auc(members, others).value >= 0.9


def test_no_leak_no_alarm_quickly():
    """N0: the mean AUC over methods and releases without a leak is 1/2 within .01, and no corrected alarm is raised."""
    readings, alarms = [], 0
    for seed in range(4):
        case = drawn(populations.continuous, releases.oracle, rows=300, seed=seed)
        found = run_battery(case, seed, targets=10_000, methods=QUICK)
        readings += [risk.evidence.auc for risk in found.results]
        alarms += min(found.adjusted.values()) <= 0.01

    assert np.mean(readings) == pytest.approx(0.5, abs=0.015)
    assert alarms <= 1


@pytest.mark.slow
def test_no_leak_no_alarm():
    """N0, N4: AUC 1/2 ± .005, alarms no oftener than .05, rates as nominal; 80 releases of 400 people, quick methods."""
    readings, alarms, family = {name: [] for name in QUICK}, dict.fromkeys(QUICK, 0), 0
    shares = []
    for seed in range(80):
        population = (populations.continuous, populations.few_cells)[seed % 2]
        found = run_battery(drawn(population, releases.oracle, 400, seed), seed, targets=10_000, methods=QUICK)
        for name, risk in zip(QUICK, found.results):
            readings[name].append(risk.evidence.auc)
            alarms[name] += risk.p_value <= 0.05
            shares += [
                (point.successes / point.trials, point.false_positives / point.nonmembers)
                for point in risk.evidence.tpr
            ]
        family += min(found.adjusted.values()) <= 0.05

    means = {name: np.mean(found) for name, found in readings.items()}
    assert np.mean(list(means.values())) == pytest.approx(0.5, abs=0.005)
    assert max(alarms.values()) <= 11  # of 80 at .05: more than 11 has probability .0009
    assert family <= 11
    found, false = np.mean(shares, axis=0)  # thresholds from the other half of the control; ties count as below
    assert found == pytest.approx(false, abs=0.0075)
    assert max(found, false) <= 0.1 + 0.005


@pytest.mark.slow
def test_the_surrogate_is_calm_and_awake():
    """Without a leak the surrogate's AUC is 1/2 within three standard errors; a bootstrap of the people it finds."""
    calm = [risk_of("surrogate", SCENARIOS["nothing, continuous"].case(3, seed), seed) for seed in range(8)]
    awake = risk_of("surrogate", SCENARIOS["bootstrap"].case(0, 0))

    assert np.mean([risk.evidence.auc for risk in calm]) == pytest.approx(0.5, abs=3 * 0.018 / np.sqrt(8))
    assert awake.lower > 0.1


@pytest.mark.parametrize("seed", range(2))
def test_l10_a_leak_in_few_of_many_columns_is_found_by_blocks_of_columns(seed):
    """L10: three of fifteen columns of a third of the people published: whole rows read a coin, their block does not."""
    case = drawn(lambda rows, rng: simulate.gaussian(rows, 15, rng), releases.block(3, 0.33), rows=800, seed=seed)

    found = run_battery(case, seed, targets=10_000, methods=("distance", "blocks", "difference"))
    read = {risk.endpoint: risk for risk in found.results}

    assert max(read["membership.distance"].evidence.auc, read["membership.difference"].evidence.auc) < 0.55
    assert read["membership.blocks"].evidence.auc > 0.62
    assert read["membership.blocks"].lower > 0.15
    assert found.best == "membership.blocks"
    assert found.adjusted["membership.blocks"] <= 0.01


def test_too_few_people_are_not_measurable():
    """Below 299 calibrating non-members there is no true-positive rate at 1 %: the field is absent, never 0."""
    case = drawn(populations.continuous, releases.copied(0.3), rows=400, control=580)

    risk = risk_of("difference", case)

    assert [point.fpr for point in risk.evidence.tpr] == [0.1]


def test_the_best_of_many_attacks_is_held_to_their_number():
    """The best score's adjusted p-value is no less than its own, and the battery names it."""
    case = drawn(populations.continuous, releases.copied(0.3), rows=400)

    found = run_battery(case, 0, targets=10_000, methods=("distance", *QUICK))
    risks = {risk.endpoint: risk for risk in found.results}

    assert set(found.adjusted) == set(risks)
    assert found.adjusted[found.best] <= 0.01
    assert risks[found.best].lower > 0.2
    assert all(isinstance(risk, Risk) for risk in found.results)


def test_attacks_that_meet_fewer_people_meet_the_same_ones_again(survey, monkeypatch):
    """An attack that cannot afford everyone is compared on those it met."""
    short = replace(METHODS["edits"], most=150)
    monkeypatch.setattr("synthprivacy.attacks.membership_battery.METHODS", {**METHODS, "edits": short})

    found = run_battery(survey, 0, targets=10_000, methods=("difference", "edits"))

    assert found.results[1].evidence.members == 150
    assert set(found.adjusted) == {"membership.difference", "membership.edits"}


@pytest.mark.slow
def test_two_hundred_columns_with_gaps():
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
