"""`synthprivacy verify`: is this the file that the gate let pass?"""

from __future__ import annotations

from pathlib import Path

import typer

from synthprivacy.cli.console import last_line


def verify(
    statement: Path = typer.Argument(help="What `gate --attest` wrote."),
    file: Path = typer.Argument(help="The synthetic table as it is to be published."),
    evaluation: Path | None = typer.Option(None, help="Must be the evaluation that was judged, inside or public."),
) -> int:
    """Compare a file with what was attested: exit 0 if it is the file that passed (or passed with warnings), else 1.

    The statement is not signed: sign and check it with your own tools, or anybody could have written it.

    Example: synthprivacy verify release.intoto.json ctgan.parquet
    """
    from synthprivacy.cli.attested import sha256_of
    from synthprivacy.gating.attestation import unverified
    from synthprivacy.results import Evaluation
    from synthprivacy.results.files import read_json

    known = None if evaluation is None else Evaluation.from_json(evaluation)
    found = read_json(statement, written_by="synthprivacy gate --attest FILE")
    why = unverified(found, sha256_of(file), known)
    if why is not None:
        last_line(1, f"{file.name} is not verified: {why}")
        return 1
    last_line(0, f"{file.name} is the file that passed")
    return 0
