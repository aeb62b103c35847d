"""What a release alone proves about its generator: never more than is true, and enough to be worth printing."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from importlib.resources import files

import jsonschema
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
from synthprivacy.gating import to_markdown
from synthprivacy.proof import prove
from synthprivacy.reporting.html import render
from synthprivacy.results import Evaluation, Guessed, Scores, statement
from synthprivacy.schemata import infer
from synthprivacy.statistics.privacy_loss.guessing import from_claims, from_scores
from synthprivacy.statistics.privacy_loss.proven import claimed, proven, ranked
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load
from synthprivacy.tables.split import FORMAT

ATTACKS = (Distance(), ExactCopies())
SMALL = range(10)


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


def told(evaluation, risk, *tried, inclusion=0.8):
    """Return an evaluation whose release proves what these guesses do."""
    made = evaluation(risk())
    loss = proven(tried, inclusion=inclusion, confidence=0.95)
    return replace(made, releases=(replace(made.releases[0], privacy_loss=loss),))


def scored(right, guesses_in=400, guesses_out=0, people=2_000):
    """Return guesses whose number was fixed."""
    return Guessed("membership.distance", right, guesses_in, guesses_out, people, 18, searched=False)


def searched(right, wrong, people=2_000):
    """Return guesses as many as were found."""
    return Guessed("memorization.copies", right, right + wrong, 0, people, 2, searched=True)


class TestPublic:
    """No byte that leaves the house tells none from nine people, and what it states stays true."""

    @pytest.mark.parametrize(
        "make",
        [
            pytest.param(lambda k: [scored(400 - k)], id="wrong of a fixed number"),
            pytest.param(lambda k: [scored(600 - k, 400, 200)], id="wrong of both kinds"),
            pytest.param(lambda k: [scored(k)], id="right of a fixed number"),
            pytest.param(lambda k: [searched(300, k)], id="wrong of a search"),
            pytest.param(lambda k: [searched(k, 300)], id="right of a search"),
            pytest.param(lambda k: [searched(k, 0)], id="a search with few finds"),
        ],
    )
    def test_zero_is_nine(self, evaluation, risk, make):
        """From none to nine right or wrong guesses: same bytes, in JSON and report."""
        made = [told(evaluation, risk, *make(k)) for k in SMALL]

        assert len({found.dumps() for found in made}) == 10
        assert len({found.public().dumps() for found in made}) == 1
        assert len({render([found]) for found in made}) == 1

    @pytest.mark.parametrize("make", [lambda k: searched(300, k), lambda k: scored(400 - k)], ids=["search", "scores"])
    def test_the_choice_tells_nothing(self, evaluation, risk, make):
        """Where few wrong guesses decide inside which attack or number of guesses is told, in public they do not."""
        made = [told(evaluation, risk, make(k), scored(785, 800)) for k in SMALL]

        assert len({found["ctgan"].privacy_loss.right == 785 for found in made}) == 2
        assert len({found.public().dumps() for found in made}) == 1

    def test_the_public_bound_is_a_bound(self, evaluation, risk):
        """It is never above the one inside, and never above its ceiling."""
        rng = np.random.default_rng(0)
        for _ in range(200):
            wrong, right, made = int(rng.integers(0, 40)), int(rng.integers(0, 200)), int(rng.integers(20, 300))
            guesses = [searched(right, wrong), scored(int(rng.integers(made // 2, made + 1)), made)]
            inside = told(evaluation, risk, *guesses)
            loss, public = inside["ctgan"].privacy_loss, inside.public()["ctgan"].privacy_loss
            assert public.epsilon <= loss.epsilon
            assert 0.0 <= public.epsilon <= public.ceiling
            assert public.tried == ()

    def test_what_is_shown(self, evaluation, risk):
        """Large counts are shown as they are, others as far as they may be, and none of too few guesses."""

        def shown(*tried):
            loss = told(evaluation, risk, *tried).public()["ctgan"].privacy_loss
            return None if loss is None else (loss.right, loss.guesses)

        assert shown(scored(380)) == (380, 400)
        assert shown(scored(395)) == (">390", 400)
        assert shown(scored(3)) == ("<10", 400)
        assert shown(searched(300, 12)) == (300, 312)
        assert shown(searched(300, 2)) == (300, "<310")
        assert shown(searched(9, 2), scored(19, 19)) is None

    def test_json_fits_the_schema_and_comes_back(self, evaluation, risk):
        """Either rendering is valid and round trips, and the public one of the file is that of the evaluation."""
        schema = json.loads(files("synthprivacy.results").joinpath("evaluation.schema.json").read_text("utf-8"))
        validator = jsonschema.Draft202012Validator(schema)
        for tried in ([scored(395)], [searched(300, 2)], [scored(380), searched(2, 1)], [searched(9, 2)]):
            inside = told(evaluation, risk, *tried)
            for made in (inside, inside.public()):
                assert [error.message for error in validator.iter_errors(made.to_dict())] == []
                assert Evaluation.from_dict(made.to_dict()).to_dict() == made.to_dict()
            assert Evaluation.from_dict(inside.to_dict()).public().dumps() == inside.public().dumps()
        withheld = told(evaluation, risk, scored(395)).public().to_dict() | {"rendering": "inside"}
        assert not validator.is_valid(withheld)
        bare = told(evaluation, risk, scored(395)).to_dict() | {"rendering": "public"}
        assert not validator.is_valid(bare)


class TestWords:
    """One sentence that claims neither too much nor too little."""

    def test_a_proof(self, evaluation, risk):
        """It names epsilon rounded down, the confidence, the ceiling, and what it does not prove."""
        loss = told(evaluation, risk, scored(395))["ctgan"].privacy_loss
        words = statement(replace(loss, epsilon=2.179, ceiling=3.496))

        assert "any epsilon below 2.17 " in words
        assert "3.49 at most" in words
        assert "95 % confidence" in words
        assert "does not prove that it is private above" in words

    @pytest.mark.parametrize("epsilon", [0.0, 0.004])
    def test_no_proof(self, evaluation, risk, epsilon):
        """A bound of 0 proves nothing, which is not privacy."""
        loss = told(evaluation, risk, scored(395))["ctgan"].privacy_loss
        words = statement(replace(loss, epsilon=epsilon, ceiling=3.496))

        assert "proves nothing, neither that its generator is private nor that it is not" in words

    def test_it_is_printed_everywhere(self, evaluation, risk):
        """`repr`, the report and the Markdown of the gate say it; without a split they do not."""
        made = told(evaluation, risk, scored(395))
        words = statement(made["ctgan"].privacy_loss)
        plain = evaluation(risk())

        assert words in repr(made)
        assert words.partition("(")[0] in render([made], inside=True)
        assert "epsilon&#45;differentially private" in to_markdown(sp.gate(made, limit=0.05))
        for text in (repr(plain), render([plain]), to_markdown(sp.gate(plain, limit=0.05))):
            assert "alone proves" not in text


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with members and a release that publishes many of those who were trained on."""
    place = tmp_path_factory.mktemp("proof")
    members = simulate.people(1_500, 5).assign(member=np.arange(1_500))
    members.to_csv(place / "members.csv", index=False)
    return place


