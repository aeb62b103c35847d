"""Exposure: how far up a planted secret comes in a ranking of everything it could have been."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincc

from synthprivacy.errors import DataError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Exposure:
    """How exposed planted secrets are. The public constructor is `exposure`."""

    bits: tuple[float, ...]
    """Of each secret: ``log2 |R| - log2 rank``; without a leak below 1 / ln 2 = 1.443 on average."""
    ceiling: tuple[float, ...]
    """``log2 |R|``: the exposure of a secret ranked first."""
    p_value: float
    """Of no secret being ranked higher than chance; never below its nominal level."""

    @property
    def mean(self) -> float:
        """Bits a secret."""
        return math.fsum(self.bits) / len(self.bits)


def exposure(rank: npt.ArrayLike, candidates: npt.ArrayLike) -> Exposure:
    """Return the exposure of planted secrets and the p-value of a release that knows nothing of them.

    Each secret must have been drawn at random from its own candidates, independently of the others and of all else; or
    the other candidates drawn like it. Its rank is then uniform over ``1 ... |R|`` in a release that does not depend on
    it. A uniform rank over ``|R|`` is never below a uniform number U in the same quantile, so ``ln 2 * exposure`` is at
    most ``-ln U``, an exponential, and the sum over m secrets at most Gamma(m, 1): the p-value
    ``P(Gamma(m, 1) >= ln 2 * sum)`` is valid at any number of candidates, and exact in the limit of many.

    Parameters
    ----------
    rank : array_like of int, shape (secrets,)
        1 = the release finds the secret likelier than every alternative; see `rank_of`.
    candidates : array_like of int, shape (secrets,) or ()
        ``|R|``: how many were ranked, the secret among them.

    Raises
    ------
    DataError
        If there is no secret, or a rank is not within 1 and its number of candidates.

    References
    ----------
    Carlini, Liu, Erlingsson, Kos and Song (2019), The secret sharer, section 4 (exposure); Fisher (1925), Statistical
    methods for research workers, section 21.1 (sums of logarithms of independent p-values).
    """
    ranks, sizes = np.broadcast_arrays(np.atleast_1d(rank), candidates)
    if not ranks.size or not np.all((ranks >= 1) & (ranks <= sizes)):
        msg = (
            "a secret must rank between 1 and the number of its candidates, itself among them; count it with the others"
        )
        raise DataError(msg)
    ceiling = np.log2(sizes)
    bits = ceiling - np.log2(ranks)
    p_value = float(gammaincc(ranks.size, math.log(2.0) * math.fsum(bits)))
    return Exposure(tuple(bits.tolist()), tuple(ceiling.tolist()), p_value)


def rank_of(secret: FloatArray, alternatives: FloatArray) -> IntArray:
    """Return the rank of each secret among its alternatives; a tie counts against the secret.

    The last rank of a tie makes the exposure smaller than chance does, so a release that scores everything alike
    exposes nothing and the p-value stays valid.

    Parameters
    ----------
    secret : ndarray of float64, shape (secrets,)
        Score of each secret, higher = likelier to the release.
    alternatives : ndarray of float64, shape (secrets, alternatives)
        Scores of what each could have been instead.

    Returns
    -------
    ndarray of int64, shape (secrets,)
        Within 1 and ``alternatives + 1``.

    Raises
    ------
    DataError
        If the shapes do not fit or a score is NaN.
    """
    if alternatives.ndim != 2 or secret.shape != alternatives.shape[:1]:
        msg = f"every secret needs a row of alternatives: {secret.shape} and {alternatives.shape}; pass one row each"
        raise DataError(msg)
    if np.isnan(secret).any() or np.isnan(alternatives).any():
        msg = "scores of secrets must be numbers, some are NaN; give such candidates the lowest score"
        raise DataError(msg)
    above: IntArray = (alternatives >= secret[:, None]).sum(axis=1, dtype=np.int64)
    return above + 1
