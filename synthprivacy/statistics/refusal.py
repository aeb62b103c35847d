"""When an endpoint cannot be judged: a reason and a remedy in place of a low number."""

from __future__ import annotations

from synthprivacy.results import Outcome, Skipped
from synthprivacy.statistics.sample_size import PEOPLE_NEEDED


def refuse(outcome: Outcome, reason: str, needs: str, *, primary: bool) -> Skipped:
    """Return the endpoint of `outcome` as skipped."""
    return Skipped(outcome.attack, outcome.endpoint, reason, needs, primary)


def refuse_few_people(outcome: Outcome, least: int = PEOPLE_NEEDED, *, primary: bool) -> Skipped:
    """Return the endpoint as skipped for want of people; how few they are is not told, the number may be personal."""
    reason = f"fewer than {least} people were attacked on a side"
    return refuse(outcome, reason, f"{least} people a side", primary=primary)


def refuse_no_control(outcome: Outcome, *, primary: bool) -> Skipped:
    """Return the endpoint as skipped for want of a control."""
    reason = "needs a control: a score says nothing without the scores of people the generator never saw"
    return refuse(outcome, reason, f"a control of {PEOPLE_NEEDED} people or more", primary=primary)
