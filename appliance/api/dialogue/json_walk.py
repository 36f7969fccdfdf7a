"""Walks over JSON that comes in pieces. Pure; each character is looked at once, however the text is cut.

The walks are generators: one yields where the text ends too early, and goes on when there is more of it.
"""

import re
from collections.abc import Generator
from typing import Final, NoReturn, TypeVar

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_PLAIN: Final = re.compile(r'[^"\\\x00-\x1f]*')
_ESCAPE: Final = re.compile(r'\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})')
_BEGUN_ESCAPE: Final = re.compile(r"\\(?:u[0-9A-Fa-f]{0,3})?")
_SCALAR: Final = re.compile(r"[A-Za-z0-9+.\-]*")
_WHOLE_SCALAR: Final = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_MOST_IN_A_SCALAR: Final = 64
_MOST_DEPTH: Final = 64

Got = TypeVar("Got")
Walk = Generator[None, None, Got]


class NotJson(Exception):
    """The text cannot become JSON any more, from ``JsonWalk.at`` on."""


class JsonWalk:
    """A text and how much of it is known to be JSON. Feed it by adding to ``text``."""

    def __init__(self) -> None:
        self.text = ""
        self.at = 0

    def peek(self) -> Walk[str]:
        """The next character that is no space, without taking it."""
        while True:
            self.at = self._end_of(_SPACE)
            if self.at < len(self.text):
                return self.text[self.at]
            yield

    def take(self, wanted: str) -> Walk[str]:
        """Take one of the characters ``wanted``."""
        char = yield from self.peek()
        if char not in wanted:
            self._refuse()
        self.at += 1
        return char

    def value(self, depth: int = 0) -> Walk[None]:
        """Over one value of any kind."""
        char = yield from self.peek()
        if char == '"':
            yield from self.string()
        elif char in "{[":
            yield from self._container(depth + 1)
        else:
            yield from self._scalar()

    def string(self) -> Walk[None]:
        """Over a string with its quotes."""
        yield from self.take('"')
        while True:
            self.at = self._end_of(_PLAIN)
            if self.at == len(self.text):
                yield
            elif self.text[self.at] == '"':
                self.at += 1
                return
            elif escape := _ESCAPE.match(self.text, self.at):
                self.at = escape.end()
            elif _BEGUN_ESCAPE.fullmatch(self.text, self.at):
                yield
            else:
                self._refuse()

    def _container(self, depth: int) -> Walk[None]:
        if depth > _MOST_DEPTH:
            self._refuse()
        closing = "}" if (yield from self.take("{[")) == "{" else "]"
        if (yield from self.peek()) == closing:
            self.at += 1
            return
        while True:
            if closing == "}":
                yield from self.peek()
                yield from self.string()
                yield from self.take(":")
            yield from self.value(depth)
            if (yield from self.take("," + closing)) == closing:
                return

    def _scalar(self) -> Walk[None]:
        begin = self.at
        while True:
            self.at = self._end_of(_SCALAR)
            if self.at - begin > _MOST_IN_A_SCALAR:
                self.at = begin + _MOST_IN_A_SCALAR
                self._refuse()
            if self.at < len(self.text):
                break
            yield
        if not _WHOLE_SCALAR.fullmatch(self.text, begin, self.at):
            self._refuse()

    def _end_of(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self.text, self.at)
        return self.at if found is None else found.end()

    @staticmethod
    def _refuse() -> NoReturn:
        raise NotJson
