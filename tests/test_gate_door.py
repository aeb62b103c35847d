"""The gate's doors: the ledger on the command line, JUnit by its schema, and what the documentation of the gate promises."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from synthprivacy.config import PROFILES, Rule, parse, policy_of_limit, profile
from synthprivacy.gating import decide, to_junit

PROJECT = Path(__file__).parents[1]
PAGE = (PROJECT / "docs" / "gate.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
JUNIT = """<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:complexType name="told" mixed="true">
    <xs:attribute name="type" type="xs:string"/>
    <xs:attribute name="message" type="xs:string"/>
  </xs:complexType>
  <xs:complexType name="case">
    <xs:choice minOccurs="0" maxOccurs="unbounded">
      <xs:element name="skipped" type="told"/>
      <xs:element name="error" type="told"/>
      <xs:element name="failure" type="told"/>
      <xs:element name="system-out" type="xs:string"/>
      <xs:element name="system-err" type="xs:string"/>
    </xs:choice>
    <xs:attribute name="name" type="xs:string" use="required"/>
    <xs:attribute name="classname" type="xs:string"/>
    <xs:attribute name="time" type="xs:decimal"/>
  </xs:complexType>
  <xs:complexType name="suite">
    <xs:sequence>
      <xs:element name="testcase" type="case" minOccurs="0" maxOccurs="unbounded"/>
      <xs:element name="system-out" type="xs:string" minOccurs="0"/>
      <xs:element name="system-err" type="xs:string" minOccurs="0"/>
    </xs:sequence>
    <xs:attribute name="name" type="xs:string" use="required"/>
    <xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="failures" type="xs:nonNegativeInteger"/>
    <xs:attribute name="errors" type="xs:nonNegativeInteger"/>
    <xs:attribute name="time" type="xs:decimal"/>
  </xs:complexType>
  <xs:element name="testsuites">
    <xs:complexType>
      <xs:sequence><xs:element name="testsuite" type="suite" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
      <xs:attribute name="name" type="xs:string"/>
    </xs:complexType>
  </xs:element>
