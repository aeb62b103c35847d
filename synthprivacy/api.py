"""The public functions: what `import synthprivacy as sp` offers.

The three tables are keyword-only everywhere: swapping two of them would silently reverse the answer.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from synthprivacy.auditing.calling import audit
from synthprivacy.clock import Progress
from synthprivacy.config import PlanSettings, Policy
from synthprivacy.crosschecking.calling import crosscheck
from synthprivacy.errors import ConfigError, DataError
from synthprivacy.evaluation import evaluate_frames, plan_of
from synthprivacy.explaining.calling import explain
from synthprivacy.frames import read_tables
from synthprivacy.gating import Verdict, decide
from synthprivacy.gating.choosing import policy_for
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.points import UNIT
from synthprivacy.planning import Plan
from synthprivacy.results import Evaluation
from synthprivacy.schemata import Schema, infer
from synthprivacy.tables.encode import encode_pair
from synthprivacy.tables.read import load
from synthprivacy.tables.space import points
from synthprivacy.tables.split import split

__all__ = ["audit", "crosscheck", "evaluate", "explain", "gate", "nearest", "plan", "report", "schema", "split"]


def schema(
    table: object,
    *,
    unit: str | None = None,
    secrets: Sequence[str] = (),
    columns: Mapping[str, Mapping[str, Any]] | None = None,
    constraints: Sequence[Mapping[str, Any]] = (),
) -> Schema:
    """Return kinds and roles of a table's columns, guessed with a reason each unless declared.

    Parameters
    ----------
    table : dataframe or path
        Anything `evaluate` takes; usually the original.
    unit : str, optional
        Column that says which person a row belongs to.
    secrets : sequence of str
        Columns an attacker may want to learn about a person.
    columns : mapping, optional
        Declared facts by column: ``{"icd10": {"kind": "code", "role": "secret"}, "age": {"bounds": [0, 110]}}``.
    constraints : sequence of mappings, optional
        Rules that rows must keep: ``[{"column": "age", "max": 110}, {"unique": ["ward", "bed"]}]``, or with ``by`` and
        ``determines``, or ``ascending``.

    Raises
    ------
    SchemaError, DataError
        If a column is unknown, a declaration contradicts another, or the table cannot be read.
    """
    return infer(load(table, label="table"), unit=unit, secrets=secrets, declared=columns, constraints=constraints)


def plan(
    *,
    original: object,
    synthetic: object | Mapping[str, object],
    control: object | None = None,
    schema: Schema | None = None,
    settings: PlanSettings | None = None,
    limit: float = 0.05,
) -> Plan:
    """Return what `evaluate` would do: endpoints, what each attacker knows, what the sizes can decide, and the cost.

    Parameters
    ----------
    original, synthetic, control, schema
        As for `evaluate`. Only the release and the sizes of the others are looked at.
    settings : PlanSettings, optional
        Attacks, primary endpoints and sizes.
    limit : float
        The limit an upper bound would have to keep.
    """
    frames = read_tables(original=original, control=control, synthetic=synthetic, schema=schema)
    return plan_of(frames, settings or PlanSettings(), limit=limit)


def evaluate(
    *,
    original: object,
    synthetic: object | Mapping[str, object],
    control: object | None = None,
    schema: Schema | None = None,
    plan: Plan | PlanSettings | None = None,
    policy: Policy | None = None,
    seed: int = 0,
    jobs: int = 1,
    progress: Progress | None = None,
    split: Mapping[str, Any] | str | os.PathLike[str] | None = None,
) -> Evaluation:
    """Return what an attacker could learn from each release about the people it was learned from.

    Parameters
    ----------
    original : dataframe or path
        The table the generator was trained on: pandas, polars, pyarrow, duckdb, or a CSV, Parquet or Feather file.
    synthetic : dataframe or path, or a mapping of names to them
        The releases.
    control : dataframe or path, optional
        People of the same population whom the generator never saw. Without them every risk is a raw rate, and no
        gate can pass it.
    schema : Schema, optional
        Inferred from the original where absent.
    plan : Plan or PlanSettings, optional
        What to attack and how much to spend.
    policy : Policy, optional
        Kept with the result for the report; `gate` decides.
    seed : int
        The same tables, seed and version give the same result, byte for byte.
    jobs : int
        Threads; they change only the time.
    progress : callable, optional
        Called with (steps done, steps in all, what comes next).
    split : mapping or path, optional
        The `split.json` that `synthprivacy split` wrote, or the same as a mapping of ``format``, ``seed``, ``unit`` and
        ``share``: then each release also tells what it proves about its generator's epsilon. The seed must have been
        unknown to whoever trained.

    Returns
    -------
    Evaluation
        Risks, skipped endpoints, utility scores and the headline per release; no cell of a person.

    Raises
    ------
    SynthPrivacyError
        If the tables cannot be judged; the message says why and what to do.
    """
    seed, jobs = _whole("seed", seed, 0), _whole("jobs", jobs, 1)
    settings = plan.kept if isinstance(plan, Plan) else plan or PlanSettings()
    if control is None:
        warnings.warn(f"no control: {_against(settings)}, and no gate can pass them", UserWarning, stacklevel=2)
    known = plan.schema if isinstance(plan, Plan) and schema is None else schema
    frames = read_tables(original=original, control=control, synthetic=synthetic, schema=known, split=split)
    return evaluate_frames(frames, settings=settings, policy=policy, seed=seed, jobs=jobs, progress=progress)


def gate(
    evaluation: Evaluation,
    *,
    limit: float | None = None,
    policy: Policy | Mapping[str, Any] | None = None,
    profile: str | None = None,
) -> Verdict:
    """Return whether the releases may go: pass, warn, fail or inconclusive.

    Parameters
    ----------
    evaluation : Evaluation
    limit : float, optional
        The policy of one rule: the upper bound of every primary endpoint at or below `limit`.
    policy : Policy or mapping, optional
        Rules as in the `[policy]` table of `synthprivacy.toml`. Without either, the policy kept in the evaluation.
    profile : str, optional
        A shipped policy: ``wp29``, ``consensus-2025``, ``dp-claim`` or ``internal``.

    Raises
    ------
    ConfigError
        If there is no policy, or more than one.
    """
    return decide(evaluation, policy_for(evaluation, limit=limit, policy=policy, profile=profile))


def report(
    evaluation: Evaluation | Iterable[Evaluation],
    path: str | os.PathLike[str],
    *,
    inside: bool = False,
    counted: Sequence[Mapping[str, int]] = (),
    against: Evaluation | None = None,
) -> None:
    """Write one self-contained HTML file.

    Parameters
    ----------
    evaluation : Evaluation, or several
    path : path
        The file is whole or as it was.
    inside : bool
        Show counts of people under ten, for those who may see the original; else they are withheld.
    counted : sequence of mappings of str to int
        For each evaluation, as which candidate of its control each release was judged, by name.
    against : Evaluation, optional
        Of the release that was accepted last: all others are held against it, unpaired.
    """
    from synthprivacy.reporting import write

    given = evaluation if isinstance(evaluation, Evaluation) else tuple(evaluation)
    write(given, path, inside=inside, counted=counted, against=against)


def nearest(
    queries: object, candidates: object, k: int = 1, schema: Schema | None = None, jobs: int = 1
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return the exact k nearest candidates of each query under Gower's distance.

    Parameters
    ----------
    queries, candidates : dataframe or path
        Tables with the same columns.
    k : int
        Neighbours wanted, from 1 to the number of candidates.
    schema : Schema, optional
        Inferred from the candidates where absent.
    jobs : int
        Threads.

    Returns
    -------
    distances : ndarray of shape (queries, k), float64
        From 0 to 1, a multiple of 2⁻²⁰ over the number of columns; numbers are scaled by the candidates.
    indices : ndarray of shape (queries, k), int64
        Rows of the candidates, nearest first; of equally near ones the smallest first.

    Raises
    ------
    ConfigError
        If k is below 1.
    DataError
        If there are fewer than k candidates.

    References
    ----------
    Gower (1971), A general coefficient of similarity and some of its properties, section 2.
    """
    k, jobs = _whole("k", k, 1), _whole("jobs", jobs, 1)
    asked, offered = encode_pair(load(queries, label="queries"), load(candidates, label="candidates"), schema)
    if k > len(offered):
        raise DataError(f"k must be at most the number of candidates: {k} of {len(offered)}; ask for fewer")
    index = neighbors.build(points(offered))
    found = neighbors.nearest(index, points(asked), k, jobs=jobs)
    return found.steps / (UNIT * index.columns), found.rows


def _against(settings: PlanSettings) -> str:
    """Return what risks are without a control."""
    if settings.comparator == "crossfitted":
        return "risks are held against other training people"
    return "risks are raw rates"


def _whole(name: str, value: int, least: int) -> int:
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
        raise ConfigError(f"{name} must be a whole number of at least {least}; change it")
    return int(value)
