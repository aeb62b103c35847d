"""Files behind an attestation: that each is the table that was judged, and its digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from synthprivacy.errors import ConfigError, DataError

if TYPE_CHECKING:
    from synthprivacy.gating import Verdict
    from synthprivacy.gating.attestation import Subject
    from synthprivacy.results import Evaluation

_BLOCK = 1 << 20


def attest(path: Path, verdict: Verdict, evaluation: Evaluation, files: Sequence[Subject]) -> None:
    """Write the statement about some files, as `subjects` gives them."""
    from synthprivacy.gating.attestation import to_statement
    from synthprivacy.results.files import write_text

    statement = to_statement(verdict, evaluation, files)
    write_text(path, json.dumps(statement, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def subjects(evaluation: Evaluation, synthetic: Sequence[str]) -> list[Subject]:
    """Return each file with its digest, once its content is that of the release of the same name.

    Raises
    ------
    ConfigError, DataError
        If no file is named, or one is not the table that was judged.
    """
    from synthprivacy.cli.sources import named

    files = named(synthetic)
    if not files:
        msg = "--attest needs the file it is about; pass --synthetic NAME=FILE"
        raise ConfigError(msg)
    return [subject(evaluation, name, Path(file)) for name, file in files.items()]


def subject(evaluation: Evaluation, name: str, file: Path) -> Subject:
    """Return a file with its digest, once its content is that of a release.

    Raises
    ------
    ConfigError, DataError
        If there is no such release, or the file is not the table that was judged.
    """
    from synthprivacy.gating.attestation import Subject
    from synthprivacy.gating.union import files_of

    known = files_of(evaluation)
    if name not in known:
        names = " or ".join(f"{one}=FILE" for one in known)
        raise ConfigError(f"--synthetic names no file of the evaluation; pass {names}")
    if evaluation.synthetic[name].digest not in _digests(evaluation, file, f"release {name}"):
        raise DataError(f"release {name} is not the table that was judged; pass that file, or evaluate this one")
    return Subject(file.name, name, sha256_of(file))


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file's bytes.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise DataError(f"{path.name} cannot be read ({error.strerror}); pass an existing file") from None
    return digest.hexdigest()


def training_sha256(evaluation: Evaluation, file: Path, key: bytes) -> str:
    """Return the sha256 of a file's bytes, once its content is that of the original.

    Raises
    ------
    DataError
        If the file is not the training table of the evaluation.
    """
    if evaluation.original.digest not in _digests(evaluation, file, "original", key):
        msg = "--training is not the original that was evaluated, or another key was used; pass that file, with the key of then"
        raise DataError(msg)
    return sha256_of(file)


def _digests(evaluation: Evaluation, file: str | Path, label: str, key: bytes | None = None) -> set[str]:
    """Return the digests that the content of a file may have had: as it is read, and in the kinds of the plan."""
    from synthprivacy.errors import SchemaError
    from synthprivacy.schemata import conform, infer
    from synthprivacy.tables.digest import content_digest
    from synthprivacy.tables.read import load

    frame = load(file, label=label)
    columns = evaluation.plan.get("columns", {})
    kinds = {column: {"kind": columns[column]["kind"]} for column in frame.column_names if column in columns}
    try:
        conforming, _ = conform({label: frame}, infer(frame, declared=kinds))
    except SchemaError:
        return {content_digest(frame, key)}
    return {content_digest(frame, key), content_digest(conforming[label], key)}
