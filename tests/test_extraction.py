"""Extraction by prefix: secrets that are remembered come out when they are asked for, and chance is known exactly."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binom, binomtest

import synthprivacy as sp
from synthprivacy import generators, simulate
from synthprivacy.auditing.canaries import make_canaries, plant
from synthprivacy.auditing.coding import coding_of
from synthprivacy.auditing.extraction_game import COMPLETIONS, ExtractionGame, extracted, judge_extraction, prompts
from synthprivacy.auditing.telling import told
from synthprivacy.errors import ConfigError, DataError
from synthprivacy.generators import Domain, DPHistogram, Labels
from synthprivacy.results import Skipped
from synthprivacy.schemata import infer
from synthprivacy.statistics.extraction import at_least, extraction
from synthprivacy.tables.read import load

COLUMNS = ["age", "sex", "diagnosis", "weight_kg", "registered"]
PEOPLE = load(simulate.people(300, 1)[COLUMNS], label="people")


@dataclass(frozen=True)
class Guesser:
    """A generator that completes rows with what other people have, and never looks at whom it was trained on."""

    population: pa.Table | None = None
    completes: bool = True
    silent: bool = False
    name: str = "guesser"

    def fit_sample(self, table, rows, seed):
        """Return rows of the population."""
        drawn = np.random.default_rng(seed).integers(0, len(self.population), rows)
        return self.population.take(pa.array(drawn)).cast(table.schema)

    def fit_complete(self, table, given, seed):
        """Return rows of somebody else, with what was given; or with nothing else at all."""
        rows = self.fit_sample(table, len(given), seed)
        if self.silent:
            return pa.table(
                {
                    n: given[n] if n in given.column_names else pa.nulls(len(given), rows[n].type)
                    for n in rows.column_names
                }
            )
        return pa.table({name: given[name] if name in given.column_names else rows[name] for name in rows.column_names})


def game(people=PEOPLE, kind="improbable", secrets=()):
    """Return a game of three canaries in a fit."""
    schema = infer(people, secrets=list(secrets))
    return ExtractionGame(people.num_rows, coding_of(people, schema), schema, kind, 3, 0)


def played(generator, fits=4, **how):
    """Return what is judged of some fits."""
    made = game(**how)
    return judge_extraction([made.read(PEOPLE, generator, number) for number in range(fits)], made.kind)


@pytest.mark.parametrize("kind", ["improbable", "token"])
def test_a_memorisers_canaries_are_extracted(kind):
    """Whoever remembers everybody goes on with every secret; whoever remembers a third, with about a third."""
    whole, third = (played(generators.Memoriser(rho), kind=kind) for rho in (1.0, 0.34))
    assert (whole.canaries, whole.extracted, whole.answered) == (12, 12, 12)
    assert whole.p_value < 1e-9
    assert whole.interval[0] > 0.3
    assert 0 < third.extracted < 9
    assert third.p_value < 1e-3


@pytest.mark.parametrize(
    "generator",
    [generators.IndependentMarginals(), Guesser(load(simulate.people(3_000, 2)[COLUMNS], label="population"))],
    ids=["marginals", "fresh"],
)
def test_a_fresh_sampler_is_never_beyond_chance(generator):
    """Whoever remembers nobody extracts no more than the candidates it names by chance."""
    found = played(generator, fits=6)
    assert found.extracted <= 1
    assert found.p_value > 0.01
    assert found.chance < 0.01


def test_a_kept_promise_extracts_nothing():
    """A private histogram names candidates by the thousand answers it gives, and the secret no more often than others."""
    rng = np.random.default_rng(0)
    labels = [f"l{place}" for place in range(64)]
    people = pa.table({"sex": rng.choice(["f", "m"], 300)} | {n: rng.permutation(labels * 5)[:300] for n in ("a", "b")})
    domain = Domain.of({"sex": Labels(("f", "m")), "a": Labels(tuple(labels)), "b": Labels(tuple(labels))})
    made = game(people, secrets=["a", "b"])
    assert made.known(people) == ("sex",)
    found = judge_extraction([made.read(people, DPHistogram(1.0, domain), number) for number in range(6)], "improbable")
    assert found.chance > 1e-4
    assert found.extracted <= 1
    assert found.p_value > 0.01


def test_chance_is_exact():
    """Guesses that look at no secret extract it exactly as often as the law says, whatever the guesses are.

    300 canaries of eight candidates each, of which the guesser names one to four: p-values are not below a level more often
    than it, at 99 %, and the share extracted is the mean chance within four standard errors.
    """
    rng = np.random.default_rng(0)
    alarms, shares, chances = [], [], []
    for _ in range(300):
        named, drawn = rng.integers(0, 5, 12), rng.integers(0, 8, 12)
        found = extraction(drawn < named, named, np.full(12, 8), np.repeat(np.arange(4), 3))
        alarms.append(found.p_value <= 0.1)
        shares.append(found.value)
        chances.append(found.chance)
    assert binomtest(sum(alarms), 300, 0.1, alternative="greater").pvalue > 0.01
    assert abs(np.mean(shares) - np.mean(chances)) < 4.0 * 0.5 / np.sqrt(3_600)


def test_the_law_of_the_sum_is_that_of_an_enumeration():
    """Tails of independent tosses agree with all outcomes listed, and with the binomial where chances are alike."""
    chances = np.array([0.1, 0.5, 0.0, 0.9, 0.33])
    outcomes = [(sum(one), np.prod(np.where(one, chances, 1.0 - chances))) for one in product((False, True), repeat=5)]
    for least in range(7):
        assert at_least(least, chances) == pytest.approx(sum(weight for count, weight in outcomes if count >= least))
    assert at_least(3, np.full(20, 0.05)) == pytest.approx(binom.sf(2, 20, 0.05))
    with pytest.raises(DataError, match="one of its candidates"):
        extraction([True], [0], [8], [0])


def test_secrets_of_one_fit_are_not_independent():
    """Where a fit remembers all of its canaries or none, the interval is that of so many fits."""
    alone = extraction([1, 0] * 6, np.ones(12), np.full(12, 900), np.arange(12))
    together = extraction([1, 1, 1, 0, 0, 0] * 2, np.ones(12), np.full(12, 900), np.repeat(np.arange(4), 3))
    assert together.interval[0] < alone.interval[0]
    assert together.interval[1] > alone.interval[1]


def test_guesses_are_the_most_frequent_answers():
    """Of each canary's answers the commonest different secrets are guesses, the first ones of a tie; silence is none."""
    schema = infer(PEOPLE)
    coding = coding_of(PEOPLE, schema)
    made = make_canaries(PEOPLE, coding, schema, np.random.default_rng(0), count=3, candidates=64)
    assert prompts(made, coding, 4).num_rows == 12
    assert not set(prompts(made, coding, 4).column_names) & set(made.secrets)
    secret, others = (made.candidates[0].take(rows) for rows in ([made.drawn[0]], [(made.drawn[0] + 1) % 64] * 3))
    silent = pa.table({name: pa.nulls(4, PEOPLE[name].type) for name in PEOPLE.column_names})
    elsewhere = PEOPLE.slice(0, 4)
    answers = pa.concat_tables([others, secret, silent, elsewhere])
    assert [of.tolist() for of in extracted(answers, made, 4, 2)] == [[2, 0, 0], [2, 0, 0], [4, 0, 4]]
    assert [of.tolist() for of in extracted(answers, made, 4, 1)] == [[0, 0, 0], [1, 0, 0], [4, 0, 4]]


