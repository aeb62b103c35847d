"""The command line: exit codes, last lines, files and what wins over what."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from importlib import resources
from xml.etree import ElementTree as ET

import jsonschema
import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.results import Evaluation
from synthprivacy.tables.read import load

COLUMNS = ["age", "sex", "region", "diagnosis", "weight_kg"]
TABLES = ("--original", "train.csv", "--control", "control.csv", "--synthetic", "s=syn.csv")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with small tables."""
    place = tmp_path_factory.mktemp("tables")
    names = ("train", "control", "syn")
    for name, stream in zip(names, np.random.default_rng(5).spawn(3)):
        simulate.people(240, stream)[COLUMNS].to_csv(place / f"{name}.csv", index=False)
    return place


@pytest.fixture(scope="module")
def evaluated(folder, command, tmp_path_factory):
    """Return a folder with everything that one evaluation writes."""
    place = tmp_path_factory.mktemp("evaluated")
    outputs = ("--json", place / "e.json", "--html", place / "e.html", "--metrics", place / "e.metrics.json")
    done = command("evaluate", *TABLES, *outputs, folder=folder)
    assert done.code == 0, done.err
    return place


@pytest.fixture
def verdicts(tmp_path, evaluation, risk):
    """Return a folder with one evaluation per decision at a limit of .05."""
    cases = {"pass": risk(upper=0.01), "fail": risk(lower=0.2, upper=0.3), "inconclusive": risk(upper=0.3)}
    for decision, found in cases.items():
        evaluation(found).to_json(tmp_path / f"{decision}.json")
    (tmp_path / "policy.toml").write_text('[[policy.rule]]\nof = "primary.upper"\nmax = 0.05\nlevel = "warn"\n')
    return tmp_path


def files(place):
    """Return the names of everything in a folder, hidden files included."""
    return sorted(path.name for path in place.rglob("*"))


# ---------------------------------------------------------------------------------------------------- exit codes


@pytest.mark.parametrize(
    ("arguments", "code", "last"),
    [
        (("gate", "pass.json", "--limit", "0.05"), 0, "exit 0: pass: every rule holds"),
        (("gate", "fail.json", "--limit", "0.05"), 1, "exit 1: fail: ctgan: linkability.halves: risk at least 0.2"),
        (("gate", "inconclusive.json", "--limit", "0.05"), 3, "exit 3: inconclusive: ctgan: linkability.halves: risk"),
        (("gate", "fail.json", "--limit", "0.05", "--exit-zero"), 0, "exit 0: fail: ctgan"),
        (("gate", "fail.json", "--policy", "policy.toml"), 0, "exit 0: warn: ctgan"),
        (("gate", "fail.json", "--policy", "policy.toml", "--fail-on", "warn"), 1, "exit 1: warn: ctgan"),
        (("gate", "pass.json"), 2, "exit 2: a gate needs a policy; pass"),
        (("gate", "pass.json", "--limit", "5"), 2, "exit 2: limit must lie strictly between 0 and 1"),
        (("gate", "pass.json", "--limit", "0.05", "--policy", "policy.toml"), 2, "exit 2: limit and policy must not"),
        (("gate", "nothing.json", "--limit", "0.05"), 2, "exit 2: nothing.json cannot be read"),
        (("gate", "policy.toml", "--limit", "0.05"), 2, "exit 2: policy.toml is not strict JSON"),
        (("gate", "pass.json", "--policy", "pass.json"), 2, "exit 2: pass.json is not valid TOML at line 1"),
        (("evalute",), 2, "exit 2: No such command 'evalute'"),
        (("gate", "--limt", "1"), 2, "exit 2: No such option: --limt"),
        (("gate",), 2, "exit 2: Missing argument"),
        (("evaluate", "--seed", "x"), 2, "exit 2: Invalid value for '--seed'"),
        (("evaluate", "--jobs", "0"), 2, "exit 2: Invalid value for '--jobs'"),
        ((), 2, "exit 2: a verb is needed"),
        (("report", "pass.json", "--html", "r.html"), 0, "exit 0: r.html is written"),
        (("report", "pass.json", "--html", "pass.json"), 2, "exit 2: pass.json cannot be written: it is a file that is read"),
    ],
)  # fmt: skip
def test_exit_codes(verdicts, command, arguments, code, last):
    """Every outcome has its code, and the last line on stderr names it with the reason."""
    done = command(*arguments, folder=verdicts)

    assert (done.code, done.last[: len(last)]) == (code, last)


