"""The command line: one file per verb. The only place that prints and exits.

Exit codes: 0 passed or done, 1 gate failed, 2 usage, configuration or data error, 3 inconclusive or the evaluator
crashed, 130 interrupted. The last line on stderr names the code and the reason.
"""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

PASSED, FAILED, UNUSABLE, INCONCLUSIVE, INTERRUPTED = 0, 1, 2, 3, 130


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    from synthprivacy.cli.console import last_line
    from synthprivacy.errors import SynthPrivacyError

    _prepare_streams()
    try:
        code = _run()
    except SynthPrivacyError as error:
        code = UNUSABLE
        last_line(code, str(error))
    except KeyboardInterrupt:
        code = INTERRUPTED
    except MemoryError:
        code = INCONCLUSIVE
        last_line(code, "out of memory; lower plan.targets in a synthprivacy.toml, or use a machine with more")
    except OSError as error:
        code = INCONCLUSIVE
        last_line(code, f"the system refused ({error.strerror}, at {_place(error)}); check disk, rights and pipes")
    except Exception as error:  # noqa: BLE001 - the last resort: a crash must be 3, never Python's own 1 ("gate failed")
        code = _usage(error) or _crash(error)
    if code == INTERRUPTED:
        last_line(code, "interrupted; nothing half-written was left")
    sys.exit(code)


def _run() -> int:
    """Run the verb and return its code; typer turns an interrupt into a code by itself."""
    from typer import Abort

    from synthprivacy.cli.app import app

    try:
        code = app(standalone_mode=False, prog_name="synthprivacy")
    except Abort:
        return INTERRUPTED
    return code if isinstance(code, int) else PASSED


def _prepare_streams() -> None:
    """Let no encoding stop a verdict, a reader that goes away end us as it ends every other tool, and a stop leave no file."""
    for stream in (sys.stdout, sys.stderr):
        if callable(reconfigure := getattr(stream, "reconfigure", None)):
            reconfigure(errors="backslashreplace")
    try:
        if hasattr(signal, "SIGPIPE"):
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # clears away what is being written, as Ctrl-C does
    except ValueError:  # not in the main thread: whoever called us there keeps their own rule
        return


def _usage(error: Exception) -> int | None:
    """Print a usage error and return its code; None if it is none.

    They are recognised by what they can do: their classes live in click, or inside typer where it carries click.
    """
    from synthprivacy.cli.console import last_line

    if not callable(message := getattr(error, "format_message", None)):
        return None
    verb = getattr(getattr(error, "ctx", None), "command_path", "synthprivacy")
    last_line(UNUSABLE, f"{message().rstrip('.')}; see `{verb} --help`")
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
