"""Counts in words."""


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {many or one + 's'}"
