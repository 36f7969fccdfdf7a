"""Who signed what, for whom, and when: what both sides check of each token before they look at what it says.

A registry opens messages (``opened``, ``check_sender``, ``check_proof``) and refuses with ``Refused``; a box
opens statements (``believed``) and refuses with ``IntegrityFailed``. Whether a nonce is fresh and which ids
were seen before are matters of a store, and of others.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import msgspec

from appliance.errors import IntegrityFailed
from appliance.federation.protocol import kinds
from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.limits import MESSAGE_BYTES, REPLY_BYTES, SKEW_S
from appliance.federation.protocol.messages import NextKey, Proof, Rotate
from appliance.federation.protocol.replies import Refused
from appliance.federation.protocol.shapes import MESSAGES, STATEMENTS, use_for
from appliance.federation.protocol.statements import LEASE_BYTES, RegistryKey
from appliance.trust.signed import PublicKey, kind_of, signer_of, unfold

_RIGHTS: Final = frozenset({kinds.LEASE, kinds.COUNTERSIGNATURE})
_FOR_ALL: Final = frozenset({kinds.STATUS_LIST})


@dataclass(frozen=True, slots=True)
class Opened:
    """A message whose signature fits the key that it names; whose key that is has yet to be checked.
    ``message`` has the shape that ``shapes.MESSAGES`` names for ``kind``, ``digest`` is the SHA-256 of
    ``payload``, the signed bytes.
    """

    kind: str
    message: Any
    payload: bytes
    digest: str
    signer: PublicKey


def opened(token: str, *, wanted: str | None = None) -> Opened:
    """Read one message; ``wanted`` is the only kind that may stand here. Raises ``Refused``: ``too-large``,
    ``wrong-type``, ``bad-signature``, ``bad-version``, ``schema``.
    """
    if len(token) > MESSAGE_BYTES:
        raise Refused("too-large", f"A message has at most {MESSAGE_BYTES} bytes.")
    return _opened(token, MESSAGES, wanted)


def opened_next_key(rotation: Rotate) -> Opened:
    """The agreement of the new key within a rotation. Raises ``Refused`` as ``opened`` does, and
    ``not-yours`` where it is for another box.
    """
    inner = _opened(rotation.next, {kinds.NEXT_KEY: NextKey}, kinds.NEXT_KEY)
    if inner.message.box != rotation.box:
        raise Refused("not-yours", "The new key agrees to be the key of another box.")
    return inner


def check_sender(message: Opened, keys: Mapping[str, int | None], now_s: int) -> None:
    """``keys`` are the thumbprints of the keys of the box that the message names, and until when each counts
    (None: it is the present one). Raises ``Refused`` (``bad-signature``).
    """
    until = keys.get(message.signer.id, -1)
    if until is not None and until < now_s:
        raise Refused("bad-signature", "The key that signed this is not (any more) a key of this box.")


def check_own_key(message: Opened) -> None:
    """Of an enrollment: the box's name is the very key that signs. Raises ``Refused`` (``not-yours``)."""
    if message.message.box != message.signer.id:
        raise Refused("not-yours", "A box enrolls under the thumbprint of the key that signs.")


def check_proof(proof: str, *, token: str, signer: PublicKey, hosts: Collection[str], path: str) -> str:
    """That a message is meant for this address; ``path`` without a slash before it. Returns the nonce, whose
    freshness others know. Raises ``Refused``: ``bad-signature``, ``wrong-url``.
    """
    if len(proof) > LEASE_BYTES:
        raise Refused("too-large", "A proof is smaller than this.")
    found = _opened(proof, {kinds.PROOF: Proof}, kinds.PROOF)
    claims: Proof = found.message
    if found.signer.id != signer.id or claims.body_sha256 != sha256(token.encode()):
        raise Refused("bad-signature", "The proof does not belong to this message.")
    if claims.host not in hosts or claims.path != path:
        raise Refused(
            "wrong-url", f"The proof is for {claims.host}/{claims.path}, and this is another address."
        )
    return claims.nonce


def clock_differs_s(iat: int, now_s: int) -> int:
    """By how much a box's clock is wrong, in s (above 0: it is fast); 0 within what two clocks may differ. A
    hint for people: a message may have been carried on a stick for weeks.
    """
    return iat - now_s if abs(iat - now_s) > SKEW_S else 0


@dataclass(frozen=True, slots=True)
class Own:
    """Who this box is: ids under which it is or was enrolled, and thumbprints of keys that rights may be
    bound to.
    """

    ids: frozenset[str]
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Believed:
    """A statement that a key with that use has signed for this box. ``statement`` has the shape that
    ``shapes.STATEMENTS`` names for ``kind``, ``key`` is the id of the key, ``iat`` in s since 1970 UTC.
    """

    kind: str
    statement: Any
    payload: bytes
    key: str
    iat: int


