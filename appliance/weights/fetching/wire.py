"""What the gateway and the child say to each other: one order on the child's input, lines on its output.

The input stays open behind the order: where it ends the child ends too.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from appliance.domain.download import Fetched, FetchEvent, FetchOrder, FetchProgress, SourceDropped

LINE_BYTES: Final = 16 * 2**20
"""Longest line: an order of many thousand files."""
_LONGEST_TEXT: Final = 2000
_Text = Annotated[str, Meta(max_length=_LONGEST_TEXT)]
_Count = Annotated[int, Meta(ge=0, le=2**60)]


class Progress(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="progress"):
    """``FetchProgress``."""

    verified_bytes: _Count
    fetched_bytes: _Count
    source: _Text


class Dropped(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="dropped"):
    """``SourceDropped``."""

    source: _Text
    reason: _Text


class Done(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="done"):
    """``Fetched``."""


class Failed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="failed"):
    """One of our own errors, by its code. ``trouble`` is ``OutboundFailed``'s, else empty."""

    code: _Text
    message: _Text
    trouble: _Text = ""


Line = Progress | Dropped | Done | Failed
ORDER: Final = msgspec.json.Decoder(FetchOrder)
LINE: Final = msgspec.json.Decoder(Line)


def line_of(event: FetchEvent) -> Progress | Dropped | Done:
    """An event as it goes over."""
    match event:
        case FetchProgress(verified_bytes=verified, fetched_bytes=fetched, source=source):
            return Progress(verified, fetched, source[:_LONGEST_TEXT])
        case SourceDropped(source=source, reason=reason):
            return Dropped(source[:_LONGEST_TEXT], reason[:_LONGEST_TEXT])
        case Fetched():
            return Done()


def event_of(line: Progress | Dropped | Done) -> FetchEvent:
    """The other way."""
    match line:
        case Progress(verified_bytes=verified, fetched_bytes=fetched, source=source):
            return FetchProgress(verified, fetched, source)
        case Dropped(source=source, reason=reason):
            return SourceDropped(source, reason)
        case Done():
            return Fetched()
