"""Memorised texts: verbatim spans and near-verbatim texts, planted and independent."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from synthprivacy.attacks.memorization_strings import LENGTHS, nearly_verbatim, verbatim
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.kernels import spans as kernel
from synthprivacy.kernels.sketches import likest, sketched
from synthprivacy.kernels.spans import WINDOW, few_share, have_span, spans
from synthprivacy.results import Hits, Outcome
from synthprivacy.statistics.estimate import estimate

LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyzäéß"))
SHARES = 1.0 / np.arange(1, 2001)
"""Zipf's law: some words are in every text, most in hardly any."""


def vocabulary():
    """Return 2,000 words."""
    rng = np.random.default_rng(0)
    return np.array(["".join(rng.choice(LETTERS, rng.integers(2, 10))) for _ in SHARES])


WORDS = vocabulary()


def texts(count, seed, words=35):
    """Return independent texts."""
    drawn = np.random.default_rng([9, seed]).choice(WORDS, (count, words), p=SHARES / SHARES.sum())
    return [" ".join(row) for row in drawn]


def quoting(people, fresh, start, stop):
    """Return fresh texts, each with some words of a person in place of its own."""
    mixed = []
    for person, other in zip(people, fresh):
        words = other.split()
        words[start:stop] = person.split()[start:stop]
        mixed.append(" ".join(words))
    return mixed


def edited(people, share, seed):
    """Return texts with a share of their words replaced, here and there."""
    rng = np.random.default_rng([11, seed])
    changed = []
    for person in people:
        words = np.array(person.split(), dtype=object)
        places = rng.choice(len(words), round(share * len(words)), replace=False)
        words[places] = rng.choice(WORDS, len(places))
        changed.append(" ".join(words))
    return changed


def brute(text, others, length):
    """Return whether a text has a span of some length that another one has."""
    return any(text[place : place + length] in other for other in others for place in range(len(text) - length + 1))


def test_spans_are_those_of_the_texts():
    """All spans kept, hashes are equal exactly where the characters are, within texts and across."""
    written = ["abcabcabc", "xabcx", "", "ab", "éabcé"]
    found = spans(written, 3, 1)
    runs = [text[place : place + 3] for text in written for place in range(len(text) - 2)]

    assert found.text.tolist() == [n for n, text in enumerate(written) for _ in range(len(text) - 2)]
    assert len(set(zip(runs, found.keys.tolist()))) == len(set(runs)) == len(set(found.keys.tolist()))


@pytest.mark.parametrize("length", [8, 16, 24, 33, 128])
def test_a_common_run_is_found_and_nothing_else(length):
    """Whoever quotes `length + window - 1` characters is found, and nobody who quotes fewer than `length`."""
    rng = np.random.default_rng(length)
    written = ["".join(rng.choice(LETTERS, 400)) for _ in range(40)]
    held = few_share(spans(written, length), len(written), 9).held
    quoted = []
    for place, text in enumerate(written):
        for size in (length - 1, length + WINDOW - 1):
            start = int(rng.integers(0, 400 - size))
            quoted.append("0" * place + text[start : start + size] + "1" * 30)

    assert have_span(quoted, length, held).tolist() == [False, True] * 40


def test_spans_of_a_text_depend_on_no_other_text():
    """Alone, backwards or in any company the same spans of a text are kept."""
    written = [*texts(60, 1), "", "short", *texts(3, 2, words=4)]
    together = spans(written, 24)

    for place, text in enumerate(written):
        assert np.array_equal(spans([text], 24).keys, together.keys[together.text == place])


def test_batches_change_nothing(monkeypatch):
    """Texts read a few hundred characters at a time have the spans they have when read at once."""
    written = ["", *texts(30, 1), "short", *texts(3, 2, words=200)]
    at_once = spans(written, 24)
    monkeypatch.setattr(kernel, "_CHARACTERS", 500)
    in_parts = spans(written, 24)

    assert np.array_equal(at_once.keys, in_parts.keys)
    assert np.array_equal(at_once.text, in_parts.text)


def test_few_share_counts_texts_and_not_places():
    """A span that one text repeats is held by one; those of more texts than `most` are nobody's in particular."""
    written = [
        "same " * 9,
        *(f"a form that everybody fills in {letter * 12}" for letter in "abcdefghijkl"),
        "x" * 20,
        "x" * 20,
    ]
    found = few_share(spans(written, 12, 1), len(written), 9)

    assert found.shared.tolist() == [False] * 13 + [True] * 2
    assert not have_span(["form that everybody fills"], 12, found.held).any()
    assert have_span(["same same same same same"], 12, found.held).all()


def test_the_likest_text_is_found():
    """Of 300 texts with a fifth of the words replaced, the original one is found for nearly all, and never itself."""
    held = texts(300, 3)
    index = sketched(held)

    found = likest(index, edited(held, 0.2, 0))
    itself = likest(index, held, but=np.arange(300))

    assert np.mean(found == np.arange(300)) > 0.95
    assert not np.any(itself == np.arange(300))
    assert likest(index, ["", "none of it"]).tolist() == [-1, -1]


