"""What is told of a proof: withheld counts in public, and one sentence that claims neither too much nor too little."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import numpy as np
import pytest

import synthprivacy as sp
from synthprivacy.gating import to_markdown
from synthprivacy.reporting.html import render
from synthprivacy.results import Evaluation, Guessed, statement
from synthprivacy.statistics.privacy_loss.proven import proven

SMALL = range(10)


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
