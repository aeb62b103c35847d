"""The whole audit on one page."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synthprivacy.auditing.budget import FEWEST, Reach, affordable, reach
from synthprivacy.auditing.canaries import Kind
from synthprivacy.auditing.canary_game import CanaryGame, judge_canaries
from synthprivacy.auditing.canary_risks import CanaryRisk, ExtractionRisk
from synthprivacy.auditing.checkpoints import Checkpoints, Kept, checkpoints
from synthprivacy.auditing.claims import judge_claim
from synthprivacy.auditing.extraction_game import ExtractionGame, judge_extraction, skipped
from synthprivacy.auditing.fits import run_fits, spoken
from synthprivacy.auditing.judging import judge_membership
from synthprivacy.auditing.poisoning import CRAFTED, TARGETS, amplified, craft
from synthprivacy.auditing.preparing import Prepared
from synthprivacy.auditing.results import Audit
from synthprivacy.auditing.risks import Choice, PoisonedRisk, SupportRisk
from synthprivacy.auditing.secrets_game import judge_secrets
from synthprivacy.auditing.study import Reading, Study
from synthprivacy.auditing.support_probe import SupportProbe, judge_support
from synthprivacy.auditing.worlds import coins_of
from synthprivacy.clock import Progress
from synthprivacy.errors import ConfigError
from synthprivacy.generators.protocol import Generator, conditional
from synthprivacy.provenance import versions
from synthprivacy.results import Skipped
from synthprivacy.tables.digest import content_digest, digest_key

CANARY_FITS = 8
PROBE_FITS = 40
"""Half of them with the probe: enough to disprove an epsilon of 1 or so by one column of a few."""
_JUDGED, _SECRETS, _CLAIM, _CRAFTED = range(4)
"""Streams of what comes after the fits."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is done."""

    fits: int | None = None
    """Of shadow-model membership; what the budget buys where absent."""
    budget: float | None = None
    """Seconds for all fits."""
    rows: int | None = None
    """Of a release; as many as are trained on where absent."""
    canaries: int = 10
    """Planted in each of a few fits more, and asked for in as many again, at most one in a hundred of the people; 0 for
    none."""
    canary_kind: Kind = "improbable"
    contributor: bool = False
    """Whether somebody may add rows to what is trained on: then three times the fits."""
    promise: float | None = None
    """The epsilon that the generator is said to keep when one person is replaced; then its domain is probed as well."""
    delta: float = 0.0
    """Of the promise."""
    confidence: float = 0.95
    jobs: int = 1


@dataclass(frozen=True, slots=True)
class _Run:
    """What every study is run with."""

    prepared: Prepared
    generator: Generator
    settings: Settings
    folder: Path
    progress: Progress | None

    def kept(self, study: Study, name: str) -> Checkpoints:
        """Return the checkpoints of one study."""
        facts = study.facts() | {
            "people": content_digest(self.prepared.people, digest_key()),
            "original": self.prepared.original,
            "generator": self.generator.name,
            "parameters": _digest(self.generator),
            "version": versions()["synthprivacy"],
        }
        return checkpoints(self.folder / name, facts)

    def fits(self, study: Study, name: str, fits: int) -> tuple[Kept, ...]:
        """Return the first fits of one study."""
        settings = self.settings
        return run_fits(
            study,
            self.generator,
            self.prepared.people,
            range(fits),
            kept=self.kept(study, name),
            jobs=settings.jobs,
            progress=self.progress,
        )


def run_audit(
    prepared: Prepared,
    generator: Generator,
    settings: Settings,
    *,
    folder: Path | None = None,
    progress: Progress | None = None,
    announce: Callable[[str], None] | None = None,
) -> Audit:
    """Return what can be learned from a generator that may be fitted again and again.

    Parameters
    ----------
    prepared : Prepared
    generator : Generator
    settings : Settings
        With fits, or a budget of which the first fits are timed.
    folder : Path, optional
        Where fits are kept, and found again; a temporary one by default.
    progress : callable, optional
    announce : callable, optional
        Told what so many fits can and cannot show, before they are made.

    Raises
    ------
    ConfigError
        If there are neither fits nor a budget, or too few.
    DataError
        If the generator fails, or fits cannot be kept.
    """
    with _place(folder) as where:
        run = _Run(prepared, generator, settings, Path(where), progress)
        expected = _planned(run, announce)
        study = prepared.membership(settings.rows)
        readings = [one.reading for one in run.fits(study, "membership", expected.fits)]
        coins = coins_of(study.worlds, expected.fits)
        streams = [np.random.default_rng([prepared.seed, 11, which]) for which in (_JUDGED, _SECRETS, _CLAIM)]
        confidence = settings.confidence
        return Audit(
            generator=generator.name,
            seed=prepared.seed,
            fits=expected.fits,
            rows=study.rows,
            people=prepared.original,
            others=prepared.people.num_rows - prepared.original,
            substitutes=prepared.substitutes,
            reach=expected,
            membership=judge_membership(
                readings, coins, prepared.targets.chosen, streams[_JUDGED], confidence=confidence
            ),
            secrets=judge_secrets(readings, coins, prepared.guessed, streams[_SECRETS], confidence=confidence),
            claim=judge_claim(readings, coins, streams[_CLAIM], delta=settings.delta, confidence=confidence),
            canaries=_canaries(run),
            extraction=_extraction(run),
            poisoned=_poisoned(run, expected.fits),
            promise=settings.promise,
            support=_support(run),
            versions=versions(),
        )


