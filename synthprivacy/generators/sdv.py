"""The synthesizers of the Synthetic Data Vault, version 1 and 2 (extra `sdv`)."""

from __future__ import annotations

import inspect
import io
import logging
import random
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.generators.columns import require
from synthprivacy.generators.given import known_of, saying
from synthprivacy.generators.matching import FAILURES, matched
from synthprivacy.schemata import shown
from synthprivacy.tables.frames import from_frame

if TYPE_CHECKING:
    import pandas as pd

SYNTHESIZERS = ("GaussianCopula", "CTGAN", "TVAE", "CopulaGAN")
_NEURAL = frozenset({"CTGAN", "TVAE", "CopulaGAN"})
_TABLE = "people"
_TRIES = 10
"""Times that a network draws for rows of which the same is given; SDV's own hundred take minutes and find little more."""
_NONE = "Unable to sample any rows"
"""How SDV begins to say that it met nobody of whom all that was given is true."""


@dataclass(frozen=True, slots=True)
class SDVSynthesizer:
    """Fits a synthesizer of SDV anew for every release, on the processor.

    The generators of numpy, torch and Python are seeded around the fit and put back as they were, and what SDV draws with a
    seed of its own is given ours. GaussianCopula is then the same in every run. The networks are the same
    with one thread, on the same machine and with the same versions; other versions of torch sum in another order. Columns
    that SDV invents (ids, names, addresses) come from its own stream and follow no seed of ours.

    Rows are completed by `sample_remaining_columns`: GaussianCopula draws from its conditional law, the networks draw until
    a row agrees, which hardly one does where numbers are given.

    Parameters
    ----------
    synthesizer : {"GaussianCopula", "CTGAN", "TVAE", "CopulaGAN"}
    epochs : int
        Rounds of training of a network; 0 leaves it to SDV.
    batch_size : int
        Rows of a training step of a network; 0 leaves it to SDV. SDV wants multiples of ten.
    metadata : str
        Path of the metadata of one table in JSON, as SDV writes it; guessed by SDV from the training people if empty.
    """

    completes: ClassVar[bool] = True
    synthesizer: str = "GaussianCopula"
    epochs: int = 0
    batch_size: int = 0
    metadata: str = ""

    def __post_init__(self) -> None:
        require(self.synthesizer in SYNTHESIZERS, f"SDV's synthesizers are {', '.join(SYNTHESIZERS)}; choose one")
        require(self.epochs >= 0 and self.batch_size >= 0, "epochs and batch_size must not be negative; 0 is SDV's own")
        settled = self.synthesizer in _NEURAL or not (self.epochs or self.batch_size)
        require(settled, f"epochs and batch_size belong to networks, {self.synthesizer} is none; leave them out")

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"sdv-{self.synthesizer}" + (f"-{self.epochs}" if self.epochs else "")

    def fit_sample(self, table: pa.Table, rows: int, seed: int) -> pa.Table:
        """Return made-up rows; see `Generator`.

        Raises
        ------
        ConfigError
            If SDV is not installed, or the metadata cannot be read.
        DataError
            If SDV cannot learn from the table.
        """
        made = self._made(table, seed, lambda model: model.sample(rows))
        return matched(from_frame(made, label=f"generator {self.name}"), table, rows, self.name)

    def fit_complete(self, table: pa.Table, given: pa.Table, seed: int) -> pa.Table:
        """Return whole rows; see `Conditional`. Errors as `fit_sample`."""
        known = known_of(table, given)
        asked = _plain_frame(pa.table(known))
        made = self._made(table, seed, lambda model: _completed(model, asked))
        whole = table.slice(0, 0)
        if len(made):
            whole = matched(from_frame(made, label=f"generator {self.name}"), table, len(made), self.name)
        place = np.full(len(given), -1)
        place[made.index.to_numpy().astype(np.int64)] = np.arange(len(made))  # SDV leaves out those it met nobody for
        return saying(whole.take(pa.array(place, mask=place < 0)), known)

    def _made(self, table: pa.Table, seed: int, ask: Callable[[Any], Any]) -> pd.DataFrame:
        """Return what a synthesizer that was fitted on a table answers to what it is asked."""
        version = int(_library("sdv").__version__.partition(".")[0])
        frame = _plain_frame(table)
        with _seeded(seed), _quiet():
            return self._answered(version, frame, seed, ask)

    def _answered(self, version: int, frame: pd.DataFrame, seed: int, ask: Callable[[Any], Any]) -> pd.DataFrame:
        kind = getattr(_library("sdv.single_table"), f"{self.synthesizer}Synthesizer")
        metadata = self._read_metadata(frame)
        errors = _errors()
        try:
            model = kind(metadata, **self._settings(kind))
            model.fit({next(iter(metadata.tables)): frame} if version >= 2 else frame)
            if hasattr(model, "_set_random_state"):
                model._set_random_state(seed)  # noqa: SLF001 - SDV draws every release with the same seed otherwise
            made = ask(model)
        except errors as error:
            msg = f"generator {self.name} cannot learn from the table ({type(error).__name__} in SDV)"
            raise DataError(f"{msg}; try it in SDV by itself") from None
        released: pd.DataFrame = next(iter(made.values())) if isinstance(made, dict) else made
        return released

    def _settings(self, kind: Any) -> dict[str, Any]:
        if self.synthesizer not in _NEURAL:
            return {}
        wanted = {"epochs": self.epochs, "batch_size": self.batch_size}
        settings: dict[str, Any] = {key: value for key, value in wanted.items() if value}
        takes = inspect.signature(kind).parameters
        for name in ("enable_gpu", "cuda"):  # new and old name of one setting, and some versions refuse both at once
            if name in takes:
                return {**settings, name: False}
        return settings

    def _read_metadata(self, frame: pd.DataFrame) -> Any:
        Metadata = _library("sdv.metadata").Metadata  # noqa: N806 - the class's own name
        if not self.metadata:
            return Metadata.detect_from_dataframes({_TABLE: frame})
        errors: tuple[type[Exception], ...] = (OSError, *_errors())
        try:
            return Metadata.load_from_json(self.metadata)
        except errors:
            name = shown(Path(self.metadata).name)
            raise ConfigError(f"{name} is not metadata that SDV can read; write it with SDV's save_to_json") from None


