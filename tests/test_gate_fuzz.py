"""An evaluation with any field deleted, renamed or corrupted never passes."""

from __future__ import annotations

import json
import math
import random
import re
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthprivacy.config import policy_of_limit
from synthprivacy.errors import DataError, SynthPrivacyError
from synthprivacy.gating import decide
from synthprivacy.results import Evaluation
from synthprivacy.results.sealing import DIGEST, require_whole, sealed
from synthprivacy.selftest.damages import clean

POLICY = policy_of_limit(0.9)
ODD = [None, [], {}, "", "text", -1, 0, 1, 0.5, 1e308, math.nan, -math.inf, True, "<10", [0, 1]]
"""What a field may be corrupted with."""
NAMES = r"[^.]+"
DECIDES_NOTHING = re.compile(
    "|".join(
        f"(?:{pattern})"
        for pattern in (
            r"seed|rendering|pairs.*|versions.*",
            r"plan\.(?!primary|strata|endpoints).*",
            rf"plan\.endpoints\.\d+\.(?!endpoint$|card$){NAMES}.*",
            r"tables\.(?:original|control|releases)\..*|tables\.control|tables\.releases\.synthetic",
            r"checks\.\d+\.(?:detail|release)",
            r"comparator\.(?!kind).*",
            r"releases\.\d+\.(?:scores|series|deciles|copies|privacy_loss|skipped).*",
            r"releases\.\d+\.floor\.endpoints.*",
            r"releases\.\d+\.risks\.\d+\.(?:adjusted|copies|parameters|estimand|estimator|p_value|needed_rows|attack).*",
            r"releases\.\d+\.risks\.\d+\.evidence\.(?:naive|population|by_columns|drawn|of|trivial|weight|tpr).*",
        )
    )
)
"""Fields that no rule of this policy is about: they are told, and decide nothing. Only the digest of the file minds them."""


@pytest.fixture(scope="module")
def whole():
    """Return the JSON of an evaluation that passes."""
    made = json.loads(json.dumps(clean(0)))
    assert decision(made) == "pass"
    return made


def decision(data):
    """Return the decision about some JSON, "refused" where it is no evaluation."""
    try:
        return decide(Evaluation.from_dict(data), POLICY).decision
    except SynthPrivacyError:
        return "refused"


def paths(part, way=()):
    """Yield the way to every field of some JSON."""
    keys = part.keys() if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
    for key in keys:
        yield (*way, key)
        yield from paths(part[key], (*way, key))


def dotted(way):
    """Return a way as text."""
    return ".".join(map(str, way))


def damaged(whole, way, how, value=None):
    """Return a copy with one field deleted, renamed, or corrupted with a value."""
    data = deepcopy(whole)
    place = data
    for step in way[:-1]:
        place = place[step]
    if how == "corrupt":
        place[way[-1]] = value
    elif how == "rename" and isinstance(place, dict):
        place[f"{way[-1]}_"] = place.pop(way[-1])
    else:
        del place[way[-1]]
    return data


def deciding(whole):
    """Return the ways to the fields that a decision rests on, entries of lists of any length left out."""
    secondary = {
        ("releases", 0, "risks", place)
        for place, risk in enumerate(whole["releases"][0]["risks"])
        if not risk["primary"]
    }
    return [
        way
        for way in paths(whole)
        if not DECIDES_NOTHING.fullmatch(dotted(way))
        and not any(way[:4] == other for other in secondary)
        and not (way[0] == "checks" and whole["checks"][way[1]]["check"] == "size" if len(way) > 1 else False)
        and not (way[:2] == ("plan", "endpoints") and len(way) > 2 and _is_secondary(whole, way[2]))
    ]


def _is_secondary(whole, place):
    return not whole["plan"]["endpoints"][place]["primary"]


def unharmed(whole, ways):
    """Return the ways whose loss does not stop a pass."""
    return [
        (how, dotted(way))
        for way in ways
        for how in ("delete", "rename")
        if decision(damaged(whole, way, how)) in {"pass", "warn"}
    ]


