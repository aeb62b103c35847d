"""The ladder and the perfect release: how a membership result becomes a number of people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from synthprivacy import simulate
from synthprivacy.attacks.linkability import Halves
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.driver import run
from synthprivacy.errors import DataError
from synthprivacy.results import HitsEvidence, Rate, Skipped
from synthprivacy.rulers import Ladder, ladder, read, series
from synthprivacy.rulers.perfect import Perfect, perfect
from synthprivacy.schemata import infer
from synthprivacy.statistics.estimate import estimate
from synthprivacy.statistics.roc import auc
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

PEOPLE = 400


def gaussian(rows, rng):
    """Return people who are all different."""
    return simulate.gaussian(rows, 5, rng)


def alike(rows, rng):
    """Return people most of whom are like another one."""
    return simulate.discrete(rows, 5, 3, rng)


def case_of(original, control, release, **options):
    """Return the encoded case."""
    frames = [None if frame is None else load(frame, label="table") for frame in (original, control, release)]
    schema = infer(frames[0], **options)
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=schema)


def drawn(draw=gaussian, sizes=(PEOPLE, PEOPLE, PEOPLE), share=0.0, seed=0):
    """Return a case with a share of the original copied into the release."""
    rng = np.random.default_rng(seed)
    original, control, fresh = (draw(size, stream) for size, stream in zip(sizes, rng.spawn(3)))
    return case_of(original, control, simulate.copy_share(original, fresh, share, rng))


def built(case, seed=0, attack=None, targets=10_000):
    """Return the ladder of a case."""
    return ladder(attack or Distance(), case, np.random.default_rng(seed), targets=targets, confidence=0.95)


def headline(case, seed=0):
    """Return the headline of a case."""
    outcome = run(Distance(), case, np.random.default_rng(seed), targets=10_000)
    risk = estimate(outcome, primary=True, confidence=0.95, rng=np.random.default_rng(seed))
    return read(risk, built(case, seed))


def steps(gain, planted=(0, 3, 10, 30, 100)):
    """Return a ladder made by hand, of people who all score differently."""
    noise = auc(np.arange(2_000.0), np.arange(2_000.0))
    perfect = Perfect(0.0, (-0.02, 0.02))
    return Ladder(max(planted), np.array(planted, dtype=float), np.array(gain, dtype=float), perfect, noise)


@pytest.mark.parametrize("seed", range(5))
def test_reading_a_rung_gives_the_people_planted_on_it(seed):
    """On a rising ladder most and fewest are one number, the inverse of the gain."""
    rng = np.random.default_rng(seed)
    ruler = steps([0, *np.sort(rng.random(4))])

    for people, gain in zip(ruler.planted, ruler.gain):
        assert ruler.most(gain) == ruler.fewest(gain) == people
    between = (ruler.gain[1:] + ruler.gain[:-1]) / 2
    middle = (ruler.planted[1:] + ruler.planted[:-1]) / 2
    np.testing.assert_allclose([ruler.most(gain) for gain in between], middle)


@pytest.mark.parametrize("seed", range(5))
def test_a_larger_result_never_means_fewer_people(seed):
    """Readings never fall with the value, stay within 0 and everyone, and fewest is at most most."""
    rng = np.random.default_rng(seed)
    ruler = steps(np.maximum.accumulate([0, *np.round(rng.random(4), 1)]))
    values = np.linspace(-0.2, 1.2, 300)

    most, fewest = ([reading(value) for value in values] for reading in (ruler.most, ruler.fewest))

    assert (np.diff(most) >= 0).all()
    assert (np.diff(fewest) >= 0).all()
    assert (np.array(fewest) <= most).all()
    assert fewest[0] == 0
    assert most[-1] == 100


def test_a_flat_part_is_read_at_the_end_that_is_asked_for():
    """Where planting more people changes nothing, the most is the far end and the fewest the near one."""
    ruler = steps([0, 0, 0.2, 0.2, 0.2])

    assert (ruler.fewest(0), ruler.most(0)) == (0, 3)
    assert (ruler.fewest(-1), ruler.most(-1)) == (0, 3)
    assert (ruler.fewest(0.2), ruler.most(0.2)) == (10, 100)
    assert (ruler.fewest(0.9), ruler.most(0.9)) == (10, 100)
    assert ruler.most(0.1) == ruler.fewest(0.1) == 6.5


@pytest.mark.parametrize("draw", [gaussian, alike])
@pytest.mark.parametrize("share", [0, 0.3])
def test_a_ladder_never_falls_and_goes_from_nobody_to_everyone(draw, share):
    """Its rungs are 0, 3, 10, … as far as a tenth of the release, then everyone."""
    ruler = built(drawn(draw, share=share))

    assert ruler.planted.tolist() == [0, 3, 10, 30, PEOPLE]
    assert ruler.people == PEOPLE
    assert ruler.gain[0] == 0
    assert (np.diff(ruler.gain) >= 0).all()
    assert ruler.gain[-1] <= 1


@pytest.mark.parametrize("share", [0, 0.5])
@pytest.mark.parametrize("rows", [40, PEOPLE, 5 * PEOPLE])
def test_people_who_are_all_different_read_as_their_share(rows, share):
    """On continuous data k published people of n add k / n, whatever the size of the release and its own leak."""
    ruler = built(drawn(sizes=(PEOPLE, PEOPLE, rows), share=min(share, rows / PEOPLE)))

    np.testing.assert_allclose(ruler.gain, ruler.planted / PEOPLE, atol=1e-12)


def test_common_records_drown_in_a_large_release():
    """The more rows a release of common records has, the less a published person adds: the ladder is of its size."""
    small, large = (built(drawn(alike, (PEOPLE, PEOPLE, rows))).gain[-1] for rows in (PEOPLE // 4, 10 * PEOPLE))

    assert 0 <= large < small / 5


@pytest.mark.parametrize("attack", [Distance(), Halves(("x0", "x1"), ("x2", "x3")), SinglingOut(2, 60)])
def test_the_perfect_release_is_made_of_the_control_alone(attack):
    """What stands in the user's release does not enter, and its interval holds 0."""
    clean, leaky = drawn(sizes=(PEOPLE, 301, PEOPLE)), drawn(sizes=(PEOPLE, 301, PEOPLE), share=0.5)
    leaky = replace(clean, release=leaky.release)

    one, other = (
        perfect(attack, case, case.control, np.random.default_rng(1), targets=10_000, confidence=0.95)
        for case in (clean, leaky)
    )

    assert one == other
    assert one.interval[0] <= 0 <= one.interval[1]