def _completed(model: Any, asked: pd.DataFrame) -> Any:
    """Return the rows that a synthesizer completed, by their places in what was asked; none where it met nobody."""
    try:
        return model.sample_remaining_columns(asked, max_tries_per_batch=_TRIES)
    except ValueError as error:
        if str(error).startswith(_NONE):
            return asked.head(0)
        raise


def _library(module: str) -> ModuleType:
    if find_spec("sdv") is None:
        msg = "SDV is not installed; install synthprivacy[sdv]"
        raise ConfigError(msg)
    return import_module(module)


def _errors() -> tuple[type[Exception], ...]:
    """Return what SDV raises, by its own names, which differ between its versions, and by Python's."""
    modules = ("sdv.errors", "sdv.metadata.errors", "rdt.errors")
    found = [kind for module in modules for kind in vars(_library(module)).values() if isinstance(kind, type)]
    return (*FAILURES, *(kind for kind in found if issubclass(kind, Exception)))


def _plain_frame(table: pa.Table) -> pd.DataFrame:
    """Return a dataframe of types that SDV knows: categories are text, durations whole microseconds."""
    columns = {field.name: _plain(field.type, values) for field, values in zip(table.schema, table.columns)}
    frame: pd.DataFrame = pa.table(columns).to_pandas()
    return frame


def _plain(kind: pa.DataType, values: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(kind):
        return values.cast(pa.string())
    if pa.types.is_duration(kind):
        return values.cast(pa.int64())
    if not pa.types.is_timestamp(kind):
        return values
    try:
        return values.cast(pa.timestamp("ns"))  # SDV takes every instant for a number of nanoseconds
    except pa.ArrowInvalid:
        msg = "SDV has no dates before 1677 or after 2262, the table has; drop the column, or clip its dates"
        raise DataError(msg) from None


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed every stream that SDV draws from, and let torch work in one thread; put all back as it was."""
    torch: Any = import_module("torch")
    ours, theirs, threads = random.getstate(), np.random.get_state(), torch.get_num_threads()  # noqa: NPY002 - SDV draws there
    try:
        with torch.random.fork_rng(devices=[]):
            random.seed(seed)
            np.random.seed(seed % 2**32)  # noqa: NPY002 - and is seeded there
            torch.manual_seed(seed)
            torch.set_num_threads(1)
            yield
    finally:
        random.setstate(ours)
        np.random.set_state(theirs)  # noqa: NPY002 - and so is put back there
        torch.set_num_threads(threads)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence warnings and logs, which may quote values, and bars of progress."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
