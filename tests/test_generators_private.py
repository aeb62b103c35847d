"""Differential privacy: what is promised is kept to the last count, and broken promises are seen to be broken."""

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binom, chisquare

from synthprivacy.errors import ConfigError
from synthprivacy.generators import Bins, BrokenDP, Domain, DPHistogram, DPPairs, Labels
from synthprivacy.generators import histogram as histogram_module
from synthprivacy.generators import pairwise as pairwise_module
from synthprivacy.generators.cells import coded
from synthprivacy.generators.noise import chosen, noisy

TWO = Domain.of({"answer": Labels(("no", "yes"))})
WIDE = Domain.of(
    {
        "sex": Labels(("female", "male")),
        "age": Bins(0, 119, 12),
        "income": Bins(0.0, 100.0, 5, missing=True),
        "sick": Labels(("false", "true")),
    }
)
NEIGHBOURS = ({"no": 2, "yes": 0}, {"no": 1, "yes": 1})
"""Two tables of two people; one of them is replaced."""
FARTHEST = 60
ROWS = 6


def answers(counts):
    """Return a table with so many answers of each kind."""
    return pa.table({"answer": [label for label, people in counts.items() for _ in range(people)]})


def people(rows=1_500, seed=0):
    """Return people of the wide domain: the older the richer, the poor often sick."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 90, rows)
    income = np.clip(age + rng.normal(0, 8, rows), 0, 100)
    missing = rng.random(rows) < 0.1
    return pa.table(
        {
            "sex": rng.choice(["female", "male"], rows),
            "age": age,
            "income": pa.array(income, mask=missing),
            "sick": rng.random(rows) < np.where(income < 50, 0.6, 0.1),
        }
    )


def law(counts, epsilon):
    """Return the exact chance of 0 … ROWS rows saying yes, summed over all noise up to 60 either way."""
    decay = np.exp(-epsilon / 2)
    steps = np.arange(-FARTHEST, FARTHEST + 1)
    chance = (1 - decay) / (1 + decay) * decay ** np.abs(steps)
    no, yes = np.meshgrid(np.maximum(steps + counts["no"], 0), np.maximum(steps + counts["yes"], 0), indexing="ij")
    part = np.where(no + yes > 0, yes / np.maximum(no + yes, 1), 0.5)
    return np.einsum("i,j,ijr->r", chance, chance, binom.pmf(np.arange(ROWS + 1), ROWS, part[..., None]))


@pytest.mark.parametrize("epsilon", [0.5, 1.0, 3.0])
def test_releases_of_neighbours_are_as_likely_as_promised(epsilon):
    """Over all releases and both neighbours, likelihoods differ by at most e^ε; and the fault of half the noise shows."""
    kept = [law(counts, epsilon) for counts in NEIGHBOURS]
    broken = [law(counts, 2 * epsilon) for counts in NEIGHBOURS]

    assert np.allclose([chances.sum() for chances in kept], 1, atol=1e-6)
    assert max((kept[0] / kept[1]).max(), (kept[1] / kept[0]).max()) <= np.exp(epsilon) + 1e-9
    assert max((broken[0] / broken[1]).max(), (broken[1] / broken[0]).max()) > np.exp(epsilon)


@pytest.mark.parametrize(
    ("generator", "spent"),
    [(DPHistogram(1.0, TWO), 1.0), (BrokenDP("noise", 1.0, TWO), 2.0), (BrokenDP("label", 0.5, TWO), 2.0)],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_releases_follow_the_law_that_was_accounted_for(generator, spent):
    """1,500 releases of one table are distributed as the exact law says: chi-square p above .001."""
    table = answers(NEIGHBOURS[0])
    yes = [generator.fit_sample(table, ROWS, seed)["answer"].to_pylist().count("yes") for seed in range(800)]

    expected = 800 * law(NEIGHBOURS[0], spent)

    assert chisquare(np.bincount(yes, minlength=ROWS + 1), expected * 800 / expected.sum()).pvalue > 0.001


def test_noise_has_its_law():
    """Noise k has the probability of the discrete Laplace law: chi-square p above .001 at 20,000 draws."""
    drawn = noisy(np.zeros(20_000, dtype=np.int64), 2, 1.0, np.random.default_rng(0))
    decay, steps = np.exp(-0.5), np.arange(-8, 9)
    chance = (1 - decay) / (1 + decay) * decay ** np.abs(steps)
    found = np.array([np.count_nonzero(drawn == step) for step in steps])

    rest = 20_000 - found.sum()

    assert chisquare([*found, rest], [*(20_000 * chance), 20_000 * (1 - chance.sum())]).pvalue > 0.001


def test_choice_has_its_law():
    """A position is chosen in proportion to the exponential of its score: chi-square p above .001."""
    scores, rng = np.array([0.0, 2.0, 5.0]), np.random.default_rng(0)
    found = np.bincount([chosen(scores, 2, 1.5, rng) for _ in range(5_000)], minlength=3)
    weights = np.exp(1.5 * scores / 4)

    assert chisquare(found, 5_000 * weights / weights.sum()).pvalue > 0.001


@pytest.mark.parametrize(
    "generator",
    [DPHistogram(0.7, WIDE), DPPairs(0.7, WIDE), DPPairs(0.7, TWO)],
    ids=["histogram", "pairs", "one column"],
)
def test_what_is_spent_is_what_is_promised(generator, monkeypatch):
    """Every look at the table is paid for: counts by their sensitivity, choices by theirs, and the sum is epsilon."""
    spent = []

    def counted(counts, sensitivity, epsilon, rng):
        spent.append(2 * epsilon / sensitivity)  # one marginal moves by 2
        return noisy(counts, sensitivity, epsilon, rng)

    def picked(scores, sensitivity, epsilon, rng):
        assert sensitivity == 2
        spent.append(epsilon)
        return chosen(scores, sensitivity, epsilon, rng)

    monkeypatch.setattr(histogram_module, "noisy", counted)
    monkeypatch.setattr(pairwise_module, "noisy", counted)
    monkeypatch.setattr(pairwise_module, "chosen", picked)
    table = people() if generator.domain == WIDE else answers(NEIGHBOURS[0])

    generator.fit_sample(table, 10, 0)

    assert sum(spent) == pytest.approx(0.7, rel=1e-12)
    assert sum(part for _, part in generator.budget) == pytest.approx(0.7, rel=1e-12)


def test_scores_of_pairs_move_by_two_at_most():
    """Replacing any person by any other moves the distance of a pair's counts from a fixed table by at most 2."""
    rng = np.random.default_rng(0)
    fixed = rng.random((3, 4)) * 10
    for _ in range(200):
        cells = np.stack([rng.integers(0, 3, 30), rng.integers(0, 4, 30)])
        other = cells.copy()
        other[:, rng.integers(30)] = rng.integers(0, 3), rng.integers(0, 4)
        before, after = (np.abs(pairwise_module._counts(c, (0, 1), [3, 4]) - fixed).sum() for c in (cells, other))
        assert abs(before - after) <= 2 + 1e-9


