"""What a release alone proves about its generator: never more than is true, and enough to be worth printing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, hypergeom

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.config import PlanSettings
from synthprivacy.frames import case_of, read_tables
from synthprivacy.proof import prove
from synthprivacy.results import Scores
from synthprivacy.schemata import infer
from synthprivacy.statistics.privacy_loss.guessing import from_claims, from_scores
from synthprivacy.statistics.privacy_loss.proven import claimed, proven, ranked
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load
from synthprivacy.tables.split import FORMAT

ATTACKS = (Distance(), ExactCopies())


def coins(seed=5, share=0.2, unit=None, **more):
    """Return the facts of a split."""
    return {"format": FORMAT, "seed": seed, "unit": unit, "share": share, **more}


def numbers(rows, seed):
    """Return people of six numbers, no two alike."""
    return simulate.gaussian(rows, 6, np.random.default_rng(seed))


def tossed(members, seed, share, unit=None):
    """Return original and control of a split."""
    return sp.split(members, unit=unit, share=share, seed=seed, limit=0.9)


def loss_of(original, control, release, inclusion, seed=0, unit=None, targets=20_000):
    """Return what a release proves, as the evaluation finds it."""
    frames = [load(frame, label="table") for frame in (original, control, release)]
    schema = infer(frames[0], unit=unit)
    case = encode(original=frames[0], control=frames[1], release=frames[2], schema=schema)
    return prove(ATTACKS, case, inclusion, np.random.default_rng(seed), targets=targets)


def at_most(hits, alpha):
    """Assert that a share of replicates is not above alpha (99 % Clopper-Pearson)."""
    counted = binomtest(int(np.sum(hits)), len(hits)).proportion_ci(0.99)
    assert counted.low <= alpha, f"{np.mean(hits):.3f} of {len(hits)} replicates"


def tiers(few, many):
    """Parametrize the number of replicates."""
    return pytest.mark.parametrize("replicates", [few, pytest.param(many, marks=pytest.mark.slow)])


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_published_people_prove_much(share):
    """Three in ten training people published prove an epsilon over 1 and under the ceiling, whatever the coin."""
    members = numbers(2_000, 1)
    original, control = tossed(members, 7, share)
    fresh = numbers(len(original), 2)

    release = simulate.copy_share(original, fresh, 0.3, np.random.default_rng(3))
    loss = loss_of(original, control, release, 1 - share)

    assert 1.0 < loss.epsilon <= loss.ceiling
    assert loss.right <= loss.guesses <= loss.people == 2_000
    assert (loss.inclusion, loss.confidence, loss.delta) == (1 - share, 0.95, 0.0)


def test_the_bound_is_the_best_of_both_attacks():
    """Half of the error goes to the scores and half to the search for copies, and the larger bound is told."""
    rng = np.random.default_rng(0)
    member = rng.random(800) < 0.8
    scores = rng.normal(2.0 * member)
    claims = member & (rng.random(800) < 0.1)
    made = (*ranked("s", scores, member, inclusion=0.8, ways=2), claimed("c", claims, member, ways=2))

    one = from_scores(scores, member, inclusion=0.8, confidence=0.975)
    other = from_claims(claims, member, inclusion=0.8, confidence=0.975)

    best = max(one, other, key=lambda found: found.epsilon)
    loss = proven(made, inclusion=0.8, confidence=0.95)
    assert loss.epsilon == pytest.approx(best.epsilon, rel=1e-12)
    assert (loss.right, loss.guesses) == (best.right, best.guesses)
    assert sum(1 / found.ways for found in made) == pytest.approx(1.0)


@tiers(24, 120)
@pytest.mark.parametrize("share", [0.5, 0.2])
@pytest.mark.parametrize("population", ["gaussian", "ties"])
def test_a_fresh_release_proves_nothing(population, share, replicates):
    """People whom nobody trained on prove an epsilon above 0 in no more than 5 % of releases, ties or none."""
    draw = {
        "gaussian": lambda rows, rng: simulate.gaussian(rows, 4, rng),
        "ties": lambda rows, rng: simulate.discrete(rows, 5, 3, rng),
    }[population]
    found = []
    for number in range(replicates):
        rng = np.random.default_rng([31, number])
        members, release = draw(400, rng), draw(300, rng)
        found.append(loss_of(*tossed(members, number, share), release, 1 - share, number).epsilon > 0)

    at_most(found, 0.05)


@tiers(24, 120)
@pytest.mark.parametrize(("epsilon", "share"), [(1.0, 0.5), (1.0, 0.2), (3.0, 0.2)])
def test_randomised_response_is_never_overclaimed(epsilon, share, replicates):
    """Of a mechanism whose epsilon is known and reached, more is proven in no more than 5 % of releases.

    Everybody of the members' list is published or not: with chance e^eps / (1 + e^eps) if in, 1 / (1 + e^eps) if not.
    """
    honest = np.exp(epsilon) / (1 + np.exp(epsilon))
    bounds = []
    for number in range(replicates):
        rng = np.random.default_rng([37, number])
        members = simulate.gaussian(400, 4, rng)
        original, control = tossed(members, number, share)
        sides = [side[rng.random(len(side)) < chance] for side, chance in ((original, honest), (control, 1 - honest))]
        release = pd.concat(sides).sample(frac=1, random_state=rng).reset_index(drop=True)
        bounds.append(loss_of(original, control, release, 1 - share, number).epsilon)

    at_most(np.array(bounds) > epsilon, 0.05)
    assert np.mean(bounds) > epsilon / 4  # the attacks do reach it


@dataclass(frozen=True)
class Watching(Distance):
    """Counts how many rows it is shown hold a number over 0: the mark that the training people wear in its test."""

    seen: tuple[list[int], ...] = ([],)

    def prepare(self, _known, _rng):
        """Return an attacker that says the same of everybody."""

        def attacker(people):
            self.seen[0].append(int((people["x0"].values > 0).sum()))
            return Scores(np.zeros(len(people)))

        return attacker


def test_a_sample_of_the_pool_ignores_the_sides():
    """How many of 400 people drawn were trained on varies like a draw from the pool: mean and variance (40 draws, 4 SE)."""
    original, control = tossed(numbers(3_000, 0), 1, 0.2)
    original, control = original.assign(x0=original["x0"].abs()), control.assign(x0=-control["x0"].abs())
    frames = [load(frame, label="table") for frame in (original, control, original)]
    case = encode(original=frames[0], control=frames[1], release=frames[2], schema=infer(frames[0]))
    watching = Watching(seen=([],))
    for seed in range(40):
        loss = prove([watching], case, 0.8, np.random.default_rng(seed), targets=200)
        assert loss.people == 400

    (seen,) = watching.seen
    law = hypergeom(3_000, len(original), 400)
    assert np.mean(seen) == pytest.approx(law.mean(), abs=4 * law.std() / np.sqrt(40))
    assert 0.5 * law.std() < np.std(seen) < 1.6 * law.std()


def test_a_person_is_one_guess_however_many_rows():
    """People with several rows are scored by their most telling row and counted once."""
    members = numbers(3_000, 2).assign(person=np.repeat(np.arange(600), 5))
    original, control = tossed(members, 3, 0.5, unit="person")
    published = original.groupby("person").head(1)
    release = pd.concat([published, numbers(500, 3).assign(person=-1)])

    loss = loss_of(original, control, release, 0.5, unit="person")

    (search,) = [one for one in loss.tried if one.searched]
    assert search.right == search.guesses == original["person"].nunique()
    assert loss.people == 600
    assert loss.guesses <= 600
    assert loss.epsilon > 2.0


def test_python_takes_a_mapping_too():
    """`evaluate` needs no file: format, seed, unit and share say it all."""
    members = numbers(600, 0)
    original, control = tossed(members, 3, 0.5)
    e = sp.evaluate(
        original=original,
        control=control,
        synthetic=original,
        split=coins(3, 0.5),
        plan=PlanSettings(attacks=("memorization",)),
    )

    assert e["synthetic"].privacy_loss.epsilon > 2.0
    assert e["synthetic"].privacy_loss.attack == "memorization.copies"
    frames = read_tables(original=original, control=control, synthetic=original, schema=None, split=coins(3, 0.5))
    assert frames.inclusion == 0.5
    assert case_of(frames, "synthetic").control is not None
