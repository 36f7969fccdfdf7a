"""The entry of the `carrel` command: errors become one line and an exit code here, and nowhere else."""

import contextlib
import functools
import io
import os
import sys
from collections.abc import Sequence

import rich_click as click

from appliance.cli.commands import carrel
from appliance.cli.desk import Desk
from appliance.cli.showing import complain
from appliance.config import surroundings
from appliance.errors import CarrelError

_INTERRUPTED = 130
_command_line = functools.cache(carrel)
"""It has no state: a process that runs several commands builds it once."""


def main() -> None:
    """Run the command line of this process and end it."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no UTF-8 shows marks in place of characters, not a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    desk = Desk(around=surroundings(), asks=sys.stdin is not None and sys.stdin.isatty())
    sys.exit(run(sys.argv[1:], desk))


def run(words: Sequence[str], desk: Desk) -> int:
    """Carry out one command and return its exit code. Nothing that Carrel raises leaves a traceback."""
    try:
        return _invoke(words, desk)
    except CarrelError as error:
        return complain(error, json="--json" in words)
    except (KeyboardInterrupt, click.Abort):
        click.echo("carrel: interrupted.", err=True)
        return _INTERRUPTED
    except BrokenPipeError:
        _close_output()
        return 1


def _invoke(words: Sequence[str], desk: Desk) -> int:
    try:
        code = _command_line().main(list(words), prog_name="carrel", standalone_mode=False, obj=desk)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    sys.stdout.flush()
    return code if isinstance(code, int) else 0


def _close_output() -> None:
    # The reader of a pipe has gone: without this the interpreter complains when it flushes at exit.
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
