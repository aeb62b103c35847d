"""The memory of a gate: what was judged and what went out, in one file that nobody edits unseen.

Nothing is imported here: who only looks for edits needs SQLite and hashes, and none of the statistics of a gate.
"""
