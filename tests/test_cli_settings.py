"""The command line: what wins over what, and the verbs that begin a project."""

from __future__ import annotations

import json
import tomllib

import pandas as pd
import pytest

from synthprivacy.tables.read import load

TABLES = ("--original", "train.csv", "--control", "control.csv", "--synthetic", "s=syn.csv")


def files(place):
    """Return the names of everything in a folder, hidden files included."""
    return sorted(path.name for path in place.rglob("*"))


def people_planned(done):
    """Return the number of training people that a dry run names."""
    return int(done.out.split(maxsplit=1)[0])


def test_flags_win_over_environment_over_file_over_default(folder, command, tmp_path):
    """Of three originals of three sizes, the flag's is taken, then the environment's, then the file's."""
    train = pd.read_csv(folder / "train.csv")
    for rows in (110, 120, 130):
        train.head(rows).to_csv(tmp_path / f"{rows}.csv", index=False)
    others = f'control = "{folder}/control.csv"\nsynthetic = {{ s = "{folder}/syn.csv" }}\n'
    (tmp_path / "c.toml").write_text(f'[tables]\noriginal = "110.csv"\n{others}')
    plan = ("evaluate", "c.toml", "--dry-run")
    environment = {"SYNTHPRIVACY_ORIGINAL": "120.csv"}

    assert people_planned(command(*plan, folder=tmp_path)) == 110
    assert people_planned(command(*plan, folder=tmp_path, **environment)) == 120
    assert people_planned(command(*plan, "--original", "130.csv", folder=tmp_path, **environment)) == 130


def test_seed_of_the_environment(folder, command):
    """SYNTHPRIVACY_SEED and SYNTHPRIVACY_JOBS are the flags' defaults; a bad one is named as what it is."""
    plain = ("evaluate", "quick.toml", *TABLES, "--json", "-")

    assert json.loads(command(*plain, folder=folder, SYNTHPRIVACY_SEED="5").out)["seed"] == 5
    assert json.loads(command(*plain, "--seed", "7", folder=folder, SYNTHPRIVACY_SEED="5").out)["seed"] == 7
    wrong = command(*plain, folder=folder, SYNTHPRIVACY_JOBS="many")
    assert wrong.code == 2
    assert "--jobs" in wrong.last


def test_roles_of_flags_win_over_the_file(folder, command, tmp_path):
    """`--secret` and `--unit` replace what the file says about secrets and the unit."""
    (tmp_path / "c.toml").write_text(
        "[columns.age]\nrole = 'secret'\n[columns.region]\nrole = 'unit'\n[columns.sex]\nrole = 'quasi_identifier'\n"
    )
    plan = ("evaluate", tmp_path / "c.toml", *TABLES, "--dry-run")

    by_file = command(*plan, "--unit", "diagnosis", folder=folder)
    by_flag = command(*plan, "--unit", "diagnosis", "--secret", "sex", folder=folder)

    assert "inference.age" in by_file.out
    assert "inference.sex" not in by_file.out
    assert "inference.sex" in by_flag.out
    assert "inference.age" not in by_flag.out


def test_an_unknown_key_is_told_with_the_nearest_name(folder, command, tmp_path):
    """A key that nobody knows is an error with the name that may have been meant."""
    (tmp_path / "c.toml").write_text("[plan]\ntargts = 200\n")

    done = command("evaluate", tmp_path / "c.toml", *TABLES, folder=folder)

    assert done.code == 2
    assert "unknown key plan.targts (did you mean targets?)" in done.last


# ---------------------------------------------------------------------------------------------------- init and split


def test_init_writes_what_evaluate_reads(folder, evaluated, command, tmp_path):
    """What `init` prints is accepted as it is, and gives the same result as the flags."""
    printed = command("init", *TABLES[1:], folder=folder)
    for table in folder.iterdir():
        (tmp_path / table.name).write_bytes(table.read_bytes())
    (tmp_path / "synthprivacy.toml").write_text(printed.out)

    done = command("evaluate", "synthprivacy.toml", "--json", "e.json", folder=tmp_path)

    assert printed.code == 0
    assert {"tables", "columns", "plan", "policy"} <= set(tomllib.loads(printed.out))
    assert done.code in {0, 1, 3}
    by_file, by_flag = (json.loads((place / "e.json").read_text()) for place in (tmp_path, evaluated))
    for part in ("releases", "tables", "checks", "seed", "pairs"):
        assert by_file[part] == by_flag[part]


