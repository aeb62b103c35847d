"""The Python that has the peers: asked a question, ended when it takes too long, and never quoted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.tables.digest import without_key

SCRIPT = Path(__file__).with_name("peers") / "ask.py"
STARTING = 60.0
"""Seconds within which a Python must say which peers it has."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that may have the peers.

    Tables go through pipes, so that no file is left behind however a run ends. The program is ended when we are
    interrupted. What it prints besides its answer may hold cells and is thrown away.

    Parameters
    ----------
    python : str
        Path of the interpreter; this one if empty.
    timeout : float
        Seconds that one peer may take.
    script : Path
        What it runs.
    """

    python: str = ""
    timeout: float = 3600.0
    script: Path = SCRIPT

    def __post_init__(self) -> None:
        if not self.timeout > 0:
            raise ConfigError(f"timeout must be more than 0 seconds, not {self.timeout:g}; give the peers time")

    def versions(self) -> Mapping[str, str]:
        """Return the versions of the peers that this Python has.

        Raises
        ------
        ConfigError
            If it cannot be started, or lacks what the script needs.
        """
        try:
            found = self._told({"seed": 0, "tables": {}, "tasks": []}, STARTING)
        except DataError as error:
            raise ConfigError(f"the Python of the peers must have pandas: it {error}; check --python") from None
        versions: Mapping[str, str] = found["versions"]
        return versions

    def ask(self, request: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the answer to each task of a request.

        Raises
        ------
        DataError
            If the program takes too long, ends with another exit code than 0, or answers something else; the message goes
            on from "it".
        """
        answers: list[dict[str, Any]] = self._told(request, self.timeout)["answers"]
        return answers

    def _told(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        words = [self.python or sys.executable, str(self.script)]
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        try:
            program = subprocess.Popen(  # noqa: S603 - no shell, our script
                words, stdin=pipe, stdout=pipe, stderr=nowhere, env=without_key()
            )
        except OSError as error:
            msg = f"the Python of the peers cannot be started ({error.strerror}); pass the path of one by --python"
            raise ConfigError(msg) from None
        with program:
            try:
                told, _ = program.communicate(json.dumps(request, allow_nan=False).encode(), timeout=seconds)
            except subprocess.TimeoutExpired:
                msg = f"took longer than {seconds:g} seconds"
                raise DataError(msg) from None
            finally:  # also when we are interrupted
                program.kill()
                program.wait()
        if program.returncode:
            msg = f"ended with exit code {program.returncode}"
            raise DataError(msg)
        return _parsed(told, len(request["tasks"]))


def _parsed(answer: bytes, tasks: int) -> dict[str, Any]:
    try:
        found = json.loads(answer)
    except ValueError:
        found = None
    if not (
        isinstance(found, dict) and isinstance(found.get("versions"), dict) and _whole(found.get("answers"), tasks)
    ):
        msg = "gave an answer of another form"
        raise DataError(msg)
    return found


def _whole(answers: object, tasks: int) -> bool:
    return isinstance(answers, list) and len(answers) == tasks and all(isinstance(answer, dict) for answer in answers)
