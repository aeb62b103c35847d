"""What a policy can name: every endpoint, check and score that some evaluation of these columns could hold.

A name that none of them could hold is a slip of the pen. It must be refused before anybody waits for it, and must not look
like an endpoint that was left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

COLUMN, PAIR, NAME = "COLUMN", "COLUMN|COLUMN", "NAME"
"""What stands in a pattern for a column, for two of them, and for anything."""
_BESIDE = ("", "_control", "_ceiling", "_above")


def _beside(*metrics: str) -> tuple[str, ...]:
    """Return metrics with what is said beside each where there is a control."""
    return tuple(f"{metric}{more}" for metric in metrics for more in _BESIDE)


ENDPOINTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "singling_out": ("univariate", "multivariate", "greedy", "several"),
        "linkability": ("halves", "sources", "few", "pairs", "blocks"),
        "inference": (COLUMN, *(f"{how}.{COLUMN}" for how in ("vote", "attribution", "boosting", "logistic"))),
        "membership": (
            "distance", "blocks", "differencing", "difference", "neighbourhood", "density", "domias", "plagiarism",
            "likelihood_1", "likelihood_5", "likelihood_20", "marginals", "edits", "gower", "surrogate", "average",
        ),
        "memorization": (
            "copies", "near", "blocks", "rare_values", "rare_pairs", f"spans.{COLUMN}", f"edits.{COLUMN}",
        ),
        "reconstruction": ("segments", "crossings", f"counts.{COLUMN}", f"register.{COLUMN}"),
        "model_inversion": tuple(f"{learner}.{COLUMN}" for learner in ("boosting", "forest", "logistic")),
    }
)  # fmt: skip
"""Endpoints by threat, without its name; of each also strata: ``@outliers`` and ``@COLUMN=LABEL``."""
METRICS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "shapes": (*_beside("mean"), f"column.{COLUMN}"),
        "pairs": (*_beside("mean"), f"pair.{PAIR}"),
        "association": (*_beside("mean"), f"pair.{PAIR}"),
        "marginals": (
            *_beside("wasserstein", "jensen_shannon", "hellinger", "missingness"),
            "rare", "rare_control", "tails", "tails_control",
            *(
                f"{metric}.{COLUMN}"
                for metric in ("wasserstein", "jensen_shannon", "hellinger", "missingness", "tails", "rare")
            ),
        ),
        "k_way": (*_beside("two_way", "three_way"), "two_way_most", "three_way_most", "k_marginal", "subsample_equivalent"),
        "manifold": _beside("precision", "recall", "authenticity"),
        "constraints": ("mean", f"rule.{NAME}", f"original.{NAME}"),
        "disclosure": (
            "UiO", "repU", "crowd.2", "crowd.5", "crowd.10",
            *(f"{metric}.{COLUMN}" for metric in ("Dorig", "DiSCO", "CAPd", "DCAP", "TCAP", "baseCAPd")),
        ),
        "properties": (
            "closeness", "narrowed", "held",
            *(f"{figure}.{of}" for figure in ("mean", "quantile", "share") for of in (COLUMN, PAIR)),
        ),
        "distances": tuple(
            f"{metric}{more}"
            for metric in (
                "adversarial_accuracy", "authenticity", "closest_median", "closest_ratio", "closest_share",
                "hitting_rate", "identical", "identifiability",
            )
            for more in ("", "_p")
        ),
        "memorization": ("bounds", "eidetic.1", "eidetic.2", "eidetic.5", "eidetic.10"),
        "survey": ("columns", "pairs", f"column.{COLUMN}", f"pair.{PAIR}", f"risk.{NAME}"),
        "detection": (
            *_beside("auc", "pmse"), "pmse_ratio", "pmse_standardised", "pmse_permuted",
            *(f"{metric}.{learner}" for metric in ("auc", "auc_control") for learner in ("boosting", "linear")),
        ),
        "prediction": (
            "skill", "loss", "importance", "learner.boosting", "learner.linear",
            *(f"{metric}.{COLUMN}" for metric in ("skill", "loss", "importance")),
        ),
        "estimates": (
            *_beside("coefficients", "functionals"), f"coefficients.{COLUMN}", f"functionals.{COLUMN}",
        ),
        "fairness": (
            "rates", "parity", "odds", "utility",
            *(f"{metric}.{COLUMN}" for metric in ("rates", "parity", "odds", "utility", "compared")),
        ),
        "battery": ("best", *(f"membership.{name}" for name in ENDPOINTS["membership"])),
    }
)  # fmt: skip
"""Scores by family, without its name."""
CHECKS = (
    "size", "shared_people", "control_overlap", "control_drift", "near_duplicates", "control_in_release", "identity",
    "identifiers", "control_weights", "training_drift",
)  # fmt: skip
"""Names of checks."""


def is_endpoint(endpoint: str, columns: Collection[str] | None) -> bool:
    """Return whether an evaluation of some columns could hold an endpoint; of columns nobody knows, of any.

    An endpoint of a stratum counts where its label is one that a release could have: which it has is not asked.
    """
    threat, _, method = endpoint.partition(".")
    known = ENDPOINTS.get(threat, ())
    ends = [place for place, character in enumerate(method) if character == "@"]
    parts = [(method, None), *((method[:place], method[place + 1 :]) for place in ends)]
    return any(
        (stratum is None or _is_stratum(stratum, columns)) and any(_fits(pattern, whole, columns) for pattern in known)
        for whole, stratum in parts
    )


def is_score(score: str, columns: Collection[str] | None) -> bool:
    """Return whether an evaluation of some columns could hold a score, ``FAMILY.METRIC``."""
    family, _, metric = score.partition(".")
    return any(_fits(pattern, metric, columns) for pattern in METRICS.get(family, ()))


def _fits(pattern: str, name: str, columns: Collection[str] | None) -> bool:
    """Return whether a name is of a pattern, which ends in a placeholder or has none."""
    for placeholder in (PAIR, COLUMN, NAME):
        if pattern.endswith(placeholder):
            head = pattern.removesuffix(placeholder)
            rest = name.removeprefix(head)
            return name.startswith(head) and bool(rest) and _stands_for(placeholder, rest, columns)
    return name == pattern


def _stands_for(placeholder: str, rest: str, columns: Collection[str] | None) -> bool:
    if columns is None or placeholder == NAME:
        return True
    if placeholder == COLUMN:
        return rest in columns
    bars = (place for place, character in enumerate(rest) if character == "|")
    return any(rest[:place] in columns and rest[place + 1 :] in columns for place in bars)


def _is_stratum(stratum: str, columns: Collection[str] | None) -> bool:
    equals = [place for place, character in enumerate(stratum) if character == "="]
    return stratum == "outliers" or any(columns is None or stratum[:place] in columns for place in equals)
