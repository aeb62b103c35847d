"""Groups of equal keys, against examples worked by hand and against their definition."""

import numpy as np
import pytest

from synthprivacy.errors import DataError
from synthprivacy.kernels.contingency import (
    baseline_attribution,
    combine,
    matches,
    replicated_uniques,
    targeted_correct_attribution,
)

ORIGINAL = np.array([[0, 0], [1, 0], [1, 1], [2, 0], [2, 0], [3, 1], [4, 0], [5, 1], [6, 0], [6, 0]])
RELEASE = np.array([[0, 0], [1, 0], [1, 0], [2, 0], [2, 1], [3, 0], [5, 1], [5, 1], [6, 1], [9, 1]])
"""Key and target of each row. The release says of the ten people, key by key:

key  targets  in the release  unique in  found  settled  disclosed  share
0    0        0               both       1      1        1          1
1    0, 1     0, 0            neither    2      2        1          1, 0
2    0, 0     0, 1            neither    2      0        0          1/2, 1/2
3    1        0               both       1      1        0          0
4    0        -               original   0      0        0          0
5    1        1, 1            original   1      1        1          1
6    0, 0     1               release    2      2        0          0, 0
"""


@pytest.fixture
def within():
    """Return what the original says about its own rows."""
    return matches(*ORIGINAL.T, *ORIGINAL.T)


@pytest.fixture
def release():
    """Return what the release says about the original's rows."""
    return matches(*ORIGINAL.T, *RELEASE.T)


def test_identity_by_hand(within, release):
    """Four of ten are unique in the original (UiO), two of them in the release as well (repU)."""
    assert within.unique.sum() == 4
    assert replicated_uniques(within, release).tolist() == [True] + [False] * 4 + [True] + [False] * 4


def test_attribute_by_hand(within, release):
    """Eight are disclosed by the original (Dorig); of nine found, seven are settled (DiS) and three disclosed (DiSCO)."""
    assert within.disclosed.sum() == 8
    assert (release.found.sum(), release.settled.sum(), release.disclosed.sum()) == (9, 7, 3)


def test_disclosed_is_correct_even_where_the_original_is_not_settled(release):
    """A person of an undecided original group counts where the release happens to name the right target."""
    assert release.disclosed.tolist() == [True, True, False, False, False, False, False, True, False, False]


def test_attribution_by_hand(within, release):
    """Shares are CAPd in the original and DCAP in the release; TCAP is three of the nine found."""
    assert within.share.tolist() == [1, 0.5, 0.5, 1, 1, 1, 1, 1, 1, 1]
    assert release.share.tolist() == [1, 1, 0, 0.5, 0.5, 0, 0, 1, 0, 0]
    assert targeted_correct_attribution(release) == (3, 9)


def test_baseline_by_hand():
    """Targets 7/10 and 3/10: a guess from the margin is right with 58/100."""
    assert baseline_attribution(ORIGINAL[:, 1]) == pytest.approx(0.58)


def test_missing_is_a_level():
    """-1 matches -1 and nothing else."""
    codes = np.array([-1, -1, 0])
    assert matches(codes, codes, codes[:1], codes[:1]).disclosed.tolist() == [True, True, False]


@pytest.mark.parametrize("seed", range(5))
def test_matches_follow_the_definition(seed):
    """Counts are those of comparing every row with every row of the other table."""
    rng = np.random.default_rng(seed)
    keys, targets = rng.integers(-1, 12, (2, 60))
    other_keys, other_targets = rng.integers(-1, 12, (2, 45))
    other_targets[other_keys < 5] = 3

    found = matches(keys, targets, other_keys, other_targets)

    same_key = keys[:, None] == other_keys
    same = same_key & (targets[:, None] == other_targets)
    assert np.array_equal(found.keyed, same_key.sum(axis=1))
    assert np.array_equal(found.agreeing, same.sum(axis=1))
    settled = [len(set(other_targets[row].tolist())) == 1 for row in same_key]
    assert np.array_equal(found.settled, settled)
    assert np.array_equal(found.disclosed, np.logical_and(settled, found.agreeing > 0))


def test_names_of_groups_and_order_of_the_other_table_change_nothing():
    """Other codes for the same groups, and another order of the other table, give the same matches."""
    rng = np.random.default_rng(0)
    keys, targets, other_keys, other_targets = rng.integers(0, 9, (4, 50))
    names, order = rng.permutation(10**9 + np.arange(9)), rng.permutation(50)
    plain = matches(keys, targets, other_keys, other_targets)
    renamed = matches(names[keys], -names[targets], names[other_keys[order]], -names[other_targets[order]])
    for field in ("keyed", "agreeing", "settled"):
        assert np.array_equal(getattr(plain, field), getattr(renamed, field))


def test_combined_codes_are_equal_where_all_columns_are():
    """Codes agree exactly where whole rows agree, however many columns and however large their codes."""
    rng = np.random.default_rng(0)
    columns = rng.integers(0, 3, (40, 200)) * 2**60
    columns[:, 100:] = columns[:, :100]
    columns[39, 150:] += 1
    codes = combine(list(columns))
    equal = (columns[:, :, None] == columns[:, None, :]).all(axis=0)
    assert np.array_equal(codes[:, None] == codes[None, :], equal)
    assert codes.dtype == np.int64


def test_a_key_has_a_column():
    """No columns are no key."""
    with pytest.raises(DataError, match="at least one column"):
        combine([])


def test_nothing_is_found_in_nothing():
    """An empty release finds and discloses nobody; an empty original has no baseline."""
    empty = np.zeros(0, dtype=np.int64)
    found = matches(*ORIGINAL.T, empty, empty)
    assert targeted_correct_attribution(found) == (0, 0)
    assert not found.settled.any()
    assert found.share.tolist() == [0.0] * 10
    assert len(matches(empty, empty, *RELEASE.T).keyed) == 0
    assert baseline_attribution(empty) == 0.0
