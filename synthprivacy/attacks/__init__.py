"""The attacks that need the release only: one file each, listed here by hand."""

from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.linkability import Halves
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.attacks.protocol import Attack, Attacker, Budget, Knowledge, known_columns, why_known
from synthprivacy.attacks.singling_out import SinglingOut

ATTACKS: dict[str, type[Attack]] = {
    "singling_out": SinglingOut,
    "linkability.halves": Halves,
    "inference.nearest": NearestGuess,
    "membership.distance": Distance,
    "memorization.copies": ExactCopies,
}
"""Every attack by its own name: the threat, then the method."""

__all__ = ["ATTACKS", "Attack", "Attacker", "Budget", "Knowledge", "known_columns", "why_known"]
