"""One request as an entry of a batch's tree: which bytes are hashed, and with which salt."""

import hashlib
import hmac

import msgspec

from appliance.federation.protocol.merkle import leaf_hash
from appliance.federation.protocol.messages import Leaf
from appliance.trust.canonical import canonical

_SALTS = b"carrel salt of a row\x00"


def entry_hash(leaf: Leaf) -> str:
    """Of its canonical JSON, with an empty ``proof``: what stands in the tree."""
    return leaf_hash(canonical(msgspec.structs.replace(leaf, proof=())))


def salt_of(secret: bytes, request_id: str) -> str:
    """Keeps whoever knows a row's neighbors from guessing the row. The same at each time that a tree is
    built.
    """
    return hmac.new(secret, _SALTS + request_id.encode(), hashlib.sha256).hexdigest()