def fits_of(
    prepared: Prepared,
    generator: Generator,
    settings: Settings,
    study: Study,
    *,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> tuple[Reading, ...]:
    """Return the readings of one study, as many fits as the settings say; parameters as `run_audit`."""
    with _place(folder) as where:
        run = _Run(prepared, generator, settings, Path(where), progress)
        return tuple(one.reading for one in run.fits(study, "fits", settings.fits or 0))


def _place(folder: Path | None) -> AbstractContextManager[Any]:
    return tempfile.TemporaryDirectory(prefix="synthprivacy-") if folder is None else nullcontext(folder)


def _planned(run: _Run, announce: Callable[[str], None] | None) -> Reach:
    """Return what will be done, having timed the first fits where a budget decides; they are kept like all others."""
    settings, targets = run.settings, len(run.prepared.targets.rows)
    fits, seconds = settings.fits, None
    if fits is None:
        if settings.budget is None:
            msg = "an audit needs a budget of time or a number of fits; pass --budget 30m, or --fits 400"
            raise ConfigError(msg)
        first = run.fits(run.prepared.membership(settings.rows), "membership", settings.jobs)
        seconds = float(np.mean([one.seconds for one in first]))
        bought = affordable(seconds, settings.budget, settings.jobs)
        others = (CANARY_FITS if _planted(run) else 0) + (0 if settings.promise is None else PROBE_FITS)
        others += 0 if isinstance(_askable(run), Skipped) else CANARY_FITS
        fits = max(FEWEST, int((bought - others) / (3 if settings.contributor else 1)) // 2 * 2)
    expected = reach(fits, targets, confidence=settings.confidence)
    if announce is not None:
        cost = "" if seconds is None else f"A fit takes {spoken(seconds)} ({seconds:.2f} s), the budget buys {fits:,}. "
        asked = _askable(run)
        left_out = f" Extraction is left out: {asked.reason}." if isinstance(asked, Skipped) else ""
        announce(f"{cost}{expected}{left_out}")
    return expected


def _planted(run: _Run) -> int:
    """Return how many canaries a fit has."""
    if run.settings.canaries < 0:
        raise ConfigError(f"canaries must not be negative: {run.settings.canaries}; pass 0 for none")
    return min(run.settings.canaries, run.prepared.original // 100)


def _canaries(run: _Run) -> CanaryRisk | None:
    count = _planted(run)
    if not count:
        return None
    prepared, kind = run.prepared, run.settings.canary_kind
    rows = run.settings.rows or prepared.original
    game = CanaryGame(prepared.original, prepared.coding, prepared.schema, kind, count, rows, prepared.seed)
    fits = run.fits(game, f"canaries-{kind}", CANARY_FITS)
    return judge_canaries([one.reading for one in fits], kind)


def _askable(run: _Run) -> ExtractionGame | Skipped:
    """Return what would be asked of the generator about canaries, or why nothing can be."""
    prepared, kind, count = run.prepared, run.settings.canary_kind, _planted(run)
    if not count:
        return skipped(kind, "no canary is planted", "canaries, and a hundred people for each")
    if conditional(run.generator) is None:
        return skipped(
            kind, "the generator cannot be asked how rows go on", "one with fit_complete, or {given} in its command"
        )
    game = ExtractionGame(prepared.original, prepared.coding, prepared.schema, kind, count, prepared.seed)
    if not game.known(prepared.people):
        return skipped(
            kind, "all columns of these canaries are secret", "more columns, or improbable or token canaries"
        )
    return game


def _extraction(run: _Run) -> ExtractionRisk | Skipped:
    game = _askable(run)
    if isinstance(game, Skipped):
        return game
    fits = run.fits(game, f"extraction-{game.kind}", CANARY_FITS)
    return judge_extraction([one.reading for one in fits], game.kind, confidence=run.settings.confidence)


def _support(run: _Run) -> tuple[SupportRisk, ...]:
    if run.settings.promise is None:
        return ()
    prepared = run.prepared
    game = SupportProbe(prepared.original, prepared.coding, run.settings.rows or prepared.original, prepared.seed)
    fits = run.fits(game, "support", PROBE_FITS)
    return judge_support(game, [one.reading for one in fits], confidence=run.settings.confidence)


def _poisoned(run: _Run, fits: int) -> tuple[PoisonedRisk, ...]:
    """Return the same game at several numbers of crafted rows, each with half as many fits."""
    if not run.settings.contributor:
        return ()
    prepared, half = run.prepared, max(FEWEST, fits // 2)
    judged = []
    for crafted in (0, *CRAFTED):
        rng = np.random.default_rng([prepared.seed, 11, _CRAFTED, crafted])
        bare = prepared.membership(run.settings.rows, only=TARGETS)
        rows = craft(prepared.people, bare.worlds.targets, crafted, prepared.guessed, rng)
        study = prepared.membership(run.settings.rows, only=TARGETS, planted=(rows,))
        readings = [one.reading for one in run.fits(study, f"poisoned-{crafted}", half)]
        chosen: list[Choice] = ["vulnerable"] * len(study.worlds.targets)
        coins = coins_of(study.worlds, half)
        judged.append(judge_membership(readings, coins, chosen, rng, confidence=run.settings.confidence))
    return amplified((0, *CRAFTED), judged, half)


def _digest(generator: Generator) -> str | None:
    """Return a digest of a generator's parameters, where they say what they are."""
    return hashlib.sha256(repr(generator).encode()).hexdigest() if is_dataclass(generator) else None
