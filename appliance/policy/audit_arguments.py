"""What the audit log tells of an action's arguments: enough to see what was done, and nothing that would have
to be forgotten again.

Names of people, addresses and secrets are left out; of long texts, such as files, their hash and length.
"""

import hashlib
from collections.abc import Collection, Mapping
from typing import Final

import msgspec

from appliance.policy.keys import redact_keys
from appliance.trust.canonical import canonical

MOST_BYTES: Final = 4096
MOST_CHARS: Final = 1000
"""Of one text. Reasons and purposes fit; what is longer is a document."""
LEFT_OUT: Final = frozenset(
    {
        *("address", "affiliation", "authority", "email", "label", "login", "name", "who"),
        *("description", "intended_use", "publications"),
        *("code", "password", "secret", "token", "url", "webhook"),
    }
)
"""Arguments that say who somebody is or what they write of themselves, or that let somebody in."""


class _Told(msgspec.Struct, frozen=True):
    arguments: dict[str, object]


def told(given: Mapping[str, object], files: Collection[str] = (), ids: Collection[str] = ()) -> str:
    """Canonical JSON of what was given, at most ``MOST_BYTES``. ``files`` are those that are contents,
    ``ids`` those that name a thing and nobody, whatever they are called.
    """
    arguments = {
        name: _hashed(str(value)) if name in files else _value(name, value, is_id=name in ids)
        for name, value in given.items()
        if value is not None and value is not False
    }
    for name in sorted(arguments, key=lambda name: len(str(arguments[name])), reverse=True):
        if len(_json(arguments)) <= MOST_BYTES:
            break
        arguments[name] = _hashed(str(given[name]))
    whole = _json(arguments)
    return (whole if len(whole) <= MOST_BYTES else _json(_hashed(whole.decode()))).decode()


def _value(name: str, value: object, *, is_id: bool) -> object:
    if name in LEFT_OUT and not is_id:
        return "(not kept)"
    if isinstance(value, str):
        return _hashed(value) if len(value) > MOST_CHARS else redact_keys(value)
    # A larger number is no JSON that everybody reads alike.
    return str(value) if isinstance(value, int) and abs(value) > 2**53 else value


def _hashed(text: str) -> dict[str, object]:
    content = text.encode("utf-8", "surrogatepass")
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _json(arguments: Mapping[str, object]) -> bytes:
    whole = canonical(_Told(dict(arguments)))
    return whole[len(b'{"arguments":') : -1]