@pytest.mark.parametrize("kind", [DPHistogram, DPPairs])
def test_little_noise_keeps_the_table(kind):
    """With a weak promise shares and the planted dependences are those of the table: five errors are .07."""
    table = people()
    made = kind(200.0, WIDE).fit_sample(table, 3_000, 1).to_pandas()
    real = table.to_pandas()

    assert abs((made["sex"] == "female").mean() - (real["sex"] == "female").mean()) < 0.07
    assert abs(made["income"].isna().mean() - real["income"].isna().mean()) < 0.04
    poor = [frame[frame["income"] < 40]["sick"].mean() for frame in (made, real)]
    assert abs(poor[0] - poor[1]) < 0.1
    assert made["age"].corr(made["income"]) > 0.8
    assert made["age"].between(0, 119).all()


def test_a_strong_promise_loses_the_dependences():
    """With next to no budget a release says nothing: the correlation of age and income is gone."""
    made = DPPairs(1e-6, WIDE).fit_sample(people(), 3_000, 0).to_pandas()

    assert abs(made["age"].corr(made["income"])) < 0.5


def test_nobody_moves_anybody_elses_cell():
    """Replacing one person by the most extreme one leaves the cells of all others as they were."""
    table = people(40)
    extreme = pa.table({"sex": ["neither"], "age": [2**60], "income": [-1e300], "sick": [None]}).cast(table.schema)

    replaced = pa.concat_tables([table.slice(1), extreme])

    assert np.array_equal(coded(WIDE, table)[:, 1:], coded(WIDE, replaced)[:, :-1])
    assert coded(WIDE, replaced)[:, -1].tolist() == [0, 11, 0, 0]


