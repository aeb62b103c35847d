"""What the keys of the configuration file mean where no docstring says it; a key that has no words stops the build."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "tables": {
        "original": "The table the generator was trained on. CSV, Parquet or Feather; paths are relative to this file.",
        "control": "People of the same kind whom the generator never saw.",
        "split": "The `split.json` that `synthprivacy split` wrote: then the report says what a release proves.",
        "synthetic": 'The releases by name: `{ ctgan = "ctgan.parquet" }`.',
    },
    "columns": {
        "kind": "What the values are; guessed with a reason where it is not declared.",
        "role": "What the column means for privacy; none by default.",
        "bounds": "Range of an ordered column, the scale of its distances; dates may be written as dates.",
        "theme": "Name of the block the column belongs to, the same for all columns of one source.",
        "reason": "Why the kind was declared, for the report.",
    },
    "constraints": {
        "name": "What the score of the rule is called; made from the columns by default.",
        "column": "A range: the column, with `min`, `max` or both.",
        "min": "Least value of the range.",
        "max": "Greatest value of the range.",
        "by": "A dependency: the columns that determine others.",
        "determines": "The columns that `by` determines.",
        "unique": "Columns of which no two rows have the same values.",
        "ascending": "Columns whose values do not decrease from the first to the last.",
    },
    "plan": {
        "attacks": "Threats, and further attacks by name; see [](../attacks/index.md).",
        "primary": "Endpoints that must all pass, at most five; chosen by the plan where none are declared.",
        "comparator": "`holdout`, `weighted`, `crossfitted` or `none`; see [](../concepts/comparators.md). By default a "
        "holdout wherever there is a control.",
    },
    "policy": {
        "rule": "At least one `[[policy.rule]]`.",
        "waiver": "See `[[policy.waiver]]`.",
        "ledger": "See `[policy.ledger]`.",
    },
    "policy.rule": {
        "of": "What is bounded: `primary.upper`, `copies.upper`, `checks.NAME`, `ENDPOINT.value`, `ENDPOINT.upper`, "
        "`ENDPOINT.excess.upper`, or `FAMILY.METRIC` for a score.",
        "min": "For a score where higher is better.",
    },
    "policy.waiver": {"reason": "Why the rule need not be kept."},
}
"""By table of the file, then by key; they win over the words in the source."""
