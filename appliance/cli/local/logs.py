"""`carrel logs`: the end of the log, read from the files, so that it works when the gateway is dead."""

from typing import Final

from appliance.cli.desk import Desk
from appliance.domain.results import LogLines
from appliance.errors import NotAllowed
from appliance.services.finding.log_files import Wanted, last_lines


def logs(desk: Desk, *, lines: int, level: str, request: str | None) -> LogLines:
    """The last lines that fit, oldest first; none where there is no log. Raises ``NotAllowed``."""
    try:
        return LogLines(lines=last_lines(desk.places.log_file, Wanted(level, request), lines))
    except PermissionError as error:
        raise NotAllowed("You may not read the log; use sudo, or ask to join Carrel's group.") from error


HANDLERS: Final = {"logs": logs}
