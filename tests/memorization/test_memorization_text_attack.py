"""Texts as they come in: a column of free text is attacked wherever a release holds it."""

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.attacks import Budget
from synthprivacy.attacks.memorization_text import TextCopies
from synthprivacy.config import PlanSettings
from synthprivacy.selftest import contract
from synthprivacy.selftest.scenario import case_of

PEOPLE = 300


def people(seed):
    """Return a survey with a remark that a tenth of the people left empty."""
    rng = np.random.default_rng([21, seed])
    words = rng.integers(0, 2000, (PEOPLE, 14))
    remarks = [" ".join(f"w{word}" for word in row) for row in words]
    return simulate.people(PEOPLE, rng).assign(remark=pd.Series(remarks).mask(rng.random(PEOPLE) < 0.1))


def quoted(share):
    """Return original, control, and fresh people of whom a share has the remarks of training people."""
    original, control, fresh = (people(seed) for seed in range(3))
    count = round(share * PEOPLE)
    fresh.loc[: count - 1, "remark"] = original["remark"].head(count)
    return original, control, fresh


def test_a_remark_is_judged():
    """By spans and by edits the share quoted is read, by whole records nothing; no word of a text is printed."""
    original, control, release = quoted(0.3)

    found = evaluated(original, control, release)["synthetic"]

    risks = {risk.endpoint: risk for risk in found.risks}
    share = original["remark"].head(round(0.3 * PEOPLE)).notna().sum() / PEOPLE
    for endpoint in ("memorization.spans.remark", "memorization.edits.remark"):
        assert risks[endpoint].value == pytest.approx(share, abs=0.02)
        assert risks[endpoint].copies is not None
    assert risks["memorization.copies"].value == 0.0
    assert not any(text in repr(found) for text in original["remark"].dropna())


def test_free_text_is_never_ignored_in_silence():
    """A plan that does not attack a text says so, and one that does says nothing of it."""
    original, control, release = quoted(0.0)
    notes = [
        sp.plan(original=original, control=control, synthetic=release, settings=PlanSettings(attacks=attacks)).notes
        for attacks in (("memorization",), ("memorization", "memorization.text"))
    ]

    assert any("remark is free text" in note and "memorization.text" in note for note in notes[0])
    assert not any("free text" in note for note in notes[1])


def evaluated(original, control, release):
    """Return the evaluation of whole records and texts."""
    settings = PlanSettings(attacks=("memorization", "memorization.text"))
    return sp.evaluate(original=original, control=control, synthetic=release, plan=settings)


def test_a_release_without_the_text_has_nothing_to_attack():
    """Dropping the column is a remedy, and no endpoint is left."""
    original, control, release = quoted(0.3)
    case = case_of(original, control, release.drop(columns="remark"))

    assert TextCopies.variants(case.schema, case.release, Budget(1)) == ()


def test_too_few_texts_are_skipped_with_a_reason():
    """A column with hardly any text is reported as not judged, never as safe."""
    original, control, release = quoted(0.0)
    release.loc[50:, "remark"] = None

    found = evaluated(original, control, release)

    reasons = {skipped.endpoint: skipped.reason for skipped in found["synthetic"].skipped}
    assert "fewer than 100 different texts" in reasons["memorization.spans.remark"]


@pytest.mark.parametrize("law", contract.LAWS, ids=lambda law: law.__name__)
def test_spans_keep_the_contract(law):
    """`test_laws` asks the same of edits."""
    finding = law(TextCopies("remark", "spans"), case_of(*quoted(0.3)))

    assert finding.passed, str(finding)


def test_ignored_texts_are_left_alone():
    """A text declared to be ignored is attacked by nobody, and attacks on records see no text at all."""
    original, control, release = quoted(0.3)
    case = case_of(original, control, release)

    assert case.schema.texts == ("remark",)
    assert case.original.select(case.schema.attackable).texts == ()
    assert sp.schema(original, columns={"remark": {"role": "ignore"}}).texts == ()


def test_no_text_is_printed():
    """Tables and texts print how many rows they have."""
    case = case_of(*quoted(0.3))

    assert repr(case.original.texts[0]) == "<text remark: 300 rows>"
    assert "w1" not in repr(case)
