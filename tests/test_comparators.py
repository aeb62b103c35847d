"""Comparators: what success on the original is held against, and what follows for a decision.

Shares of replicates are held against the 99 % Clopper-Pearson interval of what was counted, as in `test_truth`.
"""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.attacks import Budget
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.linkability import Halves
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.comparators.crossfitted import others
from synthprivacy.comparators.preparing import prepared
from synthprivacy.config import PlanSettings
from synthprivacy.driver import drawn, run
from synthprivacy.errors import ConfigError
from synthprivacy.results import Hits, Skipped, Weighted
from synthprivacy.results.comparator import Balance, comparator_from_dict
from synthprivacy.selftest.scenario import case_of
from synthprivacy.statistics.estimate import estimate

PEOPLE = 400
NAMES = tuple(f"x{place}" for place in range(6))
GUESS = NearestGuess("x0", NAMES[1:])
LINK = Halves(NAMES[::2], NAMES[1::2])
SHARE = 0.2


def streams(number):
    """Return the random streams of a replicate."""
    return np.random.default_rng([23, number]).spawn(5)


def copied(number, share=SHARE, shift=0.0):
    """Return original, control and a release with a share of the people; the control may be of other people."""
    one, two, three, four, _ = streams(number)
    original, control, fresh = (simulate.gaussian(PEOPLE, 6, stream) for stream in (one, two, three))
    return original, control + shift, simulate.copy_share(original, fresh, share, four)


def risks(case, compared, number, attacks=(GUESS, LINK)):
    """Return the risks of some attacks against a comparator."""
    found = {}
    for attack in attacks:
        rng = np.random.default_rng(number)
        outcome = run(attack, compared.case, rng, targets=10_000, crossfitted=case.control is None)
        skipped = isinstance(outcome, Skipped)
        found[attack.endpoint] = outcome if skipped else estimate(outcome, primary=True, confidence=0.95, rng=rng)
    return found


def holding(kind, number, share, shift=0.0):
    """Return for each attack whether the interval holds the share, and whether the lower bound raises an alarm."""
    original, control, release = copied(number, share, shift)
    case = case_of(original, control if kind != "crossfitted" else None, release)
    compared = prepared(case, kind, streams(number)[4])
    return {
        endpoint: (risk.interval[0] - 1e-9 <= share <= risk.interval[1] + 1e-9, risk.lower > 1e-9)
        for endpoint, risk in risks(case, compared, number).items()
    }


def counted(hits):
    """Return the 99 % interval of a share of replicates."""
    return binomtest(int(np.sum(hits)), len(hits)).proportion_ci(0.99)


@pytest.mark.parametrize(
    ("kind", "shift", "replicates"),
    [
        *(("holdout", 0.0, 10), ("weighted", 0.2, 10), ("crossfitted", 0.0, 10)),
        *(pytest.param("weighted", shift, 25, marks=pytest.mark.slow) for shift in (0.0, 0.2)),
        *(pytest.param(kind, 0.0, 25, marks=pytest.mark.slow) for kind in ("holdout", "crossfitted")),
    ],
)
def test_every_comparator_covers_a_copied_share(kind, shift, replicates):
    """The interval of linkability and inference holds a copied share of a fifth, and of nobody, as often as it says."""
    for share in (SHARE, 0.0):
        found = [holding(kind, number, share, shift) for number in range(replicates)]
        for endpoint in (GUESS.endpoint, LINK.endpoint):
            assert counted([replicate[endpoint][0] for replicate in found]).high >= 0.95
            if share == 0.0:
                assert counted([replicate[endpoint][1] for replicate in found]).low <= 0.025


def older(rows, rng, start):
    """Return people whose secret is easy to guess where the first column is high, which later people more often are."""
    frame = simulate.gaussian(rows, 3, rng)
    frame["x0"] += start
    noise = rng.random(rows) < np.where(frame["x0"] > 0.5, 0.05, 0.5)
    frame["secret"] = np.where(noise, rng.choice(["a", "b", "c", "d"], rows), "a")
    return frame