def test_help_and_version_are_fine(command):
    """`--help` and `--version` answer on stdout with code 0."""
    for arguments in (("--help",), ("-h",), ("gate", "--help"), ("--version",)):
        done = command(*arguments)
        assert (done.code, done.err) == (0, "")
        assert done.out


def crash_with(monkeypatch, error):
    """Let the evaluation raise an error."""

    def broken(*_, **__):
        raise error

    monkeypatch.setattr("synthprivacy.evaluation.evaluate_frames", broken)


@pytest.mark.parametrize(
    ("error", "code", "last"),
    [
        (ValueError("SECRET CELL"), 3, "exit 3: the evaluator crashed (ValueError at synthprivacy.cli.evaluate:"),
        (KeyError("SECRET CELL"), 3, "exit 3: the evaluator crashed (KeyError at synthprivacy.cli.evaluate:"),
        (MemoryError("SECRET CELL"), 3, "exit 3: out of memory"),
        (OSError(28, "No space left on device", "SECRET CELL"), 3, "exit 3: the system refused (No space left on device"),
        (KeyboardInterrupt("SECRET CELL"), 130, "exit 130: interrupted; nothing half-written was left"),
    ],
)  # fmt: skip
def test_a_crash_is_never_a_failed_gate_and_tells_no_cell(folder, tmp_path, command, monkeypatch, error, code, last):
    """A crash is 3, an interrupt 130; neither tells what an error holds, nor leaves a file."""
    crash_with(monkeypatch, error)

    done = command("evaluate", *TABLES, "--json", tmp_path / "e.json", folder=folder)

    assert (done.code, done.last[: len(last)]) == (code, last)
    assert "SECRET" not in done.err + done.out
    assert files(tmp_path) == []


@pytest.mark.parametrize("verb", ["evaluate", "split"])
def test_an_interrupt_while_writing_leaves_nothing(folder, tmp_path, command, monkeypatch, verb):
    """Stopped at the moment a file is moved to its place, nothing half-written is left."""
    moves, move = [], os.replace

    def interrupted(*paths):
        moves.append(paths)
        if verb == "evaluate" or len(moves) == 2:  # the second table of a split
            raise KeyboardInterrupt
        move(*paths)

    monkeypatch.setattr(os, "replace", interrupted)
    wanted = {"evaluate": (*TABLES, "--json", tmp_path / "e.json"), "split": ("train.csv", "--out", tmp_path / "out")}

    done = command(verb, *wanted[verb], folder=folder)

    assert done.code == 130
    assert moves
    assert files(tmp_path) == []


