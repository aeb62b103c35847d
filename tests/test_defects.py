"""The measured defects of the reference implementation (anonymeter 1.1.0), each as a test with the right answer.

Numbers 1 to 16 are confirmed by running that code; letters a to i were found on its version 1.1.0.
"""

import warnings

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy.attacks.linkability import Halves
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.config import PlanSettings
from synthprivacy.driver import run
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.blocks import Block
from synthprivacy.results import Hits, HitsEvidence, Matches, MatchesEvidence, Outcome, Rate, Risk, Skipped
from synthprivacy.schemata import infer
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load
from synthprivacy.tables.space import points


def case_of(original, control, release, **declared):
    """Return the encoded case."""
    frames = [load(frame, label="table") for frame in (original, control, release)]
    schema = infer(frames[0], declared=declared)
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=schema)


def risks(original, control, release, *, attacks, queries=500, secrets=()):
    """Return risks and skipped endpoints by name."""
    schema = sp.schema(original, secrets=secrets)
    settings = PlanSettings(attacks=attacks, queries=queries)
    evaluation = sp.evaluate(original=original, control=control, synthetic=release, schema=schema, plan=settings)
    (found,) = evaluation.releases
    return {result.endpoint: result for result in (*found.risks, *found.skipped)}


def share(rate):
    """Return successes over trials."""
    return rate.successes / rate.trials


def noise(rows, seed, **extra):
    """Return independent columns; nothing can be learned from any of them."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({f"x{place}": rng.normal(size=rows) for place in range(4)})
    return frame.assign(**{name: make(rng, rows) for name, make in extra.items()})


@pytest.mark.parametrize(("centre", "width"), [(-1000, 300), (0, 1)], ids=["1: negative secret", "a: centred secret"])
def test_defect_1_and_a_a_negative_guess_is_not_a_hit(centre, width):
    """Independent numbers below zero are guessed as rarely as any others: the tolerance is never divided by the guess."""
    tables = [noise(600, seed, secret=lambda rng, n: rng.normal(centre, width, n)) for seed in range(3)]

    risk = risks(*tables, attacks=("inference",), secrets=["secret"])["inference.secret"]

    # a normal guess is within 5 % of the interquartile range in 3.8 % of cases: binomial(600) stays under 8 %
    assert share(risk.evidence.original) < 0.08
    assert risk.interval[0] <= 0 <= risk.interval[1]


@pytest.mark.parametrize("controls", [500, 1000])
def test_defect_2_a_smaller_control_raises_no_alarm(controls):
    """A release without any leak is not called leaky because the control is smaller than the original."""
    alarms = 0
    for seed in range(8):
        tables = [noise(rows, 10 * seed + place) for place, rows in enumerate((2000, controls, 2000))]
        case = case_of(*(frame.round(1) for frame in tables))
        rng = np.random.default_rng(seed)
        outcome = run(SinglingOut(3, 120), case, rng, targets=10_000)
        alarms += estimate(outcome, primary=False, confidence=0.95, rng=rng).p_value < 0.05

    assert alarms <= 3  # binomial(8, .05) exceeds 3 in 0.04 % of cases; the reference alarms in 7 or 8 of 8


def few_values(rows, seed):
    """Return two columns with hardly any unusual value: four predicates can be made from them."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": rng.integers(0, 3, rows), "b": rng.integers(0, 3, rows)})
    frame.loc[0], frame.loc[1] = (90 + seed, 0), (0, 90 + seed)
    return frame


def test_defect_3_queries_never_asked_do_not_lower_the_risk():
    """With a handful of predicates nothing is said about singling out, rather than a low number."""
    original = few_values(300, 0)

    result = risks(original, few_values(300, 1), original, attacks=("singling_out",))["singling_out.univariate"]

    assert isinstance(result, Skipped)
    assert "few" in result.reason
    assert sp.gate(
        sp.evaluate(original=original, control=few_values(300, 1), synthetic=original), limit=0.05
    ).decision in {"inconclusive", "fail"}


def test_defect_4_names_with_spaces_and_dashes_are_only_names():
    """An exact copy is singled out as well under awkward column names as under plain ones."""
    tables = [noise(400, seed) for seed in range(2)]
    awkward = {"x0": "x 0", "x1": "x-1", "x2": "x`2'\"", "x3": "x@3"}

    plain = risks(*tables, tables[0], attacks=("singling_out",))
    odd = risks(*(f.rename(columns=awkward) for f in (*tables, tables[0])), attacks=("singling_out",))

    assert plain["singling_out.univariate"].value > 0.9
    assert odd["singling_out.univariate"].value == plain["singling_out.univariate"].value