def test_init_says_what_is_still_to_be_named(folder, command):
    """Without control and release, the file is TOML all the same and says what to add."""
    printed = command("init", "train.csv", folder=folder)

    assert tomllib.loads(printed.out)["tables"] == {"original": "train.csv"}
    assert "still to be added to [tables]: control" in printed.out


def test_init_takes_roles_and_sdv_metadata(folder, command, tmp_path):
    """Kinds come from SDV metadata, roles from flags, each with its reason; a flag wins over the metadata's key."""
    columns = {"age": {"sdtype": "categorical"}, "region": {"sdtype": "postcode"}, "sex": {"sdtype": "id"}}
    (tmp_path / "m.json").write_text(json.dumps({"columns": columns, "primary_key": "sex"}))

    flags = ("--secret", "diagnosis", "--unit", "sex", "--sdv-metadata", tmp_path / "m.json")
    done = command("init", "train.csv", *flags, folder=folder)

    assert done.code == 0, done.err
    found = tomllib.loads(done.out)["columns"]
    assert found["age"] == {"kind": "category"}
    assert found["region"] == {"kind": "code"}
    assert found["diagnosis"]["role"] == "secret"
    assert found["sex"]["role"] == "unit"
    assert "# postcode in SDV metadata" in done.out
    assert command("init", "train.csv", "--sdv-metadata", folder / "train.csv", folder=folder).code == 2


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".parquet", ".feather"])
def test_split_then_evaluate(folder, command, tmp_path, ending):
    """Both sides together are the members, whatever the format, and can be evaluated as they are."""
    members = pd.concat([pd.read_csv(folder / name) for name in ("train.csv", "control.csv")], ignore_index=True)
    members = members.assign(
        id=[f"{number:05d}" for number in range(len(members))],
        day=pd.Timestamp("2020-02-29") + pd.to_timedelta(members.index, unit="D"),
        share=members.index / 7,
        note=['say "hi", ok', None] * 240,
    )
    source = tmp_path / f"members{ending}"
    if "csv" in ending:
        members.to_csv(source, index=False)
    else:
        (members.to_parquet if ending == ".parquet" else members.to_feather)(source)

    done = command("split", source, "--unit", "id", "--out", "out", folder=tmp_path)

    assert done.code == 0, done.err
    table = ".csv" if "csv" in ending else ".parquet"
    assert files(tmp_path / "out") == [f"control{table}", "split.json", f"train{table}"]
    sides = [load(tmp_path / "out" / f"{side}{table}", label=side).to_pandas() for side in ("train", "control")]
    whole = load(source, label="members").to_pandas()
    together = pd.concat(sides).sort_values("id", ignore_index=True)
    pd.testing.assert_frame_equal(together[whole.columns], whole, check_dtype=False)
    facts = json.loads((tmp_path / "out" / "split.json").read_text())
    assert [facts[side]["people"] for side in ("train", "control")] == [len(side) for side in sides]
    assert "control people that a limit of 0.05 needs" in done.out
    if ending == ".csv":
        tables = ("--original", "out/train.csv", "--control", "out/control.csv", "--synthetic", "s=out/train.csv")
        assert command("evaluate", *tables, "--unit", "id", folder=tmp_path).code == 2  # one file in two places
        (tmp_path / "s.csv").write_bytes((tmp_path / "out" / "train.csv").read_bytes())
        leak = command("evaluate", *tables[:-1], "s=s.csv", "--unit", "id", "--limit", "0.05", folder=tmp_path)
        assert leak.code == 1


@pytest.mark.parametrize("held", ["train.csv", "control.parquet", "split.json"])
def test_split_overwrites_nothing(folder, command, tmp_path, held):
    """A folder that holds a split, even of another format or a broken link, is refused and stays as it was."""
    (tmp_path / held).symlink_to("nowhere")

    done = command("split", "train.csv", "--out", tmp_path, folder=folder)

    assert done.code == 2
    assert f"must not hold {held} already" in done.last
    assert files(tmp_path) == [held]


def test_split_refuses_what_decides_nothing_and_makes_no_folder(folder, command, tmp_path):
    """A limit out of reach, a share out of range or an unknown unit is refused before anything is made."""
    for flags in (("--limit", "0.001"), ("--share", "1.5"), ("--unit", "nobody"), ("--seed", "-1"), ("--limit", "nan")):
        done = command("split", "train.csv", "--out", tmp_path / "out", *flags, folder=folder)
        assert done.code == 2
        assert files(tmp_path) == []
