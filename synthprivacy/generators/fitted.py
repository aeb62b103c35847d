"""Objects of other libraries that learn by `fit` and make rows by `sample`, as scikit-learn's densities do."""

from __future__ import annotations

import inspect
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from synthprivacy.errors import DataError
from synthprivacy.generators.columns import require
from synthprivacy.generators.matching import FAILURES, matched
from synthprivacy.tables.frames import from_frame

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_SEEDS = ("random_state", "seed")


@dataclass(frozen=True, slots=True)
class FitSample:
    """Fits a copy of an object to a pandas dataframe and asks it for rows: ``fit(X)``, then ``sample(n)``.

    The seed goes to every ``random_state`` or ``seed`` that the object has as an attribute or `sample` as an argument.
    Returned may be a dataframe, or an array (or a tuple that begins with one) with the columns in their order.

    Parameters
    ----------
    model : object
        Not changed: every fit has a copy of its own.
    label : str
        What reports call it; its class if empty.
    """

    model: Any = field(compare=False)
    label: str = ""

    def __post_init__(self) -> None:
        able = callable(getattr(self.model, "fit", None)) and callable(getattr(self.model, "sample", None))
        require(able, "a model must have the methods fit(X) and sample(n); pass such an object, not its class")
        require(not isinstance(self.model, type), "a model must be an object, not a class; make one first")

    @property
    def name(self) -> str:
        """What reports call it."""
        return self.label or type(self.model).__name__

    def fit_sample(self, table: pa.Table, rows: int, seed: int) -> pa.Table:
        """Return made-up rows; see `Generator`.

        Raises
        ------
        DataError
            If the object fails, or returns another table than it was given.
        """
        try:
            made = self._made(table.to_pandas(), rows, seed)
        except FAILURES as error:
            msg = f"generator {self.name} cannot learn from the table ({type(error).__name__}); try it by itself"
            raise DataError(msg) from None
        frame = from_frame(self._frame(made, table.column_names), label=f"generator {self.name}")
        return matched(frame, table, rows, self.name)

    def _made(self, people: pd.DataFrame, rows: int, seed: int) -> Any:
        model = deepcopy(self.model)
        for attribute in _SEEDS:
            if hasattr(model, attribute):
                setattr(model, attribute, seed)
        model.fit(people)
        takes = inspect.signature(model.sample).parameters
        return model.sample(rows, **{name: seed for name in _SEEDS if name in takes})

    def _frame(self, made: Any, names: list[str]) -> pd.DataFrame:
        import pandas as pd

        rows = made[0] if isinstance(made, tuple) else made
        if isinstance(rows, pd.DataFrame):
            return rows
        if getattr(rows, "ndim", 0) != 2 or rows.shape[1] != len(names):
            msg = f"generator {self.name} must return rows of {len(names)} columns; let sample return a dataframe"
            raise DataError(msg)
        return pd.DataFrame(rows, columns=names)
