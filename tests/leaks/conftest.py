"""Tables with a sentinel in every column, and the search for sentinels in a text."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from synthprivacy.cli import main  # noqa: F401 - loaded before anything is made to fail

ROWS = 240
WORDS = ("XQ7Z94K", "Zanzibaria", "Kowalczyk", "quokka", "Vlissingen")
"""An id, a rare label, a name and a word in free text, and a label that everybody has; capitals do not matter."""
NUMBERS = (98_765_432.125, -87_654_321.375, 71_829_304, 271_828.25)
"""The largest and the smallest of a column, a number of one person, and the scale of a column nobody may know."""
DAY = pd.Timestamp("1911-03-07 05:43:21")
DAYS = (r"1911\D?0?3\D?0?7", r"0?7\D0?3\D1911", r"0?3\D0?7\D1911", r"7 (Mar|März)", r"05:43")
"""The day in the orders people write it; as a count since 1970 it is among the numbers."""
COUNTS = tuple(DAY.value // unit for unit in (10**9, 10**6, 10**3, 1))
NUMBER = re.compile(r"(?<![\w#.])[-+−]?\d[\d,_' ]*(?:\.\d+)?(?:[eE][-+]?\d+)?(?!\w)")


def leaks(text):
    """Return the sentinels in a text: words, the day, or any number within a thousandth of a planted one."""
    found = [word for word in WORDS if word.lower() in text.lower()]
    found += [pattern for pattern in DAYS if re.search(pattern, text)]
    for match in NUMBER.finditer(text):
        try:
            number = float(re.sub(r"[,_' ]", "", match.group().replace("−", "-")))
        except ValueError:
            continue
        found += [str(n) for n in (*NUMBERS, *COUNTS) if abs(abs(number) - abs(n)) < 1e-3 * abs(n)]
    return found


def people(seed):
    """Return people among whom nobody stands out."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "member": [f"P{seed}-{number:04d}" for number in range(ROWS)],
            "age": rng.integers(18, 90, ROWS),
            "region": rng.choice(["North", "South", "West"], ROWS),
            "income": np.round(rng.normal(40_000, 9_000, ROWS), 2),
            "visits": rng.poisson(4, ROWS),
            "seen": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 90_000_000, ROWS), unit="s"),
            "note": [f"a long note on visit number {number} of person {seed}" for number in rng.permutation(ROWS)],
        }
    )


def planted(seed):
    """Return people with a sentinel in every column."""
    frame = people(seed)
    frame.loc[3, "member"] = WORDS[0] + str(seed)
    frame.loc[5, "region"] = WORDS[1]
    frame.loc[7, "income"], frame.loc[9, "income"] = NUMBERS[:2]
    frame.loc[11, "visits"] = NUMBERS[2]
    frame.loc[13, "seen"] = DAY
    frame.loc[15, "note"] = f"{WORDS[2]} told us of a {WORDS[3]} and of 71829304"
    frame["place"] = WORDS[4]
    frame.loc[::3, "place"] = f"{WORDS[4]}-Oost"
    return frame


def released():
    """Return a release that holds none of it."""
    return people(9).assign(place=np.where(np.arange(ROWS) % 2, "Elsewhere", "Nowhere"))


@pytest.fixture
def folder(tmp_path):
    """Return a folder with the tables as files, and with a plan for what any evaluation does."""
    for name, frame in (("train", planted(1)), ("control", planted(2)), ("syn", released())):
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
        frame.to_parquet(tmp_path / f"{name}.parquet", index=False)
    planted(1).to_csv(tmp_path / "members.csv", index=False)
    (tmp_path / "quick.toml").write_text('[plan]\nattacks = ["membership"]\nutility = ["shapes"]\n')
    return tmp_path


def frames_that_are_wrong():
    """Yield dataframes that cannot be read, each with a sentinel where it goes wrong."""
    frame = planted(1)
    mixed = frame.astype({"income": object})
    mixed.loc[7, "income"] = WORDS[2]
    yield mixed
    yield frame.assign(income=frame["income"].replace(NUMBERS[0], np.inf))
    yield frame.assign(region=[[WORDS[1]]] * ROWS)
    yield frame.assign(region=[{WORDS[1]: NUMBERS[0]}] * ROWS)
    yield frame.assign(region=[object if place else WORDS[1] for place in range(ROWS)])
    yield frame.assign(region=[WORDS[1].encode() + b"\xff"] * ROWS)
    yield frame.assign(income=frame["income"] + 1j)
    yield pa.table({"region": pa.array([{"x": WORDS[1]}] * ROWS), "age": list(range(ROWS))})
    yield pd.concat([frame, frame[["region"]]], axis=1)
    yield frame.iloc[:1]
    yield frame.to_numpy()
    yield frame.to_dict()
    yield frame.to_csv()
    yield frame.iloc[[5, 3]].to_csv(header=False)
    yield frame.to_csv(lineterminator="\n").encode()


def _fixture(make):
    return pytest.fixture(scope="session", name=make.__name__)(lambda: make)


_leaks, _planted, _released, _frames_that_are_wrong = map(_fixture, (leaks, planted, released, frames_that_are_wrong))