class TestFields:
    """The gate itself, on parsed JSON: what a decision rests on may not be lost."""

    def test_some_fields_that_decide(self, whole):
        """Of the fields that decide, 60 drawn at random: without one, or with another name, nothing passes."""
        ways = deciding(whole)
        drawn = random.Random(0).sample(ways, min(len(ways), 60))  # noqa: S311 - not for secrets

        assert len(ways) > 100
        assert unharmed(whole, drawn) == []

    @pytest.mark.slow
    def test_every_field_that_decides(self, whole):
        """All of them."""
        assert unharmed(whole, deciding(whole)) == []

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(data=st.data())
    def test_nothing_crashes(self, whole, data):
        """Any field of all, corrupted with anything: a decision or a refusal, never a crash."""
        way = data.draw(st.sampled_from([*paths(whole)]))
        how = data.draw(st.sampled_from(["delete", "rename", "corrupt"]))
        value = data.draw(st.sampled_from(ODD))

        assert decision(damaged(whole, way, how, value)) in {"pass", "warn", "fail", "inconclusive", "refused"}

    @pytest.mark.parametrize(
        ("way", "values"),
        [
            (("plan", "primary"), [None, [], {}, "text", 7, ["linkability.no_such"], [7]]),
            (("comparator", "kind"), [None, "none", "crossfitted", 7]),
            (("plan", "endpoints"), [None, [], {}, 7]),
            (("checks",), [[]]),
            (("releases",), [[]]),
            (("releases", 0, "floor"), [None]),
            (("releases", 0, "floor", "people"), [None, 1e308, math.nan, "text"]),
        ],
    )
    def test_what_a_decision_rests_on_may_not_be_odd(self, whole, way, values):
        """Primary endpoints, comparator, cards, checks and floor: whatever else stands there, nothing passes."""
        for value in values:
            assert decision(damaged(whole, way, "corrupt", value)) not in {"pass", "warn"}

    def test_a_primary_endpoint_that_the_plan_lost(self, whole):
        """A name less in the list of primary endpoints is seen, because its risk still says that it is one."""
        for place in range(len(whole["plan"]["primary"])):
            assert decision(damaged(whole, ("plan", "primary", place), "delete")) == "inconclusive"

    def test_every_number_of_a_primary_endpoint(self, whole):
        """Bounds, value, interval and confidence of a primary endpoint: no odd value passes."""
        for place, risk in enumerate(whole["releases"][0]["risks"]):
            if risk["primary"]:
                for field in ("upper", "lower", "value", "interval", "confidence"):
                    for value in (None, [], {}, "text", 1e308, math.nan, -math.inf, True, [None, None]):
                        way = ("releases", 0, "risks", place, field)
                        assert decision(damaged(whole, way, "corrupt", value)) not in {"pass", "warn"}


class TestFile:
    """The file: any field at all."""

    def test_what_was_written_is_whole(self, whole):
        """Through text and back, in any order of keys, it is the same."""
        text = json.dumps(sealed(whole), indent=1)
        shuffled = dict(reversed(json.loads(text).items()))

        require_whole(json.loads(text))
        require_whole(shuffled)
        assert sealed(sealed(whole)) == sealed(whole)

    @pytest.mark.parametrize("how", ["delete", "rename", "corrupt"])
    def test_any_field(self, whole, how):
        """Of the fields of the file, 30 drawn at random, deleted, renamed, or overwritten: it is refused."""
        written = sealed(whole)
        ways = [*paths(written)]
        drawn = random.Random(how).sample(ways, 30)  # noqa: S311 - not for secrets

        for way in drawn:
            self.refused(written, way, how)

    @pytest.mark.slow
    @pytest.mark.parametrize("how", ["delete", "rename", "corrupt"])
    def test_every_field(self, whole, how):
        """Every single field of the file."""
        written = sealed(whole)
        for way in paths(written):
            self.refused(written, way, how)

    def refused(self, written, way, how):
        """Damage one field and read the file."""
        place = written
        for step in way:
            place = place[step]
        odd = [value for value in ODD if value != place]
        with pytest.raises(DataError, match="not as it was written"):
            require_whole(damaged(written, way, how, odd[len(dotted(way)) % len(odd)]))

    def test_the_gate_reads_no_such_file(self, whole, tmp_path):
        """What `evaluate` writes is sealed, and a file that lost a part is refused wherever it is read."""
        path = tmp_path / "e.json"
        Evaluation.from_dict(whole).to_json(path)
        assert decide(Evaluation.from_json(path), POLICY).decision == "pass"
        path.write_text(path.read_text().replace('"seed": 0', '"seed": 1', 1))
        with pytest.raises(DataError, match="not as it was written"):
            Evaluation.from_json(path)

    def test_without_its_digest(self, whole):
        """A file without a digest was not written by us."""
        with pytest.raises(DataError, match="not as it was written"):
            require_whole(whole)
        with pytest.raises(DataError, match="not as it was written"):
            require_whole({**whole, DIGEST: ""})
