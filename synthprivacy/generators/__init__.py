"""Generators: what makes tables of made-up people, and can be asked again and again.

Classes load the libraries they need when they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthprivacy.lazy import lazily

if TYPE_CHECKING:
    from synthprivacy.generators.broken import BrokenDP
    from synthprivacy.generators.cart import SequentialCART
    from synthprivacy.generators.command import Command
    from synthprivacy.generators.copier import Copier
    from synthprivacy.generators.copula import GaussianCopula
    from synthprivacy.generators.domain import Bins, Domain, Labels
    from synthprivacy.generators.fitted import FitSample
    from synthprivacy.generators.histogram import DPHistogram
    from synthprivacy.generators.marginals import IndependentMarginals
    from synthprivacy.generators.memoriser import Memoriser
    from synthprivacy.generators.outliers import OutlierCopier
    from synthprivacy.generators.pairwise import DPPairs
    from synthprivacy.generators.protocol import Conditional, Generator
    from synthprivacy.generators.registry import GENERATORS, named
    from synthprivacy.generators.sdv import SDVSynthesizer
    from synthprivacy.generators.smoothed import SmoothedBootstrap
    from synthprivacy.generators.smote import Smote

__all__ = [
    "GENERATORS",
    "Bins",
    "BrokenDP",
    "Command",
    "Conditional",
    "Copier",
    "DPHistogram",
    "DPPairs",
    "Domain",
    "FitSample",
    "GaussianCopula",
    "Generator",
    "IndependentMarginals",
    "Labels",
    "Memoriser",
    "OutlierCopier",
    "SDVSynthesizer",
    "SequentialCART",
    "SmoothedBootstrap",
    "Smote",
    "named",
]

__getattr__ = lazily(
    __name__,
    {
        "BrokenDP": "broken",
        "SequentialCART": "cart",
        "Command": "command",
        "Copier": "copier",
        "GaussianCopula": "copula",
        "Bins": "domain",
        "Domain": "domain",
        "Labels": "domain",
        "FitSample": "fitted",
        "DPHistogram": "histogram",
        "IndependentMarginals": "marginals",
        "Memoriser": "memoriser",
        "OutlierCopier": "outliers",
        "DPPairs": "pairwise",
        "Conditional": "protocol",
        "Generator": "protocol",
        "GENERATORS": "registry",
        "named": "registry",
        "SDVSynthesizer": "sdv",
        "SmoothedBootstrap": "smoothed",
        "Smote": "smote",
    },
)
