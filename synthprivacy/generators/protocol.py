"""What a generator is to the house: a table of real people in, a table of made-up people out; and what some can beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from synthprivacy.errors import ConfigError

if TYPE_CHECKING:
    import pyarrow as pa


class Generator(Protocol):
    """A frozen dataclass of parameters. It is fitted anew every time it is asked: no fit outlives a call."""

    @property
    def name(self) -> str:
        """What reports call it, with the parameters that matter: stable, fit for a file name."""

    def fit_sample(self, table: pa.Table, rows: int, seed: int) -> pa.Table:
        """Return `rows` made-up rows of a generator that was fitted on `table`.

        Parameters
        ----------
        table : pyarrow.Table
            Canonical, as `tables.load` returns it: real people, one row each.
        rows : int
            Rows wanted.
        seed : int
            The same table, rows and seed give the same bytes, in whatever process.

        Returns
        -------
        pyarrow.Table
            With the columns of `table`, in its order and of its types.

        Raises
        ------
        DataError
            If the table cannot be learned from, or the generator failed; never with a cell in the message.
        """


@runtime_checkable
class Conditional(Protocol):
    """A generator that can also be asked how rows go on, some columns of which are known: a prompt, and what follows it."""

    @property
    def name(self) -> str:
        """What reports call it."""

    @property
    def completes(self) -> bool:
        """Whether it can be asked so with the parameters it has."""

    def fit_complete(self, table: pa.Table, given: pa.Table, seed: int) -> pa.Table:
        """Return whole rows of a generator that was fitted on `table`, one for each row of `given`.

        Parameters
        ----------
        table : pyarrow.Table
            As `Generator.fit_sample` takes it.
        given : pyarrow.Table
            Some columns of `table`, of its types: what is known of each row wanted. Rows may be alike; each of them is
            drawn anew.
        seed : int
            The same table, given rows and seed give the same bytes, in whatever process.

        Returns
        -------
        pyarrow.Table
            With the columns of `table`, in its order and of its types, and the known values as they were given. What it
            could find no way to go on with misses all other values.

        Raises
        ------
        ConfigError
            If it cannot be asked so.
        DataError
            If the table cannot be learned from, or the generator failed; never with a cell in the message.
        """


def conditional(generator: object) -> Conditional | None:
    """Return a generator that can be asked how rows go on, or None."""
    return generator if isinstance(generator, Conditional) and generator.completes else None


def completing(generator: Generator) -> Conditional:
    """Return a generator that can be asked how rows go on.

    Raises
    ------
    ConfigError
        If it cannot.
    """
    able = conditional(generator)
    if able is None:
        raise ConfigError(f"generator {generator.name} cannot be asked how rows go on; take one with fit_complete")
    return able
