"""An audit in words, for people: what was found, how surely, and what it does not say."""

from __future__ import annotations

from synthprivacy.auditing.canary_risks import CanaryRisk, ExtractionRisk
from synthprivacy.auditing.results import Audit
from synthprivacy.auditing.risks import ClaimBound, MembershipRisk, PoisonedRisk, SecretRisk
from synthprivacy.results import Skipped

_SHOWN = 5
"""Secrets told of, those guessed better the most."""


def told(audit: Audit) -> str:
    """Return an audit in a few lines."""
    lines = [
        f"{audit.generator}: {audit.fits:,} fits on {audit.people:,} people, {audit.rows:,} rows released each",
        *_membership(audit.membership),
        *_secrets(audit.secrets),
        _claim(audit.claim),
        *_promise(audit),
    ]
    if audit.canaries is not None:
        lines += [_canaries(audit.canaries), _extraction(audit.extraction)]
    lines += [_poisoned(one) for one in audit.poisoned if one.crafted]
    lines.append("To the attackers that ran: no leak found does not mean that there is none.")
    return "\n".join(lines)


def _membership(risk: MembershipRisk) -> list[str]:
    worst = risk.worst
    lines = [
        f"membership, {len(risk.targets)} targets: 2 AUC - 1 = {mean.value:.2f} {_range(mean.interval)} on average over "
        f"{mean.targets} {'of the most unusual people' if mean.chosen == 'vulnerable' else 'people at random'}; p = {mean.adjusted:.3f}"
        for mean in risk.means
    ]
    found = "a leak" if risk.found else "no leak"
    told_worst = (
        f"  the worst, target {worst.number}: {worst.value:.2f} {_range(worst.interval)}; p = {worst.adjusted:.3f} with "
        f"all of these looked at; found in all: {found}"
    )
    return [*lines, told_worst]


def _secrets(secrets: tuple[SecretRisk, ...]) -> list[str]:
    most = sorted(secrets, key=lambda secret: -secret.excess)[:_SHOWN]
    return [
        f"secret {secret.column}: guessed right in {secret.success_in:.1%} of fits with the person, {secret.success_out:.1%} "
        f"without; p = {secret.adjusted:.3f}"
        for secret in most
    ]


def _claim(claim: ClaimBound) -> str:
    what = "differential privacy (replacing one person)"
    if not claim.ceiling:
        return f"{what}: {claim.fits} fits are too few to prove anything about epsilon"
    proven = "prove nothing about epsilon" if not claim.epsilon else f"prove an epsilon of at least {claim.epsilon:.2f}"
    return f"{what}: {claim.fits} fits {proven}; they could have proved {claim.ceiling:.2f}"


def _promise(audit: Audit) -> list[str]:
    if audit.promise is None:
        return []
    verdict = "is broken" if audit.broken else "was not disproved, which does not prove it"
    lines = [f"  the promise of epsilon = {audit.promise:g} {verdict}"]
    moved = [risk for risk in audit.support if risk.moved_in and not risk.moved_out]
    return lines + [
        f"  the domain of {risk.column} follows the people: {risk.moved_in} of {risk.fits_in} releases held what only a "
        "made-up person had"
        for risk in moved
    ]


def _canaries(risk: CanaryRisk) -> str:
    return (
        f"canaries ({risk.kind}): {risk.first} of {risk.canaries} secrets ranked first, {risk.bits:.2f} bits exposed on "
        f"average (at most 1.44 without a leak, {risk.ceiling:.1f} at most); p = {risk.p_value:.3g}"
    )


def _extraction(found: ExtractionRisk | Skipped) -> str:
    if isinstance(found, Skipped):
        return f"extraction: not judged, {found.reason}; it needs {found.needs}"
    return (
        f"extraction ({found.kind}): of {found.canaries} canaries whose body was given, {found.extracted} secrets were among "
        f"the {found.guesses} most frequent of {found.completions} answers, {found.first} the first: {found.value:.1%} "
        f"[{found.interval[0]:.1%}, {found.interval[1]:.1%}], {found.chance:.2%} by chance; p = {found.p_value:.3g}"
    )


def _poisoned(risk: PoisonedRisk) -> str:
    return (
        f"contributor, {risk.crafted} crafted {'row' if risk.crafted == 1 else 'rows'} a target: {risk.value:.2f} "
        f"{_range(risk.interval)}, {risk.amplification:+.2f} {_range(risk.amplification_interval)} more; "
        f"p = {risk.p_value:.3f}"
    )


def _range(interval: tuple[float, float]) -> str:
    return f"[{interval[0]:.2f}, {interval[1]:.2f}]"
