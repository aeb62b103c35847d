"""What can be learned when the generator is at hand: it is fitted many times, and the fit is the unit of every statement.

A *study* says which table the fit with a number is trained on, and what is read off its release; `fits` runs studies.
Shadow-model membership, attribute inference, claims of differential privacy, poisoning, canaries and properties are
games that are judged when the readings of all fits are there.

`synthprivacy.audit` is all of it in one call; what is named here is for those who want a part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthprivacy.lazy import lazily

if TYPE_CHECKING:
    from synthprivacy.auditing.canaries import Canaries, make_canaries, plant, ranks, remove
    from synthprivacy.auditing.canary_game import write_log
    from synthprivacy.auditing.coding import coding_of
    from synthprivacy.auditing.extraction_game import extracted, prompts
    from synthprivacy.auditing.preparing import prepare
    from synthprivacy.auditing.property_game import PropertyGame, judge_property
    from synthprivacy.auditing.results import Audit
    from synthprivacy.auditing.running import Settings, fits_of, run_audit
    from synthprivacy.auditing.sweeping import SweepPoint, sweep
    from synthprivacy.auditing.training_checks import TrainingCheck, check_training

__all__ = [
    "Audit",
    "Canaries",
    "PropertyGame",
    "Settings",
    "SweepPoint",
    "TrainingCheck",
    "check_training",
    "coding_of",
    "extracted",
    "fits_of",
    "judge_property",
    "make_canaries",
    "plant",
    "prepare",
    "prompts",
    "ranks",
    "remove",
    "run_audit",
    "sweep",
    "write_log",
]

__getattr__ = lazily(
    __name__,
    {
        "Audit": "results",
        "Canaries": "canaries",
        "PropertyGame": "property_game",
        "Settings": "running",
        "SweepPoint": "sweeping",
        "TrainingCheck": "training_checks",
        "check_training": "training_checks",
        "coding_of": "coding",
        "extracted": "extraction_game",
        "fits_of": "running",
        "judge_property": "property_game",
        "make_canaries": "canaries",
        "plant": "canaries",
        "prepare": "preparing",
        "prompts": "extraction_game",
        "ranks": "canaries",
        "remove": "canaries",
        "run_audit": "running",
        "sweep": "sweeping",
        "write_log": "canary_game",
    },
)
