"""What the listing process is asked, and what it answers: one JSON document each."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from appliance.domain.listing import HubListing

LONGEST_QUESTION_BYTES: Final = 2**16
MOST_READ_BYTES: Final = 128 * 2**20
LONGEST_ANSWER_BYTES: Final = 2 * MOST_READ_BYTES
"""Bytes take a third more as text."""

_Text = Annotated[str, Meta(max_length=2000)]
_Place = Annotated[int, Meta(ge=0, le=2**60)]


class HubPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The hub, and how it is spoken to. ``token`` is the file that holds it, or empty."""

    hub: _Text
    token: _Text = ""
    proxy: _Text = ""
    ca_file: Annotated[str, Meta(max_length=4096)] = ""


class ListRepository(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="list"):
    """What does it hold at a commit, a branch or a tag?"""

    place: HubPlace
    repository: _Text
    revision: _Text


class ReadFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="read"):
    """Bytes from ``begin`` to before ``end`` of a file that has ``size_bytes``."""

    place: HubPlace
    repository: _Text
    commit: _Text
    path: _Text
    size_bytes: _Place
    begin: _Place
    end: _Place


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="listed"):
    """The answer to ``ListRepository``."""

    listing: HubListing


class Read(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="bytes"):
    """The answer to ``ReadFile``."""

    data: Annotated[bytes, Meta(max_length=MOST_READ_BYTES)]


class Failed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="failed"):
    """An error of Carrel, by its code."""

    code: _Text
    message: _Text


Question = ListRepository | ReadFile
Answer = Listed | Read | Failed

QUESTION: Final[msgspec.json.Decoder[Question]] = msgspec.json.Decoder(Question)
ANSWER: Final[msgspec.json.Decoder[Answer]] = msgspec.json.Decoder(Answer)
