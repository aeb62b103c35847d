"""From the split to the report: what a release proves on the command line, and a split that was tampered with."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate


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
        'attacks = ["membership", "memorization"]\nutility = ["shapes"]\n',
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
