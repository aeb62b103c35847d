"""Print the table of the README from what `synthprivacy selftest --json F` wrote: `python selftest_table.py F`."""

import json
import sys
from collections import defaultdict
from pathlib import Path

LAWS = {
    "coverage": "95 % intervals hold the truth",
    "false alarm": "without a leak the lower bound is above 0",
    "false rejection": "without a leak the p-value is at most .025",
    "false pass": "with a leak at the limit or above the upper bound keeps it",
    "bias": "mean estimate of a copied share, off by",
    "power to alarm": "three published people in ten are noticed",
    "monotone": "readings fall where the leak grows, in standard errors",
    "power to pass": "a perfect release passes",
    "power to fail": "a release that leaks twice the limit fails",
    "fail closed": "spoilt tables and damaged files that pass",
}


def main(path):
    """Print one row per law: how often it was asked and kept, the share over all replicates, and the hardest case."""
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    by_law = defaultdict(list)
    for finding in found["findings"]:
        simulated = finding["interval"] is not None or finding["law"] in {"monotone", "fail closed"}
        if finding["law"] in LAWS and simulated:
            by_law[finding["law"]].append(finding)
    print("| promise | asked | kept | over all replicates | hardest case | bar |")
    print("|---|---|---|---|---|---|")
    for law, words in LAWS.items():
        findings = by_law[law]
        if not findings:
            continue
        findings = [finding for finding in findings if finding["figure"] is not None]
        worst = max(findings, key=lambda f: f["figure"] if f["side"] == "at most" else -f["figure"])
        replicates = sum(finding["replicates"] for finding in findings)
        pooled = sum(finding["figure"] * finding["replicates"] for finding in findings) / replicates
        everywhere = "" if law in {"monotone", "fail closed"} else f"{pooled:.3f} of {replicates:,}"
        if law == "bias":
            everywhere = f"{pooled:+.4f}"
        hardest = f"{worst['figure']:.3f} ({worst['subject']}, {worst['scenario']})"
        kept = sum(finding["passed"] for finding in findings)
        print(f"| {words} | {len(findings)} | {kept} | {everywhere} | {hardest} | {worst['side']} {worst['bar']:g} |")
    rejected = sum(impostor["rejected"] for impostor in found["impostors"])
    print(f"\n{rejected} of {len(found['impostors'])} known-bad estimators rejected.")


if __name__ == "__main__":
    main(sys.argv[1])
