"""Results built by hand with the smallest numbers that say something (their statistics are the real ones), and the command line."""

from __future__ import annotations

import io
import math
import os
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from synthprivacy import results, simulate
from synthprivacy.cli import main
from synthprivacy.config import policy_of_limit
from synthprivacy.gating.decide import REQUIRED, decide
from synthprivacy.schemata import infer
from synthprivacy.statistics.excess import excess
from synthprivacy.statistics.fisher import one_sided_p
from synthprivacy.statistics.residual_risk import residual_risk
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

PEOPLE = 4_000
CONFIDENCE = 0.95
SURVEY = ["age", "sex", "region", "diagnosis", "weight_kg"]
TABLES = ("--original", "train.csv", "--control", "control.csv", "--synthetic", "s=syn.csv")


def make_risk(endpoint="linkability.halves", original=(20, 2_000), control=(20, 2_000), **changes):
    """Return right guesses on original and control people as a risk; `changes` replace single fields."""
    found = residual_risk(*original) if control is None else residual_risk(*original, *control)
    lower, upper = found.interval(CONFIDENCE, "clopper-pearson")
    made = results.Risk(
        attack=endpoint.partition(".")[0],
        endpoint=endpoint,
        primary=True,
        parameters={"columns": ["age", "sex"], "neighbours": 1},
        estimand="residual risk (a - c) / (1 - c)",
        estimator="MLE; MOVER-R, Jeffreys shown, Clopper-Pearson decides",
        value=found.value,
        interval=found.interval(CONFIDENCE),
        lower=lower,
        upper=upper,
        excess=None if control is None else excess(*original, *control),
        confidence=CONFIDENCE,
        p_value=None if control is None else one_sided_p(*original, *control),
        needed_rows=8_100,
        evidence=results.HitsEvidence(_rate(original), None if control is None else _rate(control)),
        copies=None if control is None else replace(make_copies(), found=results.Rate(400, 400, 400)),
    )
    return replace(made, **changes)


def make_scores(endpoint="membership.distance", auc=0.5, error=0.005, tpr=(), **changes):
    """Return a membership risk."""
    value, reach = 2 * auc - 1, 2 * 1.96 * error
    evidence = results.ScoresEvidence(2_000, 1_000, auc, error, tuple(results.TruePositives(*point) for point in tpr))
    interval = (value - reach, value + reach)
    bounds = {"value": value, "interval": interval, "lower": interval[0], "upper": interval[1], "excess": None}
    bounds["copies"] = make_copies()
    return make_risk(endpoint, **{"evidence": evidence, "p_value": 0.5, **bounds, **changes})


def make_matches(endpoint="singling_out.multivariate", original=20, control=20, people=20, queries=2_000, **changes):
    """Return a singling-out risk."""
    error = math.sqrt(original + (control or 0) + 1) / queries
    evidence = results.MatchesEvidence(queries, original, control, people, 1_000, error)
    of_control = None if control is None else (control, queries)
    return make_risk(endpoint, (original, queries), of_control, **{"evidence": evidence, "excess": None, **changes})


def make_skipped(endpoint="linkability.halves", **changes):
    """Return an endpoint that was not judged."""
    made = results.Skipped(
        endpoint.partition(".")[0], endpoint, "fewer than 100 people", "100 people a side", primary=True
    )
    return replace(made, **changes)


def make_copies(value=20.0, interval=(0.0, 90.0)):
    """Return a headline out of 4,000 people."""
    return results.Copies(value, interval, PEOPLE, 0.0, (0.0, 80.0), 100)


def make_release(*risks, name="ctgan", copies=None, **parts):
    """Return what was found about one release; `parts` are the other fields of a release."""
    floors = {risk.endpoint: 8 for risk in risks}
    parts.setdefault("floor", results.Floor(8, PEOPLE, floors or {"membership.distance": 8}))
    lists = ("skipped", "scores", "series")
    return results.Release(
        name, copies, risks, **{part: tuple(of) if part in lists else of for part, of in parts.items()}
    )


def make_histogram(column, labels, *shares, edges=()):
    """Return the histogram of a column in the original, the control and a release."""
    sides = zip(("original", "control", "release"), shares)
    return [results.Series(f"shape, {side}", f"shapes.column.{column}", edges, of, labels=labels) for side, of in sides]


def make_evaluation(*risks, releases=None, primary=None, comparator="holdout", checks=(), pairs=(), plan=None, **parts):
    """Return an evaluation of one release with these risks, or of the releases given."""
    releases = (make_release(*risks, **parts),) if releases is None else tuple(releases)
    if primary is None:
        primary = sorted({r.endpoint for release in releases for r in (*release.risks, *release.skipped) if r.primary})
    return results.Evaluation(
        seed=0,
        plan={"primary": primary, "strata": [], "policy": None, "endpoints": tested(primary), **(plan or {})},
        versions={"synthprivacy": "0.1.0", "numpy": "2.0"},
        comparator={"kind": comparator},
        checks=(
            *checks,
            *(results.Check(name, "ok", "in order") for name in REQUIRED if name not in {c.check for c in checks}),
        ),
        original=results.TableFacts("hmac-sha256:00ff", PEOPLE, PEOPLE, 12),
        control=None if comparator == "none" else results.TableFacts(None, 2_000, 2_000, 12),
        synthetic={release.name: results.TableFacts("sha256:ab12", PEOPLE, PEOPLE, 12) for release in releases},
        releases=releases,
        pairs=tuple(pairs),
    )