def test_ctrl_c_in_the_middle_of_a_run(tmp_path):
    """SIGINT during an attack on tables as large as Adult ends the process within seconds, code 130, no files."""
    for name, stream in zip(("train", "control", "syn"), np.random.default_rng(0).spawn(3)):
        simulate.people(30_000, stream).to_parquet(tmp_path / f"{name}.parquet")
    place = tmp_path / "out"
    place.mkdir()
    tables = [argument.replace(".csv", ".parquet") for argument in TABLES]
    command_line = [sys.executable, "-m", "synthprivacy", "evaluate", *tables, "--json", "out/e.json", "--jobs", "2"]

    with subprocess.Popen(command_line, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(6)  # beside other work the imports alone take more than three
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        started = time.monotonic()
        _, err = process.communicate()

    assert time.monotonic() - started < 10
    assert process.returncode == 130
    assert err.splitlines()[-1] == "exit 130: interrupted; nothing half-written was left"
    assert files(place) == []


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="pipes end otherwise on this system")
def test_a_reader_that_goes_away_is_no_failed_gate(verdicts):
    """`… | head` ends us by the signal of a broken pipe, never with 1."""
    command_line = [sys.executable, "-m", "synthprivacy", "gate", "pass.json", "--limit", "0.05"]
    with subprocess.Popen(command_line, cwd=verdicts, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        process.stdout.close()
        assert process.wait() == -signal.SIGPIPE


# ---------------------------------------------------------------------------------------------------- what is written


def test_json_on_stdout_is_json_and_nothing_else(folder, evaluated, command):
    """`--json -` writes the same bytes to stdout as to a file; all chatter is on stderr."""
    done = command("evaluate", *TABLES, "--json", "-", folder=folder)

    assert done.code == 0
    assert done.out == (evaluated / "e.json").read_text()
    assert "real records had been published" in done.err


def test_json_fits_the_schema_in_the_wheel(evaluated):
    """The JSON validates against the shipped JSON Schema."""
    shape = json.loads((resources.files("synthprivacy.results") / "evaluation.schema.json").read_text())
    jsonschema.validators.validator_for(shape)(shape).validate(json.loads((evaluated / "e.json").read_text()))


def test_same_bytes_in_every_run(folder, evaluated, command, tmp_path):
    """The same tables and seed give the same JSON, report and metrics on two threads as on one; times go elsewhere."""
    outputs = ("--json", tmp_path / "e.json", "--html", tmp_path / "e.html", "--metrics", tmp_path / "e.metrics.json")
    command("evaluate", *TABLES, *outputs, "--jobs", "2", folder=folder)

    for name in ("e.json", "e.html", "e.metrics.json"):
        assert (tmp_path / name).read_bytes() == (evaluated / name).read_bytes()
    timings = json.loads((tmp_path / "e.timings.json").read_text())
    assert timings
    assert all(seconds >= 0 for seconds in timings.values())
    assert all(isinstance(number, float) for number in json.loads((tmp_path / "e.metrics.json").read_text()).values())
    assert files(tmp_path) == ["e.html", "e.json", "e.metrics.json", "e.timings.json"]


def test_dry_run_attacks_nobody(folder, command, tmp_path, monkeypatch):
    """`--dry-run` prints the plan with what each attacker knows, and writes nothing."""
    crash_with(monkeypatch, ValueError("attacked"))

    done = command("evaluate", *TABLES, "--dry-run", "--json", tmp_path / "e.json", folder=folder)

    assert (done.code, done.last) == (0, "exit 0: planned; nobody was attacked, nothing was written")
    assert "240 training and 240 control people; limit 0.05" in done.out
    assert "inference.diagnosis" in done.out
    assert files(tmp_path) == []


def test_without_a_control_there_is_a_warning_and_no_pass(folder, command):
    """No control is allowed, is said, and passes no gate."""
    done = command("evaluate", "--original", "train.csv", "--synthetic", "s=syn.csv", "--limit", "0.9", folder=folder)

    assert done.code == 3
    assert done.err.startswith("no control: every risk is a raw rate")


@pytest.mark.parametrize("flag", ["--json", "--html", "--metrics"])
@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("no/folder/x", "there is no folder"),
        (".", "it is a folder"),
        ("train.csv", "it is a file that is read"),
        ("/dev/null", "it is no ordinary file"),
        ("pipe", "it is no ordinary file"),
    ],
)
def test_outputs_are_refused_before_anyone_is_attacked(tmp_path, folder, command, monkeypatch, flag, output, words):
    """An output that cannot be written, or would overwrite a table, is refused at once and nothing is left."""
    crash_with(monkeypatch, ValueError("attacked"))
    for table in folder.iterdir():
        (tmp_path / table.name).write_bytes(table.read_bytes())
    os.mkfifo(tmp_path / "pipe")
    before = files(tmp_path)

    done = command("evaluate", *TABLES, flag, output, folder=tmp_path)

    assert done.code == 2
    assert words in done.last
    assert files(tmp_path) == before


def test_no_two_outputs_in_one_file(folder, command, tmp_path):
    """Two outputs in one file, the sidecar of the times included, are refused."""
    clash = ("--json", tmp_path / "e.json", "--metrics", tmp_path / "e.timings.json")
    done = command("evaluate", *TABLES, *clash, folder=folder)

    assert done.code == 2
    assert "another output too" in done.last


def test_a_link_at_the_output_is_replaced_not_followed(verdicts, command):
    """A symbolic link where an output goes becomes the file; what it pointed to stays as it was."""
    (verdicts / "precious").write_text("precious")
    for name in ("r.html", "g.xml", "g.md"):
        (verdicts / name).symlink_to("precious")

    command("report", "pass.json", "--html", "r.html", folder=verdicts)
    command("gate", "pass.json", "--limit", "0.05", "--junit", "g.xml", "--md", "g.md", folder=verdicts)

    assert (verdicts / "precious").read_text() == "precious"
    for name in ("r.html", "g.xml", "g.md"):
        assert not (verdicts / name).is_symlink()


# ---------------------------------------------------------------------------------------------------- gate and report


def test_gate_writes_what_pipelines_read(verdicts, command):
    """`--junit` and `--md` tell the verdict that is printed."""
    done = command("gate", "fail.json", "--limit", "0.05", "--junit", "g.xml", "--md", "g.md", folder=verdicts)

    assert done.code == 1
    assert "gate   FAIL" in done.out
    assert ET.parse(verdicts / "g.xml").getroot().find("testsuite").get("failures") == "1"  # noqa: S314 - our own file
    assert (verdicts / "g.md").read_text().startswith("## Privacy gate: fail")


