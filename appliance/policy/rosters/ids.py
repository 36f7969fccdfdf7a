"""The ids of persons, from what a class list says of them: always the same for the same line."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from appliance.policy.person_ids import LONGEST, is_person_id

_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")
ROOM_FOR_NUMBER: Final = 5
LONGEST_GIVEN: Final = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """The id that a line asks for, and where it is from. One ``given`` by the institution is this person's.
    One from an ``email`` address is theirs too, if the name is the same; one from a ``name`` may be of
    somebody else of that name.
    """

    id: str
    source: Literal["given", "email", "name"]


def wish_of(login: str, number: str, email: str, name: str) -> Wish | None:
    """From the login or number where it is a fine id, else from the e-mail address, else from the name. None
    where nothing is there.
    """
    for given in (login, number):
        if is_person_id(given.lower()):
            return Wish(given.lower(), "given")
    for address in (login, email):
        if "@" in address and (slug := _slug(address.partition("@")[0])):
            return Wish(slug, "email")
    if not name:
        return None
    return Wish(_slug(name) or f"student-{hashlib.sha256(name.encode()).hexdigest()[:6]}", "name")


def given_of(login: str, number: str, email: str, name: str) -> str:
    """The id that the list itself has for somebody, as it is written there; of an address the local part."""
    found = next((one for one in (login, number, email, name) if one), "")
    local, at, _ = found.partition("@")
    shown = "".join(char for char in (local if at and local else found) if char.isprintable())
    return " ".join(shown.split())[:LONGEST_GIVEN]


def numbered(id: str, number: int) -> str:
    """The id, or the second one of its kind, and so on."""
    return id if number == 1 else f"{id}-{number}"


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = _NO_SLUG.sub("-", plain).strip("-")[: LONGEST - ROOM_FOR_NUMBER].strip("-")
    return slug if is_person_id(slug) else ""
