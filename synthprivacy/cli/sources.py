"""Which tables are meant, by flags, by the environment and by the file: the first that speaks wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthprivacy.errors import ConfigError

if TYPE_CHECKING:
    from synthprivacy.config import Config
    from synthprivacy.frames import Frames

_TABLES = (".csv", ".gz", ".parquet", ".feather", ".arrow")


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of one evaluation."""

    original: str | Path
    control: str | Path | None
    synthetic: Mapping[str, str | Path]
    split: str | Path | None = None

    @property
    def files(self) -> tuple[str | Path | None, ...]:
        """All of them."""
        return self.original, self.control, self.split, *self.synthetic.values()


def configured(config: Path | None) -> Config:
    """Return what the file says, or nothing.

    Raises
    ------
    ConfigError
        If it cannot be read, or is a table.
    """
    from synthprivacy.config import Config, load

    if config is None:
        return Config()
    if config.suffix.lower() in _TABLES:
        raise ConfigError(
            f"{config.name} must be a synthprivacy.toml; pass tables by --original, --control, --synthetic"
        )
    return load(config)


def chosen(
    settings: Config,
    *,
    original: str | None,
    control: str | None,
    synthetic: Sequence[str],
    split: str | None = None,
) -> Sources:
    """Return the tables that flags name, else those of the file.

    Raises
    ------
    ConfigError
        If there is no original or no release.
    """
    from synthprivacy.config import TableSources

    tables = settings.tables or TableSources()
    training = original or tables.original
    releases: Mapping[str, str | Path] = named(synthetic) or tables.synthetic
    missing = [
        flag for flag, given in (("--original FILE", training), ("--synthetic NAME=FILE", releases)) if not given
    ]
    if training is None or missing:
        raise ConfigError(
            f"evaluate needs {' and '.join(missing)}; pass it, or name it under [tables] in a synthprivacy.toml"
        )
    return Sources(training, control or tables.control, releases, split or tables.split)


def frames_of(
    tables: Sources,
    settings: Config,
    *,
    unit: str | None,
    secrets: Sequence[str],
    encoding: str,
    earlier: Mapping[str, Path] | None = None,
) -> Frames:
    """Return the tables, read and checked against the schema that the file and the flags declare."""
    from synthprivacy.frames import read_tables
    from synthprivacy.schemata import infer
    from synthprivacy.tables.read import load

    frame = load(tables.original, label="original", encoding=encoding)
    declared = overruled(settings.columns, unit, secrets)
    schema = infer(frame, unit=unit, secrets=secrets, declared=declared, constraints=settings.constraints)
    return read_tables(
        original=tables.original,
        control=tables.control,
        synthetic=tables.synthetic,
        schema=schema,
        encoding=encoding,
        split=tables.split,
        earlier=earlier,
    )


def overruled(
    columns: Mapping[str, Mapping[str, Any]], unit: str | None, secrets: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Return the declared columns without the roles that flags give anew: one unit, and the secrets as a whole."""
    anew = {role for role, given in (("unit", unit), ("secret", secrets)) if given}
    flagged = {unit, *secrets}
    return {
        name: {
            key: entry
            for key, entry in entries.items()
            if key != "role" or (str(entry) not in anew and name not in flagged)
        }
        for name, entries in columns.items()
    }


def named(sources: Sequence[str]) -> dict[str, str | Path]:
    """Return releases by name: ``NAME=FILE``, or ``FILE``, called by its stem.

    Raises
    ------
    ConfigError
        If two releases have one name, or one has none that can be printed.
    """
    releases: dict[str, str | Path] = {}
    for source in sources:
        name, equals, file = source.partition("=")
        if not equals or "/" in name:
            name, file = Path(source).name.split(".")[0], source
        if not name or not file:
            msg = "a release must be NAME=FILE, or FILE; one of them is empty"
            raise ConfigError(msg)
        if not name.isprintable():
            msg = "the name of a release must be printable text; write NAME=FILE with another name"
            raise ConfigError(msg)
        if name in releases:
            raise ConfigError(f"releases must have different names: {name} is there twice; write NAME=FILE")
        releases[name] = file
    return releases