def test_what_was_published_is_named_from_its_body():
    """From the very table with the canaries every secret is found by matching the body: what the game would find of a copy."""
    schema = infer(PEOPLE)
    coding = coding_of(PEOPLE, schema)
    rng = np.random.default_rng(3)
    made = make_canaries(PEOPLE, coding, schema, rng, count=3, candidates=1024)
    completed = generators.SmoothedBootstrap(0.0).fit_complete(plant(PEOPLE, made, rng), prompts(made, coding), 0)
    assert extracted(completed, made)[0].min() >= 1


def test_who_cannot_be_asked_is_not_judged():
    """No canary, no generator that completes rows, no column left to give, no answer: each is told with what it needs."""
    tables = {"original": simulate.people(200, 1)[COLUMNS], "control": simulate.people(60, 2)[COLUMNS]}
    bare = sp.audit("marginals", **tables, fits=20, targets=2, canaries=0).extraction
    assert isinstance(bare, Skipped)
    assert bare.reason == "no canary is planted"
    silent = played(Guesser(PEOPLE, silent=True), fits=1)
    assert isinstance(silent, Skipped)
    assert "found no row that goes on" in silent.reason
    assert game(kind="random").known(PEOPLE) == ()
    with pytest.raises(ConfigError, match="cannot be asked how rows go on"):
        game().read(PEOPLE, generators.Smote(), 0)


def test_an_audit_tells_of_extraction():
    """An audit of a bootstrap finds that secrets can be asked for, in words and in JSON, and holds none of them."""
    tables = {"original": simulate.people(200, 1)[COLUMNS], "control": simulate.people(60, 2)[COLUMNS]}
    found = sp.audit("bootstrap:h=0", **tables, fits=20, targets=2, canaries=2)
    written = found.to_dict()["extraction"]
    assert (written["canaries"], written["fits"], written["completions"]) == (16, 8, COMPLETIONS)
    assert written["extracted"] > 10
    assert written["p_value"] < 1e-9
    assert f"extraction (improbable): of 16 canaries whose body was given, {written['extracted']} secrets" in told(
        found
    )
    assert found.leaks
    again = sp.audit("smote", **tables, fits=20, targets=2, canaries=2)
    assert again.to_dict()["extraction"]["skipped"] == "the generator cannot be asked how rows go on"
    assert "extraction: not judged" in told(again)
