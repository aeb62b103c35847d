"""Validity cards: what nobody has tested cannot pass anything."""

from dataclasses import replace

import pytest

from synthprivacy import __version__, cards
from synthprivacy.attacks import ATTACKS
from synthprivacy.config import policy_of_limit
from synthprivacy.gating import decide

POLICY = policy_of_limit(0.05)


def carded(evaluation, card):
    """Return the evaluation with another card on every endpoint."""
    entries = [{**entry, "card": card} for entry in evaluation.plan["endpoints"]]
    return replace(evaluation, plan={**evaluation.plan, "endpoints": entries})


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_attack_has_a_green_card_of_this_version(attack):
    """The package ships a card for every registered attack, and every law held on it."""
    card = cards.card_of(attack)

    assert card is not None
    assert card["version"] == __version__
    assert card["green"]
    assert card["replicates"] >= 400
    assert all(finding["passed"] for finding in card["findings"])
    assert {"false alarm", "coverage"} <= {finding["law"] for finding in card["findings"]}
    assert cards.status_of(attack) == "green"


def test_a_card_says_whom_it_needs():
    """A card names the people a side that a limit of 1, 5 or 10 % takes, more for a smaller limit."""
    for attack in ATTACKS:
        for sizes in cards.card_of(attack)["needs"].values():
            known = [sizes[limit] or 10**7 for limit in ("0.01", "0.05", "0.1")]
            assert known == sorted(known, reverse=True)


def test_an_unknown_attack_or_another_version_has_no_card(monkeypatch):
    """A card that is not there, or is about another version, is missing."""
    assert cards.status_of("clairvoyance") == "missing"
    monkeypatch.setattr(cards, "__version__", "9.9.9")
    assert cards.status_of("linkability.halves") == "missing"


@pytest.mark.parametrize("card", ["red", "missing", None, 1])
def test_without_a_green_card_nothing_passes(card, evaluation, risk):
    """A primary endpoint without a green card makes a pass inconclusive, and leaves a failure a failure."""
    fine, leaky = evaluation(risk(upper=0.01)), evaluation(risk(lower=0.8, upper=0.9))

    assert decide(fine, POLICY).decision == "pass"
    assert decide(carded(fine, card), POLICY).decision == "inconclusive"
    assert decide(carded(leaky, card), POLICY).decision == "fail"


@pytest.mark.parametrize("entries", [None, "all", [], [1], [{"card": "green"}], [{"endpoint": [], "card": "green"}]])
def test_a_plan_that_lost_its_cards_passes_nothing(entries, evaluation, risk):
    """A plan whose endpoints cannot be read was not tested."""
    fine = evaluation(risk(upper=0.01))

    assert decide(replace(fine, plan={**fine.plan, "endpoints": entries}), POLICY).decision == "inconclusive"
