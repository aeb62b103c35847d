"""A configuration says what it means, or is refused with the key at fault and without its values."""

from __future__ import annotations

import json
import math
import tomllib
from pathlib import Path

import pytest

from synthprivacy.config import (
    THREATS,
    Config,
    PlanSettings,
    Policy,
    Rule,
    load,
    parse,
    parse_policy,
    policy_of_limit,
    starter,
)
from synthprivacy.errors import ConfigError

WHOLE = """
[tables]
original = "train.parquet"
control = "/data/control.parquet"
synthetic = { ctgan = "ctgan.parquet", cart = "out/cart.parquet" }

[columns.member_id]
role = "unit"
[columns.age]
bounds = [0, 110]
role = "quasi_identifier"

[plan]
attacks = ["linkability", "inference", "membership"]
primary = ["inference.icd10", "linkability.halves", "copies"]
targets = 5000
queries = 500
confidence = 0.9

[[policy.rule]]
of = "primary.upper"
max = 0.05
[[policy.rule]]
of = "shapes.mean"
min = 1
level = "warn"
"""


def refusal(data):
    """Return the message with which a configuration is refused."""
    with pytest.raises(ConfigError) as caught:
        parse(tomllib.loads(data) if isinstance(data, str) else data)
    return str(caught.value)


def test_whole_file(tmp_path):
    """Every part of a file arrives as a value, paths relative to the file."""
    file = tmp_path / "synthprivacy.toml"
    file.write_text(WHOLE, encoding="utf-8")
    config = load(file)

    assert config.tables.original == tmp_path / "train.parquet"
    assert config.tables.control == Path("/data/control.parquet")
    assert config.tables.synthetic == {"ctgan": tmp_path / "ctgan.parquet", "cart": tmp_path / "out" / "cart.parquet"}
    assert config.columns == {"member_id": {"role": "unit"}, "age": {"bounds": [0, 110], "role": "quasi_identifier"}}
    assert config.plan == PlanSettings(
        ("linkability", "inference", "membership"), ("inference.icd10", "linkability.halves", "copies"), 5000, 500, 0.9
    )
    assert config.policy == Policy((Rule("primary.upper", 0.05), Rule("shapes.mean", min=1.0, level="warn")))


def test_empty_file_is_all_defaults():
    """Nothing said means the documented defaults, and no policy."""
    assert parse({}) == Config()
    assert PlanSettings() == PlanSettings(THREATS, None, 20_000, 2_000, 0.95)


@pytest.mark.parametrize(
    ("text", "key", "near"),
    [
        ("[plann]", "plann", "plan"),
        ("[plan]\ntagets = 1000", "plan.tagets", "targets"),
        ("[tables]\norignal = 'a'", "tables.orignal", "original"),
        ("[policy]\nrules = []", "policy.rules", "rule"),
        ("[[policy.rule]]\nof = 'primary.upper'\nmaxx = 0.1", "policy.rule[1].maxx", "max"),
    ],
)
def test_unknown_keys(text, key, near):
    """An unknown key is refused with its full name and the nearest known one."""
    message = refusal(text)

    assert f"unknown key {key} (did you mean {near}?)" in message


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("tables = 'O’Brien'", "tables"),
        ("[tables]\nsynthetic = 'O’Brien'", "tables.synthetic"),
        ("[tables]\noriginal = ['O’Brien']", "tables.original"),
        ("[columns]\nage = 'O’Brien'", "columns.age"),
        ("[plan]\ntargets = 'O’Brien'", "plan.targets"),
        ("[plan]\ntargets = 1000.5", "plan.targets"),
        ("[plan]\ntargets = true", "plan.targets"),
        ("[plan]\nattacks = 'O’Brien'", "plan.attacks"),
        ("[plan]\nattacks = [1]", "plan.attacks[1]"),
        ("[plan]\nconfidence = 'O’Brien'", "plan.confidence"),
        ("[[policy.rule]]\nmax = 0.05", "policy.rule[1].of"),
        ("[[policy.rule]]\nof = 'primary.upper'\nmax = 'O’Brien'", "policy.rule[1].max"),
        ("[[policy.rule]]\nof = 'primary.upper'\nmax = 0.1\nlevel = 'O’Brien'", "policy.rule[1].level"),
        ("[policy]\nrule = 'O’Brien'", "policy.rule"),
    ],
)
def test_types_are_strict_and_values_stay_inside(text, key):
    """A value of another type is refused by the name of its key, and is never repeated."""
    message = refusal(text)

    assert message.startswith(key)
    assert "O’Brien" not in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "change",
    [
        {"attacks": ("linkabilty",)},
        {"attacks": ()},
        {"attacks": ("linkability", "linkability")},
        {"primary": ()},
        {"primary": ("linkability.halves",) * 2},
        {"primary": tuple(f"inference.c{n}" for n in range(6))},
        {"primary": ("linkability",)},
        {"primary": ("lnkability.halves",)},
        {"attacks": ("inference",), "primary": ("linkability.halves",)},
        {"targets": 99},
        {"queries": 49},
        {"confidence": 0.5},
        {"confidence": 1.0},
        {"confidence": math.nan},
    ],
)
def test_plans_out_of_range(change):
    """A plan that cannot be carried out is refused, in Python as in a file."""
    with pytest.raises(ConfigError, match="; "):
        PlanSettings(**change)
    with pytest.raises(ConfigError, match="; "):
        parse({"plan": {key: list(value) if isinstance(value, tuple) else value for key, value in change.items()}})


@pytest.mark.parametrize("change", [{"targets": 100}, {"queries": 50}, {"confidence": 0.501}, {"primary": ("copies",)}])
def test_plans_at_the_edge(change):
    """The smallest plan allowed is allowed."""
    assert PlanSettings(**change)


