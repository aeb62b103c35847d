"""Names of columns may hold what endpoints are put together with."""

from __future__ import annotations

import pytest

from synthprivacy.explaining.values import Explanation
from synthprivacy.explaining.wording import to_text


@pytest.mark.parametrize("stratum", ["outliers", "e@mail=home", "sex=a@b"])
def test_a_group_is_named_as_it_is(risk, stratum):
    """With an ``@`` in the secret, in the column or in the label, the table names the people, and nothing of the endpoint."""
    whole = risk("inference.a@b")
    group = risk(f"inference.a@b@{stratum}", parameters={"stratum": stratum})
    told = to_text(Explanation("ctgan", whole.endpoint, 0, whole, None, None, groups=(group,)))

    assert [line.split("  ")[1] for line in told.splitlines() if line.startswith(f"  {stratum}")] == [stratum]
