"""The report: one self-contained HTML file, read off an evaluation. It computes nothing and opens nothing."""

from synthprivacy.reporting.html import render, snippet, write

__all__ = ["render", "snippet", "write"]
