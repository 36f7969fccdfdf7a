"""Whether a box that shows a pass may fetch a file that this lab shares. Pure: signatures were verified.

A pass proves which key asks. Whose key that is, the registry's words in it say: a lease, an enrollment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

LONGEST_S: Final = 24 * 3600
"""Of a pass."""
SKEW_S: Final = 300
OPEN: Final = "open"
"""The tier that asks nothing of a box."""

Worth = Literal["not-yet", "valid", "grace", "lapsed", "revoked", "suspended", "clock-suspect"]


@dataclass(frozen=True, slots=True)
class Belonging:
    """The registry's word that a box is its own. ``keys`` are those that it names for the box."""

    box: str
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class ShownLease:
    """A lease as the registry signed it. ``files`` are hashes of forms; empty: all of the model. ``worth`` is
    what it is worth now, by the registry's newest status list too.
    """

    box: str
    key: str
    model: str
    files: frozenset[str]
    worth: Worth


@dataclass(frozen=True, slots=True)
class ShownPass:
    """``key`` has signed it. Times in s since 1970 UTC."""

    key: str
    box: str
    host: str
    model: str
    made_s: int
    until_s: int
    belonging: Belonging | None = None
    lease: ShownLease | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a file of ``model``, from a box that others know as one of ``hosts``. ``forms`` are
    hashes of the forms that have the file.
    """

    model: str
    hosts: frozenset[str]
    tier: str
    lease: bool
    forms: frozenset[str]


def why_not(shown: ShownPass, wanted: Wanted, now_s: int) -> str:
    """A sentence; empty: it may."""
    return (
        _pass_trouble(shown, wanted, now_s)
        or _belonging_trouble(shown, wanted)
        or _lease_trouble(shown, wanted)
    )


def _pass_trouble(shown: ShownPass, wanted: Wanted, now_s: int) -> str:
    if shown.host.lower() not in wanted.hosts:
        return "The pass is for another host."
    if shown.model != wanted.model:
        return "The pass is for another model."
    if shown.made_s > now_s + SKEW_S:
        return "The pass was made in the future by this box's clock."
    if shown.until_s <= now_s or not 0 < shown.until_s - shown.made_s <= LONGEST_S:
        return "The pass has expired, or lasts longer than a day; make another one."
    return ""


def _belonging_trouble(shown: ShownPass, wanted: Wanted) -> str:
    if wanted.tier == OPEN and not wanted.lease:
        return ""
    belonging = shown.belonging
    if belonging is None:
        if wanted.lease and shown.lease is not None and shown.lease.key == shown.key:
            return ""
        return "This model is for boxes of the registry, and the pass does not show that the box is one."
    if belonging.box != shown.box or shown.key not in belonging.keys:
        return "The pass was signed with another key than that of the box that it names."
    return ""


def _lease_trouble(shown: ShownPass, wanted: Wanted) -> str:
    if not wanted.lease:
        return ""
    lease = shown.lease
    if lease is None:
        return "This model is fetched only with a lease of the registry, and the pass has none."
    if not _is_own(shown, lease) or lease.model != wanted.model:
        return "The lease in the pass is another box's, or for another model."
    if lease.files and not lease.files & wanted.forms:
        return "The lease in the pass is for other files of the model."
    return "" if lease.worth == "valid" else f"The lease in the pass {_WORDS[lease.worth]}."


def _is_own(shown: ShownPass, lease: ShownLease) -> bool:
    """Bound to the key that asks; or to an earlier one of a box that has shown that both are its own."""
    if lease.key == shown.key:
        return True
    return shown.belonging is not None and lease.box == shown.box


_WORDS: Final[Mapping[Worth, str]] = {
    "not-yet": "has not begun",
    "grace": "has run out, or nobody here can say whether it still holds",
    "lapsed": "has lapsed",
    "revoked": "was revoked",
    "suspended": "is suspended",
    "clock-suspect": "cannot be judged, since the clock of this box is in doubt",
}
