"""Real tables: a release that leaks is told from one that does not, and a large one is judged in minutes.

The tables lie beside the checkout and are not part of it: 2,000 census records with one release that holds 99 of them
unchanged and one that holds none, and the 39,032 records of the reference tool's own example.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

import synthprivacy as sp
from synthprivacy.results import Evaluation

resource = pytest.importorskip("resource", reason="tells the memory of a child")

DATA = Path(__file__).parents[2] / "shared" / "data"
CENSUS, ADULT = DATA / "adult_census2k", DATA / "adult_anonymeter"
LIMIT = 0.05
COPIES = 99


@pytest.fixture(scope="module")
def evaluation():
    """Return the evaluation of both releases of the small census table."""
    if not CENSUS.is_dir():
        pytest.skip("needs the table adult_census2k beside the checkout")
    return sp.evaluate(
        original=CENSUS / "census2k-trn.csv.gz",
        control=CENSUS / "census2k-hol.csv.gz",
        synthetic={name: CENSUS / f"census2k-syn_{name}.csv.gz" for name in ("flip30", "mostly")},
    )


def test_two_attacks_tell_the_leaking_release_from_the_clean_one(evaluation):
    """At least two attacks read the leaking release above the clean one, with intervals that do not overlap."""
    clean = {risk.endpoint: risk for risk in evaluation["mostly"].risks}
    apart = {risk.attack for risk in evaluation["flip30"].risks if risk.interval[0] > clean[risk.endpoint].interval[1]}

    assert len(apart) >= 2
    assert {"memorization", "membership"} <= apart


def test_the_headlines_are_true(evaluation):
    """The leaking release publishes at least the 99 copies; the clean one may publish nobody."""
    leaking, clean = (evaluation[name].copies for name in ("flip30", "mostly"))

    assert leaking.interval[1] >= COPIES
    assert leaking.interval[0] > clean.perfect_interval[1]
    assert clean.interval[0] == 0


def test_the_copies_are_counted(evaluation):
    """The identity check and the attack on copies both find the 99, and none in the clean release."""
    details = {check.release: check for check in evaluation.checks if check.check == "identity"}
    counts = {
        name: next(risk for risk in evaluation[name].risks if risk.endpoint == "memorization.copies").evidence
        for name in ("flip30", "mostly")
    }

    assert details["flip30"].status == "failed"
    assert details["flip30"].detail.startswith(f"{COPIES} of 2,000 people of original")
    assert details["mostly"].status == "ok"
    assert (counts["flip30"].original.successes, counts["flip30"].control.successes) == (COPIES, 0)
    assert (counts["mostly"].original.successes, counts["mostly"].control.successes) == (0, 0)


def test_the_gate_fails_the_leaking_release_alone(evaluation):
    """At 5 % the leaking release fails and the clean one does not: in memory, from the JSON, and public."""
    for known in (evaluation, Evaluation.from_dict(json.loads(evaluation.dumps())), evaluation.public()):
        decisions = {verdict.name: verdict.decision for verdict in sp.gate(known, limit=LIMIT).releases}
        assert decisions["flip30"] == "fail"
        assert decisions["mostly"] != "fail"


@pytest.mark.slow
@pytest.mark.skipif(not ADULT.is_dir(), reason="needs the table adult_anonymeter beside the checkout")
def test_the_large_table_takes_minutes_and_little_memory(tmp_path):
    """39,032 training people, 9,758 held out: under 3 minutes and 2 GB, and no leak is read into a clean release."""
    tables = ("--original", ADULT / "adults_train_reconstructed.csv.gz", "--control", ADULT / "adults_control.csv.gz")
    release = ("--synthetic", f"ctgan={ADULT / 'adults_syn_ctgan.csv.gz'}")
    outputs = ("--json", tmp_path / "e.json", "--html", tmp_path / "e.html")
    started = time.monotonic()

    subprocess.run([sys.executable, "-m", "synthprivacy", "evaluate", *tables, *release, *outputs], check=True)

    seconds = time.monotonic() - started
    unit = 1 if sys.platform == "darwin" else 1024
    peak = unit * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # of the largest child so far
    copies = Evaluation.from_json(tmp_path / "e.json")["ctgan"].copies
    assert copies.interval[0] == 0
    assert copies.of == 39_032
    assert peak < 2e9
    assert seconds < 180