def support(generator, table):
    """Return the labels and the largest number that 40 releases hold."""
    made = [generator.fit_sample(table, 400, seed) for seed in range(40)]
    labels = {label for release in made for label in release["illness"].to_pylist()}
    return labels, max(max(release["income"].to_pylist()) for release in made)


def test_the_support_does_not_move_with_the_table():
    """A rare label and an extreme number change nothing of what a release may hold; they do where it is learned (R10)."""
    plain = pa.table({"illness": ["none", "flu"] * 50, "income": np.linspace(0, 100, 100)})
    marked = pa.concat_tables([plain.slice(1), pa.table({"illness": ["rare"], "income": [1e300]})])
    domain = Domain.of({"illness": Labels(("none", "flu")), "income": Bins(0.0, 200.0)})

    for sound in (DPHistogram(1.0, domain), DPPairs(1.0, domain)):
        before, after = support(sound, plain), support(sound, marked)
        assert before[0] == after[0] == {"none", "flu"}
        assert max(before[1], after[1]) <= 200
    for broken in (BrokenDP("domain", 1.0), BrokenDP("domain", 1.0, pairs=True)):
        before, after = support(broken, plain), support(broken, marked)
        assert before[0] == {"none", "flu"}
        assert before[1] <= 100
        assert after[0] == {"none", "flu", "rare"}
        assert after[1] > 1_000


def test_a_domain_is_read_from_a_file(tmp_path):
    """Labels, bounds, dates and missing values are declared in TOML."""
    path = tmp_path / "domain.toml"
    path.write_text(
        '[sex]\nlabels = ["f", "m"]\n[age]\nlow = 0\nhigh = 120\nbins = 6\nmissing = true\n'
        "[born]\nlow = 1900-01-01\nhigh = 2020-01-01\n[smoker]\nlabels = [false, true]\n",
        encoding="utf-8",
    )

    domain = Domain.read(str(path))

    assert domain["sex"] == Labels(("f", "m"))
    assert domain["age"] == Bins(0, 120, 6, missing=True)
    assert domain["smoker"] == Labels(("false", "true"))
    assert domain["born"].high > 0 > domain["born"].low


@pytest.mark.parametrize(
    "text",
    ["", "x", "[a]\nlow = 3\nhigh = 1", "[a]\nbins = 2", "[a]\nlabels = []", '[a]\nlabels = "x"', "[a]\nlabel = ['x']",
     "[a]\nlow = 0\nhigh = 1\nbins = 1.5", "[a]\nlabels = ['x', 'x']", "[a]\nlabels = ['x']\nmissing = 1"],
)  # fmt: skip
def test_a_domain_that_says_nothing_is_refused(tmp_path, text):
    """What is no domain is told so."""
    path = tmp_path / "domain.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match=r"correct it|write a table|must"):
        Domain.read(str(path))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DPHistogram(0, TWO), "epsilon must be positive"),
        (lambda: DPPairs(float("inf"), TWO), "epsilon must be positive"),
        (lambda: DPHistogram(1, Domain.of({f"c{i}": Bins(0, 1, 100) for i in range(4)})), "at most 1,048,576 cells"),
        (lambda: DPHistogram(1, TWO).fit_sample(people(5), 1, 0), "must declare the columns of the table: age, answer"),
        (
            lambda: DPHistogram(1, Domain.of({"answer": Bins(0, 1)})).fit_sample(answers({"no": 1}), 1, 0),
            "must be labels",
        ),
        (
            lambda: DPPairs(1, Domain.of({"x": Labels(("no",))})).fit_sample(pa.table({"x": [True]}), 1, 0),
            "false and true",
        ),
        (lambda: Bins(0, float("inf")), "finite bounds"),
        (lambda: BrokenDP("noise", 1.0), "a domain must be declared"),
        (lambda: BrokenDP("sound", 1.0), "fault must be one of"),
    ],
)
def test_promises_that_cannot_be_kept_are_refused(make, message):
    """No promise without a budget, a domain that fits, and few enough cells."""
    with pytest.raises(ConfigError, match=message):
        make()
