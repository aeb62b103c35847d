"""What will be attacked, what each attacker knows, and what the run can decide: all before anybody is looked at."""

from synthprivacy.planning.making import make_plan
from synthprivacy.planning.plan import POWER, Endpoint, Plan

__all__ = ["POWER", "Endpoint", "Plan", "make_plan"]
