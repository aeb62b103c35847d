"""Evaluations built by hand for the report, and its page as text and as a tree."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import html5lib
import pytest

from synthprivacy.config import policy_of_limit
from synthprivacy.reporting import render
from synthprivacy.results import (
    Check,
    Copies,
    Evaluation,
    Excess,
    HitsEvidence,
    MatchesEvidence,
    Rate,
    Release,
    Risk,
    Score,
    ScoresEvidence,
    Skipped,
    TableFacts,
    TruePositives,
)

HOSTILE = "</script><img src=x onerror='alert(1)'>\"&{{7*7}}$\\frac{1}{0}$\u202eevil\x00"
SECRETS = ("income", "occupation", "marital_status", "education", "hours_per_week", "capital_gain", "workclass", "race")
PEOPLE, CONTROL = 39_032, 9_758


def hits(original, control, trials=20_000, control_trials=CONTROL, *, naive=None, population=None):
    """Return right guesses as shares of the people attacked."""

    def rate(share, of):
        return None if share is None else Rate(round(share * of), of, of)

    return HitsEvidence(
        rate(original, trials), rate(control, control_trials), rate(naive, trials), rate(population, trials)
    )


def risk(endpoint, value, width, evidence, *, primary=False, excess=None):
    """Return a risk with a symmetric interval and a slightly wider decision bound."""
    return Risk(
        attack=endpoint.partition(".")[0],
        endpoint=endpoint,
        primary=primary,
        parameters={},
        estimand="excess success on people of the original, (a − c) / (1 − c)",
        estimator="MOVER-R; Jeffreys limits for display, Clopper–Pearson for decisions",
        value=value,
        interval=(value - width, value + width),
        lower=value - 1.04 * width,
        upper=value + 1.04 * width,
        excess=excess,
        confidence=0.95,
        p_value=0.2,
        needed_rows=4_000,
        evidence=evidence,
    )


def inference(secret, original, control, *, primary=False):
    """Return a risk of guessing one secret."""
    width = 0.011 / (1.0 - control)
    gain = original - control
    return risk(
        f"inference.{secret}",
        gain / (1.0 - control),
        width,
        hits(original, control, naive=control - 0.04, population=control + 0.003),
        primary=primary,
        excess=Excess(gain, gain - 0.009, gain + 0.009),
    )


def membership(endpoint, value, *, primary=False):
    """Return a risk of being told a member."""
    found = TruePositives(0.01, round(20_000 * (0.01 + value / 2)), 20_000, 97, CONTROL)
    return risk(
        f"membership.{endpoint}",
        value,
        0.013,
        ScoresEvidence(20_000, CONTROL, 0.5 + value / 2, 0.0033, (found,)),
        primary=primary,
    )


def release(name, leak, copies, *, secrets=SECRETS):
    """Return a release that leaks more or less."""
    controls = (0.83, 0.31, 0.69, 0.42, 0.28, 0.91, 0.73, 0.86)
    risks = [
        risk("singling_out.univariate", 0.4 * leak - 0.004, 0.021, MatchesEvidence(412, 96, 91, 88, CONTROL, 0.0107)),
        risk(
            "singling_out.multivariate",
            0.9 * leak,
            0.024,
            MatchesEvidence(2_000, 331, 312, 290, CONTROL, 0.012),
            primary=True,
        ),
        risk(
            "linkability.halves", leak, 0.0048, hits(0.011 + leak, 0.011, naive=0.0004, population=0.011), primary=True
        ),
        *(
            inference(secret, control + leak * (1 - control) * (0.3 if place else 0.9), control, primary=place == 1)
            for place, (secret, control) in enumerate(zip(secrets, controls))
        ),
        membership("distance", 1.1 * leak - 0.003, primary=True),
        membership("blocks", 0.8 * leak - 0.006),
        risk("memorization.copies", leak, 0.0031, hits(0.002 + leak, 0.002), primary=True),
        risk("memorization.rounded", leak + 0.001, 0.0034, hits(0.004 + leak, 0.003)),
    ]
    skipped = (
        Skipped(
            "inference", "inference.native_country", "97.1% of the people share one value.", "A secret that varies."
        ),
        Skipped(
            "inference",
            "inference.race@outliers",
            "A group of 23 people is too small.",
            "At least 30 people in the group.",
        ),
        Skipped(
            "membership",
            "membership.domias",
            "No reference people were set aside.",
            "A control of at least 2,000 people.",
        ),
    )
    likeness = 0.96 + leak / 2
    scores = [
        Score("shapes", "mean", likeness, 0.989, None, "higher"),
        Score("shapes", "mean_control", likeness - 0.004, 0.989, None, "higher"),
    ]
    scores += [
        Score("shapes", f"column.{secret}", likeness - 0.011 * place, 0.993 - 0.001 * place, None, "higher")
        for place, secret in enumerate(secrets)
    ]
    scores += [Score("pairs", "mean", likeness - 0.03, 0.975, None, "higher")]
    scores += [
        Score("pairs", f"pair.{a}|{b}", likeness - 0.08 - 0.01 * place, 0.96, None, "higher")
        for place, (a, b) in enumerate(pairwise(secrets))
    ]
    return Release(name, copies, tuple(risks), skipped, tuple(scores))


def evaluation(*names, secrets=SECRETS, policy=True):
    """Return an evaluation of two releases, the second of which holds copies of people."""
    names = names or ("cart", "ctgan_overfit")
    releases = (
        release(names[0], 0.001, Copies(31.0, (0.0, 143.0), PEOPLE, 22.0, (0.0, 128.0), 130), secrets=secrets),
        release(names[1], 0.061, Copies(2_390.0, (2_210.0, 2_583.0), PEOPLE, 22.0, (0.0, 128.0), 130), secrets=secrets),
    )
    known = {
        "secret": "icd",
        "hidden": [],
        "why": "nobody declared quasi-identifiers, so every column but identifiers may be known",
    }
    endpoints = [
        {
            "endpoint": found.endpoint,
            "attack": found.attack,
            "card": "green",
            **known,
            "hidden": [found.endpoint.partition(".")[2]],
        }
        for found in releases[0].risks
    ]
    return Evaluation(
        seed=20_261,
        plan={
            "attacks": ["singling_out", "linkability", "inference", "membership", "memorization"],
            "strata": [],
            "primary": [found.endpoint for found in releases[0].risks if found.primary],
            "targets": 20_000,
            "queries": 2_000,
            "confidence": 0.95,
            "endpoints": endpoints,
            "columns": {secret: {"kind": "category", "role": "secret", "reason": "declared"} for secret in secrets},
            "policy": policy_of_limit(0.05).to_dict() if policy else None,
        },
        versions={"synthprivacy": "0.1.0", "numpy": "2.4.6", "python": "3.11.7"},
        comparator={"kind": "holdout", "people": CONTROL},
        checks=(
            Check("control_overlap", "ok", "2.1% of the control is found in the original, 2.3% is expected."),
            Check("shared_people", "ok", "No person is on both sides."),
            Check("control_drift", "ok", "A classifier tells the two apart with an AUC of 0.503, at most 0.512."),
            Check(
                "near_duplicates", "ok", "No more control people lie near to training people than these to one another."
            ),
            Check("size", "ok", "Both tables are large."),
            Check("identity", "ok", "None of the rows are exact copies of original rows.", names[0]),
            Check("identity", "warn", "5.9% of the rows are exact copies of original rows.", names[1]),
            Check("identifiers", "ok", "No identifier of the original stands out in the releases."),
            Check("control_in_release", "ok", "The releases hold no more of the control than of the original."),
        ),
        original=TableFacts("hmac-sha256:5f0c" + "9e" * 30, PEOPLE, PEOPLE, 15),
        control=TableFacts("hmac-sha256:77ab" + "0d" * 30, CONTROL, CONTROL, 15),
        synthetic={name: TableFacts("sha256:" + "3c" * 32, 39_040, 39_040, 15) for name in names},
        releases=releases,
    )


@cache
def page(*names, inside=True):
    """Return the page about an evaluation."""
    return render(evaluation(*names), inside=inside)


@cache
def parsed(html):
    """Return the tree of a page that must be free of parse errors, without namespaces."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)


