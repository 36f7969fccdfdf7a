"""What stands in cells, made fit to be shown: names in reading order, addresses, and what is refused."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

MOST_CHARACTERS: Final = 500
"""Of any cell that counts."""
MOST_OF_NAME: Final = 100
FORMULA: Final = ("=", "+", "-", "@", "|", "%")
"""What spreadsheets take for the beginning of a formula."""
_EMAIL: Final = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,189}\Z")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """``word`` says what was done to it; ``fault`` why it cannot be taken."""

    text: str
    word: str = ""
    fault: str = ""


def clean_name(first: str, last: str, whole: str, *, last_name_first: bool) -> Cleaned:
    """A name as it is read."""
    written = (first, last, whole)
    if max(map(len, written)) > MOST_CHARACTERS:
        return Cleaned("", fault=f"the name has more than {MOST_CHARACTERS} characters")
    if any("\n" in part or "\r" in part for part in written):
        return Cleaned("", fault="the name goes over several lines; is a quotation mark not closed?")
    shown = [_shown(part) for part in written]
    text = " ".join(part for part in shown[:2] if part) or _turned(shown[2], last_name_first)
    for part in (*shown, *shown[2].split(",")):
        if part.strip().startswith(FORMULA):
            return Cleaned("", fault=f"the name begins with `{part.strip()[0]}`, as a formula does")
    if len(text) > MOST_OF_NAME:
        return Cleaned("", fault=f"the name has more than {MOST_OF_NAME} characters")
    hidden = any(not char.isspace() and not char.isprintable() for part in written for char in part)
    return Cleaned(text, word="characters that are not shown were taken out of the name" if hidden else "")


def _shown(part: str) -> str:
    """Composed, without what shows nothing or turns text around, with single blanks."""
    composed = unicodedata.normalize("NFC", part)
    return " ".join("".join(one for one in composed if one.isspace() or one.isprintable()).split())


def clean_email(written: str) -> Cleaned:
    """An address, or nothing and why."""
    if not written or _EMAIL.match(written):
        return Cleaned(written)
    return Cleaned("", word="the e-mail address is none")


def _turned(name: str, last_name_first: bool) -> str:
    last, comma, first = (part.strip() for part in name.partition(","))
    turns = last_name_first and comma and first and last and "," not in first
    return f"{first} {last}" if turns else name