def test_defect_5_unique_dates_are_attacked():
    """A copied date that nobody else has singles its owner out."""

    def dated(seed):
        rng = np.random.default_rng(seed)
        seconds = rng.choice(10**9, 400, replace=False)
        start = np.datetime64("1990-01-01", "s")
        return pd.DataFrame({"when": start + seconds.astype("timedelta64[s]"), "c": rng.integers(0, 2, 400)})

    original = dated(0)

    risk = risks(original, dated(1), original, attacks=("singling_out",))["singling_out.univariate"]

    assert risk.evidence.queries >= 200
    assert risk.value > 0.9


def test_defect_6_who_is_there_twice_cannot_be_singled_out():
    """Duplicates of people are counted, not dropped: where everyone is there twice nobody is isolated."""
    once = noise(400, 0)
    twice = pd.concat([once, once])

    risk = risks(twice, pd.concat([noise(400, 1)] * 2), once, attacks=("singling_out",))["singling_out.univariate"]

    assert risk.evidence.isolated_original == 0
    assert risk.interval[0] <= 0


@pytest.mark.parametrize("missing", [0.1, 0.3])
def test_defect_7_missing_values_do_not_link(missing):
    """Independent tables with missing values link as rarely as complete ones."""

    def holed(seed):
        frame = noise(1000, seed)
        return frame.mask(np.random.default_rng(100 + seed).random(frame.shape) < missing)

    risk = risks(*map(holed, range(3)), attacks=("linkability",))["linkability.halves"]

    # two draws among 1,000 rows agree once in 1,000; two columns a half, near each other, a few times as often
    assert share(risk.evidence.original) < 0.03
    assert share(risk.evidence.control) < 0.03


def test_defect_8_missing_has_one_rule_for_every_kind():
    """Two missing values are equal and one is a whole mismatch, in ordered and unordered columns alike."""
    release = pd.DataFrame({"n": [1.0, 2.0, 3.0, np.nan], "c": ["a", "b", "c", None]})
    people = pd.DataFrame({"n": [np.nan, 2.0], "c": [None, "b"]})

    distances, _ = sp.nearest(people, release, k=4)

    assert distances[0].tolist() == [0, 1, 1, 1]
    assert sp.nearest(pd.DataFrame({"n": [np.nan], "c": ["b"]}), release, k=1)[0][0, 0] == 0.5


def test_defect_9_ties_are_drawn_and_not_sorted():
    """Where every record is equally near, two halves agree by chance only: once in as many records as there are."""
    rows = 500
    frame = pd.DataFrame({"a": [f"a{place}" for place in range(rows)], "b": [f"b{place}" for place in range(rows)]})
    unseen = pd.DataFrame({"a": ["elsewhere"] * rows, "b": ["nowhere"] * rows})
    declared = {name: {"kind": "category"} for name in frame}
    case = case_of(unseen, unseen, frame, **declared)

    outcome = run(Halves(("a",), ("b",)), case, np.random.default_rng(0), targets=10_000)

    hits = outcome.answers["original"].hits.sum()
    assert hits <= 8  # binomial(500, 1/500): over 8 in 1e-6 of cases; sorting would give 500


def test_defect_10_predicates_that_isolate_by_chance_are_no_risk():
    """Predicates of any weight isolate strangers as well; what they isolate of a control is taken off."""
    tables = [noise(1000, seed).round(1) for seed in range(3)]

    risk = risks(*tables, attacks=("singling_out",))["singling_out.multivariate"]

    assert risk.evidence.isolated_original > 0.1 * risk.evidence.queries
    assert risk.interval[0] <= 0 <= risk.interval[1]


def test_defect_11_asking_the_same_twice_is_no_evidence():
    """Queries share their rows: repeating every query leaves the interval as wide as it was."""
    tables = [noise(600, seed).round(1) for seed in range(3)]
    outcome = run(SinglingOut(3, 100), case_of(*tables), np.random.default_rng(0), targets=10_000)

    def doubled(answers):
        query = np.concatenate([answers.query, answers.query + answers.queries])
        return Matches(query, np.tile(answers.person, 2), 2 * answers.queries, answers.people)

    twice = {population: doubled(answers) for population, answers in outcome.answers.items()}
    once, again = (
        estimate(one, primary=False, confidence=0.95, rng=np.random.default_rng(1))
        for one in (outcome, Outcome(outcome.attack, outcome.endpoint, twice, outcome.parameters))
    )

    assert again.value == pytest.approx(once.value)
    assert again.evidence.standard_error == pytest.approx(once.evidence.standard_error)


def hits_of(successes, trials):
    """Return answers with a number of hits."""
    return Hits((np.arange(trials) < successes).astype(np.int64), np.ones(trials, dtype=np.int64))


@pytest.mark.parametrize(("a", "c"), [(480, 450), (495, 490), (499, 490)])
def test_defect_12_the_estimate_is_not_shrunk_where_the_control_is_high(a, c):
    """The value is (a - c) / (1 - c) of the counts themselves."""
    outcome = Outcome("inference", "inference.x", {"original": hits_of(a, 500), "control": hits_of(c, 500)}, {})

    risk = estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(0))

    assert risk.value == pytest.approx((a - c) / (500 - c))