def text_of(element):
    """Return the words of an element, single-spaced."""
    return " ".join(" ".join(element.itertext()).split())


def local(element):
    """Return the name of an element; SVG ones keep their namespace in the parser."""
    return str(element.tag).rpartition("}")[2]


def hostile():
    """Return an evaluation in which everything that can carry a name carries a hostile one."""
    found = evaluation(HOSTILE, "y" * 100_000, secrets=(HOSTILE, *SECRETS[1:7], "z" * 100_000))
    skipped = Skipped("inference", f"inference.{HOSTILE}2", HOSTILE, HOSTILE)
    unknown = replace(found.releases[0].risks[0], attack=HOSTILE, endpoint=f"{HOSTILE}.x", estimand=HOSTILE)
    releases = [
        replace(release, skipped=(*release.skipped, skipped), risks=(*release.risks, unknown))
        for release in found.releases
    ]
    return replace(
        found,
        releases=tuple(releases),
        checks=(Check(HOSTILE, "failed", HOSTILE, HOSTILE),),
        versions={HOSTILE: HOSTILE},
        comparator={"kind": "holdout", HOSTILE: HOSTILE},
        plan={**found.plan, HOSTILE: [HOSTILE, {HOSTILE: HOSTILE}]},
        synthetic={HOSTILE: TableFacts(HOSTILE, 1, 1, 1)},
    )


def _fixture(make):
    return pytest.fixture(scope="session", name=make.__name__)(lambda: make)


_hits = _fixture(hits)
_risk = _fixture(risk)
_inference = _fixture(inference)
_membership = _fixture(membership)
_release = _fixture(release)
_evaluation = _fixture(evaluation)
_page = _fixture(page)
_parsed = _fixture(parsed)
_text_of = _fixture(text_of)
_local = _fixture(local)
_hostile = _fixture(hostile)
