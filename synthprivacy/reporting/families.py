"""What the families of scores are about, in plain language: what is asked, and how a number is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One family of scores, told to somebody who has not met it."""

    title: str
    about: str
    """What is compared, on which scale, and what its intervals are."""


FAMILIES = {
    "shapes": Words(
        "Single columns",
        "How alike each column is, missing values left out: 1 is the same distribution, 0 is nothing in common "
        "(Kolmogorov–Smirnov for numbers and dates, total variation for labels).",
    ),
    "pairs": Words(
        "Pairs of columns",
        "How alike every two columns behave together: 1 is the same, 0 is the opposite or nothing in common "
        "(correlations of numbers and dates, joint shares where labels are involved).",
    ),
    "marginals": Words(
        "Single columns, by other distances",
        "Distances (0 is the same, lower is better): Wasserstein in units of the original's range, Jensen–Shannon, "
        "Hellinger. Likenesses (1 is the same, higher is better): missing values, both tails, and rare labels still there. "
        "Of the original, and of people never used, whom nothing can have been copied from.",
    ),
    "association": Words(
        "Strength of dependence",
        "By how much the strength of dependence of two columns differs from the original's, from 0 (none) to 1: "
        "correlation, correlation ratio or Cramér's V, whichever their kinds allow. Lower is better.",
    ),
    "k_way": Words(
        "Two and three columns at once",
        "The share of the joint distribution of coarse columns that is right, 1 being all of it, and what the sizes alone "
        "let a fresh sample reach. The k-marginal score is the same of pairs, out of 1,000; beside it stands which part of the "
        "original, drawn at random, would be worth as much.",
    ),
    "manifold": Words(
        "Single rows",
        "Whether synthetic rows are as typical as real ones (precision), whether every real person has one near "
        "(recall), and how many are farther from the nearest person than people are from one another (authenticity). Each "
        "lies between 0 and 1; higher is better.",
    ),
    "constraints": Words(
        "Declared rules",
        "The share of rows that break a rule you declared, 0 being none. Real people may break it too: the original's share "
        "stands beside.",
    ),
    "survey": Words(
        "The population that survey weights stand for",
        "How alike columns and pairs of columns are when each row counts as many people as its weight says: 1 is the same, "
        "0 is nothing in common. All other scores, and every attack, count each person once.",
    ),
    "detection": Words(
        "Telling it from real people",
        "How well a model that has seen neither tells synthetic rows from real ones. Lower is better.",
    ),
    "prediction": Words(
        "Learning from it",
        "What models learnt from the release are worth on people never used, beside models learnt from the original.",
    ),
    "estimates": Words(
        "Conclusions drawn from it",
        "How far the intervals of coefficients and of population figures overlap with those of the original.",
    ),
    "fairness": Words(
        "Groups of people",
        "By how much gaps between groups differ from those of the original, in the table and in what is learnt from it.",
    ),
    "disclosure": Words("Disclosure as statistical agencies measure it", "Shares of people; lower is better."),
    "properties": Words("Figures of the original as a whole", "Lower is better."),
    "distances": Words(
        "Distances to the closest record, which decide nothing",
        "Shares and ratios of closest records. Scores that end in “p” are the share of exchanges of training and control people "
        "that look as bad.",
    ),
    "battery": Words(
        "The best of all membership scores",
        "The chance that the best of so many scores looks as bad although nobody was remembered (a p-value); small is bad.",
    ),
    "memorization": Words(
        "Records and extremes that the release repeats",
        "Shares of synthetic rows that are the record of so many training people, and of column ends that are exactly theirs; "
        "lower is better.",
    ),
}
"""By family; what is not here goes by its name."""

ROUNDED = "Ranges: what the rounding of the public rendering leaves open."
INTERVALS = {
    "detection": "Intervals (95%): normal, people who are told apart drawn again.",
    "prediction": "Intervals (95%): normal, people who are predicted drawn again.",
    "estimates": "Intervals (95%): normal, people drawn again.",
    "fairness": "Intervals (95%): normal, people who are judged drawn again.",
    "battery": ROUNDED,
    "disclosure": ROUNDED,
    "distances": ROUNDED,
    "memorization": ROUNDED,
    "properties": ROUNDED,
    "manifold": "Intervals (95%): normal by influence, of authenticity binomial.",
    "marginals": "Intervals (95%): normal by influence; of rare labels, and of shares that nobody has, binomial.",
    "constraints": "Intervals (95%): binomial for ranges and orders, normal by influence for the others.",
}
"""How the intervals of a family are made, where not as of most: normal, by the influence of single rows."""
MOST_INTERVALS = "Intervals (95%): normal, by the influence of single rows."

