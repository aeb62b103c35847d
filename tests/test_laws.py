"""The laws every attack is tested against. A new attack adds one line to `EXAMPLES`.

Laws 1, 2, 3 and 5 have their home in `synthprivacy.selftest.contract`, law 6 in `synthprivacy.selftest.invariances`.
"""

import numpy as np
import pytest

from synthprivacy import simulate
from synthprivacy.attacks import ATTACKS, BATTERY, ON_REQUEST, Budget
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.inference_attribution import Attribution
from synthprivacy.attacks.inference_learned import Learned
from synthprivacy.attacks.inference_vote import Vote
from synthprivacy.attacks.linkability import Halves
from synthprivacy.attacks.linkability_blocks import BlockHalves
from synthprivacy.attacks.linkability_pairs import Pairs
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.membership_blocks import BlockDistance
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.attacks.memorization_blocks import BlockCopies
from synthprivacy.attacks.memorization_near import NearCopies
from synthprivacy.attacks.memorization_rare import RareCopies
from synthprivacy.attacks.memorization_text import TextCopies
from synthprivacy.attacks.model_inversion import ModelInversion
from synthprivacy.attacks.reconstruction import CountReconstruction
from synthprivacy.attacks.reconstruction_segments import SegmentCrossings, SegmentEnds
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.config import METHODS, THREATS, THREATS_ON_REQUEST
from synthprivacy.driver import run
from synthprivacy.results import Risk, Skipped
from synthprivacy.schemata import infer
from synthprivacy.selftest import contract
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

EVERY = ATTACKS | ON_REQUEST
KNOWN = ("age", "diagnosis", "education", "height_cm", "occupation", "region", "sex", "weight_kg")
EXAMPLES = {
    "singling_out": SinglingOut(columns=3, queries=200),
    "linkability.halves": Halves(KNOWN[::2], KNOWN[1::2]),
    "inference.nearest": NearestGuess("household income", KNOWN),
    "inference.vote": Vote("household income", KNOWN),
    "inference.attribution": Attribution("household income", KNOWN),
    "inference.learned": Learned("household income", KNOWN),
    "linkability.pairs": Pairs(KNOWN[::2], KNOWN[1::2]),
    "linkability.blocks": BlockHalves(((KNOWN[:2], KNOWN[2:4]), (KNOWN[4:6], KNOWN[6:]))),
    "membership.distance": Distance(),
    "membership.blocks": BlockDistance((KNOWN[:4], KNOWN[4:])),
    "memorization.copies": ExactCopies(),
    "memorization.text": TextCopies("notes", "edits"),
    "memorization.near": NearCopies(),
    "memorization.blocks": BlockCopies((KNOWN[:4], KNOWN[4:])),
    "memorization.rare": RareCopies(2),
    "reconstruction.counts": CountReconstruction("smoker", KNOWN),
    "reconstruction.segments": SegmentEnds(),
    "reconstruction.crossings": SegmentCrossings(),
    "model_inversion.features": ModelInversion("household income", KNOWN),
}
ROWS = 400
NARROW = {BlockHalves, BlockDistance}
"""Attacks that a table of few columns does not call for."""


@pytest.fixture(scope="module")
def tables():
    """Return original, control and fresh people as frames."""
    rng = np.random.default_rng(7)
    return [simulate.people(ROWS, stream).assign(notes=notes(stream)) for stream in rng.spawn(3)]


def notes(rng):
    """Return a sentence for each person."""
    return [" ".join(f"w{word}" for word in words) for words in rng.integers(0, 900, (ROWS, 12))]


def case_of(original, control, release):
    """Return the encoded case."""
    frames = [load(frame, label="table") for frame in (original, control, release)]
    schema = infer(frames[0])
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=schema)


def attack_of(key):
    """Return the example of an attack."""
    return EXAMPLES[key]


def test_every_attack_has_an_example():
    """An attack that is registered is tested against every law."""
    assert set(EXAMPLES) == set(EVERY)
    assert all(isinstance(EXAMPLES[key], kind) for key, kind in EVERY.items())
    assert {kind.name for kind in ATTACKS.values()} == set(THREATS)
    assert {key for key, kind in (ON_REQUEST | BATTERY).items() if kind.name in THREATS} == set(METHODS)
    assert {kind.name for kind in ON_REQUEST.values()} - set(THREATS) == set(THREATS_ON_REQUEST)


@pytest.mark.parametrize("law", contract.LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("key", EVERY)
def test_laws_1_2_3_and_5_the_contract(key, law, tables):
    """One at a time, blind, equal, repeatable, read-only: the self-test's laws hold of every example."""
    finding = law(attack_of(key), case_of(*tables))

    assert finding.passed, str(finding)


@pytest.mark.parametrize("key", EVERY)
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


@pytest.mark.parametrize("key", EVERY)
def test_law_7_too_little_data_is_skipped(key, tables):
    """Fewer than 100 people a side give `Skipped` with what would be needed, never a low number."""
    original, control, fresh = tables
    case = case_of(original.head(90), control, fresh)

    outcome = run(attack_of(key), case, np.random.default_rng(1), targets=10_000)
    result = estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(2))

    assert isinstance(result, Skipped)
    assert "100" in result.needs


def test_budget_is_what_variants_are_made_from(tables):
    """Every attack plans itself from the release and the schema alone."""
    case = case_of(*tables)

    for kind in EVERY.values():
        variants = kind.variants(case.schema, case.release, Budget(queries=77))
        assert variants or kind in NARROW
        assert len({attack.endpoint for attack in variants}) == len(variants)
