"""The attacks that need the release only: one file each, listed here by hand."""

from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.inference_attribution import Attribution
from synthprivacy.attacks.inference_learned import Learned
from synthprivacy.attacks.inference_vote import Vote
from synthprivacy.attacks.linkability import Halves
from synthprivacy.attacks.linkability_blocks import BlockHalves
from synthprivacy.attacks.linkability_pairs import Pairs
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.membership_battery import Battery
from synthprivacy.attacks.membership_blocks import BlockDistance
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.attacks.memorization_blocks import BlockCopies
from synthprivacy.attacks.memorization_near import NearCopies
from synthprivacy.attacks.memorization_rare import RareCopies
from synthprivacy.attacks.memorization_text import TextCopies
from synthprivacy.attacks.model_inversion import ModelInversion
from synthprivacy.attacks.protocol import Attack, Attacker, Budget, Knowledge, known_columns, why_known
from synthprivacy.attacks.reconstruction import CountReconstruction
from synthprivacy.attacks.reconstruction_segments import SegmentCrossings, SegmentEnds
from synthprivacy.attacks.singling_out import SinglingOut

ATTACKS: dict[str, type[Attack]] = {
    "singling_out": SinglingOut,
    "linkability.halves": Halves,
    "inference.nearest": NearestGuess,
    "membership.distance": Distance,
    "memorization.copies": ExactCopies,
}
"""Every attack of a plan that nobody made by hand, by its own name: the threat, then the method."""

ON_REQUEST: dict[str, type[Attack]] = {
    "linkability.pairs": Pairs,
    "linkability.blocks": BlockHalves,
    "inference.vote": Vote,
    "inference.attribution": Attribution,
    "inference.learned": Learned,
    "membership.blocks": BlockDistance,
    "memorization.near": NearCopies,
    "memorization.blocks": BlockCopies,
    "memorization.rare": RareCopies,
    "memorization.text": TextCopies,
    "reconstruction.counts": CountReconstruction,
    "reconstruction.segments": SegmentEnds,
    "reconstruction.crossings": SegmentCrossings,
    "model_inversion.features": ModelInversion,
}
"""The same of attacks that are made only where a plan names them, or their threat where it has no others."""

BATTERY: dict[str, type[Attack]] = {"membership.battery": Battery}
"""Attacks that study real people besides the release: cross-fitted by `battery`, never run by the driver."""

STUDYING: tuple[type[Attack], ...] = (NearCopies, BlockCopies, RareCopies, TextCopies)
"""Attacks that learn from real people who were not trained on what independent people have in common: half of the control,
of which they then meet the other half."""

ENOUGH = 400
"""Control people of whom half can be studied; of fewer none are, and the attack makes do with the release."""

__all__ = [
    "ATTACKS",
    "BATTERY",
    "ENOUGH",
    "ON_REQUEST",
    "STUDYING",
    "Attack",
    "Attacker",
    "Budget",
    "Knowledge",
    "known_columns",
    "why_known",
]
