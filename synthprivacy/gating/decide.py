"""The decision about an evaluation: whatever is absent, skipped or unreadable is inconclusive, never a pass.

A release passes when every primary endpoint was judged against a comparator that can pass and every rule holds. All
rules must hold, so no correction for their number is needed (an intersection-union test; Berger 1982, Multiparameter
hypothesis testing and acceptance sampling, section 2). So must they for the unusual people and the declared groups that
the plan names. Endpoints that are not primary can fail a release, and so can strata, under Holm's correction.
A bound at or below its limit passes; a lower end above the limit fails; otherwise nothing is decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from synthprivacy.config import Policy, require_nameable
from synthprivacy.gating.bounds import bound_of, bound_of_copies
from synthprivacy.gating.cards import untested
from synthprivacy.gating.declared import undeclared
from synthprivacy.gating.floors import on_floor
from synthprivacy.gating.needs import needs_of
from synthprivacy.gating.policy import on_check, on_score
from synthprivacy.gating.risks import COPIES, on_risks
from synthprivacy.gating.threats import missing_threats
from synthprivacy.gating.verdict import Finding, ReleaseVerdict, Verdict
from synthprivacy.gating.waiving import waived
from synthprivacy.results import Check, CrossFitted, Evaluation, NoComparator, Release, Weighted, comparator_from_dict

JUDGED = "every primary endpoint judged"
"""What must hold before any rule is applied; no level of a rule softens it."""
COMPARED = "a comparator that can pass"
"""What must hold of the people success on the original is held against."""
LEAKS = ("identity", "identifiers")
"""Checks that fail a release; any other failed check leaves every risk without meaning."""
REQUIRED = (
    "size", "identity", "identifiers", "control_overlap", "control_drift", "near_duplicates", "control_in_release",
)  # fmt: skip
"""Checks without which nothing passes: an evaluation that lost them was not judged."""
DRIFT = "training_drift"
"""A check that is told, and blocks nothing by itself: a policy may have a rule on it."""
CONTROLLED = frozenset({"control_overlap", "control_drift", "near_duplicates", "control_in_release"})
"""Checks of a control, which an evaluation without one does not have."""


def decide(evaluation: Evaluation, policy: Policy, *, today: date | None = None) -> Verdict:
    """Return the verdict on every release of an evaluation, be it inside or a public rendering.

    The withheld numbers of a public rendering are taken towards more risk: it may fail where the evaluation itself
    does not.

    Parameters
    ----------
    evaluation : Evaluation
    policy : Policy
    today : date, optional
        The day on which a waiver must still hold; by the clock where it is absent.

    Raises
    ------
    PolicyError
        If a rule bounds a score only on the side on which it is good, or is about nothing that could be there.
    """
    require_nameable(policy, _columns(evaluation), _heard(evaluation))
    primary = _names(evaluation, "primary")
    judgements = (_judge(evaluation, release, policy, primary) for release in evaluation.releases)
    verdicts = [waived(judgement, policy, today) for judgement in judgements]
    judged = {release.name for release in evaluation.releases}
    lost = _inconclusive(JUDGED, "", "the release was not evaluated; evaluate it again")
    verdicts += [ReleaseVerdict(name, (lost,)) for name in evaluation.synthetic if name not in judged]
    return Verdict(tuple(verdicts), policy, primary, needs_of(evaluation.releases, verdicts))


def _names(evaluation: Evaluation, of: str) -> tuple[str, ...]:
    """Return the primary endpoints, or the strata of them that must keep the limit too; nothing where they cannot be read."""
    declared = evaluation.plan.get(of)
    if not isinstance(declared, list | tuple) or not all(isinstance(name, str) for name in declared):
        return ()
    return tuple(declared)


def _columns(evaluation: Evaluation) -> Sequence[str] | None:
    """Return the columns of the tables; None where the plan does not tell them."""
    columns = evaluation.plan.get("columns")
    return list(columns) if isinstance(columns, Mapping) and columns else None


def _heard(evaluation: Evaluation) -> frozenset[str]:
    """Return every name that a rule may be about because the evaluation holds it."""
    checks = {_rule(check) for check in evaluation.checks}
    planned = evaluation.plan.get("endpoints")
    entries = planned if isinstance(planned, list | tuple) else ()
    names = {str(entry.get("endpoint")) for entry in entries if isinstance(entry, Mapping)}
    for release in evaluation.releases:
        names |= {risk.endpoint for risk in release.risks} | {skipped.endpoint for skipped in release.skipped}
        names |= {f"{score.family}.{score.metric}" for score in release.scores}
    return frozenset(checks | names)


def _judge(evaluation: Evaluation, release: Release, policy: Policy, primary: tuple[str, ...]) -> ReleaseVerdict:
    checks = [check for check in evaluation.checks if check.release in {None, release.name}]
    strata = _names(evaluation, "strata")
    doubts = [*_doubts(evaluation, primary, checks)]
    copied = [check for check in checks if check.check in LEAKS and check.status == "failed"]
    findings = doubts + [Finding(_rule(check), _rule(check), None, None, "fail", check.detail) for check in copied]
    if isinstance(comparator_from_dict(evaluation.comparator), CrossFitted):
        sentence = "against other training people a leak may be found, but not excluded; pass a control"
        findings.append(_inconclusive(COMPARED, "", sentence))
    if not doubts:
        findings += [
            *_unjudged(release, (*primary, *strata)),
            *undeclared(release, primary),
            *missing_threats(policy, primary),
            *untested(evaluation.plan, primary),
            *on_risks(release, policy, primary, strata),
        ]
        findings += on_floor(release, policy, findings)
    findings += [on_check(rule, checks) for rule in policy.rules if rule.subject == "check"]
    findings += [on_score(rule, release.scores) for rule in policy.rules if rule.subject == "score"]
    moved = tuple(f"{check.check} {check.status}: {check.detail}" for check in checks if check.check == DRIFT)
    return ReleaseVerdict(release.name, tuple(findings), release.privacy_loss, moved)


def _doubts(evaluation: Evaluation, primary: tuple[str, ...], checks: Sequence[Check]) -> Iterator[Finding]:
    """Yield why no risk of the release can be interpreted."""
    comparator = comparator_from_dict(evaluation.comparator)
    if isinstance(comparator, NoComparator):
        yield _inconclusive(COMPARED, "", "every risk is a raw rate; pass a control: people the generator never saw")
    if isinstance(comparator, Weighted) and not comparator.can_pass:
        yield _inconclusive(COMPARED, "", f"not interpretable: {'; '.join(comparator.faults)}")
    if not primary:
        yield _inconclusive(
            JUDGED, "", "no primary endpoint was declared; name one under plan.primary and evaluate again"
        )
    strata = evaluation.plan.get("strata")
    if not isinstance(strata, list | tuple) or not all(isinstance(name, str) for name in strata):
        yield _inconclusive(JUDGED, "", "it was not said whether unusual people were judged apart; evaluate again")
    there = {check.check for check in checks}
    needless = CONTROLLED if isinstance(comparator, CrossFitted) else frozenset()
    for name in REQUIRED:
        if name not in there and name not in needless:
            yield _inconclusive(f"checks.{name}", f"checks.{name}", "not interpretable: the check is absent")
    for check in checks:
        if check.status == "failed" and check.check not in LEAKS:
            yield _inconclusive(_rule(check), _rule(check), f"not interpretable: {check.detail}")


def _unjudged(release: Release, needed: tuple[str, ...]) -> Iterator[Finding]:
    """Yield a finding for each endpoint that must be judged and is skipped, unreadable or absent."""
    for endpoint in needed:
        reasons = [skipped.reason for skipped in release.skipped if skipped.endpoint == endpoint]
        if endpoint == COPIES:
            read = [bound_of_copies(release.copies, share=True)]
        else:
            read = [bound_of(risk, "") for risk in release.risks if risk.endpoint == endpoint]
        reasons += [bound for bound in read if isinstance(bound, str)]
        if reasons or not read:
            yield _inconclusive(JUDGED, endpoint, f"not judged: {reasons[0] if reasons else 'it is absent'}")


def _inconclusive(rule: str, endpoint: str, sentence: str) -> Finding:
    return Finding(rule, endpoint, None, None, "inconclusive", sentence)


def _rule(check: Check) -> str:
    return f"checks.{check.check}"
