"""The best that anybody could do against an audited generator: the likelihood ratio, where it can be computed exactly.

In the game of an audit a target is trained on in half of the fits, and another person takes its place in the others. Rows
of a release are independent draws given the training table, so that the logarithm of how much likelier a release is with
the target than with the one who would take its place is a sum over its rows. By Neyman and Pearson no score tells the two
apart better at any rate of false alarms. The ratio here knows all other people of the fit and who would take the target's
place, which no attacker of the audit does: its AUC is a bound for all of them, but for the error of so many fits.

Exact for the smoothed bootstrap, the plain one among them, and for the Gaussian copula where all columns are numbers that
nobody shares. Ties in a copula are broken at random in every fit, and its law is then a mixture over all ways to break them.
Densities follow what the generators promise in their docstrings, not their code.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import logsumexp, ndtri

from synthprivacy import simulate
from synthprivacy.auditing.coding import coded
from synthprivacy.statistics.roc import auc

RIDGE = 1e-6
"""Share of independence that the copula mixes in."""


def population(rows, rng):
    """Return people: four correlated numbers with heavy tails, which nobody shares, and a label that depends on two."""
    frame = simulate.gaussian(rows, 4, rng)
    likely = frame["x0"] + frame["x1"] + rng.normal(size=rows)
    labels = pd.cut(likely, [-np.inf, -1.0, 1.0, 2.5, np.inf], labels=["none", "mild", "grave", "rare"])
    return np.sinh(0.7 * frame).assign(label=labels.astype(str))


@dataclass(frozen=True)
class Blurred:
    """The law of rows of a smoothed bootstrap: a mixture of kernels around the people that it was fitted on."""

    h: float
    ordered: np.ndarray
    """(columns,) whether a column holds numbers, none of them rounded; else labels."""

    def __call__(self, release, training):
        """Return the log density of each row of a release, (rows,); both tables are (columns, rows)."""
        if self.h == 0.0:
            alike = (release[:, :, None] == training[:, None, :]).all(axis=0)
            with np.errstate(divide="ignore"):
                return np.log(alike.mean(axis=1))
        near = np.zeros((release.shape[1], training.shape[1]))
        anew = min(self.h, 1.0)
        for made, people, ordered in zip(release, training, self.ordered):
            same = made[:, None] == people
            if ordered:
                width = self.h * people.std()
                near -= 0.5 * ((made[:, None] - people) / width) ** 2 + np.log(width * np.sqrt(2.0 * np.pi))
            else:
                with np.errstate(divide="ignore"):  # a label that nobody has any more
                    near += np.log((1.0 - anew) * same + anew * same.mean(axis=1, keepdims=True))
        return logsumexp(near, axis=1) - np.log(training.shape[1])


def of_copula(release, training):
    """Return the log density of each row under a Gaussian copula fitted on numbers without ties, (rows,).

    A row is drawn as depths in all columns, whose normal scores are correlated as those of the people are. A depth u means
    the place ``n u - 1/2`` among the ordered people, between whom is interpolated; what lies beyond either extreme person
    is reflected there, so that a number of the outermost half steps comes from two depths.
    """
    columns, people = training.shape
    quantiles = ndtri((np.arange(people) + 0.5) / people)
    scores = quantiles[np.argsort(np.argsort(training, axis=1), axis=1)]
    correlation = (1.0 - RIDGE) * (scores @ scores.T) / (quantiles @ quantiles) + RIDGE * np.eye(columns)
    depths, slopes = zip(*(_depths(made, np.sort(of)) for made, of in zip(release, training)))
    excess = np.linalg.inv(correlation) - np.eye(columns)
    ways = []
    for which in product((0, 1), repeat=columns):
        score = ndtri(np.stack([depth[way] for depth, way in zip(depths, which)]))
        quadratic = np.einsum("ir,ij,jr->r", score, excess, score)
        ways.append(np.where(np.isnan(quadratic), -np.inf, -0.5 * quadratic))
    return logsumexp(ways, axis=0) - 0.5 * np.linalg.slogdet(correlation)[1] + np.sum(slopes, axis=0)


def _depths(made, ordered):
    """Return both depths that make each number, (2, rows), NaN where there is none, and the log slope, (rows,)."""
    people, inside = len(ordered), (made >= ordered[0]) & (made <= ordered[-1])
    left = np.clip(np.searchsorted(ordered, made, "right") - 1, 0, people - 2)
    gap = ordered[left + 1] - ordered[left]
    place = left + (made - ordered[left]) / gap
    depth = np.where(inside, (place + 0.5) / people, np.nan)
    beyond = (
        np.where(place < 0.5, 0.5 - place, np.where(place > people - 1.5, 2 * people - 1.5 - place, np.nan)) / people
    )
    return np.stack([depth, np.where(inside, beyond, np.nan)]), -np.log(people * gap)


def ratios(prepared, generator, density, fits):
    """Return the coins and the log likelihood ratios of some fits of an audit's game, (fits, targets) each.

    Who would take the place of a target that is trained on is drawn anew from those who take nobody's: the law is the same.
    """
    worlds = prepared.membership().worlds
    known = coded(prepared.people, prepared.coding)
    coins = np.stack([worlds.coins(number) for number in fits])
    found = np.empty(coins.shape)
    for place, number in enumerate(fits):
        made = generator.fit_sample(
            worlds.training(prepared.people, number), worlds.original, worlds.generator_seed(number)
        )
        release, rows = coded(made, prepared.coding), worlds.rows(number)
        idle = np.setdiff1d(np.arange(worlds.original, len(prepared.people)), rows)
        spare = np.random.default_rng([worlds.seed, number, 3]).choice(idle, len(worlds.targets))
        here = density(release, known[:, rows]).sum()
        for which, target in enumerate(worlds.targets):
            other = rows.copy()
            other[target] = spare[which] if coins[place, which] else target
            there = density(release, known[:, other]).sum()
            found[place, which] = here - there if coins[place, which] else there - here
    return coins, found


def optimum(prepared, generator, density, fits):
    """Return the AUC of the likelihood ratio for each target, over some fits of an audit's game."""
    coins, found = ratios(prepared, generator, density, fits)
    return [auc(ratio[coin], ratio[~coin]) for coin, ratio in zip(coins.T, found.T)]
