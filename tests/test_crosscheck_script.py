"""The script that asks the peers: what reaches it, what it tells, and when it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.crosschecking import Interpreter
from synthprivacy.crosschecking.peers import ask
from synthprivacy.crosschecking.running import SCRIPT
from synthprivacy.crosschecking.sending import sent
from synthprivacy.tables.read import load

RARE = "Ehlers-Danlos"


@pytest.fixture(scope="module")
def people():
    """Return 150 people with numbers, labels and dates; one has a diagnosis of their own."""
    frame = simulate.people(150, 3)[["age", "sex", "diagnosis", "registered"]]
    frame.loc[0, "diagnosis"] = RARE
    return frame


def test_the_script_ends_with_the_process_that_asked():
    """Where we are killed, the peer does not go on with the tables in its memory."""
    program = "import ask, time; ask.end_with_parent(); print('ready', flush=True); time.sleep(60)"
    asking = (
        "import os, subprocess, sys\n"
        f"peer = subprocess.Popen([sys.executable, '-c', {program!r}], stdout=subprocess.PIPE, cwd={str(SCRIPT.parent)!r})\n"
        "print(peer.pid if peer.stdout.readline().split() == [b'ready'] else 'not there', flush=True)\n"
        "os._exit(9)\n"
    )
    killed = subprocess.run([sys.executable, "-c", asking], stdout=subprocess.PIPE, text=True, check=False)
    pid, deadline = int(killed.stdout), time.monotonic() + 30
    while running(pid) and time.monotonic() < deadline:
        time.sleep(0.1)

    assert not running(pid)


def running(pid):
    """Return whether a process is there and no zombie."""
    status = Path(f"/proc/{pid}/stat")
    if Path("/proc/self").exists():
        return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_script_runs_by_itself_and_tells_kinds_of_errors_alone(people):
    """Our own script, in this Python without peers: a task that fails is answered by the kind of its error, no message."""
    if find_spec("anonymeter") is not None:
        pytest.skip("this Python has the peer")
    tables = sent({"people": load(people, label="original")}, sp.schema(people), numbered=False)
    request = {"seed": 0, "tables": tables, "tasks": [{"task": "linkability"}]}

    assert Interpreter().ask(request) == [{"error": "ModuleNotFoundError"}]


def test_tables_arrive_as_they_were_sent(people):
    """Numbers, instants, labels and gaps arrive as they were; a number that only names something is a label."""
    coded = people.assign(ward=[1, 2, 3] * 50, room=[None, *[0.5] * 149])
    schema = sp.schema(coded, columns={"ward": {"kind": "category"}})
    tables = sent({"people": load(coded, label="original")}, schema, numbered=False)
    arrived = ask.frame(json.loads(json.dumps(tables["people"])))
    places = {name: f"c{place}" for place, name in enumerate(schema.attackable)}

    assert arrived[places["ward"]].tolist() == ["1", "2", "3"] * 50
    assert arrived[places["age"]].tolist() == coded["age"].tolist()
    assert arrived[places["registered"]].dtype == "int64"
    assert np.isnan(arrived[places["room"]][0])
    assert arrived[places["room"]][1] == 0.5
    assert arrived[places["diagnosis"]][0] == RARE


def test_numbered_labels_are_equal_where_the_labels_are(people):
    """Labels that are replaced by numbers are equal in all tables where they were, and are no text."""
    tables = {"people": load(people, label="original"), "others": load(people[::-1], label="control")}
    found = sent(tables, sp.schema(people), numbered=True)

    assert RARE not in json.dumps(found)
    for name, column in found["people"].items():
        assert column["values"] == found["others"][name]["values"][::-1]
    place = people.columns.get_loc("diagnosis")
    assert len(set(found["people"][f"c{place}"]["values"])) == people["diagnosis"].nunique()
