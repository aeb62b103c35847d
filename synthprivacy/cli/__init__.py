"""The command line: one file per verb. The only place that prints and exits.

Exit codes: 0 passed or done, 1 gate failed, 2 usage, configuration or data error, 3 inconclusive or the evaluator
crashed, 130 interrupted. The last line on stderr names the code and the reason.
"""

from __future__ import annotations

import sys
from typing import NoReturn

PASSED, FAILED, UNUSABLE, INCONCLUSIVE, INTERRUPTED = 0, 1, 2, 3, 130


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    import typer

    from synthprivacy.cli.app import app
    from synthprivacy.cli.console import last_line
    from synthprivacy.errors import SynthPrivacyError

    try:
        code = app(standalone_mode=False, prog_name="synthprivacy")
        sys.exit(code if isinstance(code, int) else PASSED)
    except SynthPrivacyError as error:
        last_line(UNUSABLE, str(error))
        sys.exit(UNUSABLE)
    except (KeyboardInterrupt, typer.Abort):
        last_line(INTERRUPTED, "interrupted; nothing half-written was left")
        sys.exit(INTERRUPTED)
    except MemoryError:
        last_line(INCONCLUSIVE, "out of memory; give fewer targets, or a machine with more")
        sys.exit(INCONCLUSIVE)
    except Exception as error:  # noqa: BLE001 - the last resort: a crash must be 3, never Python's own 1 ("gate failed")
        sys.exit(_usage(error) or _crash(error))


def _usage(error: Exception) -> int | None:
    """Print a usage error and return its code; None if it is none.

    They are recognised by what they can do: their classes live in click, or inside typer where it carries click.
    """
    from synthprivacy.cli.console import last_line, say

    if not callable(message := getattr(error, "format_message", None)):
        return None
    if type(error).__name__ == "NoArgsIsHelpError":
        say(message())
        last_line(UNUSABLE, "a verb is needed, such as `synthprivacy demo`")
    else:
        last_line(UNUSABLE, f"{message()} See `synthprivacy --help`.")
    return UNUSABLE


def _crash(error: Exception) -> int:
    from synthprivacy.cli.console import last_line

    last_line(INCONCLUSIVE, f"the evaluator crashed ({type(error).__name__} at {_place(error)}); please report it")
    return INCONCLUSIVE


def _place(error: BaseException) -> str:
    """Return where an error arose, without its message: that could hold a cell of a table."""
    trace = error.__traceback__
    place = "an unknown place"
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "?")
        if module.startswith("synthprivacy"):
            place = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