</xs:schema>
"""
"""What servers read of JUnit XML: the parts on which Ant, Maven, Jenkins and GitLab agree."""


def test_junit_keeps_the_schema(evaluation, release, risk):
    """Whatever the verdict and the names, with notes and without, the XML is valid."""
    library = pytest.importorskip("xmlschema", reason="xmlschema is not installed")
    schema = library.XMLSchema(JUNIT)
    hostile = release(risk("inference.<&\"'\x00\u202e", lower=0.2, upper=0.3), name="]]><a b='c'>\x01")
    verdict = decide(evaluation(releases=[hostile, release(risk(upper=0.01), name="b")]), policy_of_limit(0.05))

    for made in (verdict, decide(evaluation(releases=[]), policy_of_limit(0.05))):
        schema.validate(to_junit(made))


class TestLedger:
    """`gate --ledger` and `ledger`."""

    @pytest.fixture
    def place(self, evaluation, risk, tmp_path):
        """Return a folder with a passing and a failing evaluation."""
        plan = {"plan": {"strata": []}}
        evaluation(risk(upper=0.01), **plan).to_json(tmp_path / "pass.json")
        evaluation(risk(lower=0.2, upper=0.3), **plan).to_json(tmp_path / "fail.json")
        return tmp_path

    def test_the_way_through(self, place, command):
        """Judge, release, show, check: each says what it did, and the last line names the code."""
        judged = command("gate", "pass.json", "--limit", "0.05", "--ledger", "a.ledger", folder=place)
        failed = command("gate", "fail.json", "--limit", "0.05", "--ledger", "a.ledger", folder=place)
        seal = re.search(r"sealed ([0-9a-f]{64})", failed.err)[1]
        out = command("ledger", "add", "a.ledger", "pass.json", "--recipient", "all", "--epsilon", "2", folder=place)
        shown = command("ledger", "show", "a.ledger", folder=place)

        assert (judged.code, failed.code, out.code, shown.code) == (0, 1, 0, 0)
        assert "candidate no. 1 judged with this control" in judged.out
        assert "a new ledger was made" in judged.err
        assert "candidate no. 2 judged with this control" in failed.out
        assert "the gate said: pass" in out.out
        assert "released  1 table, 4,000 rows; 2 answers of a gate" in shown.out
        assert "ctgan to all: 4000 rows, gate said pass" in shown.out
        assert command("ledger", "check", "a.ledger", "--seal", seal, folder=place).last == "exit 0: a.ledger is whole"

    def test_an_edited_ledger(self, place, command):
        """Checked it is broken (exit 1); with it nothing is judged, shown or added (exit 2)."""
        command("gate", "pass.json", "--limit", "0.05", "--ledger", "a.ledger", folder=place)
        spoiled = (place / "a.ledger").read_bytes().replace(b'"decision":"pass"', b'"decision":"fail"')
        (place / "a.ledger").write_bytes(spoiled)

        assert command("ledger", "check", "a.ledger", folder=place).last == (
            "exit 1: a.ledger is broken: entry 2: edited, or the one before it was"
        )
        for call in (
            ("gate", "pass.json", "--limit", "0.05", "--ledger", "a.ledger"),
            ("ledger", "show", "a.ledger"),
            ("ledger", "add", "a.ledger", "pass.json"),
        ):
            done = command(*call, folder=place)
            assert (done.code, "is broken" in done.last) == (2, True)
        assert (place / "a.ledger").read_bytes() == spoiled

    @pytest.mark.parametrize(
        ("call", "words"),
        [
            (("ledger", "add", "a.ledger"), "ledger add needs an evaluation"),
            (("ledger", "check", "a.ledger", "pass.json"), "ledger add needs an evaluation"),
            (("ledger", "show", "none.ledger"), "none.ledger is not there"),
            (("ledger", "add", "a.ledger", "pass.json", "--release", "other"), "must name one of the 1 releases"),
            (("ledger", "add", "a.ledger", "pass.json", "--epsilon", "-1"), "a claim needs epsilon from 0"),
            (("ledger", "erase", "a.ledger"), "Invalid value for"),
            (("gate", "pass.json", "--limit", "0.05", "--ledger", "pass.json"), "is no ledger"),
            (("gate", "pass.json", "--limit", "0.05", "--ledger", "."), "no ordinary file"),
        ],
    )
    def test_refusals(self, place, command, call, words):
        """What makes no sense is refused with exit 2, and makes no ledger."""
        before = (place / "pass.json").read_bytes()
        done = command(*call, folder=place)

        assert (done.code, words in done.last) == (2, True), done.last
        assert not (place / "a.ledger").exists()
        assert (place / "pass.json").read_bytes() == before

    def test_without_a_key_there_is_no_ledger(self, place, command, monkeypatch):
        """A chain that anybody could make again proves nothing."""
        monkeypatch.setattr("synthprivacy.tables.digest.digest_key", lambda: None)
        done = command("gate", "pass.json", "--limit", "0.05", "--ledger", "a.ledger", folder=place)

        assert (done.code, "a ledger needs a key" in done.last) == (2, True)


class TestPage:
    """docs/gate.md, action.yml and the hooks keep their word."""

    def commands(self):
        """Return every call of ours in a block of the page."""
        lines = [line for language, block in BLOCKS if language != "toml" for line in block.splitlines()]
        found = [line.strip().removeprefix("- ").partition(" || ")[0] for line in lines]
        words = [shlex.split(line, comments=True) for line in found if "synthprivacy " in line]
        return [call[1:] for call in words if call and call[0].split("/")[-1] == "synthprivacy"]

    def test_every_command_exists(self, command):
        """Every verb answers to `--help`, and knows every flag that the page gives it."""
        assert {call[0] for call in self.commands()} >= {"gate", "ledger", "evaluate"}
        for verb, *arguments in self.commands():
            helped = command(verb, "--help").out
            for flag in (word for word in arguments if word.startswith("--")):
                assert flag in helped

    def test_the_policy_is_one(self):
        """The TOML of the page is a policy that can be read."""
        import tomllib

        (text,) = [block for language, block in BLOCKS if language == "toml"]
        policy = parse(tomllib.loads(text)).policy

        assert policy.rules == (Rule("primary.upper", max=0.05),)
        assert policy.waivers
        assert policy.ledger.leak == 0.1

    def test_profiles_are_as_told(self):
        """The table names every profile with its threats and its limit."""
        for name in PROFILES:
            row, *_ = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |")]
            policy = profile(name).policy
            assert row.rstrip(" |").endswith(", ".join(policy.threats).replace("_", " "))
            assert name == "dp-claim" or f"| {policy.rules[0].max:g} |" in row

    def test_measured_figures_are_those_of_the_results(self):
        """Power to pass and false passes stand on the page as `benchmarks/profiles.py` measured them."""
        found = json.loads((PROJECT / "benchmarks" / "results" / "profiles.json").read_text(encoding="utf-8"))
        for people, row in found["people"].items():
            assert f"{row['command']}\n" in PAGE
            for name, measured in row["profiles"].items():
                told = [
                    f"{measured[key]['passed']} of {measured[key]['of']}"
                    for key in ("passes without a leak", "passes with it")
                ]
                assert f"| `{name}` | {int(people):,} | {told[0]} | {told[1]} |" in PAGE

    def test_the_verdict_is_one(self):
        """The JSON of the page keeps the schema of a verdict."""
        import jsonschema

        schema = json.loads(files("synthprivacy.gating").joinpath("verdict.schema.json").read_text(encoding="utf-8"))
        (text,) = [block for language, block in BLOCKS if language == "json"]
        jsonschema.validate(json.loads(text), schema)

    def test_snippets_can_be_pasted(self):
        """Every YAML snippet can be read, names nobody else's place, and gives the action inputs that it has."""
        yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
        github, gitlab, hooks = [yaml.safe_load(block) for language, block in BLOCKS if language == "yaml"]
        action = yaml.safe_load((PROJECT / "action.yml").read_text(encoding="utf-8"))
        _, step = github["jobs"]["privacy"]["steps"]
        (hook,) = hooks["repos"][0]["hooks"]

        assert step["uses"] == "./tools/synthprivacy"
        assert set(step["with"]) <= set(action["inputs"])
        assert "pip install ./tools/synthprivacy" in gitlab["privacy gate"]["script"]
        assert gitlab["privacy gate"]["artifacts"]["reports"] == {"junit": "gate.xml"}
        assert re.search(hook["files"], "results/evaluation.json")
        assert not re.search(r"OWNER|example\.(?:org|com)|REPLACE|<[a-z]+>|pip install synthprivacy", PAGE)

    @pytest.mark.slow
    @pytest.mark.skipif(sys.platform == "win32", reason="the action runs in bash")
    def test_the_action_decides(self, folder, tmp_path):
        """Its steps, run as a runner does, evaluate and decide: the exit code is the gate's, annotations and summary are there."""
        yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
        action = yaml.safe_load((PROJECT / "action.yml").read_text(encoding="utf-8"))
        tool = tmp_path / "synthprivacy" / "bin" / "synthprivacy"
        tool.parent.mkdir(parents=True)
        tool.write_text(f'#!/bin/sh\nexec {sys.executable} -m synthprivacy "$@"\n')
        tool.chmod(0o755)
        tables = {name: (folder / f"{name}.csv").as_posix() for name in ("train", "control", "syn")}
        (tmp_path / "c.toml").write_text(
            f'[tables]\noriginal = "{tables["train"]}"\ncontrol = "{tables["control"]}"\nsynthetic = {{ s = "{tables["syn"]}" }}\n'
            '[plan]\nattacks = ["memorization"]\nutility = ["shapes"]\n'
            '[policy]\n[[policy.rule]]\nof = "memorization.copies.upper"\nmax = 0.0001\n'
        )
        given = {name: one["default"] for name, one in action["inputs"].items()} | {"config": "c.toml"}
        given |= {"attest": "r.intoto.json", "synthetic": f"s={tables['syn']}"}
        runner = {"RUNNER_TEMP": str(tmp_path), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
        codes, bash = [], shutil.which("bash")
        for step in action["runs"]["steps"][1:]:
            inputs = {key: given[value.split(".")[1].rstrip(" }")] for key, value in step["env"].items()}
            places = {"PYTHONPATH": str(PROJECT), "SYNTHPRIVACY_KEY": "a key of these tests"}
            environment = {**os.environ, **runner, **inputs, **places}
            done = subprocess.run(
                [bash, "-eo", "pipefail", "-c", step["run"]],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            codes.append(done.returncode)

        assert codes == [0, 3], done.stderr
        assert "::error" in done.stdout
        assert (tmp_path / "summary.md").read_text().startswith("## Privacy gate: ")
        assert json.loads((tmp_path / "r.intoto.json").read_text())["predicate"]["result"] == "FAILED"

    @pytest.mark.parametrize("file", ["action.yml", ".pre-commit-hooks.yaml"])
    def test_flags_of_the_drop_ins(self, file, command):
        """The action and the hooks call verbs and flags that exist, and put no input into a command line."""
        text = (PROJECT / file).read_text(encoding="utf-8")
        known = "".join(command(verb, "--help").out for verb in ("gate", "evaluate", "verify", "ledger"))
        scripts = re.sub(r"^ +(?:[A-Z_]+|if|default|description):.*$", "", text, flags=re.MULTILINE)

        for flag in re.findall(r"(?<=[ (])--[a-z-]+", scripts):
            assert flag in known or flag == "--quiet"
        assert "${{" not in scripts
