"""MOVER: limits of a difference or a ratio from the limits of its two parts.

The *method of variance estimates recovery* asks nothing of the two parts but a value and a pair of limits each, so the
small-sample virtues of the limits put in come out again. `phi` is the correlation of the two estimates: 0 for
different people, positive where the same trials were marked on both sides.

References
----------
Donner and Zou (2012), Closed-form confidence intervals for functions of the normal mean and standard deviation,
section 2; Newcombe (1998), Interval estimation for the difference between independent proportions, method 10;
Newcombe (1998), Improved confidence intervals for the difference between binomial proportions based on paired data,
method 10 (the correlation term).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Limits = tuple[FloatArray, FloatArray]


def difference(first: FloatArray, of_first: Limits, second: FloatArray, of_second: Limits, phi: float = 0.0) -> Limits:
    """Return the limits of ``first - second``.

    Parameters
    ----------
    first, second : ndarray of float64
        Estimates, broadcast against each other.
    of_first, of_second : pair of ndarray
        Lower and upper limits; each pair holds its estimate.
    phi : float
        Correlation of the two estimates, within [-1, 1].
    """
    down, up = first - of_first[0], of_first[1] - first
    down_second, up_second = second - of_second[0], of_second[1] - second
    value = first - second
    return value - _norm(down, up_second, phi), value + _norm(up, down_second, phi)


def ratio(first: FloatArray, of_first: Limits, second: FloatArray, of_second: Limits, phi: float = 0.0) -> Limits:
    """Return the limits of ``first / second`` for parts that are not negative.

    A limit is the ratio t at which the limit of ``first - t * second`` by `difference` is 0, that is a root of
    ``a t² - 2 b t + c = 0`` with ``a = second² - s²``, ``b = first * second - phi * r * s`` and ``c = first² - r²``,
    where r and s are the distances from each estimate to the limit that works towards 0. The lower limit is 0 at
    ``first = 0``; the upper limit is infinite where `second` has no positive lower limit.

    Parameters as `difference`.
    """
    r, s = first - of_first[0], of_second[1] - second
    lower = _lower_root(second**2 - s**2, first * second - phi * r * s, first**2 - r**2)
    r, s = of_first[1] - first, second - of_second[0]
    upper = _upper_root(second**2 - s**2, first * second - phi * r * s, first**2 - r**2)
    return lower, np.where(of_second[0] > 0.0, upper, np.inf)


def _norm(one: FloatArray, other: FloatArray, phi: float) -> FloatArray:
    return np.sqrt(np.maximum(one**2 + other**2 - 2.0 * phi * one * other, 0.0))


def _lower_root(a: FloatArray, b: FloatArray, c: FloatArray) -> FloatArray:
    root = np.sqrt(np.maximum(b**2 - a * c, 0.0))
    # (b - root) / a is 0/0 at a = 0, where the upper limit of the divisor is twice its value; c / (b + root) is the
    # same number without the cancellation. With b < 0, a is negative and the plain form has no cancellation.
    above = np.where(b >= 0.0, c, b - root)
    below = np.where(b >= 0.0, b + root, a)
    return np.divide(above, below, out=np.zeros(np.shape(above)), where=below != 0.0)


def _upper_root(a: FloatArray, b: FloatArray, c: FloatArray) -> FloatArray:
    root = np.sqrt(np.maximum(b**2 - a * c, 0.0))
    above = np.where(b >= 0.0, b + root, c)
    below = np.where(b >= 0.0, a, b - root)
    return np.divide(above, below, out=np.zeros(np.shape(above)), where=below != 0.0)
