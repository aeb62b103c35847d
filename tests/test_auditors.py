"""Auditors: told of half of the people, asked about the other half, and never taken for attacks."""

import numpy as np
import pytest

from synthprivacy.attacks import ATTACKS, ON_REQUEST
from synthprivacy.auditors import AUDITORS, audit
from synthprivacy.auditors.protocol import Labelled
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.results import Skipped
from synthprivacy.selftest.catalogue import SCENARIOS
from synthprivacy.statistics.estimate import estimate

FAST = {
    "stacked": AUDITORS["stacked"](("difference", "neighbourhood", "marginals")),
    "discriminator": AUDITORS["discriminator"](),
}


def reading(auditor, case, seed=0):
    """Return the AUC of an audit with its lower end."""
    outcome = audit(auditor, case, np.random.default_rng(seed), targets=10_000)
    risk = estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(seed))
    return risk.evidence.auc, risk.lower


class Remembering:
    """An auditor that scores one for everybody it was told about, and zero for everybody else."""

    name, threat = "remembering", "none"

    def fit(self, _release, half, _rng):
        """Remember everybody."""
        known = np.unique(np.concatenate([half.members.keys(), half.nonmembers.keys()]))
        return lambda people: np.isin(people.keys(), known).astype(float)


def test_nobody_is_scored_by_an_auditor_that_was_told_about_them():
    """Everybody is scored once, from the other half."""
    case = SCENARIOS["nothing, continuous"].case(0, 0)

    outcome = audit(Remembering(), case, np.random.default_rng(0), targets=10_000)

    for population, table in (("original", case.original), ("control", case.control)):
        assert outcome.answers[population].score.tolist() == [0.0] * len(table)


@pytest.mark.parametrize("name", AUDITORS)
def test_auditors_say_what_they_are_told_and_are_no_attacks(name):
    """Each has a threat model of its own, which stands in the outcome, and no plan can ask for it as an attack."""
    auditor = FAST[name]

    outcome = audit(auditor, SCENARIOS["nothing, continuous"].case(0, 0), np.random.default_rng(0), targets=200)

    assert "half of all people" in auditor.threat
    assert outcome.parameters["threat"] == auditor.threat
    assert outcome.attack == "audit"
    assert not any(kind.name == outcome.attack for kind in (ATTACKS | ON_REQUEST).values())


@pytest.mark.parametrize("name", AUDITORS)
def test_one_at_a_time(name):
    """A person's score does not depend on the company."""
    case = SCENARIOS["nothing, survey"].case(0, 0)
    half = np.arange(len(case.control) // 2)
    score = FAST[name].fit(
        case.release, Labelled(case.original.take(half), case.control.take(half)), np.random.default_rng(0)
    )

    together = score(case.original)

    for rows in (np.arange(40)[::-1], np.array([7])):
        assert np.array_equal(score(case.original.take(rows)), together[rows])


def test_the_stack_finds_copies_and_is_calm_without():
    """Three tenths published are found; no leak reads one half."""
    copied = reading(FAST["stacked"], SCENARIOS["copied 0.3, continuous"].case(0, 0))
    calm = [reading(FAST["stacked"], SCENARIOS["nothing, continuous"].case(0, seed))[0] for seed in range(6)]

    assert copied[1] > 0.1
    assert np.mean(calm) == pytest.approx(0.5, abs=0.025)


def test_auditors_need_people():
    """Without a control, or with few people, there is no audit, and it says what is needed."""
    case = SCENARIOS["nothing, continuous"].case(0, 0)
    few = Labelled(case.original.take(np.arange(10)), case.control.take(np.arange(10)))

    for auditor in FAST.values():
        with pytest.raises(NotEnoughDataError, match="; a control"):
            auditor.fit(case.release, few, np.random.default_rng(0))
    without = audit(
        FAST["stacked"],
        type(case)(case.name, case.original, None, case.release, case.schema),
        np.random.default_rng(0),
        targets=10,
    )
    assert isinstance(without, Skipped)
