"""What lies in the two files: from a box to its registry, and back.

There: ``box.json`` and ``outbox/<n>-<jti>.jws`` in order. Back: ``replies/<jti>.json`` (a ``Reply`` or a
``Problem``), ``mailbox.json`` (the ``Reply`` to a sync) and ``tuf/``, the catalog.
"""

import re
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from appliance.federation.protocol.bounds import Count, Name, Thumbprint, Time

TO_REGISTRY: Final = "carrel-to-registry.tar"
FROM_REGISTRY: Final = "carrel-from-registry.tar"
"""What the files are called where a folder is given."""
FACTS: Final = "box.json"
MAILBOX: Final = "mailbox.json"
MIRROR: Final = "tuf"
FACTS_BYTES: Final = 4096
MESSAGE: Final = re.compile(r"outbox/[0-9]{1,9}-([A-Za-z0-9_-]{1,128})\.jws\Z")
REPLY: Final = re.compile(r"replies/([A-Za-z0-9_-]{1,128})\.json\Z")
NAME: Final = re.compile(r"[A-Za-z0-9._@+=~-]{1,200}(/[A-Za-z0-9._@+=~-]{1,200}){0,9}\Z")
"""Of a member: parts of plain characters; ``.`` and ``..`` are looked for besides."""


class BoxFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Hints for whoever sorts sticks; nothing rests on them."""

    v: Literal[1] = 1
    box: Thumbprint
    registry: Annotated[str, Meta(max_length=128)] = ""
    made: Time = 0
    messages: Count = 0
    software: Name = "carrel"