def test_planted_spans_are_found_and_independent_texts_are_not():
    """Twelve words quoted in texts that are otherwise new: every person is found, and none of those not quoted."""
    people, strangers = texts(400, 4), texts(400, 5)
    release = [*quoting(people[:100], texts(100, 6), 10, 22), *texts(900, 7)]
    asker = verbatim(release)

    assert asker(people[:100]).all()
    assert asker(people[100:]).mean() <= 0.01
    assert asker(strangers).mean() <= 0.01


def test_case_and_spaces_hide_nothing():
    """A quotation in capitals, or with other spaces, is one."""
    people = texts(100, 4)
    asker = verbatim([text.upper().replace(" ", "\n  ") for text in [*people, *texts(400, 6)]])

    assert asker(people).all()


def test_a_form_that_all_fill_in_is_no_finding():
    """Texts with 150 characters of boilerplate are told apart by what stands between it."""
    form = (
        "the patient was seen today and reports the following complaints in her own words {} and nothing else was noted"
    )
    forms = [[form.format(text) for text in texts(500, seed, words=8)] for seed in (1, 2, 3)]
    people, strangers, fresh = forms
    asker = verbatim([*people[:50], *fresh[50:]])

    assert asker(people[:50]).all()
    assert asker(strangers).mean() < 0.03


def test_short_texts_are_found_as_a_whole():
    """Names too short for a span are found where they are copied; those that many share are not."""
    rng = np.random.default_rng(0)
    people, strangers, fresh = (
        [f"{first} {last}" for first, last in zip(rng.choice(WORDS, 300), rng.choice(WORDS, 300))] for _ in range(3)
    )
    asker = verbatim([*people[:80], *fresh, *["no comment"] * 50])

    assert asker(people).tolist() == [True] * 80 + [False] * 220
    assert asker(strangers).mean() < 0.01
    assert not asker(["no comment", "", None]).any()


def test_edited_texts_are_found_where_spans_are_broken():
    """With a quarter of the words replaced nine in ten are found by edits, and nobody else."""
    people, strangers = texts(300, 4), texts(300, 5)
    release = [*edited(people[:100], 0.25, 1), *texts(500, 6)]
    asker = nearly_verbatim(release, np.random.default_rng(0))

    assert asker(people[:100]).mean() > 0.9
    assert not asker([*people[100:], *strangers, ""]).any()


@pytest.mark.parametrize(
    "study", [verbatim, lambda release, usual=None: nearly_verbatim(release, np.random.default_rng(0), usual)]
)
@pytest.mark.parametrize("usual", [None, texts(300, 99, words=12)])
def test_answers_depend_on_no_company(study, usual):
    """One at a time, backwards and together the same people are claimed, whoever set the threshold."""
    people = [*texts(12, 4, words=12), "", "short"]
    asker = study([*edited(people[:6], 0.1, 2), *texts(200, 8, words=12)], usual)
    together = asker(people)

    assert together[:6].any()
    assert [bool(asker([text])[0]) for text in people] == together.tolist()
    assert asker(people[::-1]).tolist() == together[::-1].tolist()


def test_fresh_texts_raise_no_alarm():
    """Over 20 releases of fresh short texts, which share much by chance, alarms are no more frequent than 2.5 %."""
    raised = 0
    for seed in range(20):
        people, others, fresh = (texts(300, 1000 + 3 * seed + side, words=12) for side in range(3))
        asker = verbatim(fresh)
        raised += risk_of(asker(people), asker(others)).lower > 0

    assert binomtest(raised, 20).proportion_ci(0.98, "exact").low <= 0.025


def test_a_quoted_share_reads_as_itself():
    """The risk by verbatim spans is the share of people who are quoted, within .02."""
    people, others = texts(500, 1), texts(500, 2)
    asker = verbatim([*quoting(people[:100], texts(100, 3), 0, 15), *texts(400, 4)])

    assert risk_of(asker(people), asker(others)).value == pytest.approx(0.2, abs=0.02)


def risk_of(original, control):
    """Return the risk of some claims, each about a person."""
    answers = {
        name: Hits(claims.astype(np.int64), np.ones(len(claims), dtype=np.int64))
        for name, claims in (("original", original), ("control", control))
    }
    outcome = Outcome("memorization", "memorization.spans", answers, {})
    return estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(0))


def test_too_few_texts_are_refused():
    """Where chance cannot be told nothing is said, and no text is printed."""
    for study in (verbatim, lambda release: nearly_verbatim(release, np.random.default_rng(0))):
        with pytest.raises(NotEnoughDataError, match="fewer than 100 different texts") as error:
            study(["a secret"] * 500)
        assert "secret" not in str(error.value)


def test_lengths_rise_from_more_than_a_window():
    """A window fits into the shortest span, and the longest one is longer than a form's phrase."""
    assert list(LENGTHS) == sorted(LENGTHS)
    assert LENGTHS[0] >= WINDOW
