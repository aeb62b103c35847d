"""A real table small enough to ship: 6,000 distinct rows of Adult.

Source: Becker, B. and Kohavi, R. (1996), Adult, UCI Machine Learning Repository, https://doi.org/10.24432/C5XW20,
licence CC BY 4.0. Changed: duplicates dropped, 6,000 rows drawn at random, ``?`` turned into missing.
"""

from __future__ import annotations

import gzip
import io
from importlib import resources

import pandas as pd


def adult() -> pd.DataFrame:
    """Return the excerpt: 6,000 rows, 15 columns."""
    packed = resources.files(__name__).joinpath("adult.csv.gz").read_bytes()
    return pd.read_csv(io.BytesIO(gzip.decompress(packed)))