@pytest.mark.parametrize(
    ("of", "limits", "subject", "endpoint"),
    [
        ("primary.upper", {"max": 0.05}, "primary", "primary"),
        ("copies.upper", {"max": 0.01}, "copies", "copies"),
        ("copies.upper", {"max": 100.0}, "copies", "copies"),
        ("checks.identity", {}, "check", "checks.identity"),
        ("checks.identity", {"max": 0.0}, "check", "checks.identity"),
        ("inference.icd10.value", {"max": 0.05}, "risk", "inference.icd10"),
        ("inference.upper.upper", {"max": 0.05}, "risk", "inference.upper"),
        ("inference.icd10.excess.upper", {"max": 0.05}, "risk", "inference.icd10"),
        ("linkability.halves@sex=F.upper", {"max": 0.05}, "risk", "linkability.halves@sex=F"),
        ("shapes.mean", {"min": 0.9}, "score", "shapes.mean"),
        ("shapes.column.value", {"min": 0.9, "max": 2.0}, "score", "shapes.column"),
    ],
)
def test_what_a_rule_bounds(of, limits, subject, endpoint):
    """The first word and the end of `of` say what is bounded."""
    rule = Rule(of, **limits)

    assert (rule.subject, rule.endpoint) == (subject, endpoint)


@pytest.mark.parametrize(
    ("of", "limits"),
    [
        ("", {"max": 0.1}),
        ("primary", {"max": 0.1}),
        ("primary.value", {"max": 0.1}),
        ("copies.value", {"max": 0.1}),
        ("checks.", {}),
        ("inference", {"max": 0.1}),
        ("inference.upper", {"max": 0.1}),
        ("inference.icd10", {"max": 0.1}),
        ("infrence.icd10.upper", {"max": 0.1}),
        ("shapes", {"min": 0.1}),
        ("shapes.", {"min": 0.1}),
        ("primary.upper", {}),
        ("primary.upper", {"min": 0.1}),
        ("primary.upper", {"max": 0.1, "min": 0.0}),
        ("primary.upper", {"max": 0.0}),
        ("primary.upper", {"max": 1.0}),
        ("primary.upper", {"max": 5.0}),
        ("primary.upper", {"max": math.nan}),
        ("copies.upper", {"max": 0.0}),
        ("copies.upper", {"max": math.inf}),
        ("checks.identity", {"max": 1.0}),
        ("checks.identity", {"min": 1.0}),
        ("shapes.mean", {}),
        ("shapes.mean", {"min": math.nan}),
        ("shapes.mean", {"min": math.inf}),
    ],
)
def test_rules_that_mean_nothing(of, limits):
    """A rule that could never decide what it says is refused before anything runs."""
    with pytest.raises(ConfigError, match="the rule on"):
        Rule(of, **limits)


def test_a_policy_has_rules():
    """A policy without rules would let everything pass, so there is none."""
    with pytest.raises(ConfigError, match="at least one rule"):
        Policy(())
    assert "policy.rule is missing" in refusal({"policy": {}})
    assert "at least one rule" in refusal({"policy": {"rule": []}})


@pytest.mark.parametrize("limit", [0.0, 1.0, -0.1, 5.0, math.nan, math.inf])
def test_limits_out_of_range(limit):
    """A limit lies strictly between no leak and total."""
    with pytest.raises(ConfigError, match="between 0 and 1"):
        policy_of_limit(limit)


def test_policies_survive_json():
    """A policy read from its own JSON is the same policy."""
    policy = parse(tomllib.loads(WHOLE)).policy
    text = json.dumps(policy.to_dict(), allow_nan=False)

    assert parse_policy(json.loads(text)) == policy
    assert parse_policy(policy_of_limit(0.05).to_dict()) == Policy((Rule("primary.upper", 0.05),))


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"[plan]\ntargets = O'Brien", "line 2"),
        (b"a = 1\na = 2\n", "its end"),
        (b"[" * 10_000, "line 1"),
        (b"a = " + b"[" * 100_000, "its end"),
        (b"x = \"O'Brien", "its end"),
    ],
)
def test_broken_files_name_the_line(tmp_path, content, place):
    """A file that is no TOML is refused by name and line, without its content."""
    file = tmp_path / "broken.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(file)
    message = str(caught.value)

    assert message.startswith("broken.toml is not valid TOML at ")
    assert place in message or "line" in message
    assert "Brien" not in message


def test_files_that_cannot_be_read(tmp_path):
    """A file that is missing, is a folder, or is not UTF-8 is a one-line error that names it."""
    (tmp_path / "latin.toml").write_bytes("[plan]\n# für\n".encode("latin-1"))
    for name in ("missing.toml", "latin.toml", "."):
        with pytest.raises(ConfigError) as caught:
            load(tmp_path / name)

        assert "\n" not in str(caught.value)
    (tmp_path / "marked.toml").write_bytes(b"\xef\xbb\xbf[plan]\ntargets = 1000\n")

    assert load(tmp_path / "marked.toml").plan.targets == 1_000


def test_hostile_keys_stay_in_one_line():
    """A key with a line break or an escape sequence is shown escaped."""
    message = refusal({"plan": {"a\n\x1b[31mb": 1}})

    assert "\n" not in message
    assert "\x1b" not in message


def test_the_starting_text_is_the_defaults_and_a_limit():
    """What `init` prints of plan and policy reads as the defaults and a limit of 5 %."""
    config = parse(tomllib.loads(starter()))

    assert config.plan == PlanSettings()
    assert config.policy == policy_of_limit(0.05)
