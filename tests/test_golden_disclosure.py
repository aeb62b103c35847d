"""Published measures of disclosure, reproduced with the house's own kernels.

The numbers are printed in the vignette *Practical privacy metrics for synthetic data* by Raab, Nowok and Dibben, of the
R package synthpop, for its data SD2011 (5,000 people) with the keys sex, age, region and place size. Read from the
compiled vignette, github.com/gillian-raab/synthpop, `vignettes/disclosure.tex`, commit 682a9cd. A missing value is a
level like any other. What the vignette prints of synthetic tables rests on R's random numbers and cannot be repeated.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from synthprivacy.kernels.contingency import baseline_attribution, combine, matches, replicated_uniques

TABLE = Path(__file__).parents[2] / "shared" / "data" / "sd2011.csv.gz"
KEYS = ["sex", "age", "region", "placesize"]


@pytest.fixture(scope="module")
def sd2011():
    """Return each column as codes, missing values a level."""
    if not TABLE.exists():
        pytest.skip("sd2011.csv.gz is not beside the project")
    frame = pd.read_csv(TABLE)
    return {name: pd.factorize(frame[name], use_na_sentinel=False)[0] for name in frame}


def own(columns, target):
    """Return what the table says about its own rows."""
    keys = combine([columns[name] for name in KEYS])
    return matches(keys, columns[target], keys, columns[target])


def percent(values):
    """Return a mean as the vignette prints it."""
    return round(100 * float(np.mean(values)), 2)


def test_identity(sd2011):
    """48.38 % of the people are unique in their keys (UiO)."""
    assert percent(own(sd2011, "depress").unique) == 48.38


@pytest.mark.parametrize(
    ("target", "disclosed"),
    [("depress", 53.3), ("income", 51.38), ("ls", 58.46), ("edu", 63.08), ("trust", 74.1), ("marital", 79.24)],
)
def test_attribute(sd2011, target, disclosed):
    """The keys disclose each target for the published share of people (Dorig)."""
    assert percent(own(sd2011, target).disclosed) == disclosed


def test_correct_attribution(sd2011):
    """Keys attribute the target depress correctly at 74.15 % (CAPd), its margin alone at 9.81 % (baseCAPd)."""
    assert percent(own(sd2011, "depress").share) == 74.15
    assert percent(baseline_attribution(sd2011["depress"])) == 9.81


def test_a_release_of_the_original_itself(sd2011):
    """Published as it is, the original replicates its uniques and discloses what it discloses."""
    found = own(sd2011, "depress")
    assert percent(replicated_uniques(found, found)) == 48.38
    assert percent(found.settled) == 53.3
