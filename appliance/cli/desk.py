"""What a command works with: its settings, its terminal and the way to the gateway."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import click
import msgspec

from appliance.config import Places, Settings, Surroundings, load_settings, places_of
from appliance.config.places import socket_of_box
from appliance.domain.plain_text import many_lines
from appliance.domain.results import Status
from appliance.errors import CarrelError

Shape = TypeVar("Shape", bound=msgspec.Struct)


class Admin(Protocol):
    """A gateway as an operator sees it."""

    def run(self, name: str, arguments: Mapping[str, object] | None = None) -> msgspec.Struct:
        """Have an action carried out; see ``client.admin.AdminClient.run``."""
        ...


def connect(socket_path: Path) -> AbstractContextManager[Admin]:
    """A client of the gateway behind a socket; it connects with its first action."""
    from appliance.client.admin import AdminClient  # noqa: PLC0415 - httpx is half of the start-up time

    return AdminClient(socket_path)


def expected(result: msgspec.Struct, shape: type[Shape]) -> Shape:
    """The result in the type that its action promises. Raises ``CarrelError`` for any other."""
    if not isinstance(result, shape):
        raise CarrelError(f"The gateway answered with something that is no {shape.__name__}.")
    return result


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an operator sits. ``asks`` means that a person is there to be asked back."""

    around: Surroundings
    asks: bool = False
    connect: Callable[[Path], AbstractContextManager[Admin]] = connect

    def settings(self, flags: Mapping[str, object] | None = None) -> Settings:
        """The settings, those of the command line over the others. Raises ``ConfigInvalid``."""
        return load_settings(self.around, flags)

    @property
    def places(self) -> Places:
        """Where everything lies; known even while the configuration file is broken."""
        return places_of(self.around)

    @property
    def socket(self) -> Path:
        """Where the gateway of this box listens, or would."""
        return socket_of_box(self.places)

    def gateway(self) -> AbstractContextManager[Admin]:
        """The gateway of this box, running or not."""
        return self.connect(self.socket)

    def status(self) -> Status:
        """What the box is doing. Raises ``GatewayNotRunning`` and whatever else the way there raises."""
        with self.gateway() as gateway:
            return expected(gateway.run("status"), Status)

    def progress(self, text: str) -> None:
        """Tell the person what happens; never part of the answer."""
        click.echo(many_lines(text), err=True)
