"""What an answer to a request for a range means, by its status and headers alone. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, Literal

_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)\Z")
_LATER: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_LONGEST_WAIT_S: Final = 600.0
Refusal = Literal["login", "missing", "page", "size", "encoded", "other"]
_REFUSALS: Final[Mapping[int, Refusal]] = {
    401: "login", 403: "login", 407: "login", 404: "missing", 410: "missing", 416: "size",
}  # fmt: skip
Header = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Bytes:
    """The bytes from ``begin`` to before ``end`` follow, of the whole file where it was not cut to the range.

    ``open_end``: nobody announced how many come; there have to be exactly these.
    """

    begin: int
    end: int
    open_end: bool = False


@dataclass(frozen=True, slots=True)
class Redirect:
    """Somebody else has it."""

    location: str


@dataclass(frozen=True, slots=True)
class Later:
    """It may work after ``wait_s``, None where the host did not say."""

    wait_s: float | None


@dataclass(frozen=True, slots=True)
class Refused:
    """It will not work however often it is asked."""

    why: Refusal
    status: int


Answer = Bytes | Redirect | Later | Refused


def read_answer(status: int, header: Header, asked: tuple[int, int], size: int, now: datetime) -> Answer:
    """``asked`` are the first byte and the one after the last, of a file of ``size`` bytes."""
    if status in _REDIRECTS:
        return Redirect(header("location") or "")
    if status in _LATER:
        return Later(_wait_s(header("retry-after"), now))
    if status not in {200, 206}:
        return Refused(_REFUSALS.get(status, "other"), status)
    if (header("content-encoding") or "identity").strip().lower() != "identity":
        return Refused("encoded", status)
    return _ranged(header, asked, size) if status == 206 else _whole(header, size)


def _ranged(header: Header, asked: tuple[int, int], size: int) -> Answer:
    found = _RANGE.match(header("content-range") or "")
    if found is None:
        return Refused("other", 206)
    first, last = int(found[1]), int(found[2])
    if found[3] not in {"*", str(size)}:
        return Refused("size", 206)
    if first != asked[0] or not first <= last < asked[1]:
        return Refused("other", 206)
    length = _length(header)
    if length is not None and length != last + 1 - first:
        return Refused("other", 206)
    return Bytes(first, last + 1)


def _whole(header: Header, size: int) -> Answer:
    """A host that knows no ranges, or a page in place of the file, as networks with a login send it."""
    length = _length(header)
    if length is not None and length != size:
        page = (header("content-type") or "").strip().lower().startswith("text/html")
        return Refused("page" if page else "size", 200)
    return Bytes(0, size, open_end=length is None)


def _length(header: Header) -> int | None:
    text = (header("content-length") or "").strip()
    return int(text) if text.isdecimal() and len(text) <= 18 else None


def _wait_s(text: str | None, now: datetime) -> float | None:
    """RFC 9110, 10.2.3: seconds or a date."""
    if not text:
        return None
    if text.strip().isdecimal():
        return min(float(text), _LONGEST_WAIT_S)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(0.0, (until - now).total_seconds()), _LONGEST_WAIT_S)