def test_from_the_split_to_the_report(folder, command):
    """Split, train, evaluate with --split or the TOML: the JSON tells what the release proves, the public one too."""
    ran = command("split", "members.csv", "--unit", "member", "--seed", 77, "--out", "s", folder=folder)
    assert "split.json" in ran.out + ran.err
    train = pd.read_csv(folder / "s" / "train.csv")
    release = simulate.copy_share(train, simulate.people(1_000, 6).assign(member=0), 0.3, np.random.default_rng(0))
    release.drop(columns="member").to_csv(folder / "syn.csv", index=False)
    (folder / "c.toml").write_text(
        '[tables]\noriginal = "s/train.csv"\ncontrol = "s/control.csv"\nsplit = "s/split.json"\n'
        'synthetic = { s = "syn.csv" }\n[columns.member]\nrole = "unit"\n[plan]\n'
        'attacks = ["membership", "memorization"]\n',
        encoding="utf-8",
    )
    (folder / "plain.toml").write_text(
        (folder / "c.toml").read_text("utf-8").replace('split = "s/split.json"\n', ""), encoding="utf-8"
    )
    runs = [
        command("evaluate", "c.toml", "--json", "toml.json", "--html", "r.html", folder=folder),
        command("evaluate", "plain.toml", "--split", "s/split.json", "--json", "flag.json", folder=folder),
        command("evaluate", "plain.toml", "--json", "plain.json", folder=folder),
    ]

    assert [run.code for run in runs] == [0, 0, 0], [run.err for run in runs]
    toml, flag, plain = (json.loads((folder / f"{name}.json").read_text("utf-8")) for name in ("toml", "flag", "plain"))
    loss = toml["releases"][0]["privacy_loss"]
    assert loss["epsilon"] > 1.0
    assert loss["inclusion"] == 0.8
    assert loss["people"] == 1_500
    assert toml == flag
    assert plain["releases"][0]["privacy_loss"] is None
    assert {**toml["releases"][0], "privacy_loss": None} == plain["releases"][0]  # nothing else is touched
    assert "alone proves that its generator" in (folder / "r.html").read_text("utf-8")
    assert "alone proves that its generator" in runs[0].out + runs[0].err
    gated = command("gate", "toml.json", "--limit", 0.05, "--md", "g.md", folder=folder)
    assert gated.code in {0, 1, 3}
    assert "alone proves that its generator" in (folder / "g.md").read_text("utf-8")


def test_a_tampered_split_ends_with_2(folder, command):
    """A split.json of another run is a usage error, told in one line, and no output may overwrite it."""
    if not (folder / "s").exists():
        command("split", "members.csv", "--unit", "member", "--seed", 77, "--out", "s", folder=folder)
    facts = json.loads((folder / "s" / "split.json").read_text("utf-8"))
    (folder / "t.json").write_text(json.dumps(facts | {"seed": 78}), encoding="utf-8")
    tables = (
        "--original",
        "s/train.csv",
        "--control",
        "s/control.csv",
        "--synthetic",
        "s=members.csv",
        "--unit",
        "member",
    )

    ran = command("evaluate", *tables, "--split", "t.json", folder=folder)
    over = command("evaluate", *tables, "--split", "t.json", "--json", "t.json", folder=folder)

    assert (ran.code, over.code) == (2, 2)
    assert "split.json" in ran.last


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
