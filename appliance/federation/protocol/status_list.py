"""The status list: two bits a lease, deflated, base64url (as the IETF's Token Status List packs them)."""

import base64
import binascii
import zlib
from collections.abc import Mapping
from typing import Final, Literal

from appliance.errors import IntegrityFailed
from appliance.federation.protocol.limits import STATUS_LIST_BYTES

Status = Literal["valid", "revoked", "suspended"]
_BY_NUMBER: Final[tuple[Status | None, ...]] = ("valid", "revoked", "suspended", None)
_NUMBERS: Final[Mapping[Status, int]] = {"valid": 0, "revoked": 1, "suspended": 2}
_PER_BYTE: Final = 4
MOST_LEASES: Final = STATUS_LIST_BYTES * _PER_BYTE


def pack(statuses: Mapping[int, Status], size: int) -> str:
    """``lst`` of ``size`` leases, valid where ``statuses`` says nothing. Raises ``ValueError`` for more than
    ``MOST_LEASES``, or a place past the end.
    """
    if size > MOST_LEASES or any(not 0 <= index < size for index in statuses):
        raise ValueError("The status list has no such place.")
    raw = bytearray(-(-size // _PER_BYTE))
    for index, status in statuses.items():
        raw[index // _PER_BYTE] |= _NUMBERS[status] << 2 * (index % _PER_BYTE)
    return base64.urlsafe_b64encode(zlib.compress(bytes(raw), 9)).rstrip(b"=").decode()


class Statuses:
    """An unpacked list."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    @classmethod
    def unpack(cls, lst: str) -> "Statuses":
        """Never unpacks more than ``STATUS_LIST_BYTES``. Raises ``IntegrityFailed``."""
        try:
            packed = base64.b64decode(lst + "=" * (-len(lst) % 4), altchars=b"-_", validate=True)
            inflating = zlib.decompressobj()
            raw = inflating.decompress(packed, STATUS_LIST_BYTES + 1)
        except (binascii.Error, zlib.error, ValueError) as error:
            raise IntegrityFailed("The registry's status list cannot be unpacked.") from error
        if len(raw) > STATUS_LIST_BYTES or not inflating.eof or inflating.unused_data:
            raise IntegrityFailed("The registry's status list is damaged, or unpacks to more than it may.")
        return cls(raw)

    def at(self, index: int) -> Status | None:
        """Of one lease; None: the list ends before it, or says what nobody knows."""
        if not 0 <= index < len(self._raw) * _PER_BYTE:
            return None
        return _BY_NUMBER[self._raw[index // _PER_BYTE] >> 2 * (index % _PER_BYTE) & 3]
