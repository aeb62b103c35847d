"""The laws every attack is tested against. A new attack adds one line to `EXAMPLES`."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.attacks import ATTACKS, Budget, Knowledge
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.linkability import Halves
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.config import THREATS, PlanSettings
from synthprivacy.driver import run
from synthprivacy.evaluation import evaluate_frames
from synthprivacy.frames import read_tables
from synthprivacy.results import Claims, Conjunctions, Hits, Links, Marks, Matches, Risk, Scores, Skipped, Values
from synthprivacy.schemata import infer
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

KNOWN = ("age", "diagnosis", "education", "height_cm", "occupation", "region", "sex", "weight_kg")
EXAMPLES = {
    "singling_out": SinglingOut(columns=3, queries=200),
    "linkability.halves": Halves(KNOWN[::2], KNOWN[1::2]),
    "inference.nearest": NearestGuess("household income", KNOWN),
    "membership.distance": Distance(),
    "memorization.copies": ExactCopies(),
}
ROWS = 400


@pytest.fixture(scope="module")
def tables():
    """Return original, control and fresh people as frames."""
    rng = np.random.default_rng(7)
    return [simulate.people(ROWS, stream) for stream in rng.spawn(3)]


def case_of(original, control, release):
    """Return the encoded case."""
    frames = [load(frame, label="table") for frame in (original, control, release)]
    schema = infer(frames[0])
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=schema)


def attack_of(key):
    """Return the example of an attack."""
    return EXAMPLES[key]


def attacker_of(key, case):
    """Return the attacker of an example, and the people it may see."""
    attack = attack_of(key)
    attacker = attack.prepare(Knowledge((case.release,), None, case.schema), np.random.default_rng(3))
    return attacker, attack.knows(case.schema)


def of_each(guesses):
    """Return the guesses as one array per person, or None where they are about nobody in particular."""
    match guesses:
        case Values():
            return np.column_stack([guesses.value, guesses.confidence])
        case Scores():
            return guesses.real
        case Claims():
            return guesses.present
        case Links():
            return np.column_stack([guesses.first, guesses.second])
        case Conjunctions():
            return None


def arrays(answers):
    """Return the arrays of some answers."""
    match answers:
        case Hits() | Marks() | Matches():
            return [np.asarray(getattr(answers, part.name)) for part in dataclasses.fields(answers)]


def test_every_attack_has_an_example():
    """An attack that is registered is tested against every law."""
    assert set(EXAMPLES) == set(ATTACKS)
    assert all(isinstance(EXAMPLES[key], kind) for key, kind in ATTACKS.items())
    assert {kind.name for kind in ATTACKS.values()} == set(THREATS)


@pytest.mark.parametrize("key", ATTACKS)
def test_law_1_one_at_a_time(key, tables):
    """The answers about some people are the same in whatever batches they are shown."""
    case = case_of(*tables)
    attacker, shown = attacker_of(key, case)
    people = case.original.select(shown)
    some = np.random.default_rng(0).permutation(ROWS)[:37]

    together, apart = of_each(attacker(people)), of_each(attacker(people.take(some)))

    if together is not None:
        np.testing.assert_array_equal(together[some], apart)


@pytest.mark.parametrize("key", ATTACKS)
def test_law_2_blind(key, tables):
    """Permuting a column that the attack does not know changes no guess."""
    case = case_of(*tables)
    attacker, shown = attacker_of(key, case)
    hidden = [feature for feature in case.original.features if feature.name not in shown]
    mixed = [
        dataclasses.replace(feature, values=np.roll(feature.values, 1)) if feature in hidden else feature
        for feature in case.original.features
    ]
    changed = dataclasses.replace(case.original, features=tuple(mixed))

    before, after = (of_each(attacker(people.select(shown))) for people in (case.original, changed))

    np.testing.assert_array_equal(before, after)
    assert key != "inference.nearest" or "household income" in {feature.name for feature in hidden}


@pytest.mark.parametrize("key", ATTACKS)
@pytest.mark.parametrize("targets", [150, 10_000])
def test_law_3_equal(key, tables, targets):
    """Swapping original and control swaps the outcome."""
    case = case_of(*tables)
    swapped = dataclasses.replace(case, original=case.control, control=case.original)
    attack = attack_of(key)

    one, other = (run(attack, either, np.random.default_rng(1), targets=targets) for either in (case, swapped))

    for mine, theirs in (("original", "control"), ("control", "original")):
        for left, right in zip(arrays(one.answers[mine]), arrays(other.answers[theirs])):
            np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("key", ATTACKS)
def test_law_4_a_published_table_is_found(key, tables):
    """Publishing the training people is found; fresh people are no risk."""
    original, control, fresh = tables

    leak, none = (
        risk_of(key, case_of(original, control, release))
        for release in (original.sample(frac=1, random_state=0), fresh)
    )

    assert leak.lower > 0.1
    assert none.interval[0] <= 0 <= none.interval[1]


def risk_of(key, case):
    """Return the risk of an example."""
    outcome = run(attack_of(key), case, np.random.default_rng(1), targets=10_000)
    risk = estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(2))
    assert isinstance(risk, Risk)
    return risk


def test_law_5_an_attack_cannot_change_the_tables(tables):
    """The arrays an attack is given are read-only."""
    case = case_of(*tables)

    for table in (case.original, case.control, case.release, case.original.take(np.arange(5))):
        assert not any(feature.values.flags.writeable for feature in table.features)
        assert not table.unit.flags.writeable


@pytest.mark.parametrize("key", ATTACKS)
def test_law_7_too_little_data_is_skipped(key, tables):
    """Fewer than 100 people a side give `Skipped` with what would be needed, never a low number."""
    original, control, fresh = tables
    case = case_of(original.head(90), control, fresh)

    outcome = run(attack_of(key), case, np.random.default_rng(1), targets=10_000)
    result = estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(2))

    assert isinstance(result, Skipped)
    assert "100" in result.needs


SETTINGS = PlanSettings(queries=100)


def dump(original, control, release, *, seed=0, jobs=1):
    """Return the evaluation's risks, scores and headline as JSON."""
    frames = read_tables(original=original, control=control, synthetic=release, schema=None)
    whole = evaluate_frames(frames, settings=SETTINGS, seed=seed, jobs=jobs).to_dict()
    return json.dumps(whole["releases"])


