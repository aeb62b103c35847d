"""The README keeps its word: what it prints can be typed."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from synthprivacy import simulate

PROJECT = Path(__file__).parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
INLINE = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL))


def commands():
    """Return the words of every call of ours: in blocks that are no Python, and in the text."""
    lines = [block.replace("\\\n", " ") for language, block in BLOCKS if language != "python"]
    found = [line.rpartition("&& ")[2].removeprefix("- run: ") for block in lines for line in block.splitlines()]
    words = [shlex.split(line, comments=True) for line in (*found, *INLINE) if "synthprivacy " in line]
    return [call[1:] for call in words if call and call[0].split("/")[-1] == "synthprivacy"]


def marked(name):
    """Return the lines between two markers, without the fence."""
    (part,) = re.findall(rf"<!-- {name} -->\n(.*?)<!-- end -->", README, re.DOTALL)
    return [line for line in part.splitlines() if line and not line.startswith("```")]


def test_there_is_something_to_check():
    """The README shows every verb that takes part in the way from members to a verdict."""
    assert {call[0] for call in commands()} >= {"demo", "split", "init", "evaluate", "gate"}


@pytest.mark.parametrize("call", commands(), ids=" ".join)
def test_every_command_exists(command, call):
    """Every verb answers to `--help`, and knows every flag the README gives it."""
    verb, *arguments = call
    helped = command(verb, "--help")

    assert helped.code == 0, helped.err
    flags = [word.partition("=")[0] for word in arguments if word.startswith("-")]
    known = set(re.findall(r"(?<!\w)--?[a-z][a-z-]*", helped.out))
    assert set(flags) <= known


def test_every_flag_in_the_text_exists(command):
    """A flag named on its own belongs to one of our verbs."""
    verbs = re.findall(r"^  ([a-z]+)  ", command("--help").out.partition("Commands:")[2], re.MULTILINE)
    known = set(re.findall(r"--[a-z-]+", " ".join(command(verb, "--help").out for verb in verbs)))
    flags = {word for text in INLINE for word in text.split() if word.startswith("--")}

    assert len(verbs) >= 6
    assert flags <= known


def test_the_python_block_runs(tmp_path, monkeypatch):
    """The Python block runs as it stands on tables of the shape it speaks of, and writes its report."""
    (code,) = [block for language, block in BLOCKS if language == "python"]
    members, ctgan = (
        simulate.people(rows, seed)[["age", "sex", "diagnosis", "household income"]]
        .set_axis(["age", "sex", "icd10", "income"], axis=1)
        .assign(member_id=np.arange(rows) + 1_000 * seed)
        for seed, rows in ((1, 1_200), (2, 900))
    )
    monkeypatch.chdir(tmp_path)
    names = {"members": members, "ctgan": ctgan}

    exec(compile(code, "README.md", "exec"), names)  # noqa: S102 - our own README

    assert names["e"]["ctgan"].worst.primary
    assert (tmp_path / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("name", "ending"), [("demo", "synthprivacy demo"), ("test", "python -m pytest -n 2 --dist loadfile")]
)
def test_a_marker_holds_one_command(name, ending):
    """Between each pair of markers stands one line that makes its environment, installs and runs."""
    (line,) = marked(name)

    assert line.startswith("python3 -m venv .venv && .venv/bin/pip install ")
    assert line.endswith(ending)


@pytest.mark.skipif(shutil.which("sed") is None, reason="reads the README as the gate for landing does")
def test_the_gate_for_landing_runs_the_command_of_the_readme():
    """`.ci/run` takes its test command out of the README, between the markers, and gets what is printed there."""
    script = (PROJECT / ".ci" / "run").read_text(encoding="utf-8")
    (extract,) = re.findall(r"^readme_command\(\) \{ (.*) \}$", script, re.MULTILINE)

    assert '"$(readme_command test)"' in script
    for name in ("test", "demo"):
        done = subprocess.run(
            ["/bin/sh", "-c", extract.replace("$1", name)], cwd=PROJECT, capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines() == marked(name)
