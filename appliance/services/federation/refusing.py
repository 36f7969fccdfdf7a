"""A registry's no in words of ours, with the next step."""

from typing import Final

from appliance.errors import CarrelError, Conflict, IntegrityFailed, NotAllowed, TryAgain
from appliance.federation.protocol.replies import ProblemName, Refused

_WORDS: Final[dict[ProblemName, str]] = {
    "token-spent": "The code is spent, or older than a day. Ask whoever keeps the registry for a new one.",
    "unknown-box": "The registry does not know this box (any more). Ask whoever keeps it; a new code enrolls "
    "it again: `carrel fed leave`, then `carrel fed enroll CODE`.",
    "box-suspended": "The registry has suspended this box. Ask whoever keeps it.",
    "bad-signature": "The registry does not take this box's key. After a loss or a copy of the data folder "
    "enroll anew: `carrel fed leave`, then `carrel fed enroll CODE --replaces BOX`.",
    "wrong-url": "The registry goes by another address than the one this box has. Ask whoever keeps it; "
    "behind a proxy its own address has to be the one that boxes use.",
    "bad-nonce": "The registry did not take its own nonce twice. Try again: `carrel fed sync`.",
    "bad-time": "The registry says that this box's clock is wrong; `carrel doctor` tells its time.",
    "bad-version": "The registry speaks another version of the protocol. Update Carrel, or ask its keeper.",
    "schema": "The registry does not know a field of this message. One of the two is newer.",
    "too-large": "The registry takes no message of this size.",
    "rate": "The registry asks to wait.",
    "maintenance": "The registry is being worked on.",
    "conflict": "The registry has another message of this id. If this box is a copy of another, enroll it "
    "anew: `carrel fed leave`, then `carrel fed enroll CODE`.",
}
_LATER: Final = frozenset({"rate", "maintenance", "bad-nonce"})
_UNSOUND: Final = frozenset({"bad-signature", "bad-version", "wrong-url", "schema"})
ALL_STOP: Final = frozenset({"unknown-box", "box-suspended", "wrong-url", "bad-version", *_LATER})
"""Whoever hears one of these need not send another message now."""


def in_words(name: str, title: str = "") -> str:
    """A sentence. ``title`` is the registry's own, cleaned; for names that need no word of ours."""
    known = _WORDS.get(name)  # type: ignore[call-overload]
    said = f" ({title})" if title else ""
    return str(known) if known else f"The registry says no: {name}{said}."


def as_error(refused: Refused) -> CarrelError:
    """For a command that waits for it."""
    words = in_words(refused.name, refused.title)
    if refused.name in _LATER:
        after_s = refused.members.get("retry_after_s")
        return TryAgain(words, retry_after_s=after_s if isinstance(after_s, int) else None)
    if refused.name in _UNSOUND:
        return IntegrityFailed(words)
    return Conflict(words) if refused.name == "conflict" else NotAllowed(words)
