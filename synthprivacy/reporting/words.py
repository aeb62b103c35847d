"""What stands in the report in plain language: the threats, the reading guide, the words of a verdict."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Threat:
    """One way of hurting somebody with a synthetic table, told to somebody who is no statistician."""

    title: str
    question: str
    knows: str
    does: str
    counts: str
    """What is counted as a success, and against what."""


THREATS = {
    "singling_out": Threat(
        "Singling out",
        "Can somebody describe one real person, and only that person?",
        "The synthetic table and nothing else.",
        "It picks what is rare in the synthetic table and writes descriptions such as “older than 85, and in this "
        "occupation, and in this region”.",
        "A description succeeds when exactly one person of the original table fits it. The same descriptions are tried "
        "on people the generator never saw; only what succeeds more often on the original counts.",
    ),
    "linkability": Threat(
        "Linkability",
        "Can somebody join two files about the same people through the synthetic table?",
        "Two halves of a person's record, as two files without a common key would hold them.",
        "It looks for the synthetic row most like each half, and joins the halves when both lead to the same row.",
        "A person is linked when both halves meet. What also links people the generator never saw is not counted.",
    ),
    "inference": Threat(
        "Inference",
        "Can somebody who knows a person learn the one thing they do not know?",
        "A person's record but for one column, the secret. Every secret is an endpoint of its own.",
        "It finds the synthetic row most like the person and takes the secret from there.",
        "A guess succeeds when it is right, or close enough for a number. People who were never in the original are "
        "guessed as well: what general patterns give away about everybody is not held against the release.",
    ),
    "membership": Threat(
        "Membership",
        "Can somebody find out that a person was in the original table at all?",
        "A person's whole record. Where being in the table is the secret, as in a register of patients, this is enough. "
        "Some attackers, which run on request, also hold records of real people who were not used.",
        "It scores how much the synthetic table looks as if this very person had been learnt from.",
        "The score succeeds when it ranks a training person above a person never used. A risk of 0% is the toss of a "
        "coin, 100% names every training person.",
    ),
    "memorization": Threat(
        "Memorisation",
        "Are real people, or parts of their records, in the synthetic table as they are?",
        "The synthetic table, and the belief that its rows are real.",
        "It claims each person whose record stands in the synthetic table exactly; other attackers, which run on request, claim "
        "whose record stands there nearly, in one block of columns, or with a value, a pair of values or a passage of text that "
        "hardly any other synthetic record has.",
        "A claim about a training person succeeds. What also matches people never used is subtracted.",
    ),
    "reconstruction": Threat(
        "Reconstruction",
        "Can somebody work out what is not in the synthetic table from what is?",
        "Counts over the synthetic table, a person's record but for one column, or the synthetic table alone.",
        "It solves for what must have been in the original: the secret that makes counts come out as they do, or the two "
        "people between whom synthetic rows were placed.",
        "A solution succeeds when it is right about a training person. What is also right about people never used is "
        "not counted.",
    ),
    "model_inversion": Threat(
        "Model inversion",
        "Does a model trained on the synthetic table give away what it was trained on?",
        "The model, a person's record but for the secret, and the outcome that the model predicts.",
        "It tries every value of the secret, and takes the one with which the model finds the outcome likeliest.",
        "A guess succeeds when it is right, or close enough for a number. What the model also gives away about people "
        "never used is how the population is, and is not counted.",
    ),
}
"""By attack, in the order of the page."""

UNKNOWN = Threat(
    "",
    "What does this attack gain from a person being in the original table?",
    "What its parameters say, see the method below.",
    "It answers questions about people of the original and people never used, without being told which is which.",
    "Only what succeeds more often on the original counts.",
)

DECISIONS = {
    "pass": "Pass",
    "warn": "Pass with a warning",
    "fail": "Fail",
    "inconclusive": "Inconclusive",
}
"""Verdict words of the gate."""

MEANINGS = {
    "pass": "Every declared limit is kept by the upper end of what was measured.",
    "warn": "No limit that must hold is broken, but one that warns is.",
    "fail": "At least one declared limit is broken, beyond what chance explains.",
    "inconclusive": "The evidence neither keeps nor breaks the declared limits, which is not a pass.",
}
NO_POLICY = "No policy was given, so nothing was decided."
NO_CONTROL = (
    "There is no control: people who were never used for training. Every figure below is a raw success rate, cannot be "
    "told from what general patterns give away, and no gate can pass it."
)
COMPARED = {
    "none": NO_CONTROL,
    "crossfitted": (
        "There is no control: people who were never used for training. Success is held against that of the same attack "
        "with the real records of other training people in place of the release. More success than that is a finding, no "
        "more proves nothing, and no gate can pass it."
    ),
    "weighted": (
        "The control was not held out: they are other people, weighted so that together they look like the original. "
        "Weights make up for what the table holds, and for nothing else in which they differ."
    ),
}
"""What must be said first about the people success is held against; a holdout needs no words."""
COMPARATORS = {
    "holdout": "people held out of training",
    "weighted": "other people, weighted to look like the original",
    "crossfitted": "real records of other training people",
    "none": "nothing",
}

CHECKS = {
    "control_overlap": "Records that original and control share",
    "control_drift": "Original and control from the same population",
    "control_weights": "The weighted control stands for the original",
    "near_duplicates": "Retouched records that original and control share",
    "shared_people": "People in both original and control",
    "identity": "Copies of original rows in the release",
    "identifiers": "Identifiers of the original in the release",
    "control_in_release": "People of the control in the release",
    "size": "Size of the tables",
    "training_drift": "Training table from the same population as before",
}
STATUSES = {"ok": "In order", "warn": "Warning", "failed": "Failed"}

READING = {
    "Risk": (
        "How much more often an attack succeeds because a person was in the original table: 0% means no more often than "
        "with people never used, 100% means always. It is not the share of people who are harmed."
    ),
    "Below zero": (
        "A negative risk is no more than chance explains: the attack happened to do better on people never used. It "
        "is shown as measured, because cutting it at zero would hide how wide chance is."
    ),
    "Interval": (
        "The range that repeated draws of people would give, at the stated confidence. When it holds 0%, this run found "
        "no leak by this attack. That is not the same as there being none: see the smallest leak noticed."
    ),
    "Decision bound": (
        "The upper end that is compared with a limit. It is slightly more cautious than the interval. Bounds are rounded "
        "up, and lower ends down. An interval that starts at −∞ means that the attack already succeeds with nearly "
        "everybody, in the original or not, so that little is left to measure."
    ),
    "Original, control": (
        "The success rate on people of the original, and on people never used for training. Risk is the first, "
        "corrected for the second."
    ),
    "Naive, population": (
        "The success rate on the original when the synthetic table is replaced: by one whose columns were shuffled (what "
        "single columns give away), and by real people never used (what the population gives away)."
    ),
    "As if published": (
        "One unit for all attacks: the number of real records that, published outright, would have raised the same "
        "alarm. A perfect release is made of people never used; what it reads is the noise of this ruler."
    ),
    "Smallest leak noticed": (
        "The smallest number of real records that, published outright, would have lifted a lower bound above 0% in half of "
        "all repetitions of this run: by one attack alone in its table, by any primary endpoint on the first screen. "
        "Where people are alike an attack may not notice even all of them, and its low risk says nothing."
    ),
    "Fewer than 10": (
        "In the public rendering no count of people under ten is printed. It is written <10, and everything computed "
        "from it takes the value that means most risk."
    ),
    "What a release proves": (
        "Where control and original were told apart by coins, an attacker's guesses about who was trained on bound the "
        "epsilon of the generator from below: pure differential privacy, for adding or removing one person. It holds if "
        "whoever trained did not know the coins. Nothing proven is no sign of privacy."
    ),
    "What it cannot tell": (
        "An attack that was not run, a leak under the smallest one noticed, and knowledge an attacker has that the plan "
        "does not list. The figures hold to the attacks that ran, for this release, this original and this control."
    ),
}
"""How to read the numbers: explanation by term."""


def readable(key: str) -> str:
    """Return a key of the JSON as words."""
    return key.replace("_", " ").replace(".", " · ")