@pytest.mark.parametrize("replicates", [10, pytest.param(20, marks=pytest.mark.slow)])
def test_weights_take_away_what_other_people_bring(replicates):
    """Against younger people a release without a leak seems to leak or to protect; weighted, its interval holds 0."""
    values = {"holdout": [], "weighted": []}
    held = []
    attack = NearestGuess("secret", ("x0", "x1", "x2"))
    for number in range(replicates):
        one, two, three, four, five = streams(number)
        case = case_of(older(800, one, 0.4), older(800, two, 0.0), older(800, three, 0.4), guessed="secret")
        for kind, found in values.items():
            compared = prepared(case, kind, four if kind == "weighted" else five)
            risk = risks(case, compared, number, (attack,))[attack.endpoint]
            found.append(risk.value)
            if kind == "weighted":
                held.append(risk.interval[0] <= 0 <= risk.interval[1])

    errors = {kind: np.std(found, ddof=1) / np.sqrt(replicates) for kind, found in values.items()}
    assert abs(np.mean(values["holdout"])) > 3 * errors["holdout"]
    assert abs(np.mean(values["weighted"])) < 3 * errors["weighted"] + 0.02
    assert counted(held).high >= 0.95


class TestCrossFitted:
    """Other training people in the place of a control."""

    def test_the_same_people_in_the_same_order(self):
        """Answers by others' records are about the people attacked, one each, and say which secrets are no secrets."""
        frame = older(300, np.random.default_rng(3), 2.0)
        case = case_of(frame, None, frame, guessed="secret")
        attack = NearestGuess("secret", ("x0", "x1", "x2"))
        people = drawn(case.original, 120, 5)

        answers = others(attack, case, people, np.random.default_rng(1))

        assert isinstance(answers, Hits)
        assert len(answers.hits) == 120
        assert answers.hits.mean() > 0.8
        assert (answers.hits == others(attack, case, people, np.random.default_rng(1)).hits).all()

    def test_nobody_guesses_from_their_own_record(self):
        """Where every record is unique and tells nothing of another, others' records guess nobody's secret."""
        rng = np.random.default_rng(4)
        frame = pd.DataFrame(
            {"x": rng.permutation(300) * 1.0, "y": rng.permutation(300) * 1.0, "z": rng.normal(size=300)}
        )
        case = case_of(frame, None, frame)
        attack = NearestGuess("z", ("x", "y"))

        answers = others(attack, case, np.arange(300), np.random.default_rng(1))
        outcome = run(attack, case, np.random.default_rng(1), targets=1_000, crossfitted=True)

        assert outcome.answers["original"].hits.mean() == 1.0
        assert answers.hits.mean() < 0.2

    @pytest.mark.parametrize("replicates", [60, pytest.param(300, marks=pytest.mark.slow)])
    def test_neighbours_who_guess_one_another_raise_no_alarm(self, replicates):
        """A secret of two values that neighbours share: right and wrong in twos, and still covered and no alarm."""
        held, alarmed = [], []
        attack = NearestGuess("secret", ("x0", "x1"))
        for number in range(replicates):
            frames = []
            for stream in streams(number)[:2]:
                frame = simulate.gaussian(300, 2, stream)
                noise = stream.random(300) < 0.1
                frames.append(frame.assign(secret=np.where((frame["x0"] > 0) ^ noise, "yes", "no")))
            case = case_of(frames[0], None, frames[1], guessed="secret")
            compared = prepared(case, "crossfitted", streams(number)[4])
            risk = risks(case, compared, number, (attack,))[attack.endpoint]
            held.append(risk.interval[0] <= 0.0 <= risk.interval[1])
            alarmed.append(risk.lower > 0.0)

        assert counted(held).high >= 0.95
        assert counted(alarmed).low <= 0.025

    def test_scores_need_people_who_were_not_trained_on(self):
        """Membership scores and predicates are skipped: other training people were trained on too."""
        original, _, release = copied(0)
        case = case_of(original, None, release)
        compared = prepared(case, "crossfitted", np.random.default_rng(0))
        attacks = (Distance(), *SinglingOut.variants(case.schema, case.release, Budget(queries=60)))

        for found in risks(case, compared, 0, attacks).values():
            assert isinstance(found, Skipped)
            assert "people the generator never saw" in found.needs

    def test_a_leak_fails_and_no_leak_is_inconclusive(self):
        """Without a control a gate may fail a release by the excess over other people's records, and passes nothing."""
        settings = PlanSettings(attacks=("linkability", "inference"), comparator="crossfitted")
        for share, decision in ((0.5, "fail"), (0.0, "inconclusive")):
            original, _, release = copied(1, share)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                found = sp.evaluate(original=original, control=None, synthetic=release, plan=settings)
            assert found.comparator == {"kind": "crossfitted", "folds": 10}
            assert "other training people" in found.releases[0].risks[0].estimand
            assert sp.gate(found, limit=0.1).decision == decision


