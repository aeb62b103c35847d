"""`crosscheck` beside the real anonymeter and SDMetrics: each reason shown once on tables made to show it.

Run in an environment that has both.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy.crosschecking import asking_anonymeter, asking_sdmetrics
from synthprivacy.crosschecking.measuring import tables_of
from synthprivacy.crosschecking.peers import ask
from synthprivacy.crosschecking.sending import sent
from synthprivacy.frames import read_tables

pytestmark = pytest.mark.oracle
pytest.importorskip("anonymeter")
pytest.importorskip("sdmetrics")

DATA = Path(__file__).parents[3] / "shared" / "data" / "adult_census2k"
COLUMNS = ["age", "sex", "education", "marital_status", "relationship", "hours_per_week", "capital_gain", "income"]


@pytest.fixture(autouse=True)
def _their_warnings_are_theirs():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def checked(original, control, synthetic, task, *, attacks=200, secrets=(), columns=None, place=0):
    """Return the row of one task and the bare answer, asked in this process, which has the peers."""
    schema = sp.schema(original, secrets=secrets, columns=columns)
    frames = read_tables(original=original, control=control, synthetic=synthetic, schema=schema)
    tables = tables_of(frames, "synthetic", attacks, 0)
    peer = asking_anonymeter if task in {"singling_out", "linkability", "inference"} else asking_sdmetrics
    question = [one for one in peer.questions(tables, inside=True) if one.task["task"] == task][place]
    sides = {"original": frames.original, "release": frames.synthetic["synthetic"], "control": frames.control}
    sides |= {"people": tables.drawn.frames.original, "others": tables.drawn.frames.control, "rows": tables.drawn.rows}
    numbered = peer is asking_sdmetrics
    asked = {"seed": 0, "tables": sent(sides, schema, numbered=numbered), "tasks": [question.task]}
    (answer,) = ask.answer(asked)
    return question.rows(answer)[-1], answer


def told(row):
    """Return the reasons of a row as one text."""
    return " | ".join(row.reasons)


def people(rows, seed, **extra):
    """Return independent columns of numbers and labels."""
    rng = np.random.default_rng(seed)
    columns = {f"x{place}": rng.normal(size=rows) for place in range(3)} | {"sex": rng.choice(["f", "m"], rows)}
    return pd.DataFrame(columns | {name: make(rng, rows) for name, make in extra.items()})


@pytest.fixture(scope="module")
def adults():
    """Return a third of the columns of the census: original, control, and a release that leaks."""
    if not DATA.exists():
        pytest.skip("the 2,000-row census tables are not beside the project")
    return tuple(pd.read_csv(DATA / f"census2k-{name}.csv.gz")[COLUMNS] for name in ("trn", "hol", "syn_flip30"))


def test_on_the_census_both_peers_answer_and_every_difference_has_a_reason(adults):
    """In a process of their own both answer everything; what is attacked alike is the same within both intervals."""
    original, control, synthetic = adults
    schema = sp.schema(original, secrets=["relationship"])
    found = sp.crosscheck(
        original=original, control=control, synthetic=synthetic, schema=schema, attacks=300, inside=True
    )
    rows = {(row.peer, row.endpoint): row for row in found.rows}
    assert found.skipped == ()
    assert len(rows) == 10
    assert all(row.theirs.value is not None for row in found.rows)
    assert not any("please report" in told(row) for row in found.rows)
    for endpoint in ("linkability.halves", "inference.relationship"):
        assert "the same within both intervals" in told(rows["anonymeter", endpoint])
    assert rows["sdmetrics", "shapes.mean"].reasons == ("the same formula, the same number",)
    assert "they leave out" in told(rows["sdmetrics", "pairs.mean"])


def test_a_number_beside_a_label_is_cut_over_its_own_range_there():
    """Numbers that all are shifted look right beside a label there, as long as they are cut anew."""
    tables = [people(400, seed) for seed in range(3)]
    tables = [frame.assign(wage=frame["x0"] + 4.0 * (frame["sex"] == "f")) for frame in tables]
    row, answer = checked(*tables[:2], tables[2].assign(wage=tables[2]["wage"] + 3.0), "quality")
    assert answer["every"] > answer["common"] + 0.01
    assert "cut over the original's in both" in told(row)
    assert "please report" not in told(row)


def test_negative_guesses_are_right_there():
    """Of numbers below zero nothing can be learned from, nearly all are guessed by their rule, hardly any by ours."""
    tables = [people(300, seed, debt=lambda rng, n: rng.normal(-1000, 300, n)) for seed in range(3)]
    row, _ = checked(*tables, "inference", secrets=["debt"])
    assert "are below zero, each of which counts as right there" in told(row)
    assert "by their rule our guesses are right for all but fewer than ten of 200" in told(row)


@pytest.mark.parametrize("unusual", [25, 75])
def test_predicates_that_were_not_found_are_divided_by_there(unusual):
    """An exact copy with few unusual values looks safe there, by what was asked for; here it is no answer, or near 1."""
    rng = np.random.default_rng(0)
    original, control = (pd.DataFrame(rng.integers(0, 30, (400, 2)), columns=["a", "b"]) for _ in range(2))
    original.loc[: unusual - 1, "a"] = range(100, 100 + unusual)
    row, _ = checked(original, control, original, "singling_out")
    assert row.theirs.value < 0.5
    assert row.ours.value is None if unusual == 25 else row.ours.value > 0.9
    assert "predicates and divide by the 200 asked for" in told(row)


def test_a_smaller_control_is_carried_along_a_curve():
    """With a control of another size the row says how either side makes up for it."""
    row, _ = checked(people(2000, 0), people(500, 1), people(2000, 2), "singling_out", attacks=120, place=1)
    assert "the original has 2,000 rows, the control 500" in told(row)


def test_who_is_there_twice_is_alone_there():
    """Everybody is in the original twice, so that nobody can be singled out: there it is nearly certain."""
    once, other = people(300, 0), people(300, 1)
    row, _ = checked(pd.concat([once, once]), pd.concat([other, other]), once, "singling_out")
    assert row.theirs.value > 0.8
    assert row.ours.value < 0.1
    assert "50% of the original's rows are repeated" in told(row)


def test_labels_with_quotation_marks_are_never_matched_there(monkeypatch):
    """A copy of unique labels is singled out here; where each has a quotation mark they find hardly anybody."""
    monkeypatch.setattr(asking_anonymeter, "ATTEMPTS", 2_000)
    tables = [
        pd.DataFrame({name: [f"{name}'{seed} {place}" for place in range(300)] for name in ("a", "b", "c", "d")})
        for seed in range(2)
    ]
    columns = {name: {"kind": "category"} for name in tables[0]}
    row, _ = checked(*tables, tables[0], "singling_out", columns=columns, place=1)
    assert "hold a quotation mark" in told(row)
    assert row.theirs.value < 0.2 < row.ours.value


def test_the_order_of_rows_decides_ties_there():
    """Of equally near records other people are linked there when the release is put in another order; not here."""
    rng = np.random.default_rng(1)
    tables = [pd.DataFrame({f"c{place}": rng.choice(["a", "b", "c"], 300) for place in range(8)}) for _ in range(3)]
    released = [tables[2], *(tables[2].sample(frac=1.0, random_state=seed) for seed in range(4))]
    found = [checked(*tables[:2], release, "linkability") for release in released]
    assert len({row.ours for row, _ in found}) == 1
    assert len({(answer["successes"], answer["control"]) for _, answer in found}) > 1


def test_missing_secrets_are_right_there():
    """Where secrets are missing, to guess that is right there and no guess at all here."""

    def holed(rng, n):
        return np.where(rng.random(n) < 0.7, None, rng.choice(["a", "b", "c"], n))

    tables = [people(300, seed, status=holed) for seed in range(3)]
    row, answer = checked(*tables, "inference", secrets=["status"])
    assert answer["control"] / answer["attacks"] > 0.45
    assert row.theirs.value is not None


def test_rates_near_one_are_moved_towards_a_half_there():
    """An easy secret whose plain counts are about equal: their number is not that of their counts."""
    tables = [people(300, seed, flag=lambda rng, n: rng.choice(["y", "n"], n, p=[0.97, 0.03])) for seed in range(2)]
    row, _ = checked(*tables, tables[0], "inference", secrets=["flag"])
    assert row.theirs.value < 0.9
    assert "Wilson's centre" in told(row)


@pytest.mark.parametrize("control", [600, 150])
def test_rows_nearer_to_a_larger_table(control):
    """With a control of a quarter of the size, a release of nobody looks overfitted there; the row gives the chance of it."""
    tables = (people(600, 0), people(control, 1), people(300, 2))
    row, _ = checked(*tables, "overfitting", attacks=150)
    assert ("nearer to the original in 80% of cases" in told(row)) == (control == 150)
    assert (row.theirs.value < 0.6) == (control == 150)


def test_nearness_to_random_rows_is_not_membership():
    """A copy of other people scores the same there beside people who were used and beside people who were not."""
    row, _ = checked(people(400, 0), people(400, 1), people(400, 2), "baseline")
    assert "it does not tell who was used" in told(row)


def test_numbers_within_a_hundredth_are_the_same_row_there():
    """Rows moved by half a hundredth are not new there; none of them is the record of a person."""
    original, control = people(300, 0), people(300, 1)
    numbers = original.select_dtypes("number").columns
    moved = original.assign(**{name: original[name] * 1.005 for name in numbers})
    row, _ = checked(original, control, moved, "new_rows")
    assert row.theirs.value < 0.1
    assert "numbers within 1 % are the same there" in told(row)
    assert "fewer than ten of 200 exactly" in told(row)
