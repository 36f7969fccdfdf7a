"""Reads a piece of a file of a repository, with a little patience. Nothing of it is kept or believed."""

import time
from collections.abc import Callable
from typing import Final

from appliance.domain.recipe import RecipeFile
from appliance.domain.source import WeightSource
from appliance.errors import BadRequest, OutboundFailed
from appliance.outbound.ranged.answers import Bytes, Later, Refused
from appliance.outbound.ranged.asking import Asking, Broken
from appliance.outbound.ranged.connecting import Dialer
from appliance.outbound.ranged.target import RedirectRefused
from appliance.weights.fetching.failing import BROKEN, SourceFailed, led_away, refused
from appliance.weights.fetching.origins import NetworkOrigin, origin_of
from appliance.weights.listing.wire import MOST_READ_BYTES, ReadFile

_TRIES: Final = 4
_NO_HASH: Final = "0" * 64
_BUFFER_BYTES: Final = 2**16


def read(asked: ReadFile, dialer: Dialer, token: str, *, wait: Callable[[float], None] = time.sleep) -> bytes:
    """Exactly the bytes that are asked for. Raises ``OutboundFailed``, ``NotAllowed``, ``NotFound``,
    ``BadRequest`` for too many.
    """
    if not asked.begin <= asked.end <= asked.size_bytes or asked.end - asked.begin > MOST_READ_BYTES:
        raise BadRequest("More of a file was to be read than a header can have.")
    try:
        return _read(asked, dialer, token, wait)
    except SourceFailed as failure:
        raise failure.error from failure


def _read(asked: ReadFile, dialer: Dialer, token: str, wait: Callable[[float], None]) -> bytes:
    origin = _origin(asked, token)
    came = bytearray()
    for number in range(_TRIES):
        if number:
            wait(float(number))
        asking = Asking(dialer, origin.follow)
        try:
            if _fill(came, asking, origin, asked):
                return bytes(came)
        except RedirectRefused as error:
            raise led_away(origin.target.shown, str(error)) from error
        except (Broken, OSError):
            continue
        finally:
            asking.close()
    raise OutboundFailed(f"{origin.target.shown} {BROKEN}. Try again later.", trouble="broken")


def _origin(asked: ReadFile, token: str) -> NetworkOrigin:
    source = WeightSource("hub", repository=asked.repository, commit=asked.commit)
    file = RecipeFile(asked.path.rpartition("/")[2], asked.size_bytes, _NO_HASH, asked.path)
    origin = origin_of(source, file, hub=asked.place.hub, token=token)
    if not isinstance(origin, NetworkOrigin):
        raise OutboundFailed("The hub has no address; see the setting `hub`.", trouble="address")
    return origin


def _fill(came: bytearray, asking: Asking, origin: NetworkOrigin, asked: ReadFile) -> bool:
    """Add what is missing; False where it may work later."""
    while (at := asked.begin + len(came)) < asked.end:
        answer = asking.ask(origin.target, (at, asked.end), asked.size_bytes)
        match answer:
            case Bytes():
                _take(came, asking, answer, asked)
            case Refused():
                raise refused(asking.host, answer, asked.path)
            case Later():
                return False
            case _:
                raise Broken
    return True


def _take(came: bytearray, asking: Asking, answer: Bytes, asked: ReadFile) -> None:
    """What was asked for of what comes: a host that knows no ranges sends the whole file."""
    buffer = memoryview(bytearray(_BUFFER_BYTES))
    at = answer.begin
    while at < min(answer.end, asked.end):
        count = asking.read(buffer)
        if not count:
            raise Broken
        wanted = asked.begin + len(came)
        came += buffer[max(0, wanted - at) : max(0, min(count, asked.end - at))]
        at += count
