"""`synthprivacy.explain`: an explanation from tables as users have them."""

from __future__ import annotations

from collections.abc import Mapping

from synthprivacy.clock import Progress
from synthprivacy.comparators.preparing import prepared
from synthprivacy.driver import stream
from synthprivacy.errors import ConfigError
from synthprivacy.explaining.agreeing import declared_of
from synthprivacy.explaining.explanation import explain_evaluation, explain_frames
from synthprivacy.explaining.values import Explanation
from synthprivacy.frames import Frames, read_tables
from synthprivacy.results import Evaluation
from synthprivacy.schemata import Schema, infer
from synthprivacy.tables.read import load
from synthprivacy.tables.table import Case


def explain(
    evaluation: Evaluation,
    release: str,
    endpoint: str | None = None,
    *,
    original: object | None = None,
    control: object | None = None,
    synthetic: object | Mapping[str, object] | None = None,
    schema: Schema | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Explanation:
    """Return why an endpoint of a release has its risk, by column, group and mechanism, and what to change.

    Each column of the release is taken away and made coarser, the rows that repeat people in each way are taken away, and
    the endpoint is read again every time. Such tables explain and must not be released: which rows are missing tells
    who was trained on.

    Parameters
    ----------
    evaluation : Evaluation
        Of the inside rendering.
    release : str
        Its name in the evaluation.
    endpoint : str, optional
        The worst primary one where absent.
    original, control : dataframe or path, optional
        The tables that were evaluated.
    synthetic : dataframe or path, or a mapping of names to them, optional
        The release, or several: the evaluation's first one too, where it is another and the plan was made from it. Without
        tables the evaluation speaks alone, of groups only.
    schema : Schema, optional
        As it was evaluated; needed where bounds or themes of columns were declared.
    jobs : int
        Threads; they change only the time.
    progress : callable, optional
        Called with (steps done, steps in all, what comes next).

    Returns
    -------
    Explanation
        Of the inside rendering; no cell of a person.

    Raises
    ------
    ConfigError
        If there is no such release or endpoint, or the endpoint was planned otherwise.
    DataError
        If the tables are not those of the evaluation, or there is no control.

    References
    ----------
    Ganev and De Cristofaro (2023), On the inadequacy of similarity-based privacy metrics: reconstruction attacks against
    "truly anonymous synthetic data" (arXiv 2312.05114): what measures of closeness, and filters by them, give away.
    """
    if jobs < 1:
        raise ConfigError(f"jobs must be a whole number of at least 1; change it: {jobs}")
    if original is None or synthetic is None:
        return explain_evaluation(evaluation, release, endpoint)
    releases = synthetic if isinstance(synthetic, Mapping) else {release: synthetic}
    known = schema or infer(load(original, label="original"), declared=declared_of(evaluation, {}))
    frames = read_tables(original=original, control=control, synthetic=releases, schema=known)
    return explain_tables(evaluation, frames, release, endpoint, jobs=jobs, progress=progress)


def explain_tables(
    evaluation: Evaluation,
    frames: Frames,
    release: str,
    endpoint: str | None,
    *,
    jobs: int,
    progress: Progress | None,
) -> Explanation:
    """Return the explanation of tables that were read, held against what the evaluation was held against."""

    def weighted(case: Case) -> Case:
        return prepared(case, "weighted", stream(evaluation.seed, "comparator"), jobs=jobs).case

    adjust = weighted if evaluation.comparator.get("kind") == "weighted" else None
    return explain_frames(evaluation, frames, release, endpoint, adjust=adjust, jobs=jobs, progress=progress)
