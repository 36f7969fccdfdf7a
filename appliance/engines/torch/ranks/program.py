"""The program of every rank but the first, ``python -m appliance.engines.torch.ranks.program FD PLACE``: load
a part, meet the others, take part in each pass, exit.

FD is the inherited end of a socket pair with rank 0, PLACE where the ranks meet. Walls are inherited.
"""

import faulthandler
import os
import socket
import sys
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from appliance.engines.torch.ranks.dying import die_with
from appliance.engines.torch.ranks.frames import (
    Channel,
    Close,
    Compute,
    Copy,
    Gone,
    Loaded,
    Meet,
    Open,
    Refused,
    ToRank,
)
from appliance.errors import CarrelError

if TYPE_CHECKING:
    from appliance.engines.torch.ranks.member import Member

EXIT_OK: Final = 0
EXIT_FAILED: Final = 1


def main(sock: socket.socket, place: int) -> int:
    """A rank's whole life; its exit status."""
    faulthandler.enable()
    if not die_with(sock):
        return EXIT_OK
    channel = Channel(sock)
    try:
        _live(channel, place)
    except Gone:
        return EXIT_OK
    except CarrelError as error:
        with suppress(Gone):
            channel.send(Refused(error.message))
        return EXIT_FAILED
    except Exception as error:  # noqa: BLE001 - the one place where a rank says that it cannot go on
        print(_where(error), file=sys.stderr)  # noqa: T201 - the gateway logs what a child prints
        return EXIT_FAILED
    return EXIT_OK


def _live(channel: Channel, place: int) -> None:
    # Only now: who is to die with its parent must not import for seconds before.
    from appliance.engines.torch.ranks.member import Member  # noqa: PLC0415

    opening = channel.command()
    if not isinstance(opening, Open):
        raise TypeError(type(opening).__name__)
    member = Member(opening.spec, opening.rank)
    channel.send(Loaded(member.model.weight_bytes, member.model.cache_bytes))
    while not isinstance(command := channel.command(), Close):
        _obey(member, command, place)


def _obey(member: "Member", command: ToRank, place: int) -> None:
    match command:
        case Compute(step=step):
            member.compute(step)
        case Copy(sources=sources, targets=targets):
            member.model.copy(sources, targets)
        case Meet():
            member.meet(place)
        case _:
            raise TypeError(type(command).__name__)


def _where(error: Exception) -> str:
    """A traceback without messages and values, which may hold a piece of a prompt."""
    places = (f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(error.__traceback__))
    return "\n".join((type(error).__name__, *places))


if __name__ == "__main__":
    status = main(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]))
    sys.stdout.flush()
    sys.stderr.flush()
    # As in every child: a library's own clean-up at exit can hang or crash.
    os._exit(status)
