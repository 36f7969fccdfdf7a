"""The file of a recording: gzip around lines of JSON. A header, then what came, in the order of time.

Whoever reads it takes it for what anybody may have written: closed structs, bounds, times that only grow.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct, field

from appliance.domain.watching import RowsChange, Value

VERSION: Final = 1
MOST_BYTES: Final = 256 * 2**20
"""Of all lines, unpacked."""
MOST_LINE_BYTES: Final = 8 * 2**20
MOST_STREAMS: Final = 1000
MOST_MS: Final = 400 * 86_400_000

Moment = Annotated[int, Meta(ge=0, le=MOST_MS)]
"""Milliseconds since the recording began."""
Number = Annotated[int, Meta(ge=0, lt=MOST_STREAMS)]


class Header(
    Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="is", tag="carrel-recording"
):
    """The first line. ``carrel`` is the version that wrote it."""

    version: Annotated[int, Meta(ge=1, le=1000)]
    box: Annotated[str, Meta(max_length=200)]
    began_ms: Annotated[int, Meta(ge=0, le=2**53)]
    carrel: Annotated[str, Meta(max_length=40)] = ""


class Stream(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="is", tag="stream"):
    """What an action answers to these arguments is told under this number from now on."""

    number: Number
    action: Annotated[str, Meta(min_length=1, max_length=100)]
    arguments: Annotated[dict[Annotated[str, Meta(max_length=100)], Value], Meta(max_length=32)] = {}


class Told(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    omit_defaults=True,
    tag_field="is",
    tag="told",
):
    """What changed in an answer; ``whole`` is all of it, whatever it was before."""

    at: Moment
    number: Number
    whole: bool = False
    set: dict[str, object] = field(default_factory=dict)
    rows: dict[str, RowsChange] = field(default_factory=dict)
    gone: tuple[str, ...] = ()


class Refused(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="is", tag="refused"):
    """It could not be answered, until it is told again."""

    at: Moment
    number: Number
    code: Annotated[str, Meta(max_length=100)]
    message: Annotated[str, Meta(max_length=2000)]


class Beat(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="is", tag="beat"):
    """The recording went on until here. ``lost``: why the box could not be reached, empty where it could."""

    at: Moment
    lost: Annotated[str, Meta(max_length=2000)] = ""


Line = Header | Stream | Told | Refused | Beat
