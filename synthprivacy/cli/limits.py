"""`synthprivacy limits`: what a limit means, before somebody sets one."""

from __future__ import annotations

from pathlib import Path

import typer

from synthprivacy.cli.console import last_line, tell


def limits(
    evaluation: Path | None = typer.Argument(None, help="What `evaluate --json` wrote: its sizes and endpoints."),
    original: int | None = typer.Option(None, min=1, help="Training people, where there is no evaluation yet."),
    control: int | None = typer.Option(None, min=1, help="Control people."),
    limit: list[float] = typer.Option([], help="A limit to look at; may be repeated. Absent: those of the profiles."),
    harm: float | None = typer.Option(None, help="What it costs one person to be found out, in any unit."),
) -> None:
    """Print a worksheet: limit x people x harm, whether your control can decide it, where shipped limits come from.

    Example: synthprivacy limits --original 8000 --control 2000 --limit 0.02
    """
    from synthprivacy.errors import ConfigError
    from synthprivacy.gating.worksheet import origins, worksheet
    from synthprivacy.results import Evaluation

    found = None if evaluation is None else Evaluation.from_json(evaluation)
    people, others = original, control
    if found is not None:
        people = people or found.original.units
        others = others or (None if found.control is None else found.control.units)
    if people is not None and others is not None:
        tell(worksheet(original=people, control=others, limits=_limits(limit), harm=harm, evaluation=found) + "\n")
    elif any(given is not None for given in (people, others, harm)) or limit:
        msg = "limits needs people on both sides; pass --original and --control, or an evaluation with a control"
        raise ConfigError(msg)
    tell(origins())
    last_line(0, "a limit is yours to set: these say what it means and what it costs")


def _limits(given: list[float]) -> dict[str, float]:
    """Return the limits to look at, by name.

    Raises
    ------
    ConfigError
        If one is not within (0, 1).
    """
    from synthprivacy.config import PROFILES, policy_of_limit, profile
    from synthprivacy.gating.worksheet import limits_of

    if given:
        return {f"limit {one:g}": one for one in given if policy_of_limit(one)}
    shipped = {name: limits_of(profile(name).policy) for name in PROFILES}
    return {f"{name}, {rule}": limit for name, rules in shipped.items() for rule, limit in rules.items()}
