"""Whether a higher success rate on the original is more than chance."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import fisher_exact


def one_sided_p(
    original_successes: float, original_trials: float, control_successes: float, control_trials: float
) -> float:
    """Return Fisher's exact p-value of "the original is hit no more often than the control".

    Exact given the margins, so never anti-conservative in small tables. Effective counts need not be whole: each of the
    four cells is rounded to the side that raises the p-value.

    Parameters
    ----------
    original_successes, original_trials, control_successes, control_trials : float
        Counts or effective counts.

    References
    ----------
    Fisher (1935), The logic of inductive inference.
    """
    slack = 1e-9  # whole counts that went through a division stay whole
    table = [
        [math.floor(original_successes + slack), math.ceil(original_trials - original_successes - slack)],
        [math.ceil(control_successes - slack), math.floor(control_trials - control_successes + slack)],
    ]
    return float(fisher_exact(np.asarray(table), alternative="greater").pvalue)
