"""What the public rendering leaves as it is, and what it withholds of groups."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synthprivacy.results import HitsEvidence, Rate

SMALL = range(10)
TRIALS = 2_000


class TestWhatStays:
    """Withholding is not deleting: what tells no small count is as it was."""

    def test_large_counts_stay(self, evaluation, risk, scores, matches):
        """Risks with ten and more everywhere are the same in public."""
        found = evaluation(
            risk(original=(10, TRIALS), control=(1_990, TRIALS)), scores(), matches(people=10, original=10)
        )

        public, inside = found.public()["ctgan"].risks, found["ctgan"].risks
        assert [replace(one, copies=None) for one in public] == [replace(one, copies=None) for one in inside]

    def test_idempotent(self, everything):
        """The public rendering of a public rendering is itself."""
        public = everything().public()

        assert public.rendering == "public"
        assert public.public() is public

    def test_inside_is_left_alone(self, everything):
        """Making the public rendering changes nothing of the evaluation."""
        found = everything()
        before = found.dumps()
        found.public()

        assert found.dumps() == before


class TestGroups:
    """Groups of people, and what the whole would tell about them."""

    @pytest.mark.parametrize(("people", "kept"), [(5, 0), (19, 0), (20, 1)])
    def test_small_groups_are_not_reported(self, evaluation, risk, people, kept):
        """A group with too few people to show hits and misses becomes `Skipped`, without its size."""
        group = risk("linkability.numbers@sex=F", (people // 2, people), (10, 100), primary=False)
        release = evaluation(risk(), group).public()["ctgan"]

        assert len(release.risks) == 1 + kept
        assert [skipped.endpoint for skipped in release.skipped] == [group.endpoint] * (1 - kept)

    def test_few_people_with_many_rows(self, evaluation, risk):
        """Trials do not make people: nine people with many guesses are too few."""
        found = replace(risk(), evidence=HitsEvidence(Rate(20, TRIALS, 9), Rate(20, TRIALS, TRIALS)))

        assert evaluation(found).public()["ctgan"].risks == ()

    def test_small_groups_tell_nothing(self, evaluation, risk):
        """The hits of a small group do not show, though those of the whole and of the rest are known."""

        def split(k):
            whole = risk("linkability.halves", (100 + k, TRIALS), (100, TRIALS))
            rest = risk("linkability.halves@sex=M", (100, 1_900), (95, 1_900), primary=False)
            few = risk("linkability.halves@sex=F", (k, 100), (10, 100), primary=False)
            return evaluation(whole, rest, few).public()["ctgan"]

        for k in SMALL:
            assert [shown.endpoint for shown in split(k).risks] == ["linkability.halves"]
            assert len(split(k).skipped) == 2

    def test_groups_add_up(self, evaluation, risk):
        """Of groups that make up the whole, a withheld one would follow from all others: none is reported."""
        whole = risk(original=(100, TRIALS), control=(100, TRIALS))
        groups = [
            risk(f"linkability.halves@age={age}", (hits, 600), (30, 600), primary=False)
            for age, hits in (("young", 5), ("middle", 45), ("old", 50))
        ]

        assert [shown.endpoint for shown in evaluation(whole, *groups).public()["ctgan"].risks] == [
            "linkability.halves"
        ]

    def test_nearly_everybody(self, evaluation, risk):
        """A group that has all hits but a few tells of those outside it, so it goes too."""
        whole = risk(original=(100, TRIALS), control=(100, TRIALS))
        group = risk("linkability.halves@outliers", (95, 300), (50, 300), primary=False)

        assert [shown.endpoint for shown in evaluation(whole, group).public()["ctgan"].risks] == ["linkability.halves"]

    def test_large_groups_stay(self, evaluation, risk):
        """Groups with ten and more everywhere, and as many outside them, are reported."""
        whole = risk(original=(100, TRIALS), control=(100, TRIALS))
        groups = [risk(f"linkability.halves@sex={sex}", (50, 1_000), (50, 1_000), primary=False) for sex in "FM"]

        assert len(evaluation(whole, *groups).public()["ctgan"].risks) == 3

    def test_groups_of_a_withheld_whole_stay_masked(self, evaluation, risk):
        """Where the whole is withheld there is nothing to subtract from: its groups stand, withheld themselves."""
        groups = [risk(f"linkability.halves@sex={sex}", (3, 1_000), (2, 1_000), primary=False) for sex in "FM"]
        shown = evaluation(risk(original=(6, TRIALS), control=(4, TRIALS)), *groups).public()["ctgan"].risks

        assert {found.evidence.original.successes for found in shown} == {"<10"}
        assert len(shown) == 3