AGAINST_CONTROL = "_control"
METRICS = {
    "mean": "mean, against the original",
    "mean_control": "mean, against the control",
    "constraints.mean": "mean over the rules",
    "association.mean": "mean difference from the original",
    "association.mean_control": "mean difference from the control",
    "UiO": "people with a unique key",
    "repU": "the same, unique in the release too",
    "closeness": "fresh tables that would be farther off",
    "narrowed": "how much narrower it makes an outsider's interval",
    "held": "figures that the narrower interval holds",
    "best": "the best score (p-value)",
    "identical": "synthetic rows that are a person's record",
    "closest_share": "synthetic rows nearer to these people",
    "closest_median": "distance to the closest person, median",
    "closest_ratio": "closest over second closest, mean",
    "adversarial_accuracy": "people told from synthetic rows",
    "hitting_rate": "people nearly hit by a synthetic row",
    "identifiability": "people nearer to a synthetic row than to others",
    "identical_p": "records: as bad by chance (p-value)",
    "closest_share_p": "share nearer: as bad by chance",
    "closest_median_p": "median distance: as bad by chance",
    "closest_ratio_p": "ratio: as bad by chance",
    "adversarial_accuracy_p": "told apart: as bad by chance",
    "hitting_rate_p": "nearly hit: as bad by chance",
    "identifiability_p": "nearer than others: as bad by chance",
    "authenticity_p": "nobody's closest: as bad by chance",
    "two_way": "two columns at once",
    "two_way_most": "two columns, a fresh sample by size alone",
    "three_way": "three columns at once",
    "three_way_most": "three columns, a fresh sample by size alone",
    "k_marginal": "k-marginal score, out of 1,000",
    "subsample_equivalent": "worth this part of the original",
    "jensen_shannon": "Jensen–Shannon",
    "hellinger": "Hellinger",
    "wasserstein": "Wasserstein",
    "missingness": "missing values",
    "tails": "tails",
    "rare": "rare labels still there",
    "precision": "precision (α)",
    "recall": "recall (β)",
    "authenticity": "authenticity",
    "bounds": "smallest and largest values repeated exactly",
    "auc": "told from the original (area under the curve)",
    "auc_control": "told from the control (area under the curve)",
    "pmse": "propensity error, against the original",
    "pmse_control": "propensity error, against the control",
    "pmse_ratio": "propensity error over its expectation",
    "pmse_standardised": "propensity error, in standard deviations",
    "pmse_permuted": "the same by a tree, against exchanged people",
    "skill": "skill of models trained on the release",
    "loss": "skill lost by training on it",
    "importance": "agreement on which columns matter",
    "functionals": "overlap of means and shares",
    "coefficients": "overlap of coefficients",
    "rates": "gaps between groups in the table",
    "parity": "gaps in what models say (demographic parity)",
    "odds": "gaps in how often they are right (equalised odds)",
    "utility": "gaps in what the release is worth to groups",
}
"""By metric, or by family and metric where families mean different things by it."""
ITEMS = {
    "crowd": "people with fewer than so many of their key",
    "Dorig": "given away by the key among the people",
    "DiSCO": "given away by the key in the release",
    "CAPd": "key shared with the same value among the people",
    "DCAP": "key shared with the same value in the release",
    "TCAP": "given away, of those found in the release",
    "baseCAPd": "the same value by chance",
    "mean": "mean",
    "quantile": "quantile",
    "share": "share",
    "wasserstein": "Wasserstein",
    "jensen_shannon": "Jensen–Shannon",
    "hellinger": "Hellinger",
    "missingness": "missing values",
    "tails": "tails",
    "rare": "rare labels",
    "rule": "broken by the release",
    "original": "broken by the original",
    "eidetic": "records held by so many people, at least",
    "auc": "told from the original by",
    "auc_control": "told from the control by",
    "skill": "skill",
    "loss": "skill lost",
    "importance": "agreement on columns",
    "learner": "skill of the learner",
    "functionals": "overlap",
    "coefficients": "overlap of coefficients",
    "rates": "gap in the table",
    "parity": "gap in what models say",
    "odds": "gap in how often they are right",
    "utility": "gap in worth",
    "compared": "rows in groups that were compared",
}
"""What a score with an item of its own (``KIND.ITEM``) is about."""


def name_of(family: str, metric: str) -> str | None:
    """Return what a score is called on the page; None if it goes by its own name."""
    name = METRICS.get(f"{family}.{metric}", METRICS.get(metric))
    if name is None and metric.endswith(AGAINST_CONTROL):
        base = name_of(family, metric.removesuffix(AGAINST_CONTROL))
        return None if base is None else f"{base}, against the control"
    return name
