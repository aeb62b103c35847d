"""Print the performance table of the README from the results of `neighbors.py`: `python neighbors_table.py F`."""

import json
import sys
from pathlib import Path

OURS = ("ours, ", "one pass, ")
"""What the names of our own ways begin with."""


def main(path):
    """Print one row per work row and peer: our median, the peer's, and how many times longer it takes."""
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    print("| work | ours (2 threads / 1) | beside | takes | times ours |")
    print("|---|---|---|---|---|")
    for row in found["rows"].values():
        contenders = row["contenders"]
        ours = [one["seconds"] for name, one in contenders.items() if name.startswith(OURS) and "seconds" in one]
        mine = " / ".join(_seconds(seconds) for seconds in ours)
        peers = [(name, one) for name, one in contenders.items() if not name.startswith(OURS) and "seconds" in one]
        for place, (name, one) in enumerate(peers or [("", {})]):
            scaled = " (scaled from a part)" if "measured on queries" in one else ""
            taken = _seconds(one["seconds"]) + scaled if one else ""
            ratio = f"{one['seconds'] / min(ours):.3g}×" if one else ""
            first = (row["work"], mine) if place == 0 else ("", "")
            print(f"| {first[0]} | {first[1]} | {name} | {taken} | {ratio} |")


def _seconds(seconds):
    return f"{seconds:.3g} s"


if __name__ == "__main__":
    main(sys.argv[1])
