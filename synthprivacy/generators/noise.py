"""Noise and choices that keep a promise of differential privacy, and what each spends of it."""

from __future__ import annotations

import numpy as np

from synthprivacy.errors import ConfigError
from synthprivacy.generators.columns import FloatArray, IntArray


def require_epsilon(epsilon: float) -> None:
    """Refuse a promise that is none.

    Raises
    ------
    ConfigError
        If epsilon is not a positive finite number.
    """
    if not 0 < epsilon < np.inf:
        msg = f"epsilon must be positive and finite, not {epsilon:g}; 1 is a strong promise, 10 hardly one"
        raise ConfigError(msg)


def noisy(counts: IntArray, sensitivity: int, epsilon: float, rng: np.random.Generator) -> IntArray:
    r"""Return counts with discrete Laplace noise: epsilon-differentially private, and whole numbers still.

    Noise k has probability :math:`(1 - a) / (1 + a) \cdot a^{|k|}` with :math:`a = e^{-\epsilon / \Delta}`: the
    difference of two geometric numbers. Whole numbers have no last bits that could tell the count (Mironov 2012).

    Parameters
    ----------
    counts : ndarray, int64
        Any shape.
    sensitivity : int
        Sum of absolute changes of all counts when one person is replaced by another.
    epsilon : float
        What the counts may spend, all together.
    rng : numpy.random.Generator

    References
    ----------
    Ghosh, Roughgarden and Sundararajan (2009), Universally utility-maximizing privacy mechanisms (the geometric mechanism);
    Mironov (2012), On significance of the least significant bits for differential privacy.
    """
    stop = -np.expm1(-epsilon / sensitivity)
    return np.asarray(counts + rng.geometric(stop, counts.shape) - rng.geometric(stop, counts.shape), dtype=np.int64)


def chosen(scores: FloatArray, sensitivity: float, epsilon: float, rng: np.random.Generator) -> int:
    r"""Return a position, with probability in proportion to :math:`e^{\epsilon \cdot score / (2 \Delta)}`.

    The largest of the scaled scores with Gumbel noise is such a draw.

    References
    ----------
    McSherry and Talwar (2007), Mechanism design via differential privacy (the exponential mechanism).
    """
    return int(np.argmax(epsilon * scores / (2.0 * sensitivity) + rng.gumbel(size=scores.shape)))


def shares(counts: IntArray) -> FloatArray:
    """Return noisy counts as probabilities that sum to 1 along the last axis: none below 0, even where all are 0."""
    positive = np.maximum(counts, 0).astype(np.float64)
    positive[positive.sum(axis=-1) == 0] = 1.0
    return np.asarray(positive / positive.sum(axis=-1, keepdims=True), dtype=np.float64)
