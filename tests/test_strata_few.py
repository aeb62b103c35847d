"""Nobody can tell whether there are a few people without a label of a group column."""

from __future__ import annotations

import numpy as np
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.config import PlanSettings
from synthprivacy.strata import groups_of, strata_of, vulnerability

PLAN = PlanSettings(attacks=("memorization",), primary=("memorization.copies",), utility=("shapes",))


def tables(strange, label, people=1_500):
    """Return original, control and release, of which the first has some people with another label, or none."""
    original, control, release = (simulate.people(people, stream) for stream in np.random.default_rng(8).spawn(3))
    original.loc[original.index[:strange], "sex"] = label
    return original, control, release


@pytest.mark.parametrize("label", ["another", None])
@pytest.mark.parametrize(("strange", "counted"), [(0, True), (1, True), (9, True), (10, False), (29, False)])
def test_fewer_than_ten_count_with_the_largest_group(case_of, label, strange, counted):
    """Groups add up to everybody whether nobody or nine people are left over; from ten on those are left out."""
    case = case_of(*tables(strange, label), declared={"sex": {"role": "group"}})
    strata = strata_of(case, vulnerability(case.original, case.control), groups_of(case))
    known = [stratum for stratum in strata[1:] if not stratum.unknown]
    sides = [np.sum([getattr(stratum, side) for stratum in known], axis=0) for side in ("original", "control")]

    assert len(known) == 2
    assert all(side.max() == 1 for side in sides)
    assert [int((side == 0).sum()) for side in sides] == [0 if counted else strange, 0]


def test_many_are_a_group_of_their_own(case_of):
    """Where there are enough of them to say something, they are not counted with others."""
    original, control, release = tables(60, "another")
    control.loc[control.index[:60], "sex"] = "another"
    case = case_of(original, control, release, declared={"sex": {"role": "group"}})
    strata = strata_of(case, vulnerability(case.original, case.control), groups_of(case))

    assert sum(stratum.original.sum() for stratum in strata if stratum.unknown) == 60
    assert sum(stratum.original.sum() for stratum in strata[1:]) == case.original.people


@pytest.mark.slow
def test_the_public_rendering_does_not_tell_whether_they_are_there():
    """The same groups are shown, and add up to everybody, with nobody, one or nine people of another label."""
    told = set()
    for strange in (0, 1, 9):
        original, control, release = tables(strange, "another")
        release.iloc[:300] = original.iloc[300:600].to_numpy()
        schema = sp.schema(original, columns={"sex": {"role": "group"}})
        made = sp.evaluate(original=original, control=control, synthetic=release, schema=schema, plan=PLAN).public()
        risks = {risk.endpoint: risk.evidence.original.people for risk in made["synthetic"].risks}
        groups = tuple(name for name in risks if "@sex=" in name)
        told.add((groups, sum(risks[name] for name in groups)))

    assert len(told) == 1