def test_partitions_steady_the_perfect_release():
    """Of the same tables, readings of several partitions of the control differ less than those of one."""
    case = drawn()
    options = {"targets": 10_000, "confidence": 0.95}
    spread = [
        np.std(
            [
                perfect(Distance(), case, case.control, np.random.default_rng(seed), partitions=parts, **options).value
                for seed in range(12)
            ]
        )
        for parts in (1, 6)
    ]

    assert spread[1] < 0.7 * spread[0]


@pytest.mark.parametrize(
    ("sizes", "reason"),
    [((PEOPLE, 0, PEOPLE), "made from the control"), ((PEOPLE, 198, PEOPLE), "100"), ((99, PEOPLE, PEOPLE), "100")],
    ids=["no control", "half of it is too few", "few training people"],
)
def test_too_little_gives_no_ladder(sizes, reason):
    """Without a control, or with under 100 people in a half of it or in the original, the ruler is skipped."""
    case = drawn(sizes=tuple(max(size, 1) for size in sizes))
    case = replace(case, control=case.control if sizes[1] else None)

    skipped = built(case)

    assert isinstance(skipped, Skipped)
    assert reason in f"{skipped.reason} {skipped.needs}"
    assert skipped.needs


def test_only_membership_scores_make_a_ladder():
    """An attack that claims or guesses is refused, and so is a risk that is no score."""
    with pytest.raises(DataError, match=r"memorization\.copies does not give"):
        built(drawn(), attack=ExactCopies())


def test_a_risk_is_read_on_its_own_ruler(risk):
    """A risk of right guesses cannot be read on the ladder of a score."""
    with pytest.raises(DataError, match=r"not of linkability\.halves"):
        read(risk("linkability.halves"), steps([0, 0.1, 0.2, 0.3, 0.4]))


def test_same_seed_same_ladder():
    """The ladder depends on the seed alone; another seed plants other people."""
    case = drawn(alike)
    one, again, other = (built(case, seed) for seed in (1, 1, 2))

    np.testing.assert_array_equal(one.gain, again.gain)
    assert (one.perfect, one.noise) == (again.perfect, again.noise)
    assert one.gain.tolist() != other.gain.tolist()


