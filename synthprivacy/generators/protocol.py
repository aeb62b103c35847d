"""What a generator is to the house: a table of real people in, a table of made-up people out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

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
