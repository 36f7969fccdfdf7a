"""`carrel logs`: the end of the log, read from the files, so that it works when the gateway is dead."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from appliance.cli.desk import Desk
from appliance.cli.tail import lines_from_end
from appliance.domain.results import LogLines
from appliance.errors import NotAllowed

_LEVELS: Final = ("debug", "info", "warning", "error", "critical")


def logs(desk: Desk, *, lines: int, level: str, request: str | None) -> LogLines:
    """The last lines that fit, oldest first; none where there is no log. Raises ``NotAllowed``."""
    fitting = (line for line in _newest_first(desk.places.log_file) if fits(line, level, request))
    try:
        return LogLines(lines=tuple(reversed(list(islice(fitting, lines)))))
    except PermissionError as error:
        raise NotAllowed("You may not read the log; use sudo, or ask to join Carrel's group.") from error


def fits(line: str, level: str, request: str | None) -> bool:
    """Whether a line is a record of at least this level and of this request. A torn line is not."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return False
    if not isinstance(record, dict) or (request is not None and record.get("request_id") != request):
        return False
    found = record.get("level")
    return found not in _LEVELS or _LEVELS.index(found) >= _LEVELS.index(level)


def _newest_first(file: Path) -> Iterator[str]:
    """Lines of the log, then of the files it was rotated into: ``.1`` is the newest of those."""
    yield from lines_from_end(file)
    number = 1
    while (older := file.with_name(f"{file.name}.{number}")).exists():
        yield from lines_from_end(older)
        number += 1


HANDLERS: Final = {"logs": logs}
