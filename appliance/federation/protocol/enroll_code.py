"""The one-time code of an enrollment, as text. It also tells the box which registry that is: where it is and
by which root its catalog, and with it its keys, are known.

``crl-enroll:`` and the base64url of JSON. What comes in a file is the same text.
"""

import base64
import binascii
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from appliance.errors import BadRequest
from appliance.federation.protocol.bounds import Sha256

BEGINS: Final = "crl-enroll:"
MOST_LENGTH: Final = 4096


class EnrollCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``registry`` is the name under which the box will know it; ``plain_http`` allows http:// to this
    machine or a private network, by number.
    """

    registry: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}\Z")]
    address: Annotated[str, Meta(min_length=8, max_length=300)]
    root_sha256: Sha256
    code: Annotated[str, Meta(min_length=16, max_length=128)]
    plain_http: bool = False


def write_code(code: EnrollCode) -> str:
    """As people pass it on."""
    return BEGINS + base64.urlsafe_b64encode(msgspec.json.encode(code)).decode().rstrip("=")


def read_code(text: str) -> EnrollCode:
    """Space around and within it does not count. Raises ``BadRequest``."""
    joined = "".join(text.split())
    if not joined.startswith(BEGINS) or len(joined) > MOST_LENGTH:
        raise _no_code()
    body = joined.removeprefix(BEGINS)
    try:
        raw = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(raw, type=EnrollCode)
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise _no_code() from error


def _no_code() -> BadRequest:
    return BadRequest(
        f"This is no code of a registry: it begins with {BEGINS} and comes from whoever keeps the registry "
        "(`carrel registry code`), as text or as a file.",
        param="code",
    )
