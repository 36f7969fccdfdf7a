"""Which snapshot of a catalog is here, so that two boxes can compare what they were shown."""

import hashlib

import msgspec

from appliance.catalog.signed.cache import Cache
from appliance.catalog.signed.chain import NotVerified


class _Signed(msgspec.Struct, frozen=True):
    version: int


class _Snapshot(msgspec.Struct, frozen=True):
    signed: _Signed


def snapshot_in(cache: Cache) -> tuple[int, str] | None:
    """Of what was verified last and kept; None before the first refresh, and where that is damaged."""
    try:
        chain = cache.chain()
        if chain is None:
            return None
        version = msgspec.json.decode(chain.snapshot, type=_Snapshot).signed.version
    except (NotVerified, msgspec.DecodeError):
        return None
    return version, hashlib.sha256(chain.snapshot).hexdigest()
