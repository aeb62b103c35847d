"""Reasons why a number of another tool is not ours: each true of a case made to show it, and silent beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.crosschecking import reasons_anonymeter as rules
from synthprivacy.crosschecking import reasons_sdmetrics as scores
from synthprivacy.crosschecking.counting import Counts, Sides, stepped, withheld
from synthprivacy.crosschecking.measuring import (
    below_zero,
    by_their_rule,
    counted,
    foremost,
    found_again,
    missing_among,
    quoted,
    repeated,
    said,
    tables_of,
    tied,
    with_ranges,
)
from synthprivacy.crosschecking.reasons_anonymeter import Facts, reasons
from synthprivacy.crosschecking.values import Reading
from synthprivacy.frames import read_tables
from synthprivacy.schemata import infer


def sides(original, control, trials=500):
    """Return successes on both sides."""
    return Sides(Counts(original, trials), None if control is None else Counts(control, trials))


APART = Facts(Reading(0.30, (0.25, 0.35)), Reading(0.10, (0.06, 0.14)), sides(175, 35.7), sides(85, 38), asked=500)
"""Two numbers that differ, with no known reason: the plain counts of theirs give what they say."""


def changed(**changes):
    """Return that case with something to tell."""
    return replace(APART, **changes)


ALIKE = changed(theirs=Reading(0.10, (0.05, 0.15)), their_counts=sides(85, 38.9))
NONE = changed(theirs=Reading(0.0, (0.0, 0.05)), ours=Reading(-0.02, (-0.06, 0.03)), our_counts=sides(40, 49))
TABLES = {"original_rows": 4000, "control_rows": 4000}


def test_without_a_reason_none_is_made_up():
    """Where no rule holds that is said."""
    assert reasons(APART) == (rules.UNEXPLAINED,)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (ALIKE, "the same within both intervals"),
        (NONE, "succeeds on people who were never used as it does on training people (9.8% of 500 and 8.0% of 500)"),
        (NONE, "theirs is cut off at 0, ours is not"),
        (changed(emitted=40), "they found 40 predicates and divide by the 500 asked for"),
        (changed(original_rows=4000, control_rows=1000), "the original has 4,000 rows, the control 1,000"),
        (changed(repeated=0.5, **TABLES), "50% of the original's rows are repeated"),
        (changed(release_repeated=0.5), "50% of the released rows are repeated: they drop these first"),
        (changed(quoted=0.2), "20% of the release's labels hold a quotation mark"),
        (changed(foremost=("fnlwgt", 0.9), **TABLES), "90% of all predicates on one column are about fnlwgt"),
        (changed(**TABLES), "of theirs 35.0% of 500 isolate a training person, of ours 17.0% of 500"),
        (changed(their_rule=sides(200, 150)), "by their rule our guesses are right for 40.0% of 500 (30.0% of 500"),
        (changed(below_zero=0.3), "30% of the guesses are below zero"),
        (changed(their_scale=sides(120, 40)), "with their ranges ours succeeds on 24.0% of 500"),
        (changed(tied=0.4), "40% of the people have several equally near records"),
        (changed(published_again=0.1), "10% of the released rows are repeated"),
        (changed(secrets_missing=0.1), "10% of the secrets are missing"),
        (changed(numbers_missing=0.1), "10% of the numbers known of people are missing"),
        (changed(people=210), "they attack 500 rows, which are 210 people here"),
        (changed(their_counts=sides(175, 70)), "Wilson's centre): their plain counts give 0.244"),
        (changed(ours=Reading(0.1, (-0.3, 0.5))), "symmetric about moved rates and cut to 0 and 1"),
        (changed(ours=Reading(0.1, (-0.3, 0.5)), **TABLES), "takes predicates for independent"),
    ],
)
def test_a_reason_is_told_where_it_holds(facts, told):
    """The case that shows a reason is told it; the case without says nothing of the kind."""
    assert any(told in reason for reason in reasons(facts))
    assert not any(told in reason for reason in reasons(APART))


@pytest.mark.parametrize(
    "facts",
    [
        changed(secrets_missing=0.015),
        changed(numbers_missing=0.015),
        changed(repeated=0.02, original_rows=400, their_counts=sides(85, 38)),
        changed(tied=0.06, asked=100),
        changed(their_counts=sides(4, 2, 60), our_counts=sides(8, 3, 60), **TABLES),
    ],
)
def test_no_reason_tells_of_fewer_than_ten(facts):
    """What is true of fewer than ten people is no reason, and no count of them is told."""
    told = " ".join(reasons(facts))
    assert "%" not in told
    assert not any(f"{count} of" in told for count in range(10))


def test_withheld_numbers_are_not_read_off_the_reasons():
    """Where a number is withheld, no reason that needs it is told, and why there is none is."""
    hidden = replace(NONE, theirs=withheld(NONE.theirs, sides(4, 3)))
    assert hidden.theirs == Reading(None, note="withheld: fewer than ten of 500")
    assert reasons(hidden) == (rules.WITHHELD,)


def test_nearly_the_same_numbers_need_no_explanation():
    """Where both numbers are the same, differences of method that changed nothing are left out."""
    assert reasons(replace(ALIKE, tied=0.9, below_zero=0.5)) == ("the same within both intervals",)


def test_scores_are_told_in_steps_outside():
    """A score of 500 rows moves in steps of ten of them."""
    assert stepped(Reading(0.937), 500).value == 0.94
    assert stepped(Reading(0.937), 100).value == 0.9
    assert stepped(Reading(None, note="x"), 100).note == "x"


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (scores.shapes(0.93, 0.93), "the same formula, the same number"),
        (scores.shapes(0.93, 0.95), rules.UNEXPLAINED),
        (scores.shapes(0.93, None), rules.UNEXPLAINED),
        (scores.trends(scores.Trends(0.9, 0.9, 0.9, 10, 10), 0.9), "the same formula"),
        (scores.trends(scores.Trends(0.8, 0.9, 0.9, 4, 10), 0.9), "they leave out 6 of 10 pairs"),
        (scores.trends(scores.Trends(0.8, 0.8, 0.9, 10, 10), 0.9), "cut over the original's in both"),
        (scores.trends(scores.Trends(0.8, 0.8, 0.9, 10, 10), 0.7), rules.UNEXPLAINED),
        (scores.trends(scores.Trends(None, 0.9, 0.9, 0, 10), 0.9), "they leave out 10 of 10 pairs"),
        (scores.new_rows(Counts(50, 500), Counts(10, 500), None), "10.0% of 500 rows match so, 2.0% of 500 exactly"),
        (scores.new_rows(Counts(50, 500), Counts(50, 500), Counts(45, 500)), "9.0% of 500 rows are not new either"),
        (scores.baseline(0.9, 0.88, Reading(0.0, (-0.1, 0.1))), "does not tell who was used"),
        (scores.baseline(0.5, 0.9, Reading(0.4, (0.3, 0.5))), "beside these people theirs would be 0.90"),
        (scores.baseline(1.0, 1.0, Reading(0.1, (0.05, 0.15))), "sees nothing of a few near copies"),
        (scores.disclosure(0.7, 0.69, Counts(400, 500)), "what is guessed is known of everybody"),
        (scores.disclosure(0.5, 0.69, Counts(400, 500)), "training people are less protected"),
        (scores.disclosure(0.8, 0.69, Counts(400, 500)), "training people are more protected"),
        (scores.disclosure(0.8, None, Counts(40, 500)), "theirs scores 8.0% of 500 people"),
    ],
)
def test_a_reason_of_a_score_is_told_where_it_holds(told, reason):
    """Each reason for a score of SDMetrics is told of a case made to show it."""
    assert any(reason in one for one in told)


def nearer(score, near, tied_rows=0, original=500, control=500):
    """Return released rows, of which some are nearer to the original."""
    return scores.Nearer(score, Counts(near, 200), Counts(tied_rows, 200), original, control)


@pytest.mark.parametrize(
    ("found", "ours", "reason"),
    [
        (nearer(1.0, 100), 0.52, "a share of 0.50 or less: about ours"),
        (nearer(0.4, 160, original=2000), 0.5, "nearer to the original in 80% of cases"),
        (nearer(1.0, 60, tied_rows=80), 0.5, "40.0% of 200 rows are as near to either"),
        (nearer(1.0, 60), 0.3, "cut off at 1"),
        (nearer(0.8, 90), 0.45, "60% are nearer by theirs, 45.0% of 200 by ours"),
        (nearer(0.8, 120), 0.7, "a share of 0.60 among the rows asked about; ours is of others"),
    ],
)
def test_a_reason_for_nearer_rows_is_told_where_it_holds(found, ours, reason):
    """Sizes, ties, the cut and the distance are each told of a case made to show it, and of no other one here."""
    assert any(reason in one for one in scores.overfitting(found, ours))
    assert not any(reason in one for one in scores.overfitting(nearer(0.8, 120), 0.58))


@pytest.fixture(scope="module")
def made():
    """Return tables with ties, repeated rows, quotation marks, gaps, negative numbers and a wide tail."""
    rng = np.random.default_rng(0)

    def table(rows):
        amount = rng.normal(-20, 10, rows)
        amount[:2] = 5000.0
        frame = pd.DataFrame(
            {"amount": amount, "kind": rng.choice(["a", "b'c"], rows), "few": rng.choice([0.5, 1.5], rows)}
        )
        frame.loc[: rows // 10 - 1, "few"] = np.nan
        return frame

    original, control, synthetic = (table(200) for _ in range(3))
    synthetic.iloc[100:] = synthetic.iloc[:100].to_numpy()
    schema = infer(read_tables(original=original, control=None, synthetic=synthetic, schema=None).original)
    return tables_of(
        read_tables(original=original, control=control, synthetic=synthetic, schema=schema), "synthetic", 150, 0
    )


def test_facts_are_measured_on_the_tables(made):
    """Ties, repetition, quotation marks, gaps and the foremost column are those that were put there."""
    assert tied(made.few, (("kind",),)) == 1.0
    assert tied(made.few, (("amount", "kind", "few"),)) == 1.0  # every row of the release is there twice
    assert repeated(made.few.release) == 0.5
    assert repeated(made.whole.original) == 0.0
    assert quoted(made.frames.synthetic["synthetic"], made.frames.schema) == pytest.approx(0.5, abs=0.1)
    assert missing_among(made.whole.original, ("few", "amount"), ordered=True) == pytest.approx(0.05)
    assert missing_among(made.whole.original, ("kind",), ordered=True) == 0.0
    assert foremost(made.whole) is None  # nothing in the release is there once
    assert foremost(replace(made.whole, release=made.whole.original))[0] == "amount"
    assert found_again(made.whole.original, made.whole.release, ("kind",)).share == 1.0
    halved = made.whole.release.take(np.flatnonzero(made.whole.release["few"].values == 0.5))
    assert found_again(made.whole.original, halved, ("few",)).share == pytest.approx(0.45, abs=0.1)


def test_their_rule_and_scale_are_theirs(made):
    """By their rule negative guesses are right; with their scale a number is divided by the whole range of all tables."""
    attack = NearestGuess("amount", ("kind", "few"))
    guesses = said(attack, made.few, 0)

    assert below_zero(guesses["original"]) > 0.9
    assert by_their_rule(guesses, made.few).original.share > 0.9
    assert counted(guesses, made.few).original.share < 0.2
    assert by_their_rule(said(NearestGuess("kind", ("few",)), made.few, 0), made.few) is None
    low, high = with_ranges(made.frames, "synthetic")["amount"].bounds
    assert high == 5000.0
    assert low == min(
        frame["amount"].to_numpy().min()
        for frame in (made.frames.original, made.frames.control, made.frames.synthetic["synthetic"])
    )