class TestSettings:
    """`plan.comparator`."""

    @pytest.mark.parametrize(("wanted", "control"), [("weighted", False), ("holdout", False), ("crossfitted", True)])
    def test_a_comparator_that_cannot_be_is_refused(self, wanted, control):
        """A comparator that needs a control is refused without one, and the other way round."""
        original, others_, release = copied(2)
        case = case_of(original, others_ if control else None, release)

        with pytest.raises(ConfigError, match=r"plan\.comparator"):
            prepared(case, wanted, np.random.default_rng(0))

    def test_unknown_comparators_are_errors_with_the_nearest_name(self):
        """A misspelt comparator names the one that was meant."""
        with pytest.raises(ConfigError, match="weighted"):
            PlanSettings(comparator="wieghted")

    def test_weighted_reaches_the_gate(self):
        """A weighted control that passes its own checks may let a release pass; one that does not may not."""
        one, two, three, _, _ = streams(9)
        original, control, fresh = (simulate.gaussian(1_000, 6, stream) for stream in (one, two, three))
        settings = PlanSettings(attacks=("linkability", "memorization"), comparator="weighted")
        near = sp.evaluate(original=original, control=control + 0.1, synthetic=fresh, plan=settings)
        far = sp.evaluate(original=original, control=control + 3.0, synthetic=fresh, plan=settings)

        assert near.comparator["kind"] == "weighted"
        assert near.comparator["ok"]
        assert sp.gate(near, limit=0.1).decision == "pass"
        assert not far.comparator["ok"]
        assert sp.gate(far, limit=0.1).decision == "inconclusive"
        assert json.loads(near.dumps())["comparator"] == near.comparator

    def test_weights_are_nobody_elses_business(self):
        """No attacker sees a weight: selecting columns leaves them out."""
        original, control, release = copied(3)
        case = prepared(case_of(original, control, release), "weighted", np.random.default_rng(0)).case

        assert case.control.weight is not None
        assert case.control.weight.mean() == pytest.approx(1.0)
        assert case.control.select(NAMES).weight is None

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"kind": "weighted"},
            {"kind": "weighted", "effective_people": "many", "overlap": 1, "balance": {}},
            {"kind": ["holdout"]},
        ],
    )
    def test_what_cannot_be_read_is_no_comparator(self, data):
        """A comparator that cannot be read lets nothing pass."""
        assert not comparator_from_dict(data).can_pass

    def test_what_was_written_is_read(self):
        """A weighted comparator survives JSON."""
        weighted = Weighted(812.0, 0.97, Balance(0.51, 0.49, 0.53))

        assert comparator_from_dict(json.loads(json.dumps(weighted.to_dict()))) == weighted

    @pytest.mark.parametrize(
        "weighted",
        [
            Weighted(99.9, 0.97, Balance(0.51, 0.49, 0.53)),
            Weighted(500.0, 0.9499, Balance(0.51, 0.49, 0.53)),
            Weighted(500.0, 0.97, Balance(0.52, 0.49, 0.5501)),
        ],
    )
    def test_rounding_lets_nothing_pass(self, weighted):
        """A weighted control that just fails a check of its own fails it in the JSON too."""
        assert not weighted.can_pass
        assert not comparator_from_dict(weighted.to_dict()).can_pass
