"""Stays with what goes on in the box after an action has begun it, and tells how far that is."""

import shutil
import sys
import time
from collections.abc import Callable
from typing import Final, Self

import click
import msgspec

from appliance.cli.desk import Admin, Desk, expected
from appliance.domain.action import Action
from appliance.domain.actions import action as action_of
from appliance.domain.amounts import duration
from appliance.domain.plain_text import one_line
from appliance.domain.results import DownloadStatus
from appliance.errors import GatewayNotRunning

_WAITS_S: Final = (0.05, 0.1, 0.2, 0.4)
"""Before it is asked again: what is over at once is told at once."""
_EVERY_S: Final = 1.0
_LINE_EVERY_S: Final = 10.0
"""Where lines cannot be written over."""
_UNDER_WAY: Final = frozenset({"waiting", "running", "checking"})
_CLEAR: Final = "\r\x1b[K"
_MIB: Final = 2**20


def awaited(
    desk: Desk, begun: Action, result: msgspec.Struct, pause: Callable[[float], None] = time.sleep
) -> msgspec.Struct:
    """The result of ``begun.follows`` once it is over. What was begun goes on if the person leaves."""
    status = expected(result, DownloadStatus)
    if status.state not in _UNDER_WAY:
        return status
    asking = action_of(begun.follows)
    name = asking.arguments[0].name
    with desk.gateway() as gateway, _Line(desk) as line:
        try:
            waits_s = iter(_WAITS_S)
            while status.state in _UNDER_WAY:
                line.tell(status)
                pause(next(waits_s, _EVERY_S))
                status = _asked(gateway, asking, {name: status.id})
        except KeyboardInterrupt:
            line.clear()
            desk.progress(
                f"It goes on in the box. `carrel download pause {status.model}` stops it for now, "
                f"`carrel download cancel {status.model}` for good."
            )
            raise
    return status


def _asked(gateway: Admin, asking: Action, arguments: dict[str, object]) -> DownloadStatus:
    try:
        return expected(gateway.run(asking.name, arguments), DownloadStatus)
    except GatewayNotRunning as error:
        raise GatewayNotRunning(
            "The gateway has ended. What was begun goes on once the box is up again: `carrel up`."
        ) from error


class _Line:
    """One line in place on a terminal; elsewhere a line now and then."""

    def __init__(self, desk: Desk, now_s: Callable[[], float] = time.monotonic) -> None:
        self._desk = desk
        self._now_s = now_s
        self._in_place = sys.stderr.isatty()
        self._told_s: float | None = None
        self._dropped: frozenset[str] = frozenset()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def tell(self, status: DownloadStatus) -> None:
        """How far it is, and once of each place that is not asked any more."""
        for one in status.dropped:
            if one not in self._dropped:
                self.clear()
                self._desk.progress(
                    f"{one} served other bytes than the recipe says and is not asked any more."
                )
        self._dropped = frozenset(status.dropped)
        text = one_line(words_of(status))
        if self._in_place:
            columns = shutil.get_terminal_size().columns
            click.echo(f"{_CLEAR}{text[: columns - 1]}", nl=False, err=True)
        elif self._told_s is None or self._now_s() - self._told_s >= _LINE_EVERY_S:
            self._told_s = self._now_s()
            self._desk.progress(text)

    def clear(self) -> None:
        """Make room for another line."""
        if self._in_place:
            click.echo(_CLEAR, nl=False, err=True)


def words_of(status: DownloadStatus) -> str:
    """One line: how much is verified, how fast it comes, how long that takes, from where."""
    verified = f"{status.verified_bytes / _MIB:,.0f} of {status.total_bytes / _MIB:,.0f} MiB"
    if status.state == "waiting":
        return f"{status.model}: waits for its turn, {verified} verified"
    if status.state == "checking":
        return f"{status.model}: {verified} verified, looking inside"
    parts = [f"{status.model}: {status.percent} %, {verified} verified"]
    if status.bytes_per_s is not None:
        parts.append(f"{status.bytes_per_s / _MIB:.1f} MiB/s")
    if status.eta_s is not None:
        parts.append(f"{duration(status.eta_s)} left")
    if status.source:
        parts.append(f"from {status.source}")
    return ", ".join(parts) + (f". {status.reason}" if status.reason else "")
