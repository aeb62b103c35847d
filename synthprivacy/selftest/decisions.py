"""The gate as its users meet it: how often it passes what may pass, and what must not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from synthprivacy.config import PlanSettings, policy_of_limit
from synthprivacy.evaluation import evaluate_frames
from synthprivacy.frames import read_tables
from synthprivacy.gating import decide
from synthprivacy.schemata import infer
from synthprivacy.selftest import releases
from synthprivacy.selftest.finding import Finding, share
from synthprivacy.selftest.replicates import Advance
from synthprivacy.selftest.scenario import LIMIT, Scenario
from synthprivacy.selftest.subjects import ALPHA
from synthprivacy.selftest.work import results_of
from synthprivacy.simulate import people
from synthprivacy.tables.read import load

POWER_TO_PASS = 0.9
POWER_TO_FAIL = 0.8
DECIDABLE = 4_000
"""Training people, with as many held out, from which on the default policy can pass a perfect release."""
ADULT = 32_561
"""Training people of the census table that everybody evaluates on; its holdout has half as many."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of the gate: a decision that is to come, or not to come, on one kind of release."""

    scenario: Scenario
    decision: str
    at_least: float | None = None
    at_most: float | None = None


def promises(training: int, control: float) -> tuple[Promise, ...]:
    """Return what the default policy promises at some size; below `DECIDABLE` people it only promises not to pass."""
    size = f"{training:,} people"
    clean = Scenario(f"nothing, {size}", "N0", people, releases.oracle, training, control, guessed="diagnosis")
    edge = _copied(clean, LIMIT, f"copied {LIMIT:g}, {size}")
    twice = _copied(clean, 2 * LIMIT, f"copied {2 * LIMIT:g}, {size}")
    never = (Promise(edge, "pass", at_most=ALPHA), Promise(twice, "pass", at_most=ALPHA))
    if training < DECIDABLE:
        return never
    often = (Promise(clean, "pass", at_least=POWER_TO_PASS), Promise(twice, "fail", at_least=POWER_TO_FAIL))
    return (*never, *often)


def kept(training: int, control: float, replicates: int, *, seed: int, jobs: int, advance: Advance) -> list[Finding]:
    """Return whether every promise at some size was kept; a scenario that occurs in several is decided once."""
    promised = promises(training, control)
    names = list(dict.fromkeys(promise.scenario.name for promise in promised))
    tasks = [(training, control, name, seed, number) for name in names for number in range(replicates)]
    decided: dict[str, list[str]] = {name: [] for name in names}
    for (_, _, name, _, _), decision in zip(tasks, results_of(decision_of, tasks, jobs)):
        decided[name].append(decision)
        advance(f"gate: {name}")
    return [_finding(promise, decided[promise.scenario.name]) for promise in promised]


def decision_of(training: int, control: float, name: str, seed: int, number: int) -> str:
    """Return what the gate decides on one replicate, with the default plan and policy and one declared secret."""
    scenario = next(p.scenario for p in promises(training, control) if p.scenario.name == name)
    original, held_out, release = scenario.tables(seed, number)
    secrets = () if scenario.guessed is None else (scenario.guessed,)
    schema = infer(load(original, label="original"), secrets=secrets)
    frames = read_tables(original=original, control=held_out, synthetic=release, schema=schema)
    evaluation = evaluate_frames(frames, settings=PlanSettings(), seed=number)
    return str(decide(evaluation, policy_of_limit(LIMIT)).decision)


def _copied(clean: Scenario, part: float, name: str) -> Scenario:
    return replace(clean, name=name, row="L1", release=releases.copied(part))


def _finding(promise: Promise, decisions: Sequence[str]) -> Finding:
    hits, of = decisions.count(promise.decision), len(decisions)
    law = {"pass": "power to pass" if promise.at_least else "false pass", "fail": "power to fail"}[promise.decision]
    if promise.at_least is not None:
        return share(law, promise.scenario.name, "gate", hits, of, side="at least", bar=promise.at_least)
    return share(law, promise.scenario.name, "gate", hits, of, side="at most", bar=promise.at_most or 0.0)