@pytest.mark.parametrize("limit", [0.04, 0.05, 0.2, 0.9])
def test_the_file_alone_decides_the_same(folder, command, tmp_path, limit):
    """A decision from the JSON on its own is the decision of the process that wrote it."""
    at_once = command("evaluate", *TABLES, "--limit", limit, "--json", tmp_path / "e.json", folder=folder)
    kept = command("gate", tmp_path / "e.json", folder=folder)
    later = command("gate", tmp_path / "e.json", "--limit", limit, folder=folder)

    assert at_once.code == kept.code == later.code
    assert at_once.last == kept.last == later.last
    assert at_once.out.endswith(kept.out)
    assert kept.out == later.out


def test_report_is_public_unless_asked(evaluated, command, tmp_path):
    """The report of the verb is the public one that `evaluate` writes; `--inside` says that it must stay inside."""
    public = command("report", evaluated / "e.json", "--html", tmp_path / "p.html")
    inside = command("report", evaluated / "e.json", "--html", tmp_path / "i.html", "--inside")

    assert (tmp_path / "p.html").read_bytes() == (evaluated / "e.html").read_bytes()
    assert (tmp_path / "i.html").read_bytes() != (tmp_path / "p.html").read_bytes()
    assert "must stay inside" in inside.last
    assert "inside" not in public.last


def test_report_of_several(verdicts, command):
    """Several evaluations stand side by side on one page."""
    done = command("report", "pass.json", "fail.json", "--html", "r.html", folder=verdicts)

    assert done.code == 0
    assert (verdicts / "r.html").read_text().count("ctgan") > 2


# ---------------------------------------------------------------------------------------------------- what wins


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
    plain = ("evaluate", *TABLES, "--json", "-")

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


# ---------------------------------------------------------------------------------------------------- wrong files


def spoil(place):
    """Write files that are wrong, each in its own way."""
    train = place / "train.csv"
    frame = pd.read_csv(train)
    frame.to_parquet(place / "whole.parquet")
    (place / "cut.parquet").write_bytes((place / "whole.parquet").read_bytes()[:-300])
    (place / "latin.csv").write_bytes(frame.assign(region="Köln").to_csv(index=False).encode("latin-1"))
    (place / "ragged.csv").write_text(train.read_text() + "1,2,3\n")
    (place / "empty.csv").write_text("")
    (place / "header.csv").write_text(train.read_text().partition("\n")[0] + "\n")
    (place / "few.csv").write_text("\n".join(train.read_text().splitlines()[:20]))
    (place / "other.csv").write_text("a,b\n" + "1,2\n" * 200)
    (place / "table.txt").write_text(train.read_text())
    (place / "folder").mkdir()


@pytest.mark.parametrize(
    ("original", "words"),
    [
        ("nothing.csv", "nothing.csv does not exist"),
        ("folder", "folder is a folder without part files"),
        (".", "several formats"),
        ("cut.parquet", "cut.parquet is not a whole Parquet file"),
        ("latin.csv", "latin.csv is not text in the encoding utf-8"),
        ("ragged.csv", "line 242 has 3 fields where the header has 5"),
        ("empty.csv", "empty.csv is empty"),
        ("header.csv", "header.csv has no rows"),
        ("few.csv", "original must have at least 30 people: it has 19"),
        ("other.csv", "14 problems, all listed above; the first: control: column 'a' is missing"),
        ("table.txt", "table.txt is not of an accepted format"),
        ("syn.csv", "original and release s must not be the same file"),
        ("control.csv", "original and control must not be the same file"),
        ("https://example.org/t.csv", "only local files are read"),
    ],
)
def test_wrong_tables(folder, command, tmp_path, original, words):
    """A table that cannot be judged is code 2 with its name and the reason."""
    for table in folder.iterdir():
        (tmp_path / table.name).write_bytes(table.read_bytes())
    spoil(tmp_path)

    done = command("evaluate", "--original", original, *TABLES[2:], folder=tmp_path)

    assert done.code == 2
    assert words in done.last
    assert done.out == ""