def believed(
    token: str, *, keys: Sequence[RegistryKey], own: Own, now_s: int, wanted: str | None = None
) -> Believed:
    """What a registry that lists ``keys`` said to this box; ``wanted`` is the only kind that may stand here.
    Raises ``IntegrityFailed``.
    """
    kind = _kind(token, wanted)
    signer, payload = _signed(token, kind, keys)
    claims: Any = _decoded(payload, STATEMENTS[kind])
    if kind not in _FOR_ALL:
        _check_whose(claims.sub, getattr(claims, "cnf", None), own)
    if kind != kinds.TIME_RESET and claims.iat > now_s + SKEW_S:
        raise IntegrityFailed(
            "This was signed in the future by this box's clock; `carrel doctor` tells what time it is here."
        )
    return Believed(kind, claims, payload, signer, claims.iat)


def is_canonical(payload: bytes) -> bool:
    """Whether this is JSON as RFC 8785 writes it, with whole numbers alone (names of members are ASCII in
    every shape of the protocol, and sort alike as bytes and as UTF-16).
    """
    try:
        plain = _WHOLE.decode(payload)
        return msgspec.json.encode(plain, order="sorted") == payload
    except (msgspec.DecodeError, RecursionError):
        return False


def sha256(raw: bytes) -> str:
    """In hex."""
    return hashlib.sha256(raw).hexdigest()


class _Version(msgspec.Struct, frozen=True):
    v: Any = 1


def _refuse_number(_text: str) -> NoReturn:
    raise ValueError("not a whole number")


_WHOLE: Final = msgspec.json.Decoder(float_hook=_refuse_number)


def _opened(token: str, shapes: Mapping[str, type[msgspec.Struct]], wanted: str | None) -> Opened:
    try:
        kind = kind_of(token)
        if kind not in shapes or (wanted is not None and kind != wanted):
            raise Refused("wrong-type", "A message of this kind is not taken here.")
        signer = signer_of(token)
        payload = unfold(token, kind, signer)
    except IntegrityFailed as error:
        raise Refused("bad-signature", str(error)) from error
    return Opened(kind, _message(payload, shapes[kind]), payload, sha256(payload), signer)


def _message(payload: bytes, shape: type[msgspec.Struct]) -> msgspec.Struct:
    try:
        if msgspec.json.decode(payload, type=_Version).v != kinds.VERSION:
            raise Refused("bad-version", f"This registry speaks version {kinds.VERSION} of the protocol.")
        message = msgspec.json.decode(payload, type=shape)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused("schema", f"The message has another shape than its kind ({_short(error)}).") from error
    if not is_canonical(payload):
        raise Refused("schema", "The message is not canonical JSON (RFC 8785) with whole numbers.")
    return message


def _short(error: Exception) -> str:
    """A field that a stranger made up is not repeated whole."""
    return str(error)[:120]


def _kind(token: str, wanted: str | None) -> str:
    if len(token) > REPLY_BYTES:
        raise IntegrityFailed("A statement of a registry is larger than it may be.")
    kind = kind_of(token)
    if kind not in STATEMENTS or (wanted is not None and kind != wanted):
        raise IntegrityFailed(f"This is no {wanted or 'statement of a registry'}.")
    if kind in _RIGHTS and len(token) > LEASE_BYTES:
        raise IntegrityFailed(f"A {kind} is larger than it may be.")
    return kind


def _signed(token: str, kind: str, keys: Sequence[RegistryKey]) -> tuple[str, bytes]:
    """The registry's statements name no key or name it: what is listed is tried, which are few."""
    last: IntegrityFailed | None = None
    for one in keys:
        if use_for(kind) not in one.uses:
            continue
        key = PublicKey.parse(one.x)
        try:
            return key.id, unfold(token, kind, key)
        except IntegrityFailed as error:
            last = error
    raise IntegrityFailed(f"No key that this registry lists for it has signed this {kind}.") from last


def _decoded(payload: bytes, shape: type[msgspec.Struct]) -> msgspec.Struct:
    try:
        return msgspec.json.decode(payload, type=shape)
    except (msgspec.DecodeError, RecursionError) as error:
        raise IntegrityFailed("A signed object has another shape than its kind.") from error


def _check_whose(sub: str, bound: Confirmation | None, own: Own) -> None:
    if sub not in own.ids:
        raise IntegrityFailed(f"This was signed for another box. This one is {', '.join(sorted(own.ids))}.")
    if bound is not None and bound.jkt not in own.keys:
        raise IntegrityFailed("This was signed for another key than this box has.")
