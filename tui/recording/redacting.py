"""Takes names, addresses and secrets out of what a box says, before any of it is kept.

What belongs to whom is learned from fields that hold a person; from then on it is replaced in every text. A
name that stood in no such field before is not known.
"""

import ipaddress
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from tui.recording.fields import (
    IDENTITY,
    REDACTED,
    is_label_of_a_key,
    is_nobody,
    is_secret,
    is_somebody,
    is_word,
    without_remark,
)
from tui.recording.pseudonyms import Pseudonyms

_KEY: Final = re.compile(r"crl_[0-9A-Za-z_-]{4,}")
_TOKEN: Final = re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]*)*")
_JOIN_CODE: Final = re.compile(r"(?<![0-9A-Za-z])[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}(?![0-9A-Za-z])")
_EMAIL: Final = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_HOME: Final = re.compile(r"(?:(?<=/home/)|(?<=/Users/))[^/\s\"':;,]+")
_IPV4: Final = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)")
_IPV6: Final = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f.]{0,15}(?![\w:])")
_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
_QUOTED: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_HOST: Final = re.compile(r"https?://\[?([0-9A-Fa-f.:]+?)\]?(?::\d+)?(?:/|\Z)")
_MOST_REMEMBERED: Final = 10_000
_DEEPEST: Final = 40
_OF_AN_OBJECT: Final = frozenset({*IDENTITY, "id", "name", "initials"})
"""All of one person, whom the object's ids name."""


class Redactor:
    """Of one recording: the same person is the same number in all of it."""

    def __init__(self) -> None:
        self._people: Final = Pseudonyms()
        self._addresses: dict[str, int] = {}
        self._own: set[str] = set()
        self._codes: set[str] = set()
        self._remembered: dict[str, str] = {}
        self._version = -1

    def redacted(self, value: object) -> object:
        """The same without names and secrets; ``value`` as JSON has it. All of it is learned from first."""
        self.learn(value)
        return self._value(value, "", {}, 0)

    def text(self, text: str) -> str:
        """A text of no field."""
        return self._text(text, "", 0)

    # ---- learning ----

    def learn(self, value: object, depth: int = 0) -> None:
        """Who is named in it, and which addresses are the box's own."""
        if depth > _DEEPEST:
            return
        if isinstance(value, str):
            inner = _json(value)
            if inner is not None:
                self.learn(inner, depth + 1)
        elif isinstance(value, list | tuple):
            for one in value:
                self.learn(one, depth + 1)
        elif isinstance(value, Mapping):
            self._learn_object(value)
            for one in value.values():
                self.learn(one, depth + 1)

    def _learn_object(self, value: Mapping[str, object]) -> None:
        ids = _ids(value)
        name = _plain(value.get("name")) if is_somebody("name", value) else ""
        if ids or name:
            self._people.learn(ids, (name,), _plain(value.get("initials")))
        for field, one in value.items():
            for text in _texts(one):
                self._learn_field(field, text, value)

    def _learn_field(self, field: str, text: str, beside: Mapping[str, object]) -> None:
        found = _HOST.match(text)
        if found and (field.endswith(("url", "address")) or field == "addresses"):
            self._own.add(found.group(1).lower())
        if field == "code" and is_secret(field, text):
            self._codes |= {text, text.replace("-", "")}
            self._version = -1
        who = without_remark(text)
        if is_somebody(field, beside) and field not in _OF_AN_OBJECT and not is_nobody(who):
            self._people.learn((who,), (who,))

    # ---- replacing ----

    def _value(self, value: object, field: str, beside: Mapping[str, object], depth: int) -> object:
        if depth > _DEEPEST:
            return None
        if isinstance(value, str):
            return self._of_field(field, value, beside, depth)
        if isinstance(value, list | tuple):
            return [self._value(one, field, beside, depth + 1) for one in value]
        if isinstance(value, Mapping):
            return {name: self._value(one, name, value, depth + 1) for name, one in value.items()}
        return value

    def _of_field(self, field: str, text: str, beside: Mapping[str, object], depth: int) -> str:
        if is_secret(field, text) or (is_label_of_a_key(field, beside) and text):
            return REDACTED
        if is_word(field, text):
            return text
        if not is_somebody(field, beside):
            return self._text(text, field, depth)
        who = without_remark(_plain(text))
        if is_nobody(who):
            return text
        first = next(iter(_ids(beside)), who) if field in _OF_AN_OBJECT else who
        number = self._people.number(first)
        return (
            f"P{number}"
            if field == "initials"
            else f"person-{number}{' (self)' if who != _plain(text) else ''}"
        )

    def _text(self, text: str, field: str, depth: int) -> str:
        if self._version != self._people.version:
            self._remembered.clear()
            self._version = self._people.version
        known = self._remembered.get(text)
        if known is None:
            known = self._replaced(text, field, depth)
            # What was learned meanwhile may stand in what is remembered.
            if self._version == self._people.version and len(self._remembered) < _MOST_REMEMBERED:
                self._remembered[text] = known
        return known

    def _replaced(self, text: str, field: str, depth: int) -> str:
        inner = _json(text)
        if inner is not None:
            kept = self._value(inner, field, {}, depth + 1)
            return json.dumps(self._keys(kept), ensure_ascii=False)
        text = unicodedata.normalize("NFC", _ESCAPED.sub(_unescaped, text))
        if _QUOTED.search(text):
            text = unquote(text)
        text = _KEY.sub("crl_[redacted]", text)
        text = _JOIN_CODE.sub(REDACTED, _TOKEN.sub(REDACTED, text))
        for code in self._codes:
            text = re.sub(re.escape(code), REDACTED, text, flags=re.IGNORECASE)
        text = _EMAIL.sub(lambda found: self._people.of(found.group()), text)
        text = _HOME.sub(self._login, text)
        text = _IPV6.sub(self._address, _IPV4.sub(self._address, text))
        return self._people.replaced(text)

    def _keys(self, value: object) -> object:
        """Names of fields that somebody chose: those of a text that is JSON."""
        if isinstance(value, dict):
            return {self._people.replaced(name): self._keys(one) for name, one in value.items()}
        return [self._keys(one) for one in value] if isinstance(value, list) else value

    def _login(self, found: re.Match[str]) -> str:
        return found.group() if is_nobody(found.group()) else self._people.of(found.group())

    def _address(self, found: re.Match[str]) -> str:
        text = found.group().lower()
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return found.group()
        if text in self._own or address.is_loopback or address.is_unspecified:
            return found.group()
        return f"address-{self._addresses.setdefault(text, len(self._addresses) + 1)}"


def _plain(value: object) -> str:
    return unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else ""


def _ids(value: Mapping[str, object]) -> list[str]:
    """What names the person that an object is about, the surest first."""
    fields = ("id", *IDENTITY) if is_somebody("id", value) else IDENTITY
    found = [_plain(value.get(one)) for one in fields]
    return [one for one in found if not is_nobody(one)]


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [_plain(value)]
    return [_plain(one) for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def _json(text: str) -> object | None:
    """What a text holds that is an object or a list in JSON; None for any other."""
    if text.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        return json.loads(text)  # type: ignore[no-any-return]
    except (ValueError, RecursionError):
        return None


def _unescaped(found: re.Match[str]) -> str:
    letter = chr(int(found.group(1), 16))
    return letter if letter.isalnum() or unicodedata.combining(letter) else found.group()
