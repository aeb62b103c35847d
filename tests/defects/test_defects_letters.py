"""The measured defects of anonymeter 1.1.0, b to i, each as a test with the right answer.

Numbers 1 to 16 are confirmed by running that code; letters a to i were found on its version 1.1.0.
"""

import warnings

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.driver import run
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.blocks import Block
from synthprivacy.results import HitsEvidence, MatchesEvidence, Rate, Risk, Skipped
from synthprivacy.tables.space import points


def test_defect_b_a_number_need_not_be_guessed_to_the_last_digit(noise, risks):
    """A numeric secret that is released with a little noise is found."""
    original = noise(600, 0, secret=lambda rng, n: rng.normal(0, 1000, n))
    release = original.assign(secret=original["secret"] + 1.5)

    risk = risks(
        original,
        noise(600, 1, secret=lambda rng, n: rng.normal(0, 1000, n)),
        release,
        attacks=("inference",),
        secrets=["secret"],
    )["inference.secret"]

    assert risk.value > 0.9


def test_defect_c_a_narrow_table_ends(case_of):
    """Where hardly any predicate isolates anybody the search stops and says how few it found."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({name: rng.integers(0, 4, 2000) for name in "abc"}).astype(str)
    case = case_of(frame, frame, frame)

    result = run(SinglingOut(3, 100), case, rng, targets=10_000)

    assert isinstance(result, Skipped)
    assert "no predicate isolates" in result.reason


def test_defect_e_missing_text_of_any_kind_is_a_value(noise, risks):
    """Pandas' NA in a text column is missing, not an error."""
    frames = [noise(200, seed).assign(t=pd.Series(["a", pd.NA, "b", "b"] * 50, dtype="string")) for seed in range(3)]

    found = risks(*frames, attacks=("inference", "linkability"))

    assert all(isinstance(result, Risk) for name, result in found.items() if "@" not in name)


def test_defect_f_a_column_of_mixed_types_is_named(noise):
    """Numbers and text in one column are refused in one sentence that names the column and no cell."""
    frames = [noise(200, seed).assign(mixed=pd.Series(["cell", 1] * 100, dtype=object)) for seed in range(3)]

    with pytest.raises(sp.SynthPrivacyError, match="mixed") as raised:
        sp.evaluate(original=frames[0], control=frames[1], synthetic=frames[2])

    assert "cell'" not in str(raised.value)


def test_defect_g_a_second_later_is_nearly_the_same_time(risks):
    """Shifting every timestamp by one second changes linkability hardly at all: dates are quantities."""

    def timed(seed):
        rng = np.random.default_rng(seed)
        minutes = rng.choice(10**6, (2, 500), replace=False).astype("timedelta64[m]")
        start = np.datetime64("2020-01-01", "s")
        return pd.DataFrame({"in": start + minutes[0], "out": start + minutes[1]})

    original = timed(0)
    later = original + pd.Timedelta(seconds=1)

    exact, shifted = (
        risks(original, timed(1), release, attacks=("linkability",))["linkability.halves"]
        for release in (original, later)
    )

    assert exact.value > 0.9
    assert shifted.value == pytest.approx(exact.value, abs=0.02)


def test_defect_h_without_a_control_nothing_passes(noise):
    """A majority that everybody guesses is a raw rate, called so, and no gate lets it pass."""

    def lopsided(seed):
        return noise(400, seed, secret=lambda rng, n: np.where(rng.random(n) < 0.95, "no", "yes"))

    with pytest.warns(UserWarning, match="no control"):
        evaluation = sp.evaluate(original=lopsided(0), synthetic=lopsided(1))

    risk = next(risk for risk in evaluation["synthetic"].risks if risk.endpoint == "inference.secret")
    assert "no control" in risk.estimand
    assert sp.gate(evaluation, limit=0.99).decision == "inconclusive"


def test_defect_i_most_pairs_are_never_compared(monkeypatch, case_of):
    """The search computes a small share of all distances: its speed is not that of its inner loop alone."""
    rng = np.random.default_rng(0)
    rows = 20_000
    table = pd.DataFrame({f"n{place}": rng.normal(size=rows) for place in range(3)})
    table = table.assign(**{f"c{place}": rng.choice(list("abcdefgh"), rows) for place in range(3)})
    case = case_of(table.head(2000), table.head(200), table)
    compared = []
    plain = Block.distances

    def counting(block, rows, span):
        compared.append(len(rows) * (span.stop - span.start))
        return plain(block, rows, span)

    monkeypatch.setattr(Block, "distances", counting)
    neighbors.nearest_steps(neighbors.build(points(case.release)), points(case.original))

    assert 0 < sum(compared) < 0.25 * rows * 2000


def test_rates_keep_their_counts(noise, risks):
    """Evidence holds successes and trials, so that any other interval can be computed from it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = risks(noise(200, 0), noise(200, 1), noise(200, 2), attacks=("linkability", "singling_out"))

    assert isinstance(found["linkability.halves"].evidence, HitsEvidence)
    assert isinstance(found["linkability.halves"].evidence.original, Rate)
    assert isinstance(found["singling_out.univariate"].evidence, MatchesEvidence)
