"""Any program that reads a file of people and writes a file of made-up ones."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import current_thread, main_thread
from typing import IO

import pyarrow as pa
from pyarrow import csv, parquet

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.generators.columns import require
from synthprivacy.generators.given import known_of, saying
from synthprivacy.generators.matching import matched
from synthprivacy.schemata import shown
from synthprivacy.tables.digest import without_key
from synthprivacy.tables.read import load

_FILES = re.compile(r"\{(train|out|given)\}(\.csv|\.parquet)?")
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Command:
    """Runs a command for every fit, in no shell: ``mygen --in {train} --out {out} --rows {rows} --seed {seed}``.

    ``{train}`` and ``{out}`` become paths of files in a folder that only the user can read and that is removed afterwards:
    Parquet where the command says ``{train}.parquet``, CSV otherwise. A command that does not take ``{seed}`` makes a
    release of its own each time: what is measured holds, but cannot be repeated.

    A command with ``{given}`` can also be asked how rows go on: it becomes the path of a file with the columns that are
    known, one row for each row wanted, in whose order whole rows are to be written. Where nothing is known, it becomes an
    empty word.

    What the program prints may hold cells. It is thrown away, unless `log` says where to keep it.

    Parameters
    ----------
    command : str
        Split into words as a shell would.
    timeout : float
        Seconds that one fit may take; the program and all it started are ended then.
    log : str
        File that what the program prints is appended to; readable by the user only.
    """

    command: str
    timeout: float = 3600.0
    log: str = ""

    def __post_init__(self) -> None:
        try:
            words = shlex.split(self.command)
        except ValueError:
            msg = "the generator's command has an open quotation mark or ends in a backslash; close it"
            raise ConfigError(msg) from None
        files = {name for word in words for name, _ in _FILES.findall(word)} - {"given"}
        require(files == {"train", "out"}, "the generator's command must name {train} and {out}; write both into it")
        require(self.timeout > 0, f"timeout must be more than 0 seconds, not {self.timeout:g}; give a fit time")

    @property
    def name(self) -> str:
        """What reports call it: the program and a mark of its arguments, which may hold paths and keys."""
        program = Path(shlex.split(self.command)[0]).name
        mark = sha256(self.command.encode()).hexdigest()[:6]
        return f"cmd-{re.sub('[^A-Za-z0-9._-]', '-', program)[:_LONGEST_NAME]}-{mark}"

    def fit_sample(self, table: pa.Table, rows: int, seed: int) -> pa.Table:
        """Return made-up rows; see `Generator`.

        Raises
        ------
        DataError
            If the program cannot be started, takes too long, ends with another exit code than 0, or leaves no table
            like the one it was given.
        """
        return self._made({"train": table}, rows, seed)

    @property
    def completes(self) -> bool:
        """Whether the command can be told what is known of the rows it is to make."""
        return any(name == "given" for name, _ in _FILES.findall(self.command))

    def fit_complete(self, table: pa.Table, given: pa.Table, seed: int) -> pa.Table:
        """Return whole rows; see `Conditional`. What is known is put back, should the program change it.

        Raises
        ------
        ConfigError
            If the command does not name ``{given}``.
        DataError
            As `fit_sample`.
        """
        require(
            self.completes, "the generator's command must name {given} to be asked how rows go on; write it into it"
        )
        known = known_of(table, given)
        return saying(self._made({"train": table, "given": pa.table(known)}, len(given), seed), known)

    def _made(self, tables: dict[str, pa.Table], rows: int, seed: int) -> pa.Table:
        with _unwinding(), tempfile.TemporaryDirectory(prefix="synthprivacy.") as folder:
            words = shlex.split(self.command)
            paths = {
                name: Path(folder) / f"{name}{suffix or '.csv'}"
                for word in words
                for name, suffix in _FILES.findall(word)
                if name != "given" or name in tables
            }
            for name, table in tables.items():
                _write(table, paths[name])
            self._run([_filled(word, paths, rows, seed) for word in words])
            if not paths["out"].is_file():
                raise DataError(f"generator {self.name} left no file at {{out}}; let it write there")
            made = load(paths["out"], label=f"generator {self.name}")
            return matched(made, tables["train"], rows, self.name)

    def _run(self, words: list[str]) -> None:
        with self._printed() as printed:
            try:
                program = subprocess.Popen(  # noqa: S603 - no shell, the user's own words
                    words,
                    stdin=subprocess.DEVNULL,
                    stdout=printed,
                    stderr=printed,
                    start_new_session=True,
                    env=without_key(),
                )
            except OSError as error:
                msg = f"generator {shown(words[0])} cannot be started ({error.strerror}); check the command"
                raise DataError(msg) from None
            try:
                code = program.wait(self.timeout)
            except subprocess.TimeoutExpired:
                msg = f"generator {self.name} took longer than {self.timeout:g} seconds; give it a longer timeout"
                raise DataError(msg) from None
            finally:
                _end(program)
        if code:
            where = (
                f"see {Path(self.log).name}" if self.log else "pass log= to keep what it prints, which may hold cells"
            )
            raise DataError(f"generator {self.name} ended with exit code {code}; {where}")

    def _printed(self) -> IO[bytes]:
        place = self.log or os.devnull
        try:
            return open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")  # noqa: PTH123 - for the mode
        except OSError as error:
            raise ConfigError(f"log cannot be written ({error.strerror}); pass another path") from None


@contextmanager
def _unwinding() -> Iterator[None]:
    """Let a SIGTERM take the folder with the people away, and end the program, before it ends us.

    Whoever has a rule of their own for it keeps that, and so does whoever calls us outside the main thread.
    """
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL or current_thread() is not main_thread():
        yield
        return
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _filled(word: str, paths: dict[str, Path], rows: int, seed: int) -> str:
    """Return a word of the command with what it stands for; a file that is not there is an empty word."""
    named = _FILES.sub(lambda match: str(paths.get(match[1], "")), word)
    return named.replace("{rows}", str(rows)).replace("{seed}", str(seed))


def _write(table: pa.Table, path: Path) -> None:
    if path.suffix == ".parquet":
        parquet.write_table(table, path)
        return
    columns = {field.name: _written(field.type, values) for field, values in zip(table.schema, table.columns)}
    csv.write_csv(pa.table(columns), path)


def _written(kind: pa.DataType, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values that CSV has a form for: categories are text, durations whole microseconds."""
    if pa.types.is_dictionary(kind):
        return values.cast(pa.string())
    return values.cast(pa.int64()) if pa.types.is_duration(kind) else values


def _end(program: subprocess.Popen[bytes]) -> None:
    """End whatever the program started and left behind."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(program.pid, signal.SIGKILL)
    else:
        program.kill()
    program.wait()
