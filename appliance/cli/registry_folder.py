"""The registry that a command of its people is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from appliance.cli.desk import Desk
from appliance.errors import BadRequest
from appliance.registry.operating.office import Office
from appliance.wiring.registry import OpenRegistry, opened_registry

_NAME: Final = "registry"


def folder_of(desk: Desk, at: str | None) -> Path:
    """The one that was named, or the one beside carrel.toml."""
    return Path(at).absolute() if at else desk.places.config_file.parent / _NAME


@contextmanager
def opened(desk: Desk, at: str | None) -> Iterator[OpenRegistry]:
    """Scope of a command. Raises ``NotFound`` where there is none, ``ConfigInvalid`` …"""
    with opened_registry(folder_of(desk, at)) as registry:
        yield registry


@contextmanager
def office(desk: Desk, at: str | None) -> Iterator[Office]:
    """The same, of commands that only act."""
    with opened(desk, at) as registry:
        yield registry.office


def day_text(text: str, param: str) -> str:
    """A day as it is written. Raises ``BadRequest``."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise BadRequest("A day is written as 2027-02-28.", param=param) from None


def end_of_day_s(text: str, param: str) -> int:
    """When that UTC day is over, in s since 1970. Raises ``BadRequest``."""
    day = datetime.fromisoformat(day_text(text, param)).replace(tzinfo=UTC)
    return int((day + timedelta(days=1)).timestamp())


def days_back(now_s: int, days: int) -> str:
    """The UTC day so many days ago."""
    return (datetime.fromtimestamp(now_s, UTC) - timedelta(days=days)).date().isoformat()


def ms(time_s: int | None) -> int | None:
    """Of a time that there may not be."""
    return time_s * 1000 if time_s else None
