"""Persons by number: whatever is known of one is replaced wherever it stands as words of its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_ATOM: Final = re.compile(r"[^\W_]+")
_SEVERAL: Final = re.compile(r"\b(person-\d+)(?:[\s,]+\1)+\b")
_PIECES: Final = re.compile(r"[^\s,;()\"]+")
_JOINED: Final = re.compile(r"[-'’.]")
_IDEOGRAPHS: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\U0003ffff]")
"""Scripts whose words have no spaces between them."""
_LEAST_LOWER: Final = 4
_LEAST_UPPER: Final = 3
_LEAST_DIGITS: Final = 5
_NO_NAMES: Final = frozenset(
    {
        *("dr", "prof", "mr", "mrs", "ms", "mx", "phd", "msc", "bsc", "md", "sir", "the", "of", "and", "by"),
        *(
            "von",
            "van",
            "der",
            "den",
            "de",
            "da",
            "di",
            "du",
            "la",
            "le",
            "el",
            "al",
            "bin",
            "ibn",
            "jr",
            "sr",
        ),
        *(
            "professor",
            "doctor",
            "student",
            "teacher",
            "head",
            "lab",
            "guest",
            "seat",
            "team",
            "group",
            "admin",
        ),
    }
)
_ALSO_WORDS: Final = frozenset(
    {
        *(
            "will",
            "mark",
            "grace",
            "hope",
            "young",
            "long",
            "case",
            "chance",
            "dean",
            "drew",
            "faith",
            "frank",
        ),
        *(
            "gene",
            "grant",
            "hunter",
            "iris",
            "jack",
            "major",
            "miles",
            "page",
            "read",
            "rich",
            "rose",
            "sage",
        ),
        *("skip", "step", "store", "story", "wait", "open", "best", "good", "able", "free", "hand", "part"),
    }
)
"""Names that are also words: replaced with a capital only."""
_NO_INITIALS: Final = frozenset(
    {"OK", "NO", "ON", "IT", "AI", "ID", "GB", "MB", "KB", "UP", "AT", "BY", "IN", "IS", "TO", "KV", "CPU"}
    | {"GPU", "API", "URL", "UTC", "SHA", "CSV", "SSH", "LAN", "ERR", "JWS", "JWE", "TCP", "POST", "GET"}
)


@dataclass(frozen=True, slots=True)
class _Term:
    """``text`` in lower case, from its first letter on; with ``forms`` only where it is written so."""

    text: str
    number: int
    forms: frozenset[str] = frozenset()


class Pseudonyms:
    """Learns what belongs to whom. ``version`` grows with everything that is learned."""

    def __init__(self) -> None:
        self.version = 0
        self._number: dict[str, int] = {}
        self._terms: dict[str, list[_Term]] = {}
        self._anywhere: dict[str, int] = {}
        self._last = 0

    def learn(self, ids: Sequence[str], names: Sequence[str] = (), initials: str = "") -> int:
        """All of this is one person's, whose number it gives. The first id that is known says who it is; a
        name or an id that another one has too stays theirs.
        """
        given = [one for one in ids if one.strip()] or [one for one in names if one.strip()]
        number = next((self._number[_folded(one)] for one in given[:1] if _folded(one) in self._number), 0)
        if not number:
            self._last += 1
            number = self._last
        for one in (*ids, *names):
            self._whole(one.strip(), number)
        for one in names:
            self._parts(one, number)
        self._initials(initials.strip(), number)
        return number

    def of(self, text: str) -> str:
        """For a field that holds nothing but a person."""
        return f"person-{self.number(text)}"

    def number(self, text: str) -> int:
        """The number of somebody, a new one for whoever is not known."""
        return self._number.get(_folded(text)) or self.learn((text,), (text,))

    def replaced(self, text: str) -> str:
        """The text with everything that is known of anybody replaced."""
        for one, number in self._anywhere.items():
            if one in text:
                text = text.replace(one, f"person-{number}")
        lower = _lowered(text)
        made, done = list[str](), 0
        for found in _ATOM.finditer(lower):
            start = found.start()
            term = self._term(text, lower, start) if start >= done else None
            if term is not None:
                made += [text[done:start], f"person-{term.number}"]
                done = start + len(term.text)
        if not made:
            return text
        return _SEVERAL.sub(r"\1", "".join((*made, text[done:])))

    def _term(self, text: str, lower: str, start: int) -> _Term | None:
        first = _ATOM.match(lower, start)
        for term in self._terms.get(first.group(), ()) if first else ():
            end = start + len(term.text)
            if not lower.startswith(term.text, start) or (end < len(lower) and _ATOM.match(lower, end)):
                continue
            if not term.forms or text[start:end] in term.forms:
                return term
        return None

    def _whole(self, text: str, number: int) -> None:
        key = _folded(text)
        if not text or key in self._number:
            return
        self._number[key] = number
        self.version += 1
        enough = _LEAST_DIGITS if text.isdecimal() else 2
        if len(text) >= enough and key not in _NO_NAMES:
            self._add(text, number)
        local, at, _domain = text.partition("@")
        if at and len(local) >= _LEAST_UPPER:
            self._add(local, number)

    def _parts(self, name: str, number: int) -> None:
        whole = _PIECES.findall(name)
        for part in (*whole, *(one for piece in whole for one in _JOINED.split(piece))):
            bare = part.strip(".'’-")
            if len(bare) < 2 or bare.lower() in _NO_NAMES or not any(one.isalpha() for one in bare):
                continue
            forms = {bare, bare.title(), bare.capitalize()}
            if len(bare) >= _LEAST_UPPER:
                forms.add(bare.upper())
            if len(bare) >= _LEAST_LOWER and bare.lower() not in _ALSO_WORDS:
                forms.add(bare.lower())
            self._add(bare, number, frozenset(forms))

    def _initials(self, text: str, number: int) -> None:
        if len(text) >= 2 and text.isupper() and text not in _NO_INITIALS:
            self._add(text, number, frozenset({text}))

    def _add(self, text: str, number: int, forms: frozenset[str] = frozenset()) -> None:
        if _IDEOGRAPHS.search(text):
            self._anywhere.setdefault(text, number)
            self._anywhere = dict(sorted(self._anywhere.items(), key=lambda one: -len(one[0])))
            return
        lower = _lowered(text)
        first = _ATOM.search(lower)
        if first is None:
            return
        cut = first.start()
        term = _Term(lower[cut:].rstrip(), number, frozenset(one[cut:].rstrip() for one in forms))
        known = self._terms.setdefault(first.group(), [])
        if any(one.text == term.text and (not one.forms or one.forms >= term.forms > set()) for one in known):
            return
        known.append(term)
        known.sort(key=lambda one: (-len(one.text), bool(one.forms)))
        self.version += 1


def _folded(text: str) -> str:
    return " ".join(text.lower().split())


def _lowered(text: str) -> str:
    """In lower case, each letter at its place."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(one.lower() if len(one.lower()) == 1 else one for one in text)
