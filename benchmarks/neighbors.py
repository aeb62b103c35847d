"""Nearest neighbours side by side with their peers: prints a table, keeps results by work row.

Every contender is a process that waits while another one works; they take turns within a run. Ours is timed with
building the index, encoding apart; a peer with all it does with its tables, embedding apart. Distances of every peer are
compared with ours in the run. See the README beside this file.
"""

import argparse
import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from neighbors_harness import HERE, agreement, machine, race
from neighbors_rows import FLOOR, ROWS
from neighbors_tables import write

RESULTS = HERE / "results" / "neighbors.json"
FORMAT = "synthprivacy/benchmark-neighbors/1"
NEAR = 2.0**-20 + 2.0**-23
"""Mean distances of two searches may differ by this much: a step of our grid, and the rounding of 32-bit numbers."""


def main():
    """Run the rows asked for, one after another, and keep each as soon as it is done."""
    options = _options()
    names = options.only or [name for name, row in ROWS.items() if row.quick or options.rows == "all"]
    if options.list:
        print("\n".join(f"{name:16} {ROWS[name].work}" for name in ROWS))
        return
    pythons = dict(_interpreter(text) for text in options.peer_python)
    for name in names:
        try:
            found = run(ROWS[name], options.size, options.repeats, pythons)
        except FileNotFoundError as absent:
            print(f"{name}: not measured: {Path(absent.filename).name} is absent\n")
            continue
        show(name, found)
        if options.out or options.size == 1:
            keep(options.out or RESULTS, name, found)


def run(row, size, repeats, pythons):
    """Return what a row gave."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        load = os.getloadavg()[0]
        sides, bounds = row.make(np.random.default_rng(0), size)
        write(folder, sides, bounds, embedded=row.embedded)
        columns, counts = sides["queries"].shape[1], {name: len(frame) for name, frame in sides.items()}
        del sides
        asked = min(counts["queries"], row.contenders[0].rows or counts["queries"])
        records = race(folder, row.contenders, asked, repeats=repeats, pythons=pythons)
    first = records[row.contenders[0].name]
    found = {
        "work": row.work,
        "rows": counts,
        "columns": columns,
        "machine": machine(),
        "when": datetime.now(UTC).date().isoformat(),
        "load before": round(load, 2),
        "contenders": {name: record.summary(asked) for name, record in records.items() if name != FLOOR},
    }
    if first.failure:
        return found
    for name, record in records.items():
        if record is not first and record.arrays:
            _compare(found["contenders"][name], record, _reference(name, records, first), columns)
    for beginning, reason in row.differs.items():
        for name, kept in found["contenders"].items():
            if name.startswith(beginning) and "differs by" in kept:
                kept["differs because"] = reason
    if FLOOR in records:
        found["floor"] = _floor(records[FLOOR].figures, first.seconds)
    return found | {"bars": list(_bars(row, found["contenders"]))}


def keep(path, name, found):
    """Put a row's results into the file, beside those of other rows."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"format": FORMAT, "rows": {}}
    kept["rows"][name] = found
    kept["rows"] = {known: kept["rows"][known] for known in ROWS if known in kept["rows"]}
    kept["growth"] = growth(kept["rows"])
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for family, fitted in kept["growth"].items():
        if name.startswith(f"scale-{family}-"):
            print(f"  growth of {family}, {fitted['rows']} rows: exponent {fitted['exponent']}\n")


def growth(rows):
    """Return the exponent of the time in the number of rows, fitted to all sizes of a family that were measured."""
    families = {}
    for name, found in rows.items():
        if name.startswith("scale-") and not (name.endswith("300k") and "adult" not in name):  # those are resampled
            families.setdefault(name.split("-")[1], []).append(found)
    fitted = {}
    for family, several in families.items():
        if len(several) > 1:
            sizes = [found["rows"]["queries"] for found in several]
            seconds = [next(iter(found["contenders"].values()))["seconds"] for found in several]
            exponent = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
            fitted[family] = {"rows": sizes, "seconds": seconds, "exponent": round(float(exponent), 3)}
    return fitted


