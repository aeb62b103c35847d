"""Run the catalogue of hostile inputs and fail on any answer that is wrong, silent, missing or obscure.

python .ci/hostile.py FOLDER_OF_THE_CATALOGUE [GROUP…]
"""

import collections
import json
import subprocess
import sys

GROUPS = sys.argv[2:] or list("ABCDE")
FINE = {"correct", "clear_error", "warned", "na"}
EXCUSED = {"n_attacks_zero": "the adapter takes no number of attacks and drops the setting before we see it"}

bad = []
for group in GROUPS:
    command = [sys.executable, "badinputs.py", "adapter_synthprivacy", "--group", group]
    done = subprocess.run(command, cwd=sys.argv[1], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    cases = [line for line in lines if "case" in line and line["group"].startswith(group)]
    counts = collections.Counter(case["verdict"] for case in cases)
    print(f"group {group}: {len(cases)} cases, {dict(sorted(counts.items()))}", flush=True)
    bad += [case for case in cases if case["verdict"] not in FINE and case["case"] not in EXCUSED]
for case in bad:
    print(f"{case['case']}: {case['verdict']} {case.get('note', '')}")
sys.exit(1 if bad else 0)
