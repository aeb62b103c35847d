"""What was read of the fits so far, kept so that a killed audit goes on where it was.

One folder holds the fits of one study: a manifest that says of what, and a file for each fit. A file is whole or absent.
The readings are counts and moments of releases, no cell of anyone, but counts made for real targets: the folder is
readable by its owner only, and stays inside.
"""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synthprivacy.auditing.study import Reading
from synthprivacy.errors import ConfigError, DataError
from synthprivacy.results.files import read_json, write_text

FORMAT = "synthprivacy/checkpoints/1"
_MANIFEST = "manifest.json"
_SECONDS = "seconds"


@dataclass(frozen=True, slots=True)
class Kept:
    """One fit: what was read of its release, and how long it took."""

    reading: Reading
    seconds: float


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """A folder of fits. The public constructor is `checkpoints`."""

    folder: Path

    def numbers(self) -> frozenset[int]:
        """Return the numbers of the fits that are there."""
        found = (path.stem.removeprefix("fit-") for path in self.folder.glob("fit-*.npz"))
        return frozenset(int(number) for number in found if number.isdecimal())

    def save(self, number: int, reading: Reading, seconds: float) -> None:
        """Keep one fit: its file is whole or absent, whenever we are killed.

        Raises
        ------
        DataError
            If it cannot be written.
        """
        try:
            handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=".fit-", suffix=".tmp")  # mode 0600
        except OSError as error:
            raise _unwritable(error) from None
        try:
            with os.fdopen(handle, "wb") as file:
                arrays: dict[str, Any] = {**reading, _SECONDS: np.float64(seconds)}
                np.savez(file, **arrays)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self._path(number))
        except OSError as error:
            raise _unwritable(error) from None
        finally:
            Path(temporary).unlink(missing_ok=True)

    def load(self, number: int) -> Kept:
        """Return one fit.

        Raises
        ------
        DataError
            If its file is damaged.
        """
        try:
            with np.load(self._path(number), allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            return Kept({name: array for name, array in arrays.items() if name != _SECONDS}, float(arrays[_SECONDS]))
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            msg = f"the checkpoint of fit {number} is damaged; delete its file, and it is fitted again"
            raise DataError(msg) from None

    def _path(self, number: int) -> Path:
        return self.folder / f"fit-{number:06d}.npz"


def checkpoints(folder: Path, facts: Mapping[str, Any]) -> Checkpoints:
    """Return the checkpoints in a folder, which is made and marked with `facts` if it is empty or absent.

    Parameters
    ----------
    folder : Path
    facts : mapping
        What the fits depend on: study, digests of the tables, generator, seed. Strict JSON, no cell.

    Raises
    ------
    ConfigError
        If the folder holds fits of something else, or other things.
    DataError
        If it cannot be made or read.
    """
    manifest = folder / _MANIFEST
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise _unwritable(error) from None
    if not held:
        write_text(manifest, json.dumps({"format": FORMAT, **facts}, indent=1, sort_keys=True, allow_nan=False) + "\n")
    elif _MANIFEST not in held:
        msg = "a folder to resume from must be empty or hold the fits of an audit; pass another one"
        raise ConfigError(msg)
    _require_same(read_json(manifest, written_by="synthprivacy audit --resume DIR"), facts)
    for leftover in folder.glob(".fit-*.tmp"):  # of a process that was killed while it wrote
        leftover.unlink(missing_ok=True)
    return Checkpoints(folder)


def _require_same(kept: Any, facts: Mapping[str, Any]) -> None:
    if not isinstance(kept, dict) or kept.get("format") != FORMAT:
        msg = f"the manifest of a folder to resume from must be of format {FORMAT}; pass another folder"
        raise ConfigError(msg)
    asked = json.loads(json.dumps(facts))
    other = sorted(name for name in {*asked, *kept} - {"format"} if asked.get(name) != kept.get(name))
    if other:
        raise ConfigError(
            f"a resumed audit must be the same audit: its {', '.join(other)} differ; pass what it was started with, or "
            "another folder"
        )


def _unwritable(error: OSError) -> DataError:
    return DataError(f"the folder of the checkpoints cannot be written ({error.strerror}); pass another one")
