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
    from synthprivacy.gating.attestation import Subject

    files = named(synthetic)
    if not files:
        msg = "--attest needs the file it is about; pass --synthetic NAME=FILE"
        raise ConfigError(msg)
    found = []
    for name, file in files.items():
        facts = evaluation.synthetic.get(name)
        if facts is None:
            raise ConfigError(f"--synthetic names no release of the evaluation; pass {_known(evaluation)}")
        if facts.digest not in _digests(evaluation, file, name):
            raise DataError(f"release {name} is not the table that was judged; pass that file, or evaluate this one")
        found.append(Subject(Path(file).name, name, sha256_of(Path(file))))
    return found


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


def _digests(evaluation: Evaluation, file: str | Path, name: str) -> set[str]:
    """Return the digests that the content of a file may have had: as it is read, and in the kinds of the plan."""
    from synthprivacy.errors import SchemaError
    from synthprivacy.schemata import conform, infer
    from synthprivacy.tables.digest import content_digest
    from synthprivacy.tables.read import load

    label = f"release {name}"
    frame = load(file, label=label)
    columns = evaluation.plan.get("columns", {})
    kinds = {column: {"kind": columns[column]["kind"]} for column in frame.column_names if column in columns}
    try:
        conforming, _ = conform({label: frame}, infer(frame, declared=kinds))
    except SchemaError:
        return {content_digest(frame)}
    return {content_digest(frame), content_digest(conforming[label])}


def _known(evaluation: Evaluation) -> str:
    return " or ".join(f"{name}=FILE" for name in evaluation.synthetic)
