"""SDV's synthesizers, asked how rows go on: in an environment that has SDV."""

from __future__ import annotations

import numpy as np
import pytest

from synthprivacy import simulate
from synthprivacy.generators import SDVSynthesizer
from synthprivacy.tables.read import load

pytestmark = pytest.mark.oracle
pytest.importorskip("sdv")

PEOPLE = load(
    simulate.people(300, 1)[["age", "sex", "diagnosis", "weight_kg", "registered"]].astype({"diagnosis": "category"}),
    label="original",
)


def test_the_copula_completes_every_row(capfd):
    """Rows come back whole and in order, the same for the same seed, with what was given of them, and in silence."""
    given = PEOPLE.select(["weight_kg", "sex", "registered"]).take(np.repeat([3, 10, 44], 6))

    made = SDVSynthesizer().fit_complete(PEOPLE, given, 1)

    assert made.schema.equals(PEOPLE.schema)
    assert made.select(given.column_names).to_pylist() == given.to_pylist()
    assert made["age"].null_count == made["diagnosis"].null_count == 0
    assert made.equals(SDVSynthesizer().fit_complete(PEOPLE, given, 1))
    assert "Sampling" not in "".join(capfd.readouterr())


def test_a_network_completes_what_it_meets():
    """Labels are met among a network's own rows; exact numbers are not, and such rows miss all that was not given."""
    network = SDVSynthesizer("CTGAN", epochs=1, batch_size=100)

    met = network.fit_complete(PEOPLE, PEOPLE.select(["sex"]).take([3, 10, 44, 3]), 1)
    missed = network.fit_complete(PEOPLE, PEOPLE.select(["sex", "age", "weight_kg", "registered"]).take([3, 3]), 1)

    assert met["age"].null_count == 0
    assert met["sex"].to_pylist() == PEOPLE["sex"].take([3, 10, 44, 3]).to_pylist()
    assert missed["diagnosis"].to_pylist() == [None, None]
    assert missed["age"].to_pylist() == PEOPLE["age"].take([3, 3]).to_pylist()
    assert missed.schema.equals(PEOPLE.schema)
