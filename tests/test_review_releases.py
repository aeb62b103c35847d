"""What a review of privacy found: each a defect that was there, and does not come back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthprivacy.cli.counting import counted
from synthprivacy.cli.remembering import judged, key
from synthprivacy.config import policy_of_limit
from synthprivacy.crosschecking import reasons_sdmetrics as scores
from synthprivacy.crosschecking.counting import Counts, Sides, withheld
from synthprivacy.crosschecking.measuring import least_rows
from synthprivacy.crosschecking.reasons_anonymeter import Facts, rows_of_people
from synthprivacy.crosschecking.values import Reading
from synthprivacy.errors import ConfigError, DataError
from synthprivacy.frames import read_tables
from synthprivacy.ledger.store import append
from synthprivacy.ledger.totals import RELEASED
from synthprivacy.measures import histograms
from synthprivacy.measures.comparing.edges import bin_names, round_edges
from synthprivacy.results import Evaluation

DAY = pd.Timestamp("2020-03-01")


def sides(found, column):
    """Return the shares of a column in original and control."""
    told = {curve.name: curve.y for curve in found if curve.of == f"shapes.column.{column}"}
    return told.get("shape, original"), told.get("shape, control")


def labelled(*counts, people=200):
    """Return people of whom so many have the labels A, B, ... and each other one a label of their own."""
    labels = [label for label, count in zip("ABC", counts) for _ in range(count)]
    others = [f"only {place}" for place in range(people - len(labels))]
    return pd.DataFrame({"label": labels + others, "number": np.arange(float(people))})


class TestHistograms:
    """What the charts of columns are drawn from tells of ten people or of nobody."""

    @pytest.mark.parametrize("others", [1, 5, 9])
    def test_a_withheld_share_is_not_what_the_others_leave(self, case_of, others):
        """The shares that are told are the same whether nobody or nine people have a label that is not."""
        release = labelled(100, 100)
        nobody = histograms(case_of(labelled(100, 91, people=191), labelled(100, 100), release))
        few = histograms(case_of(labelled(100, 91, people=191 + others), labelled(100, 100), release))

        assert str(sides(few, "label")) == str(sides(nobody, "label"))

    @pytest.mark.parametrize("others", range(1, 10))
    def test_shares_that_are_told_are_all_there_is(self, case_of, others):
        """Of 100 people and the fewer than 100 others than nine leave over, the shares do not add up to less."""
        found = histograms(case_of(labelled(100, 100 - others), labelled(100, 100), labelled(100, 100)))

        original, _ = sides(found, "label")
        assert sum(original[:2]) == pytest.approx(1.0)

    def test_steps_are_of_people_who_have_a_value(self, case_of):
        """Of thirty values among a thousand people one more or less in a bin changes no share."""

        def sparse(low):
            value = np.full(1_000, np.nan)
            value[:30] = np.where(np.arange(30) < low, 0.0, 5.5)
            return pd.DataFrame({"sparse": value, "number": np.arange(1_000.0)})

        release = pd.DataFrame({"sparse": np.tile([0.0, 5.5], 500), "number": np.arange(1_000.0)})
        told = [sides(histograms(case_of(sparse(low), sparse(15), release)), "sparse") for low in (13, 14, 15, 16)]

        assert told == [((0.5, 0.5), (0.5, 0.5))] * 4

    def test_one_person_with_most_rows_decides_no_share(self, case_of):
        """Where ten people have more than half of the rows, nothing is told of a column."""

        def visits(of_one):
            person = np.concatenate([np.arange(60), np.zeros(of_one, dtype=int)])
            return pd.DataFrame({"person": person, "ward": np.where(np.arange(len(person)) % 3, "A", "B"), "n": person})

        cases = [case_of(visits(rows), visits(0), visits(0), unit="person") for rows in (0, 300)]

        assert [sides(histograms(case), "ward")[0] is None for case in cases] == [False, True]

    @pytest.mark.parametrize("minutes", [2, 10, 30, 60, 9 * 60, 20 * 60, 5 * 1440, 30 * 1440, 200 * 1440])
    def test_instants_are_cut_at_no_persons_own(self, minutes):
        """Ends of dates lie on a grid that is at most four times finer than a bin is wide."""
        rng = np.random.default_rng(minutes)
        seconds = rng.integers(0, minutes * 60, 4_000).astype(np.float64)
        edges = round_edges(seconds * 1e6 + DAY.value / 1e3, "datetime")

        grid = np.gcd.reduce((edges / 1e6).astype(np.int64))
        assert 0.9 * minutes * 60 / 8 <= 4 * grid

    def test_no_minus_before_a_zero(self):
        """An end of nearly nothing is 0."""
        edges = round_edges(np.linspace(-1.01, 1.0, 101), "number")

        assert not any("−0" in name.split() for name in bin_names(edges, "number"))


class TestSeveralReleases:
    """Names and shares of several releases."""

    def test_no_release_takes_the_name_of_one_that_went_out(self, tmp_path):
        """One of two tables of one name would not be judged: refused, with a remedy."""
        for name in ("train", "old", "new"):
            labelled(100, 90).to_csv(tmp_path / f"{name}.csv", index=False)
        files = {name: tmp_path / f"{name}.csv" for name in ("train", "old", "new")}

        with pytest.raises(ConfigError, match=r"v \(entry 3\).*write NAME=FILE with another name"):
            read_tables(
                original=files["train"],
                control=None,
                synthetic={"v (entry 3)": files["new"], "w": files["new"]},
                schema=None,
                earlier={"v (entry 3)": files["old"]},
            )

    def test_the_union_is_held_as_the_gate_holds_it(self, evaluation, release, risk, tmp_path, monkeypatch):
        """A report with a ledger holds all releases together to the share of the last candidate among them."""
        monkeypatch.setenv("SYNTHPRIVACY_KEY", "a key of these tests")
        releases = [release(risk(), name=name) for name in ("a", "b", "together")]
        found = evaluation(releases=releases, plan={"together": True})
        judged(tmp_path / "l.jsonl", found, policy_of_limit(0.5))

        assert counted(tmp_path / "l.jsonl", [found]) == [{"a": 1, "b": 2, "together": 2}]

    def test_a_gate_that_remembers_says_what_was_not_attacked(self, evaluation, risk, tmp_path, monkeypatch):
        """A table that is kept and was not attacked together with the release is told, until it was."""
        monkeypatch.setenv("SYNTHPRIVACY_KEY", "a key of these tests")
        place = {"release": "v1", "table": "sha256:00", "rows": 9, "kept": {"path": "v1.csv", "sha256": "00"}}
        append(tmp_path / "l.jsonl", key(), lambda _: ([(RELEASED, place)], None), at="2026-01-01T00:00:00Z")
        plans = [{}, {"earlier": {"v1 (entry 2)": "sha256:00"}}]

        told = [
            str(judged(tmp_path / "l.jsonl", evaluation(risk(), plan=plan), policy_of_limit(0.5))[0]) for plan in plans
        ]

        assert ["is kept; evaluate with --ledger" in text for text in told] == [True, False]

    @pytest.mark.parametrize(
        ("field", "wrong"), [("y", [["x"]]), ("x", ["1"]), ("name", 1), ("of", None), ("labels", [1])]
    )
    def test_damaged_curves_are_refused(self, everything, field, wrong):
        """A curve whose numbers are none, or whose names are no text, is an error of the file and not of a report."""
        data = everything().to_dict()
        data["releases"][0]["series"][0][field] = wrong

        with pytest.raises(DataError):
            Evaluation.from_dict(data)


class TestCrosscheck:
    """What stands beside other tools' numbers is told as ours is."""

    def test_reasons_tell_scores_in_steps(self):
        """A score in a reason is told no finer than the score itself; inside it is."""
        found = {"theirs": 0.8, "every": 0.853, "common": 0.911, "used": 4, "pairs": 10}
        outside, inside = (" ".join(scores.trends(scores.Trends(**found, rows=rows), 0.7)) for rows in (150, None))
        secret, known = (" ".join(scores.disclosure(0.5, 0.693, Counts(400, 500), rows=n)) for n in (150, None))

        assert ("0.85" in inside, "0.91" in inside, "0.69" in known) == (True, True, True)
        assert "0.80" in outside or "0.90" in outside
        assert not {"0.85", "0.91"} & set(outside.split())
        assert "get 0.70" in secret

    def test_rows_are_no_people(self, case_of):
        """Twenty successes with rows of which one person may have all tell of nobody."""
        person = np.concatenate([np.arange(40), np.zeros(60, dtype=int)])
        frame = pd.DataFrame({"person": person, "n": np.arange(100) % 7, "m": np.arange(100) % 5})
        case = case_of(frame, frame.assign(person=person + 100), frame, unit="person")
        least = least_rows(case.original)

        assert least == 61 + 8 + 1
        assert withheld(Reading(0.3), Sides(Counts(20, 100, least), None)).value is None
        assert withheld(Reading(0.3), Sides(Counts(20, 100), None)).value == 0.3
        assert "maybe fewer than ten people" in str(Counts(20, 100, least))

    def test_few_people_with_many_rows_are_not_counted(self):
        """How many people are behind rows is told from ten on."""
        none = Sides(Counts(0, 1), None)
        told = [rows_of_people(Facts(Reading(0.1), Reading(0.1), none, none, 500, people=n)) for n in (9, 10)]

        assert told == [f"they attack 500 rows, which are {people} people here" for people in ("fewer than ten", 10)]
