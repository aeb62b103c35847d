"""Estimators known to be wrong, listed by hand: what the self-test must not believe."""

from synthprivacy.selftest.impostors.attackers import reject_median_radius, reject_peeking
from synthprivacy.selftest.impostors.closest_records import reject_strict
from synthprivacy.selftest.impostors.impostor import Impostor, Rejection, Trial
from synthprivacy.selftest.impostors.intervals import reject_as_if_counted, reject_propagated
from synthprivacy.selftest.impostors.predicates import reject_errors_over_predicates, reject_size_correction
from synthprivacy.selftest.impostors.ratios import reject_largest_ratio
from synthprivacy.selftest.impostors.rows import reject_unclustered
from synthprivacy.selftest.impostors.thresholds import reject_calibrated_on_fitted

IMPOSTORS: dict[str, Impostor] = {
    "propagated half-widths": Impostor(
        "symmetric interval about shrunken rates, cut to [0, 1]", "anonymeter", reject_propagated
    ),
    "size correction": Impostor(
        "successes on the control extrapolated by a curve fitted to them", "anonymeter", reject_size_correction
    ),
    "largest ratio": Impostor(
        "epsilon from the best threshold, without an interval", "TAPAS", reject_largest_ratio
    ),
    "strict closest-record share": Impostor(
        "ties with the control count as protection", "SDMetrics", reject_strict
    ),
    "calibration on the fitted": Impostor(
        "threshold from the people the score was fitted to", "common practice", reject_calibrated_on_fitted
    ),
    "rows taken for people": Impostor(
        "no clustering on the unit", "common practice", reject_unclustered
    ),
    "errors over predicates": Impostor(
        "predicates counted on one pair of tables taken for independent", "anonymeter", reject_errors_over_predicates
    ),
    "finite-population correction": Impostor(
        "no variance left where everyone is attacked", "survey practice", reject_as_if_counted
    ),
    "attacker that peeks": Impostor(
        "told who was trained on, and what is hidden", "a broken driver", reject_peeking
    ),
    "median radius": Impostor(
        "a radius from the people shown", "Hilprecht, Härterich and Bernau (2019)", reject_median_radius
    ),
}  # fmt: skip
"""Every impostor by its name."""

__all__ = ["IMPOSTORS", "Impostor", "Rejection", "Trial"]