def test_people_with_several_rows_are_planted_whole():
    """All rows of a planted person replace as many rows of the release; the ladder still ends with everyone."""
    rng = np.random.default_rng(0)
    frames = [
        simulate.gaussian(2 * PEOPLE, 4, rng).assign(who=np.repeat(np.arange(PEOPLE), 2) + base) for base in (0, PEOPLE)
    ]
    release = simulate.gaussian(PEOPLE, 4, rng).assign(who="nobody")
    ruler = built(case_of(*frames, release, unit="who"))

    np.testing.assert_allclose(ruler.gain, ruler.planted / PEOPLE, atol=1e-12)


def test_more_people_than_targets_are_read_by_the_sample():
    """With a sample of the people attacked, a published person still adds its share of all people."""
    ruler = built(drawn(), targets=150)

    np.testing.assert_allclose(ruler.gain, ruler.planted / PEOPLE, atol=1e-12)


def test_a_published_table_is_everyone_and_fresh_people_are_nobody():
    """The two ends of the ladder are read where they are known."""
    rng = np.random.default_rng(3)
    original, control, fresh = (gaussian(PEOPLE, stream) for stream in rng.spawn(3))

    all_of_them = headline(case_of(original, control, original.sample(frac=1, random_state=1)))
    none = headline(case_of(original, control, fresh))

    assert all_of_them.value == all_of_them.interval[1] == all_of_them.of == PEOPLE
    assert all_of_them.interval[0] > 0.95 * PEOPLE
    assert none.interval[0] == 0
    assert none.interval[1] < 0.2 * PEOPLE


def test_a_value_of_no_leak_means_nobody(scores):
    """A value of 0 or less reads as nobody, its upper end still as the most people it cannot exclude."""
    ruler = steps([0, 0, 0.1, 0.3, 1.0])

    found = read(scores(auc=0.49, error=0.01), ruler)

    assert found.value == 0
    assert found.interval == pytest.approx((0, ruler.most(-0.02 + 2 * 1.96 * 0.01)))
    assert (found.perfect_value, found.perfect_interval[0]) == (0, 0)
    assert found.of == 100


def test_the_floor_is_the_noise_of_a_release_without_a_leak(scores):
    """The floor is read at the control's own spread, by the sizes of the run, whatever the release itself leaks."""
    ruler = steps([0, 0.03, 0.1, 0.3, 1.0])
    members, nonmembers = scores().evidence.members, scores().evidence.nonmembers
    reach = 2 * 1.96 * np.sqrt((1 / members + 1 / nonmembers) / 12)

    floors = {read(scores(auc=value, error=0.001), ruler).floor for value in (0.5, 0.7, 0.99)}

    assert floors == {int(np.ceil(ruler.most(reach)))}


def test_where_not_even_everyone_would_be_noticed_there_is_no_floor(scores):
    """A ladder that does not rise above the noise has no floor, and not a low one."""
    ruler = steps([0, 0, 0.01, 0.01, 0.02])

    assert read(scores(auc=0.5, error=0.02), ruler).floor is None


def test_readings_contain_each_other(scores):
    """Fewest, value and most are in order for every result, also on a ladder with flat parts."""
    ruler = steps([0, 0, 0.1, 0.1, 0.8])

    for area in np.linspace(0.4, 1, 40):
        found = read(scores(auc=area, error=0.02), ruler)
        assert 0 <= found.interval[0] <= found.value <= found.interval[1] <= found.of


def test_the_curve_of_a_ladder_is_people_against_gain():
    """The series for the report holds the rungs and the gains, of people and of no person."""
    curve = series("membership.distance", steps([0, 0.1, 0.2, 0.3, 0.4]))

    assert (curve.name, curve.of) == ("ladder", "membership.distance")
    assert curve.x == (0, 3, 10, 30, 100)
    assert curve.y == (0, 0.1, 0.2, 0.3, 0.4)


def test_evidence_of_the_fixtures_is_what_the_tests_mean(risk, scores):
    """The hand-made risks are of the two kinds that matter here."""
    assert isinstance(risk().evidence, HitsEvidence)
    assert isinstance(risk().evidence.original, Rate)
    assert scores().evidence.members == 2_000
