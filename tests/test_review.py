"""Ways a gate could have been fooled, each found by a reader and now a law."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.attacks import Knowledge
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.config import PlanSettings
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.frames import case_of, read_tables

FEW = PlanSettings(attacks=("linkability", "memorization"), utility=("shapes",))


@pytest.fixture(scope="module")
def tables():
    """Return original, control and fresh people."""
    return [simulate.people(1500, stream) for stream in np.random.default_rng(11).spawn(3)]


def decided(original, control, release, limit=0.2, **options):
    """Return the verdict on one release, all but the checks being easy to pass."""
    evaluation = sp.evaluate(original=original, control=control, synthetic=release, plan=FEW, **options)
    return sp.gate(evaluation, limit=limit)


def test_a_perfect_release_passes(tables):
    """The tables of these tests are such that only what is planted can fail."""
    assert decided(*tables).decision == "pass"


def test_swapped_tables_do_not_pass(tables):
    """Original and control given the wrong way round are noticed: the release holds the control."""
    original, control, fresh = tables
    release = pd.concat([original.head(450), fresh.head(1050)])

    verdict = decided(control, original, release)

    assert verdict.decision != "pass"
    assert any("swapped" in reason for reason in verdict.reasons)


def test_a_control_used_in_training_does_not_pass(tables):
    """Half of both tables published outright look alike: then the control is none."""
    original, control, _ = tables

    verdict = decided(original, control, pd.concat([original.head(750), control.head(750)]))

    assert verdict.decision == "inconclusive"


@pytest.mark.parametrize("kind", ["identifier", "text"])
def test_real_identifiers_fail_a_release(tables, kind):
    """A column that no attack uses fails the release if it holds the real values."""
    mails = [[f"{kind} of somebody {side}-{row}" for row in range(1500)] for side in ("o", "c", "s")]
    original, control, fresh = (frame.assign(mail=mail) for frame, mail in zip(tables, mails))
    schema = sp.schema(original, columns={"mail": {"kind": kind}})

    invented = decided(original, control, fresh, schema=schema)
    leaked = decided(
        original, control, fresh.assign(mail=original["mail"].sample(frac=1, random_state=0).array), schema=schema
    )

    assert invented.decision == "pass"
    assert leaked.decision == "fail"


@pytest.mark.parametrize("values", [[None], ["flu"], ["flu", None]])
def test_a_secret_that_does_not_vary_in_the_release_is_no_low_number(tables, values):
    """Nothing can be guessed from a release without the secret: that is skipped."""
    original, control, fresh = tables
    release = fresh.assign(diagnosis=pd.Series(np.resize(np.array(values, dtype=object), 1500), dtype="str"))
    frames = read_tables(original=original, control=control, synthetic=release, schema=None)
    case = case_of(frames, "synthetic")

    with pytest.raises(NotEnoughDataError, match="fewer than two values"):
        NearestGuess("diagnosis", ("age", "sex")).prepare(
            Knowledge((case.release,), None, case.schema), np.random.default_rng(0)
        )


def test_a_stranger_in_the_control_changes_nothing_about_the_original(tables):
    """A label that only one control person has does not move the answers about all training people."""
    original, control, fresh = (frame[["region", "education", "occupation", "age"]].copy() for frame in tables)
    original.loc[:20, "region"] = "only here"
    odd = control.copy()
    odd.loc[0, "region"] = "a region of its own"
    settings = PlanSettings(attacks=("inference",), utility=("shapes",))

    plain, moved = (
        sp.evaluate(original=original, control=people, synthetic=fresh, plan=settings) for people in (control, odd)
    )

    whole = [
        [risk.evidence.original for risk in found["synthetic"].risks if "@" not in risk.endpoint]
        for found in (plain, moved)
    ]
    assert whole[0] == whole[1]
    assert len(whole[0]) > 1


def test_people_without_an_id_have_no_order(tables):
    """Shuffling rows changes nothing, whether or not some people lack an id."""
    original, control, fresh = (frame.assign(pid=[f"p{row}" for row in range(1500)]) for frame in tables)
    original.loc[::3, "pid"] = None
    control["pid"] = "c" + control["pid"]
    schema = sp.schema(original, unit="pid")
    settings = replace(FEW, attacks=("linkability", "membership"), targets=300)

    plain, shuffled = (
        sp.evaluate(original=frame, control=control, synthetic=fresh, schema=schema, plan=settings)
        for frame in (original, original.sample(frac=1, random_state=1))
    )

    assert plain.original.units == 1500
    assert [release.risks for release in plain.releases] == [release.risks for release in shuffled.releases]


def test_the_first_declared_secret_is_judged_whatever_the_order_of_columns(tables):
    """What is primary follows the declaration, not the table."""
    original, control, fresh = tables
    orders = (list(original.columns), list(original.columns[::-1]))

    primaries = [
        sp.plan(
            original=original[order],
            control=control,
            synthetic=fresh,
            schema=sp.schema(original[order], secrets=["visits", "age"]),
        ).primary
        for order in orders
    ]

    assert primaries[0] == primaries[1]
    assert "inference.visits" in primaries[0]


def test_what_the_plan_showed_is_what_is_judged(tables):
    """An evaluation of a plan keeps the plan's primary endpoints."""
    original, control, fresh = tables
    plan = sp.plan(original=original, control=control, synthetic=fresh, settings=FEW)

    evaluation = sp.evaluate(original=original, control=control, synthetic=fresh, plan=plan)

    assert tuple(evaluation.plan["primary"]) == plan.primary


def test_public_scores_tell_no_small_count(tables):
    """Whether none or nine people have a rare label does not show in public scores."""
    original, control, fresh = tables
    pages = []
    for rare in (0, 9):
        planted = original.assign(diagnosis=original["diagnosis"].where(np.arange(1500) >= rare, "rare one"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            evaluation = sp.evaluate(original=planted, control=control, synthetic=fresh, plan=FEW)
        pages.append([score for score in evaluation.public()["synthetic"].scores if "diagnosis" in score.metric])

    values = [[score.value for score in page if score.family == "shapes"] for page in pages]
    assert all(value == round(value, 2) for value in values[0])
    assert np.allclose(*values, atol=0.0101)
