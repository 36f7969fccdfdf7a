"""Which fields of results, records and arguments name a person, hold a secret, or hold neither by form."""

import re
from collections.abc import Mapping
from typing import Final

REDACTED: Final = "[redacted]"

SOMEBODY: Final = frozenset(
    {
        *("person", "holder", "actor", "who", "user", "people", "leads", "readers", "contact"),
        *("decided_by", "given_by", "asked_by", "submitted_by", "accepted_by", "withdrawn_by", "made_by"),
        *("consented_by", "reviewed_by", "recorded_by", "declared_by", "added_by", "applicant", "reporter"),
        *("login", "email", "given", "initials", "surname", "display_name", "full_name", "username"),
    }
)
"""Their values are persons, whatever else is in the object."""

IDENTITY: Final = ("person", "login", "email", "given")
"""All one person's where an object has several, and its ``name`` too: models and projects have names, but
none of these. The first of them that is there says who it is.
"""

SECRET: Final = frozenset(
    {
        *("secret", "token", "password", "passphrase", "cookie", "authorization", "private", "jwe", "signed"),
        *("join_url", "last4", "sealed", "publications", "affiliation", "phone"),
    }
)

WORDS: Final = frozenset(
    {
        *(
            "state",
            "kind",
            "level",
            "outcome",
            "urgency",
            "action",
            "mode",
            "verdict",
            "part",
            "role",
            "event",
        ),
        *("how", "unit", "tier", "permission", "noun", "verb", "category", "severity", "op", "window"),
    }
)
"""Of a closed list, so that a person who is called `open` leaves them as they are."""

_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")
_ERROR_CODE: Final = re.compile(r"[a-z][a-z0-9_]*\Z")
_KEY_ID: Final = re.compile(r"(key_\w+)?\Z")
_WORD: Final = re.compile(r"[a-z][a-z0-9_.-]{0,40}\Z")
_KEPT_PROMPTS: Final = frozenset({"", "sealed", "not kept"})
_NOBODY: Final = re.compile(r"(?:|-|uid \d+|key_.*|nobody|default|carrel|operator|registry|self|you)\Z")


def is_secret(field: str, value: str) -> bool:
    """Whether nothing of it may be kept."""
    if field == "code":  # of an error, or of a class to join
        return _ERROR_CODE.match(value) is None and value != ""
    if field == "key":  # its id, or itself
        return _KEY_ID.match(value) is None
    if field == "prompt":  # what became of it, or itself
        return value not in _KEPT_PROMPTS
    return field in SECRET and value != ""


def is_word(field: str, value: str) -> bool:
    """Whether it is one of a closed list."""
    return field in WORDS and _WORD.match(value) is not None


def is_nobody(value: str) -> bool:
    """Whether no person is meant: the box itself, an operator by number, a key of nobody."""
    return _NOBODY.match(value.lower()) is not None


def without_remark(value: str) -> str:
    """Who it was, without what stands behind it: ``a.khan (self)``."""
    return value.removesuffix("(self)").strip()


def is_somebody(field: str, beside: Mapping[str, object]) -> bool:
    """Whether a field of this object holds a person."""
    if field == "name":
        return _is_name(beside)
    return field in SOMEBODY or {
        "id": "person" not in beside and ("login" in beside or "email" in beside),
        "label": "added_by" in beside,
        "by": "why" in beside,
        "group": beside.get("by") == "person",
    }.get(field, False)


def _is_name(beside: Mapping[str, object]) -> bool:
    if "last4" in beside:  # what somebody calls their key
        return False
    sure = any(one in beside for one in ("login", "email", "given", "part"))
    # Arguments of a class have its id as `name`, and may have a person.
    return sure or ("person" in beside and _ID.match(str(beside.get("name", ""))) is None)


def is_label_of_a_key(field: str, beside: Mapping[str, object]) -> bool:
    """Whether it is what somebody calls their key."""
    return field == "name" and "last4" in beside