def test_defect_13_and_d_more_targets_than_people_attack_everyone():
    """Asking for more people than there are attacks all of them, each side with its own number."""
    found = risks(noise(300, 0), noise(150, 1), noise(200, 2), attacks=("linkability", "membership"))

    evidence = found["linkability.halves"].evidence
    assert (evidence.original.trials, evidence.control.trials) == (300, 150)
    assert found["membership.distance"].evidence.nonmembers == 150


def test_defect_14_the_seed_decides_everything():
    """The same seed gives the same bytes; the global random state is neither read nor changed."""
    tables = {"original": noise(200, 0), "control": noise(200, 1), "synthetic": noise(200, 2)}
    np.random.seed(1)  # noqa: NPY002 - the law is about the global state
    before = np.random.get_state()[1].tolist()  # noqa: NPY002 - the same

    one = sp.evaluate(**tables).dumps()
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002 - the same
    np.random.seed(2)  # noqa: NPY002 - the same

    assert sp.evaluate(**tables).dumps() == one


def test_defect_15_no_column_crowds_out_the_others():
    """A column with thousands of unique values gets no more predicates than any other may have."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({name: rng.normal(size=1000).round(1) for name in "abcd"}).assign(wide=rng.normal(size=1000))
    case = case_of(frame, frame, frame)
    attack = SinglingOut(1, 500)
    from synthprivacy.attacks import Knowledge

    guesses = attack.prepare(Knowledge((case.release,), None, case.schema), rng)(case.original)

    counts = np.bincount(guesses.column, minlength=5)
    assert counts.max() == 100  # a fifth of the queries
    assert (counts > 0).all()


def test_defect_16_links_that_strangers_get_too_are_taken_off():
    """Where a few records answer for everyone, people link in masses, and the control shows that it means nothing."""
    rng = np.random.default_rng(0)
    original, control = (pd.DataFrame({"a": rng.integers(0, 3, 800), "b": rng.integers(0, 3, 800)}) for _ in range(2))
    release = pd.DataFrame({"a": [0, 1, 2] * 20, "b": [0, 1, 2] * 20})

    risk = risks(original, control, release, attacks=("linkability",))["linkability.halves"]

    assert risk.interval[0] <= 0 <= risk.interval[1]


def test_defect_b_a_number_need_not_be_guessed_to_the_last_digit():
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


def test_defect_c_a_narrow_table_ends():
    """Where hardly any predicate isolates anybody the search stops and says how few it found."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({name: rng.integers(0, 4, 2000) for name in "abc"}).astype(str)
    case = case_of(frame, frame, frame)

    result = run(SinglingOut(3, 100), case, rng, targets=10_000)

    assert isinstance(result, Skipped)
    assert "no predicate isolates" in result.reason


def test_defect_e_missing_text_of_any_kind_is_a_value():
    """Pandas' NA in a text column is missing, not an error."""
    frames = [noise(200, seed).assign(t=pd.Series(["a", pd.NA, "b", "b"] * 50, dtype="string")) for seed in range(3)]

    found = risks(*frames, attacks=("inference", "linkability"))

    assert all(isinstance(result, Risk) for name, result in found.items() if "@" not in name)


def test_defect_f_a_column_of_mixed_types_is_named():
    """Numbers and text in one column are refused in one sentence that names the column and no cell."""
    frames = [noise(200, seed).assign(mixed=pd.Series(["cell", 1] * 100, dtype=object)) for seed in range(3)]

    with pytest.raises(sp.SynthPrivacyError, match="mixed") as raised:
        sp.evaluate(original=frames[0], control=frames[1], synthetic=frames[2])

    assert "cell'" not in str(raised.value)


def test_defect_g_a_second_later_is_nearly_the_same_time():
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


def test_defect_h_without_a_control_nothing_passes():
    """A majority that everybody guesses is a raw rate, called so, and no gate lets it pass."""

    def lopsided(seed):
        return noise(400, seed, secret=lambda rng, n: np.where(rng.random(n) < 0.95, "no", "yes"))

    with pytest.warns(UserWarning, match="no control"):
        evaluation = sp.evaluate(original=lopsided(0), synthetic=lopsided(1))

    risk = next(risk for risk in evaluation["synthetic"].risks if risk.endpoint == "inference.secret")
    assert "no control" in risk.estimand
    assert sp.gate(evaluation, limit=0.99).decision == "inconclusive"


def test_defect_i_most_pairs_are_never_compared(monkeypatch):
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


def test_rates_keep_their_counts():
    """Evidence holds successes and trials, so that any other interval can be computed from it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = risks(noise(200, 0), noise(200, 1), noise(200, 2), attacks=("linkability", "singling_out"))

    assert isinstance(found["linkability.halves"].evidence, HitsEvidence)
    assert isinstance(found["linkability.halves"].evidence.original, Rate)
    assert isinstance(found["singling_out.univariate"].evidence, MatchesEvidence)
