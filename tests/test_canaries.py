"""Canaries: made up, found where they are remembered, null where they are not, and removed."""

from __future__ import annotations

import json
import stat

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binomtest, kstest

from synthprivacy import simulate
from synthprivacy.auditing.canaries import KINDS, make_canaries, plant, ranks, remove
from synthprivacy.auditing.canary_game import CanaryGame, judge_canaries, write_log
from synthprivacy.auditing.coding import coded, coding_of
from synthprivacy.errors import ConfigError, NotEnoughDataError
from synthprivacy.generators import SmoothedBootstrap
from synthprivacy.schemata import infer
from synthprivacy.statistics.exposure import exposure
from synthprivacy.tables.read import load

COLUMNS = ["age", "sex", "diagnosis", "weight_kg", "registered"]


@pytest.fixture(scope="module", name="people")
def _people():
    return load(simulate.people(300, 1)[COLUMNS], label="people")


@pytest.fixture(scope="module", name="population")
def _population():
    return load(simulate.people(3_000, 2)[COLUMNS], label="population")


def planted(people, kind, seed=0, count=3, candidates=64):
    """Return the coding of some people and canaries for them."""
    schema = infer(people)
    coding = coding_of(people, schema)
    rng = np.random.default_rng(seed)
    return coding, make_canaries(people, coding, schema, rng, count=count, kind=kind, candidates=candidates)


@pytest.mark.parametrize("kind", KINDS)
def test_canaries_are_rows_of_the_table_that_nobody_is(people, kind):
    """Canaries have the table's columns and types, are nobody's row, and their candidates differ in the secret alone."""
    coding, made = planted(people, kind)
    assert made.rows.schema.equals(people.schema, check_metadata=False)
    assert made.rows.num_rows == 3
    rows = {tuple(row.values()) for row in people.to_pylist()}
    assert not rows & {tuple(row.values()) for row in made.rows.to_pylist()}
    for table in made.candidates:
        others = [name for name in people.column_names if name not in made.secrets]
        assert all(len(set(table[name].to_pylist())) == 1 for name in others)
        assert len({tuple(row.values()) for row in table.to_pylist()}) == table.num_rows > 30
    assert coded(made.rows, coding).shape == (len(coding.columns), 3)
    assert "improbable" in repr(made) or kind in repr(made)


@pytest.mark.parametrize("kind", KINDS)
def test_a_memoriser_exposes_canaries_and_a_fresh_sampler_does_not(people, population, kind):
    """Published outright every secret ranks first; in a release of the population exposures are those of chance."""
    coding, made = planted(people, kind)
    rank, of = ranks(plant(people, made, np.random.default_rng(1)), made, coding)
    assert rank.tolist() == [1, 1, 1]
    assert exposure(rank, of).p_value < 0.001
    fresh = ranks(population, made, coding)
    assert exposure(*fresh).p_value > 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_removed_canaries_are_gone(people, population, kind):
    """What is released holds no canary, and loses nobody else."""
    _, made = planted(people, kind)
    whole = pa.concat_tables([population, made.rows.cast(population.schema)])
    left = remove(whole, made)
    assert left.num_rows == population.num_rows
    assert left.to_pylist() == population.to_pylist()


def test_ranks_are_uniform_without_a_leak(people, population, fresh_sampler):
    """Over 90 secrets of independent draws the ranks in a fresh release are uniform, and the test of exposure alarms rarely."""
    schema = infer(people)
    game = CanaryGame(people.num_rows, coding_of(people, schema), schema, "improbable", 3, 200, 0)
    readings = [game.read(people, fresh_sampler(population), number) for number in range(30)]
    shares = np.concatenate([(one["rank"] - np.random.default_rng(0).random(3)) / one["of"] for one in readings])
    assert kstest(shares, "uniform").pvalue > 0.01
    alarms = sum(exposure(one["rank"], one["of"]).p_value <= 0.05 for one in readings)
    assert binomtest(alarms, 30, 0.05, alternative="greater").pvalue > 0.01
    assert judge_canaries(readings, "improbable").p_value > 0.01


def test_the_game_finds_a_bootstrap(people):
    """A bootstrap repeats two canaries of three: their secrets rank first, and the test of exposure says so."""
    schema = infer(people)
    game = CanaryGame(people.num_rows, coding_of(people, schema), schema, "improbable", 3, people.num_rows, 0)
    risk = judge_canaries([game.read(people, SmoothedBootstrap(0.0), number) for number in range(4)], "improbable")
    assert (risk.canaries, risk.fits) == (12, 4)
    assert risk.first >= 5
    assert risk.p_value < 1e-4
    assert 1.0 / np.log(2.0) < risk.bits <= risk.ceiling


def test_secrets_are_drawn_uniformly_from_their_candidates(people):
    """Which candidate a canary is depends on nothing: the place is uniform over many canaries."""
    _, made = planted(people, "improbable", candidates=8)
    places = [one for seed in range(60) for one in planted(people, "improbable", seed, candidates=8)[1].drawn.tolist()]
    assert np.bincount(places, minlength=8).min() > 8
    assert len(made.candidates) == 3


def test_the_log_is_for_its_owner_only(people, tmp_path):
    """The log holds every canary, and nobody but the owner of the file reads it."""
    _, made = planted(people, "improbable")
    write_log(tmp_path / "canaries.json", made)
    assert stat.S_IMODE((tmp_path / "canaries.json").stat().st_mode) == 0o600
    log = json.loads((tmp_path / "canaries.json").read_text())
    assert log["format"] == "synthprivacy/canaries/1"
    assert [row["diagnosis"] for row in log["canaries"]] == made.rows["diagnosis"].to_pylist()


def test_impossible_canaries_are_refused(people):
    """Too few people, an unknown kind, and a token without a column of text are told with what to do."""
    with pytest.raises(ConfigError, match="kind of canary must be one of improbable, random, rare, token"):
        planted(people, "odd")
    with pytest.raises(ConfigError, match="a token needs a column of text"):
        planted(people.select(["age", "weight_kg"]), "token")
    with pytest.raises(NotEnoughDataError, match="needs 100 people"):
        planted(people.slice(0, 60), "random", count=1)