def as_other_types(frame):
    """Return the frame in other types that mean the same."""
    wider = {"age": "float64", "visits": "int32", "smoker": "boolean", "region": "category", "sex": object}
    present = {column: kind for column, kind in wider.items() if column in frame}
    return frame.astype(present)


REPRESENTATIONS = {
    "row order": lambda frame: frame.sample(frac=1, random_state=5),
    "row index": lambda frame: frame.set_axis([7] * len(frame), axis=0),
    "column order": lambda frame: frame[list(frame.columns[::-1])],
    "types": as_other_types,
    "arrow": lambda frame: load(frame, label="table"),
}


@pytest.mark.parametrize("change", REPRESENTATIONS)
def test_law_6_representation_changes_nothing(change, tables):
    """Types, index, row order and column order change no byte of the result."""
    plain = dump(*tables)

    changed = dump(*(REPRESENTATIONS[change](frame) for frame in tables))

    assert changed == plain


def test_law_6_names_that_sort_alike_change_nothing(tables):
    """Names with quotes, keywords and unicode change nothing but the names, if they sort in the same order."""
    odd = ["'; drop", "class", "lambda x", "my col", "x-y", "`q`", "{z}", "é", "名", "🜁", "🜂", "🜃", "🜄"]
    names = sorted(tables[0].columns)
    renaming = dict(zip(names, sorted(odd)))
    plain = json.loads(dump(*tables))

    changed = json.loads(dump(*(frame.rename(columns=renaming) for frame in tables)))

    assert len(odd) == len(names)
    for one, other in zip(plain[0]["risks"], changed[0]["risks"]):
        assert one["value"] == other["value"]
        assert one["evidence"] == other["evidence"]


def test_law_6_units_of_measurement_stay_inside_the_interval(tables):
    """Metres instead of centimetres, and permuted labels, keep every value inside the interval."""

    def changed(frame):
        regions = sorted(frame["region"].dropna().unique())
        return frame.assign(
            height_cm=frame["height_cm"] * 0.01 + 3, region=frame["region"].map(dict(zip(regions, regions[::-1])))
        )

    original, control, fresh = tables
    release = pd.concat([original.head(100), fresh.head(300)])
    plain = json.loads(dump(original, control, release))[0]["risks"]
    moved = json.loads(dump(*(changed(frame) for frame in (original, control, release))))[0]["risks"]

    for one, other in zip(plain, moved):
        assert one["interval"][0] <= other["value"] <= one["interval"][1]
        if one["endpoint"] in {"membership.distance", "memorization.copies"}:
            assert other["value"] == pytest.approx(one["value"], abs=1e-9)


def test_law_5_same_seed_same_bytes_on_one_thread_or_two(tables):
    """The same seed gives the same bytes, whatever the number of threads; another seed gives others."""
    plain = dump(*tables)

    assert dump(*tables, jobs=2) == plain
    assert dump(*tables, seed=1) != plain


def test_budget_is_what_variants_are_made_from(tables):
    """Every attack plans itself from the release and the schema alone."""
    case = case_of(*tables)

    for kind in ATTACKS.values():
        variants = kind.variants(case.schema, case.release, Budget(queries=77))
        assert variants
        assert len({attack.endpoint for attack in variants}) == len(variants)
