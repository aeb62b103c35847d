"""`synthprivacy.audit`: the whole audit in one call."""

from __future__ import annotations

import os
from pathlib import Path

from synthprivacy.auditing.budget import seconds_of
from synthprivacy.auditing.preparing import prepare
from synthprivacy.auditing.results import Audit
from synthprivacy.auditing.running import Settings, run_audit
from synthprivacy.clock import Progress
from synthprivacy.errors import ConfigError
from synthprivacy.generators import named
from synthprivacy.generators.protocol import Generator
from synthprivacy.schemata import Schema, infer
from synthprivacy.tables.read import load


def audit(
    generator: Generator | str,
    *,
    original: object,
    control: object | None = None,
    schema: Schema | None = None,
    fits: int | None = None,
    budget: str | None = None,
    targets: int = 20,
    canaries: int = 10,
    contributor: bool = False,
    promise: float | None = None,
    rows: int | None = None,
    seed: int = 0,
    jobs: int = 1,
    resume: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Return what a generator gives away that may be fitted again and again, with and without single people.

    Parameters
    ----------
    generator : Generator or str
        An object with ``name`` and ``fit_sample(table, rows, seed)``, or the name of one: ``copula``, ``cart:minbucket=5``. One
        with ``completes`` and ``fit_complete(table, given, seed)`` is asked for planted secrets as well.
    original : dataframe or path
        One row a person.
    control : dataframe or path, optional
        People who take a target's place where it is not trained on; else a fifth of the original is set aside for this.
    schema : Schema, optional
        Inferred from the original where absent. Its secrets are what attackers guess.
    fits : int, optional
        Of shadow-model membership, at least 20; or
    budget : str, optional
        what time may buy: ``"90s"``, ``"30m"``, ``"2h"``. The first fits are timed.
    targets : int
        People looked at, half of them the most unusual.
    canaries : int
        Made-up people planted in eight fits more, and in eight again whose generator is given all of them but their
        secrets, where it can be asked how rows go on; 0 for none.
    contributor : bool
        Whether somebody may add rows to what is trained on; then three times the fits.
    promise : float, optional
        The epsilon that the generator is said to keep when one person is replaced (twice that of adding or removing one);
        then 40 fits more probe whether its domain follows the people.
    rows : int, optional
        Of a release; as many as are trained on by default.
    seed : int
        The same tables, generator, fits, seed and version give the same result.
    jobs : int
        Processes, each with one fit at a time; they change only the time.
    resume : path, optional
        A folder where fits are kept, and found again after an interruption. It stays inside.
    progress : callable, optional
        Called with (fits done, fits in all, time left).

    Returns
    -------
    Audit
        No cell, no row and no id of anyone.

    Raises
    ------
    SynthPrivacyError
        If the audit cannot be made; the message says why and what to do.
    """
    if seed < 0 or jobs < 1:
        raise ConfigError(f"seed must be at least 0 and jobs at least 1: {seed} and {jobs}; change them")
    made = named(generator) if isinstance(generator, str) else generator
    frame = load(original, label="original")
    others = None if control is None else load(control, label="control")
    prepared = prepare(frame, others, schema or infer(frame), targets=targets, seed=seed)
    settings = Settings(
        fits=fits,
        budget=None if budget is None else seconds_of(budget),
        rows=rows,
        canaries=canaries,
        contributor=contributor,
        promise=promise,
        jobs=jobs,
    )
    return run_audit(prepared, made, settings, folder=None if resume is None else Path(resume), progress=progress)