def show(name, found):
    """Print a row's results."""
    print(f"{name}: {found['work']}  (load before: {found['load before']})")
    for contender, record in found["contenders"].items():
        if "not measured" in record:
            print(f"  {contender:38} not measured: {record['not measured']}")
            continue
        spread = f"{min(record['runs']):.3f} to {max(record['runs']):.3f} in {len(record['runs'])}"
        ratio = f"{record['ratio']:8.2f}×" if "ratio" in record else " " * 9
        note = f"of {record['measured on queries']} queries" if "note" in record else ""
        away = f"differs by {record['differs by']:.0e}" if "differs by" in record else ""
        away += f" because {record['differs because']}" if "differs because" in record else ""
        print(
            f"  {contender:38} {record['seconds']:9.3f} s ({spread}) {ratio} {record['peak MiB']:6} MiB  {away} {note}"
        )
        print(f"  {'':38} {_told(record['parts'])} {_told(record.get('figures', {}))}")
    for key, value in found.get("floor", {}).items():
        print(f"    {key}: {value}")
    for bar in found.get("bars", []):
        print(f"    {'reached' if bar['reached'] else 'SHORT  '}  {bar['bar']}: {bar['measured']}")
    print(flush=True)


def _compare(kept, record, reference, columns):
    """Add how often as long as the reference a contender took, and how far its distances are from the reference's."""
    kept["ratio"] = round(kept["seconds"] / float(np.median(reference.seconds)), 3)
    shared = [name for name in record.arrays if name in reference.arrays]
    means = 1 if "distances" not in shared else columns  # the shares' distances are means already
    kept["differs by"] = max(agreement(record.arrays[name], reference.arrays[name], means) for name in shared)
    kept["agrees"] = kept["differs by"] <= NEAR


def _reference(name, records, first):
    """Return the first contender; for one on one thread, the first of those, unless that is itself."""
    same = [other for other in records if other.endswith("1 thread")]
    return records[same[0]] if name in same[1:] else first


def _floor(figures, seconds):
    """Return the counts of the blocks, in words that say what they are a part of."""
    cells = figures["coded cells"] + figures["ordered cells"]
    everything = figures["pairs"] * figures["floor of a pair of all columns"]
    return {
        "pairs computed": figures["block pairs"],
        "pairs of a block": round(figures["block pairs"] / max(figures["blocks read"], 1)),
        "share of pairs computed": round(figures["block pairs"] / figures["pairs"], 5),
        "share of cells computed": round(cells / (figures["pairs"] * figures["columns"]), 5),
        "clipped share of ordered cells": round(figures["clipped cells"] / max(figures["ordered cells"], 1), 3),
        "floor of the blocks, seconds of a core": round(figures["floor of blocks"], 4),
        "blocks over their floor": round(figures["blocks"] / max(figures["floor of blocks"], 1e-9), 2),
        "share of the search inside blocks": round(figures["blocks"] / figures["search"], 3),
        "floor of all pairs, seconds of a core": round(everything, 3),
        "floor of all pairs over our time": round(everything / float(np.median(seconds)), 2),
        "nanoseconds per element": {
            name: round(value, 4) for name, value in figures["nanoseconds per element"].items()
        },
    }


def _bars(row, contenders):
    """Yield what must be reached, with what was measured."""
    for beginning, least in row.bars.items():
        ratios = [kept["ratio"] for name, kept in contenders.items() if name.startswith(beginning) and "ratio" in kept]
        if ratios:
            measured, bar = min(ratios), f"{beginning} takes at least {least:.3g} times as long"
            yield {"bar": bar, "measured": measured, "reached": measured >= least}
    first = next(iter(contenders.values()))
    for what, most in row.limits.items():
        yield {"bar": f"{what} at most {most}", "measured": first[what], "reached": first[what] <= most}


def _told(figures):
    return ", ".join(f"{name} {value:.3f}" for name, value in figures.items() if isinstance(value, float))


def _interpreter(text):
    program, equals, path = text.rpartition("=")
    return (program if equals else "", path)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", choices=["quick", "all"], default="quick", help="which work rows")
    parser.add_argument("--only", action="append", choices=list(ROWS), metavar="NAME", help="one row; may be repeated")
    parser.add_argument("--list", action="store_true", help="print the rows and stop")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each contender")
    parser.add_argument("--size", type=float, default=1.0, help="factor of all row counts; kept only with --out")
    parser.add_argument("--out", type=Path, help="where results are kept")
    default = os.environ.get("SYNTHPRIVACY_PEER_PYTHON", sys.executable)
    text = "interpreter of the peers, or PEER=PATH for one of them; may be repeated"
    parser.add_argument("--peer-python", action="append", default=[default], metavar="PATH", help=text)
    return parser.parse_args()


if __name__ == "__main__":
    main()
