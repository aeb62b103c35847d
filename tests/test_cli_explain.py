"""The verb `explain`, and its twin in Python: which tables it takes, what it prints, what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.explaining import explain_release

TABLES = ("--original", "train.csv", "--control", "control.csv", "--synthetic", "clean=clean.csv")
LEAKY = (*TABLES, "--synthetic", "leaky=leaky.csv")
SETTINGS = """
[columns.region]
role = "group"

[plan]
attacks = ["linkability", "memorization"]
utility = ["shapes"]
"""
RARE = "Huntington's disease"


@pytest.fixture(scope="module")
def leaky(tmp_path_factory, command):
    """Return a folder with a clean and a leaky release, and their evaluation."""
    place = tmp_path_factory.mktemp("leaky")
    *streams, rng = np.random.default_rng(9).spawn(4)
    original, control, clean = (
        simulate.people(300, stream)[["age", "sex", "region", "diagnosis"]] for stream in streams
    )
    for frame in (original, control, clean):
        frame["balance"] = rng.normal(size=len(frame)).round(6)
    copied = pd.concat([original[:120], clean[120:]], ignore_index=True)
    for name, frame in {"train": original, "control": control, "clean": clean, "leaky": copied}.items():
        frame.to_csv(place / f"{name}.csv", index=False)
    (place / "settings.toml").write_text(SETTINGS)
    done = command("evaluate", "settings.toml", *LEAKY, "--json", "e.json", folder=place)
    assert done.code == 0, done.err
    return place


@pytest.fixture(scope="module")
def inside(leaky, command):
    """Return what the verb says of the leaky release, inside, as text and as JSON."""
    done = command("explain", "e.json", "leaky", *LEAKY, "--inside", "--json", "x.json", folder=leaky)
    assert done.code == 0, done.err
    return done.out, json.loads((leaky / "x.json").read_text())


def test_the_worst_primary_endpoint_is_explained(leaky, inside):
    """Without an endpoint the worst primary one is explained: mechanism, columns, groups, remedy and warning."""
    text, found = inside
    worst = sp.Evaluation.from_json(leaky / "e.json")["leaky"].worst

    assert found["endpoint"] == worst.endpoint
    assert found["first"]["mechanism"] == "exact"
    assert found["remedies"][0]["after"]["value"] < found["risk"]["value"] / 2
    assert found["columns"]
    assert "What to change" in text
    assert "ReconSyn" in text


def test_nothing_raw_is_told(leaky, inside):
    """No value and no rare label of anybody stands in the text or the JSON."""
    text = inside[0] + json.dumps(inside[1])
    balances = pd.read_csv(leaky / "leaky.csv", dtype=str)["balance"]

    assert RARE not in text
    assert not any(balance in text for balance in balances if len(balance) > 6)


def test_a_stratum_is_explained_on_its_people(leaky, command):
    """An endpoint about some people is read on them, and reads what the evaluation has."""
    endpoint = next(
        risk.endpoint for risk in sp.Evaluation.from_json(leaky / "e.json")["leaky"].risks if "@reg" in risk.endpoint
    )

    done = command("explain", "e.json", "leaky", endpoint, *LEAKY, "--inside", "--json", "-", folder=leaky)

    found = json.loads(done.out)
    assert found["endpoint"] == endpoint
    assert found["read_again"] == found["risk"]
    assert {group["endpoint"] for group in found["groups"]} > {endpoint}


def test_a_clean_release_has_nothing_to_explain(leaky, command):
    """Of a clean release the public text says that nothing needs to be changed."""
    done = command("explain", "e.json", "clean", "linkability.halves", *TABLES, folder=leaky)

    assert done.code == 0
    assert "Nothing to explain" in done.out
    assert "What to change" not in done.out
    assert done.last == "exit 0: explained; nothing to change"


def test_python_says_the_same(leaky, inside):
    """`synthprivacy.explain` gives what the verb writes; without tables the evaluation speaks alone."""
    evaluation = sp.Evaluation.from_json(leaky / "e.json")
    tables = {side: leaky / f"{side}.csv" for side in ("control", "clean", "leaky")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTHPRIVACY_KEY", "a key of these tests")
        found = sp.explain(
            evaluation,
            "leaky",
            original=leaky / "train.csv",
            control=tables.pop("control"),
            synthetic=tables,
        )
    alone = sp.explain(evaluation, "leaky")

    assert found.to_dict() == inside[1]
    assert (alone.columns, alone.mechanisms, alone.remedies) == ((), (), ())
    assert alone.groups == explain_release(evaluation["leaky"]).groups == found.groups
    assert "pass original, control and the release" in repr(alone)


@pytest.mark.parametrize(
    ("arguments", "last"),
    [
        (("nobody", *LEAKY), "exit 2: explain needs the table of nobody; pass --synthetic nobody=FILE"),
        (("leaky", "nothing", *LEAKY), "exit 2: leaky has no judged endpoint nothing; name one of "),
        (
            ("leaky", *TABLES, "--synthetic", "leaky=control.csv"),
            "exit 2: control and release leaky must not be the same",
        ),
        (
            ("leaky", "--original", "train.csv", "--control", "control.csv", "--synthetic", "leaky=clean.csv"),
            "exit 2: release leaky is not the table that was evaluated; pass that one",
        ),
        (
            ("leaky", "--original", "control.csv", "--control", "train.csv", "--synthetic", "leaky=leaky.csv"),
            "exit 2: original is not the table that was evaluated; pass that one",
        ),
        (("leaky", "--original", "train.csv", "--synthetic", "leaky=leaky.csv"), "exit 2: explain needs a control"),
        (("leaky", *LEAKY, "--json", "train.csv"), "exit 2: train.csv cannot be written: it is a file that is read"),
    ],
)
def test_what_is_refused(leaky, command, arguments, last):
    """Other tables than the evaluated ones, and what is not in the evaluation, end with code 2 and a remedy."""
    done = command("explain", "e.json", *arguments, folder=leaky)

    assert (done.code, done.last[: len(last)]) == (2, last)


def test_another_key_is_another_table(leaky, command):
    """Original and control are known by keyed digests: with another key they cannot be told, and are refused."""
    done = command("explain", "e.json", "leaky", *LEAKY, folder=leaky, SYNTHPRIVACY_KEY="another key of these tests")

    assert (done.code, done.last[:53]) == (2, "exit 2: original is not the table that was evaluated;")


def test_an_interrupt_leaves_nothing(leaky, command, monkeypatch):
    """Ctrl-C in the middle ends with 130, and no file is there."""

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("synthprivacy.explaining.explanation.by_mechanism", interrupted)
    done = command("explain", "e.json", "clean", *TABLES, "--json", "interrupted.json", folder=leaky)

    assert done.code == 130
    assert not (leaky / "interrupted.json").exists()
