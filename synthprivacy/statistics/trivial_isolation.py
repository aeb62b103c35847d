"""What predicates isolate without any knowledge of the people: nearly two in five, if they are of the right weight."""

from __future__ import annotations

from synthprivacy.results import Matches


def weight(control: Matches) -> float:
    """Return the share of people for whom a predicate holds, the mean over predicates.

    Counted on people the generator never saw, because among the training people a leak makes predicates heavier.

    References
    ----------
    Cohen and Nissim (2020), Towards formalizing the GDPR's notion of singling out, section 2 (weight of a predicate).
    """
    return len(control.query) / (control.queries * control.people)


def trivial_isolation(mean_weight: float, people: int) -> float:
    """Return the most that predicates of some mean weight can isolate, of so many people, without a leak.

    A predicate of weight w that knows nothing of n people holds for exactly one of them with probability
    ``n w (1 - w)^(n - 1)``, which rises to ``(1 - 1/n)^(n - 1)``, about 1/e, at ``w = 1/n`` and falls again. Up to there
    it is concave, so no mixture of weights isolates more than their mean does; beyond, none isolates more than the top.
    Success at that rate is no singling out: Cohen and Nissim count only predicates whose weight is negligible, for which
    this is near 0.

    Parameters
    ----------
    mean_weight : float
        Within [0, 1].
    people : int
        At least 1.

    References
    ----------
    Cohen and Nissim (2020), Towards formalizing the GDPR's notion of singling out, section 2 (the trivial attacker).
    """
    light = min(mean_weight, 1.0 / people)
    return float(people * light * (1.0 - light) ** (people - 1))
