"""A split is accepted exactly where its own draws lead to these tables."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.errors import ConfigError, DataError, SynthPrivacyError
from synthprivacy.frames import read_tables
from synthprivacy.tables.bernoulli import inclusion_of
from synthprivacy.tables.people import person_keys
from synthprivacy.tables.read import load
from synthprivacy.tables.split import FORMAT

SMALL = range(10)


def coins(seed=9, share=0.2, unit=None, **more):
    """Return the facts of a split."""
    return {"format": FORMAT, "seed": seed, "unit": unit, "share": share, **more}


def tossed(members, seed=9, share=0.2, unit=None):
    """Return original and control of a split."""
    return sp.split(members, unit=unit, share=share, seed=seed, limit=0.9)


@pytest.fixture(scope="module")
def members():
    """Return people with many doubles, and ids that some lack."""
    rng = np.random.default_rng(4)
    frame = simulate.discrete(1_200, 3, 3, rng)
    ids = pd.array(10**17 + rng.integers(0, 400, 1_200), dtype="Int64")
    ids[rng.random(1_200) < 0.1] = pd.NA
    return frame.assign(person=ids, note=["007", "12", "x"] * 400)


def checked(original, control, facts):
    """Return the chance of being trained on."""
    return inclusion_of(*(load(frame, label="table") for frame in (original, control)), facts)


@pytest.mark.parametrize("unit", [None, "person"])
@pytest.mark.parametrize("share", [0.2, 0.5])
def test_any_order_of_rows_and_columns(members, unit, share):
    """Doubles and people without an id are matched as they can be, in any order."""
    original, control = tossed(members, 9, share, unit)
    original = original.sample(frac=1, random_state=0)[sorted(members.columns, reverse=True)]

    assert checked(original, control, coins(9, share, unit)) == 1 - share


@pytest.mark.parametrize("unit", [None, "person"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_through_files(members, command, tmp_path, unit, ending):
    """What the command wrote is what it checks, with codes that look like numbers on one side."""
    whole = members.assign(note=np.where(members.index < 4, "007", "12"))
    getattr(whole, f"to_{ending}")(tmp_path / f"m.{ending}", index=False)
    flags = () if unit is None else ("--unit", unit)
    ran = command("split", f"m.{ending}", "--seed", 8, "--out", "s", "--limit", 0.9, *flags, folder=tmp_path)
    assert ran.code == 0, ran.err
    facts = json.loads((tmp_path / "s" / "split.json").read_text(encoding="utf-8"))

    found = checked(tmp_path / "s" / f"train.{ending}", tmp_path / "s" / f"control.{ending}", facts)

    assert found == 0.8


@pytest.mark.parametrize("unit", [None, "person"])
@pytest.mark.parametrize(
    "changes",
    [{"seed": 10}, {"share": 0.3}, {"share": 0.21}, {"unit": "note"}],
)
def test_other_coins_are_refused(members, unit, changes):
    """Another seed, share or unit does not lead here."""
    original, control = tossed(members, 9, 0.2, unit)

    with pytest.raises(DataError, match=r"coins of split\.json"):
        checked(original, control, coins(9, 0.2, unit) | changes)


@pytest.mark.parametrize("unit", [None, "person"])
def test_other_tables_are_refused(members, unit):
    """A person moved to the other side, swapped sides, and lost or added rows do not go unnoticed."""
    original, control = tossed(members, 9, 0.2, unit)
    facts = coins(9, 0.2, unit)
    keys = person_keys(load(control, label="control"), unit)
    moved = keys == keys[0]

    told = facts | {
        side: {"rows": len(rows), "people": len(np.unique(person_keys(load(rows, label="table"), unit)))}
        for side, rows in (("train", original), ("control", control))
    }
    assert checked(original, control, told) == 0.8
    for one, other in (
        (pd.concat([original, control[moved]]), control[~moved]),
        (control, original),
    ):
        with pytest.raises(DataError, match="are elsewhere") as raised:
            checked(one, other, facts)
        assert not any(f"rows {count} are" in str(raised.value) for count in SMALL)
    with pytest.raises(DataError, match="original must have the rows and people"):
        checked(original.iloc[1:], control, told)
    with pytest.raises(DataError, match="control must have the rows and people"):
        checked(original, pd.concat([control, control[:1]]), told)


def test_changed_values_matter_only_without_ids(members):
    """A changed column leaves the coins of people with ids alone, and breaks those of rows."""
    members = members.assign(person=np.arange(1_200))
    sides = tossed(members, 9, 0.2, "person")
    changed = [side.assign(x0="same") if "x0" in side else side.drop(columns="note") for side in sides]
    assert checked(*changed, coins(9, 0.2, "person")) == 0.8

    with pytest.raises(DataError, match=r"coins of split\.json"):
        checked(*(side.drop(columns="note") for side in tossed(members, 9, 0.2)), coins(9, 0.2))


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"unit": "nobody"}, "unit of the split must be a column of original"),
        ({"unit": 3}, "unit of a split must be"),
        ({"seed": -1}, "seed of a split must be"),
        ({"seed": True}, "seed of a split must be"),
        ({"seed": None}, "seed of a split must be"),
        ({"share": 1}, "share of a split must be"),
        ({"share": "0.2"}, "share of a split must be"),
    ],
)
def test_impossible_facts_are_refused(members, facts, rule):
    """Every setting is checked, and named."""
    with pytest.raises(ConfigError, match=rule):
        checked(*tossed(members, 9, 0.2), coins(9, 0.2) | facts)


@pytest.mark.parametrize("split", [{}, {"format": "synthprivacy/split/2"}, "other.json", "list.json", "none.json"])
def test_other_files_are_refused(members, tmp_path, split):
    """What is no split.json of this format is told as such."""
    (tmp_path / "other.json").write_text('{"format": "synthprivacy/evaluation/1"}', encoding="utf-8")
    (tmp_path / "list.json").write_text("[1]", encoding="utf-8")
    original, control = tossed(members, 9, 0.2)
    source = split if isinstance(split, dict) else tmp_path / split

    with pytest.raises(SynthPrivacyError, match=r"synthprivacy/split/1|cannot be read"):
        read_tables(original=original, control=control, synthetic=original, schema=None, split=source)


def test_a_split_needs_its_control(members):
    """Without a control there is nobody to guess about."""
    with pytest.raises(ConfigError, match="a split needs its control"):
        read_tables(original=members, control=None, synthetic=members, schema=None, split=coins())
