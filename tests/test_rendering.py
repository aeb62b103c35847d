"""The public rendering: no byte of it tells none from nine people."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthprivacy.results import Copies, Floor, HitsEvidence, Rate, Series
from synthprivacy.statistics.floor import floor_of_guesses, gain_of_guesses
from synthprivacy.statistics.sample_size import needed_control

SMALL = range(10)
TRIALS = 2_000


def texts(evaluations):
    """Return the distinct public JSON texts of some evaluations."""
    return {found.public().dumps() for found in evaluations}


def clustered(found, original, control, people=700):
    """Return a risk whose people gave several guesses each, with the design effects the counts bring."""

    def rate(successes):
        return Rate(successes, TRIALS, people, 1.0 + (successes * (TRIALS - successes)) / 1e6)

    needed = needed_control(control / TRIALS)
    return replace(found, evidence=HitsEvidence(rate(original), rate(control)), needed_rows=needed)


def counted(make, original=60, control=40, planted=400):
    """Return right guesses read as a number of people, and the floor, as the rulers read them."""
    found = make("inference.sex", (original, TRIALS), (control, TRIALS))
    share = planted / 400
    gain = gain_of_guesses(share, control / TRIALS)
    value, low, high = (min(max(end / gain, 0.0), 1.0) * 4_000 for end in (found.value, *found.interval))
    least = floor_of_guesses(4_000, share, TRIALS, control, TRIALS, confidence=0.95)
    copies = Copies(value, (low, high), 4_000, value / 2, (low / 2, high / 2), least, Rate(planted, 400, 400))
    return replace(found, copies=copies), Floor(least, 4_000, {found.endpoint: least})


READ = {
    "original": lambda make, k: counted(make, original=k),
    "control": lambda make, k: counted(make, control=k),
    "missed": lambda make, k: counted(make, original=1_950, control=TRIALS - max(k, 1)),
    "planted": lambda make, k: counted(make, planted=400 - k),
}
"""What differs in nothing but one count under ten."""


class TestZeroIsNine:
    """Evaluations that differ only in counts of people under ten are the same in public."""

    @pytest.mark.parametrize("control", [0, 25, 1_200, 1_995])
    def test_successes_on_the_original(self, evaluation, risk, control):
        """From none to nine hits on the original: same bytes, whatever the control."""
        made = [risk("inference.sex", (k, TRIALS), (control, TRIALS)) for k in SMALL]

        assert len({found.dumps() for found in map(evaluation, made)}) == 10
        assert len(texts(map(evaluation, made))) == 1

    @pytest.mark.parametrize("original", [0, 25, 1_200, 1_995])
    def test_successes_on_the_control(self, evaluation, risk, original):
        """From none to nine hits on the control: same bytes, whatever the original, with what they are needed for."""
        made = (clustered(risk("inference.sex", (original, TRIALS), (k, TRIALS)), original, k) for k in SMALL)

        assert len(texts(map(evaluation, made))) == 1

    @pytest.mark.parametrize("rest", [0, 25])
    def test_failures(self, evaluation, risk, rest):
        """From none to nine misses on either side: same bytes, because the trials would tell."""
        original = (risk("inference.sex", (TRIALS - k, TRIALS), (TRIALS - 25, TRIALS)) for k in SMALL)
        control = (risk("inference.sex", (TRIALS - rest, TRIALS), (TRIALS - k, TRIALS)) for k in range(1, 10))

        assert len(texts(map(evaluation, original))) == 1
        assert len(texts(map(evaluation, control))) == 1

    def test_without_a_control(self, evaluation, risk):
        """Raw rates are treated alike."""
        made = (risk(original=(k, TRIALS), control=None) for k in SMALL)

        assert len(texts(map(evaluation, made))) == 1

    def test_design_effects(self, evaluation, risk):
        """The design effect of clustered people, which the same answers give, does not tell either."""
        made = (clustered(risk(original=(k, TRIALS)), k, 20) for k in SMALL)

        assert len(texts(map(evaluation, made))) == 1

    @pytest.mark.parametrize("population", ["naive", "population"])
    @pytest.mark.parametrize("missed", [False, True])
    def test_comparators(self, evaluation, risk, population, missed):
        """Counts with another release in place of this one are counts of people too."""

        def compared(count):
            rate = Rate(TRIALS - count if missed else count, TRIALS, 700, 1.0 + count / 100)
            found = risk()
            return replace(found, evidence=replace(found.evidence, **{population: rate}))

        assert len(texts(evaluation(compared(k)) for k in SMALL)) == 1

    @pytest.mark.parametrize("other", [0, 60])
    def test_matches(self, evaluation, matches, other):
        """Isolating predicates and the people they isolate, with the jackknife error that came from them."""
        original = (matches(original=k, control=other, people=min(k, 3)) for k in SMALL)
        control = (matches(original=60, control=k, people=30) for k in SMALL)
        people = (
            replace(found, evidence=replace(found.evidence, people=k, standard_error=0.01 / k), upper=0.2 / k)
            for k, found in ((k, matches(original=60, control=40)) for k in range(1, 10))
        )

        assert len(texts(map(evaluation, original))) == 1
        assert len(texts(map(evaluation, control))) == 1
        assert len(texts(map(evaluation, people))) == 1

    def test_points_of_a_curve(self, evaluation, scores):
        """True and false positives at a threshold; the area under the curve stays."""
        for point in (
            lambda k: (0.01, k, 2_000, 40, 500),
            lambda k: (0.01, 2_000 - k, 2_000, 40, 500),
            lambda k: (0.01, 60, 2_000, k, 500),
            lambda k: (0.01, 60, 2_000, 500 - k, 500),
        ):
            assert len(texts(evaluation(scores(auc=0.7, tpr=[point(k)])) for k in SMALL)) == 1
        assert evaluation(scores(auc=0.7)).public()["ctgan"].risks[0].evidence.auc == 0.7

    def test_headline(self, evaluation, risk, copies):
        """Numbers of people in the headline, each end of each interval for itself."""
        made = (
            replace(copies(k + 0.5, (k, 90.0)), perfect_value=float(k), perfect_interval=(0.1 * k, 80.0)) for k in SMALL
        )

        assert len(texts(evaluation(risk(), copies=found) for found in made)) == 1

    @pytest.mark.parametrize("part", ["original", "control", "missed", "planted"])
    def test_readings(self, evaluation, risk, part):
        """A risk as a number of people, its floor and the joint one, with all that was computed from a small count."""
        assert len(texts(evaluation(found, floor=floor) for found, floor in (READ[part](risk, k) for k in SMALL))) == 1

    def test_floors(self, evaluation, scores, copies):
        """A floor of under ten people, in a reading, in the headline and joint."""

        def made(k):
            found = replace(copies(60.0, (40.0, 90.0)), floor=k, perfect_value=None, perfect_interval=None)
            floor = Floor(k, 4_000, {"membership.distance": k})
            return evaluation(replace(scores(), copies=found), copies=found, floor=floor)

        assert len(texts(map(made, SMALL))) == 1
        assert made(3).public()["ctgan"].floor == Floor("<10", 4_000, {"membership.distance": "<10"})

    def test_pairs(self, evaluation, risk):
        """A pair of releases with a small count goes whole: the others and their sum would give it back."""
        pair = {"a": "x", "b": "y", "endpoint": "linkability.halves", "only_a": 40, "only_b": 40, "neither": 900}
        kept = evaluation(risk(), pairs=[{**pair, "both": 10}]).public()

        assert len(texts(evaluation(risk(), pairs=[{**pair, "both": k}]) for k in SMALL)) == 1
        assert len(kept.pairs) == 1

    def test_curves(self, evaluation, risk):
        """A curve of an endpoint goes with its counts, and stays where they stay."""

        def drawn(successes):
            curve = Series("hits", "linkability.halves", (0.0, 1.0), (0.0, successes / TRIALS))
            return evaluation(risk(original=(successes, TRIALS)), series=[curve])

        assert len(texts(drawn(k) for k in SMALL)) == 1
        assert len(drawn(10).public()["ctgan"].series) == 1

    def test_roc_curves(self, evaluation, scores):
        """A ROC curve with fewer than ten people beyond one of its points goes; the ladder stays."""

        def drawn(share, name="roc", last=1.0):
            curve = Series(name, "membership.distance", (0.0, 0.1, last), (0.0, share, 1.0))
            return evaluation(scores(), series=[curve]).public()["ctgan"].series

        assert [len(drawn(count / 2_000)) for count in (1, 9, 10, 1_990, 1_991)] == [0, 0, 1, 1, 0]
        assert len(drawn(0.0001, "ladder", 2_000.0)) == 1

    @pytest.mark.parametrize(
        "planted",
        [
            {"value": 0.1},
            {"interval": (0.0, 0.1)},
            {"lower": 0.01},
            {"upper": 0.1},
            {"p_value": 0.2},
            {"excess": None},
            {"needed_rows": 700},
            {"evidence": None},
        ],
    )
    def test_every_field_of_a_risk_is_masked(self, evaluation, risk, planted):
        """A field that alone would tell the count does not: each is changed by hand and comes out the same."""
        found = risk(original=(3, TRIALS), control=(4, TRIALS))
        told = planted | (
            {"evidence": replace(found.evidence, control=Rate(7, TRIALS, TRIALS))} if "evidence" in planted else {}
        )
        told |= {"excess": replace(found.excess, upper=0.2)} if "excess" in planted else {}

        assert len(texts([evaluation(found), evaluation(replace(found, **told))])) == 1

    @pytest.mark.parametrize("field", ["value", "upper", "p_value", "needed_rows"])
    def test_the_test_can_fail(self, evaluation, risk, field):
        """A field left as it was inside is seen by comparing bytes: the tests above would notice a leak."""
        made = [clustered(risk(original=(k, TRIALS), control=(9 - k, TRIALS)), k, 9 - k) for k in SMALL]
        shown = [evaluation(found).public() for found in made]
        leaking = set()
        for public, found in zip(shown, made):
            leak = replace(public["ctgan"].risks[0], **{field: getattr(found, field)})
            leaking.add(replace(public, releases=(replace(public["ctgan"], risks=(leak,)),)).dumps())

        assert len({public.dumps() for public in shown}) == 1
        assert len(leaking) > 1


class TestTowardsMoreRisk:
    """What takes the place of a withheld count means more risk, never less."""

    @settings(deadline=None, max_examples=150, derandomize=True)
    @given(
        original=st.integers(0, TRIALS),
        control=st.integers(0, TRIALS - 1),
        people=st.sampled_from([TRIALS, TRIALS - 2]),
    )
    def test_upper_bound_never_falls(self, evaluation, risk, original, control, people):
        """The public decision bound of guesses is at or above the one inside (150 drawn)."""
        inside = risk("inference.sex", (original, TRIALS), (control, TRIALS))
        rate = [Rate(count, TRIALS, people) for count in (original, control)]
        public = evaluation(replace(inside, evidence=HitsEvidence(*rate))).public()["ctgan"].risks[0]

        assert public.upper >= inside.upper - 1e-12
        assert public.excess.upper >= inside.excess.upper - 1e-12
        assert public.value >= inside.value - 1e-12

    @pytest.mark.parametrize("control", [0, 12, 700, 1_985, 1_999])
    @pytest.mark.parametrize("planted", [5, 120, 395, 400])
    def test_floors_never_fall(self, *, evaluation, risk, control, planted):
        """The public floor is at or above the one inside, and more people are read off a result."""
        found, floor = counted(risk, original=min(control + 80, TRIALS), control=control, planted=planted)
        public = evaluation(found, floor=floor).public()["ctgan"]
        shown, inside = (
            math.inf if people is None else 10 if people == "<10" else people
            for people in (public.floor.people, floor.people)
        )

        assert shown >= inside
        assert public.risks[0].copies.value >= found.copies.value - 1e-9

    def test_singling_out_tells_no_people(self, evaluation, matches, copies):
        """What predicates find of planted people follows from no count that is shown: it is left out."""
        floor = Floor(70, 4_000, {"singling_out.multivariate": 70})
        public = evaluation(replace(matches(), copies=copies()), floor=floor).public()["ctgan"]

        assert public.risks[0].copies is None
        assert public.floor == Floor(None, 4_000, {})

    def test_nine_and_none(self, evaluation, risk):
        """Few hits on both sides read as nine against none."""
        public = evaluation(risk(original=(2, TRIALS), control=(5, TRIALS))).public()["ctgan"].risks[0]
        expected = risk(original=(9, TRIALS), control=(0, TRIALS))

        assert (public.value, public.interval, public.upper) == (expected.value, expected.interval, expected.upper)
        assert (public.excess, public.p_value) == (expected.excess, expected.p_value)
        assert public.evidence.original.successes == "<10"

    def test_few_misses(self, evaluation, risk):
        """Few misses on the original read as none, few on the control as nine, shown as more than trials - 10."""
        public = evaluation(risk(original=(1_995, TRIALS), control=(1_995, TRIALS))).public()["ctgan"].risks[0]

        assert public.value == risk(original=(TRIALS, TRIALS), control=(1_991, TRIALS)).value
        assert (public.evidence.original.successes, public.evidence.control.successes) == (">1990", ">1990")

    def test_few_matches_at_unequal_sizes_are_not_shown(self, evaluation, matches):
        """Where the value does not follow from the counts shown, the endpoint is skipped in public."""
        public = evaluation(matches(original=3, control=2, people=2)).public()["ctgan"]

        assert not public.risks
        assert public.skipped[0].endpoint == "singling_out.multivariate"