def tested(primary):
    """Return the plan's entries of some endpoints, and of the one behind the headline, all with a green card."""
    names = [*(primary if isinstance(primary, list) else ()), "membership.distance"]
    return [{"endpoint": name, "card": "green"} for name in dict.fromkeys(names)]


def make_everything():
    """Return an evaluation that holds one of each part an evaluation may have."""
    release = make_release(
        make_risk(),
        make_risk("inference.icd10", (1_200, 2_000), (1_190, 2_000), needed_rows=None),
        make_risk("inference.sex", (60, 2_000), (40, 2_000), primary=False, parameters={"tolerance": 0.05}),
        make_risk("linkability.numbers", (0, 2_000), None, primary=False, lower=-math.inf, value=math.nan),
        make_scores(tpr=[(0.1, 190, 2_000, 60, 500), (0.01, 12, 2_000, 0, 500)]),
        make_matches(),
        copies=make_copies(),
        skipped=[make_skipped("memorization.copies")],
        scores=[
            results.Score("shapes", "mean", 0.91, 0.99, (0.9, 0.92), "higher"),
            results.Score("shapes", "column.age", None, None, None, "lower"),
        ],
        series=[
            results.Series(
                "ladder", "membership.distance", (0.0, 1.0, 10.0), (0.0, 0.001, math.nan), (0.0,) * 3, (1.0,) * 3
            )
        ],
    )
    return make_evaluation(
        releases=[release, make_release(make_risk(), name="cart")],
        checks=[
            results.Check("control_overlap", "ok", "no more than chance explains"),
            results.Check("identity", "warn", "few", "cart"),
        ],
        pairs=[
            {
                "a": "cart",
                "b": "ctgan",
                "endpoint": "linkability.halves",
                "both": 12,
                "only_a": 10,
                "only_b": 11,
                "neither": 99,
            }
        ],
    )


def make_decision(found, policy=None):
    """Return the decision of the gate in one word; without a policy that of a limit of 0.05."""
    return decide(found, policy_of_limit(0.05) if policy is None else policy).decision


def _rate(counts):
    successes, trials = counts
    return results.Rate(successes, trials, trials)


def _fixture(make, name):
    return pytest.fixture(scope="session", name=name)(lambda: make)


risk = _fixture(make_risk, "risk")
scores = _fixture(make_scores, "scores")
matches = _fixture(make_matches, "matches")
skipped = _fixture(make_skipped, "skipped")
copies = _fixture(make_copies, "copies")
release = _fixture(make_release, "release")
evaluation = _fixture(make_evaluation, "evaluation")
histogram = _fixture(make_histogram, "histogram")
everything = _fixture(make_everything, "everything")
decision = _fixture(make_decision, "decision")


def make_case(original, control, release, **settings):
    """Return three frames, encoded; the settings are those of `infer`."""
    frames = [None if frame is None else load(frame, label="table") for frame in (original, control, release)]
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=infer(frames[0], **settings))


def exchange(frame, seed):
    """Return a frame with every column permuted on its own."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame({name: rng.permutation(frame[name].to_numpy()) for name in frame})


case_of = _fixture(make_case, "case_of")
exchanged = _fixture(exchange, "exchanged")


@dataclass(frozen=True)
class FreshSampler:
    """A generator that hands out people of the population, and looks at nobody."""

    population: pa.Table
    name: str = "fresh"

    def fit_sample(self, table, rows, seed):
        """Return rows."""
        drawn = np.random.default_rng(seed).choice(len(self.population), rows, replace=False)
        return self.population.take(pa.array(drawn)).cast(table.schema)


fresh_sampler = _fixture(FreshSampler, "fresh_sampler")
read = _fixture(lambda scores: {score.metric: score for score in scores}, "read")
"""What a family of measures gives back, by metric."""


@dataclass(frozen=True)
class Ran:
    """What a command line gave back."""

    code: int
    out: str
    err: str

    @property
    def last(self):
        """The last line on stderr."""
        return self.err.rstrip("\n").rpartition("\n")[2]


def run_command(*arguments, folder=None, **environment):
    """Run the command line in this process, in a folder, with no setting from outside but `environment`."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name in [name for name in os.environ if name.startswith(("SYNTHPRIVACY_", "GITHUB_"))]:
            patch.delenv(name)
        patch.setenv("SYNTHPRIVACY_KEY", "a key of these tests")
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.chdir(folder or Path.cwd())
        patch.setattr(sys, "argv", ["synthprivacy", *map(str, arguments)])
        patch.setattr(signal, "signal", lambda *_: None)
        with pytest.raises(SystemExit) as stopped:
            main()
    for stream in (out, err):
        stream.flush()
    return Ran(stopped.value.code, *(stream.buffer.getvalue().decode() for stream in (out, err)))


command = _fixture(run_command, "command")


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Return a folder with small tables, and with a plan for what any evaluation shows."""
    place = tmp_path_factory.mktemp("tables")
    names = ("train", "control", "syn")
    for name, stream in zip(names, np.random.default_rng(5).spawn(3)):
        simulate.people(240, stream)[SURVEY].to_csv(place / f"{name}.csv", index=False)
    (place / "quick.toml").write_text('[plan]\nattacks = ["linkability"]\nutility = ["shapes"]\n')
    return place


@pytest.fixture(scope="session")
def evaluated(folder, command, tmp_path_factory):
    """Return a folder with everything that one evaluation writes."""
    place = tmp_path_factory.mktemp("evaluated")
    outputs = ("--json", place / "e.json", "--html", place / "e.html", "--metrics", place / "e.metrics.json")
    done = command("evaluate", *TABLES, *outputs, folder=folder)
    assert done.code == 0, done.err
    return place