def test_wrong_pairs_of_tables(folder, command, tmp_path):
    """A control equal to the original, tables that never vary, and a file of tables in the wrong place are refused."""
    (tmp_path / "copy.csv").write_bytes((folder / "train.csv").read_bytes())
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(
            "x,y\n" + f"1,{name}\n".replace(name, "q") * (200 if name == "a" else 300)
        )
    (tmp_path / "c.toml").write_text('[tables]\noriginal = "nothing.csv"\nsynthetic = { s = "copy.csv" }\n')
    release = ("--synthetic", f"s={folder}/syn.csv")

    equal = command("evaluate", "--original", folder / "train.csv", "--control", "copy.csv", *release, folder=tmp_path)
    still = command("evaluate", "--original", "a.csv", "--synthetic", "s=b.csv", folder=tmp_path)
    missing = command("evaluate", "c.toml", folder=tmp_path)
    table = command("evaluate", "copy.csv", folder=tmp_path)
    alone = command("evaluate", "--original", "copy.csv", folder=tmp_path)
    doubled = command("evaluate", *release, "--synthetic", "s=copy.csv", "--original", "a.csv", folder=tmp_path)

    assert [done.code for done in (equal, still, missing, table, alone, doubled)] == [2] * 6
    assert "the two tables are equal" in equal.last
    assert "all are constant" in still.last
    assert "nothing.csv does not exist" in missing.last
    assert "copy.csv must be a synthprivacy.toml; pass tables by --original" in table.last
    assert "evaluate needs --synthetic NAME=FILE" in alone.last
    assert "s is there twice" in doubled.last


# ---------------------------------------------------------------------------------------------------- hostile names


@pytest.mark.parametrize(
    "name",
    ["../../x", "<script>alert(1)</script>", "a\nexit 0: pass\x1b[2J\x1b[31m", "\u202egnp", "=cmd|'/c calc'!A0", "a|`b`@c"],
)  # fmt: skip
def test_a_hostile_name_does_no_harm(folder, command, tmp_path, name):
    """A release's name reaches no path, no terminal control, no markup; every output is still what it should be."""
    place = tmp_path / "inner" / "most"
    place.mkdir(parents=True)
    tables = {"original": "train", "control": "control"}
    lines = [f'{key} = "{folder}/{file}.csv"' for key, file in tables.items()]
    (place / "c.toml").write_text(
        "\n".join(["[tables]", *lines, "[tables.synthetic]", f'{json.dumps(name)} = "{folder}/syn.csv"'])
    )

    outputs = ("--json", "e.json", "--html", "e.html", "--metrics", "m.json")
    done = command("evaluate", "c.toml", *outputs, "--limit", "0.04", folder=place)
    gate = command("gate", "e.json", "--junit", "g.xml", "--md", "g.md", folder=place)

    assert done.code == gate.code in {1, 3}
    written = ["c.toml", "e.html", "e.json", "e.timings.json", "g.md", "g.xml", "m.json"]
    assert files(tmp_path) == sorted([*written, "inner", "most"])
    for shown in (done.out, done.err, gate.out, gate.err):
        assert all(character.isprintable() or character == "\n" for character in shown)
        assert "exit 0" not in [line[:6] for line in shown.splitlines()]
    assert Evaluation.from_json(place / "e.json").releases[0].name == name
    assert "<script>alert" not in (place / "e.html").read_text()
    assert "<script" not in (place / "g.md").read_text()
    ET.parse(place / "g.xml")  # noqa: S314 - our own file


def test_a_hostile_name_in_a_message_is_spelled_out(folder, command, tmp_path):
    """An error that names a release or a file shows no control character and stays one line."""
    name = "a\nexit 0: pass\x1b[2J\u202e"
    tables = f'original = "{folder}/train.csv"\ncontrol = "{folder}/control.csv"'
    (tmp_path / "c.toml").write_text(f"[tables]\n{tables}\nsynthetic = {{ {json.dumps(name)} = 'nothing.csv' }}\n")

    for arguments in (("evaluate", "c.toml"), ("gate", name), ("report", "c.toml", "--html", name), ("split", name)):
        done = command(*arguments, folder=tmp_path)
        assert done.code == 2
        assert all(character.isprintable() or character == "\n" for character in done.err)
        assert "exit 0" not in [line[:6] for line in done.err.splitlines()]


@pytest.mark.skipif(sys.platform != "linux", reason="file names that are no text")
def test_a_file_name_that_is_no_text_is_refused(folder, command, tmp_path):
    """A release named after a file whose name cannot be printed needs a name of its own."""
    odd = tmp_path / os.fsdecode(b"\xff\x1b.csv")
    odd.write_bytes((folder / "syn.csv").read_bytes())

    done = command("evaluate", *TABLES[:4], "--synthetic", odd, folder=folder)
    named = command("evaluate", *TABLES[:4], "--synthetic", f"s={odd}", "--dry-run", folder=folder)

    assert done.code == 2
    assert "must be printable text" in done.last
    assert named.code == 0
