"""One function call as a model writes it, read while it comes: ``{"name": ..., "arguments": {...}}``.

The keys may come in any order, and others beside them. What is JSON in them is checked; whether the function
exists and the arguments fit it is for the client to see.
"""

from typing import Final

import msgspec

from appliance.api.dialogue.json_walk import JsonWalk, NotJson, Walk
from appliance.domain.prompts import TOOL_CALL_ENDS

_NO_ARGUMENTS: Final = "{}"


class CallText:
    """Give it the text after the opening tag. ``name`` is None until the call is certain; then ``take_new``
    gives its arguments as far as they came.

    Before it is certain, what is no call sets ``refused``. After it, everything up to the closing tag is
    arguments: their reader is told what the model wrote, broken or not.
    """

    def __init__(self) -> None:
        self.name: str | None = None
        self.refused = False
        self.ended = False
        self.complete = False
        """Its JSON came to an end."""
        self._named = ""
        self._arguments = ""
        """Where they came before the name."""
        self._walk = JsonWalk()
        self._new: list[str] = []
        self._told = -1
        """Up to where the arguments were told, while they come; -1: they do not come now."""
        self._steps = self._read()
        self._raw = False

    @property
    def seen(self) -> str:
        """What was looked at: to be given back where it was refused."""
        return self._walk.text[: self._walk.at]

    @property
    def rest(self) -> str:
        """What is after the call, or after what was refused."""
        return self._walk.text[self._walk.at :]

    def feed(self, text: str) -> None:
        """More text; not after ``ended`` or ``refused``."""
        self._walk.text += text
        if not self._raw:
            self._step()
        if self._raw:
            self._read_raw()

    def take_new(self) -> str:
        """The arguments that came since it was asked last."""
        new, self._new = "".join(self._new), []
        return new

    def close(self) -> None:
        """No more text comes."""
        self.refused = self.name is None
        self._tell_until(len(self._walk.text))

    def _step(self) -> None:
        try:
            next(self._steps)
        except StopIteration:
            self.ended = True
        except NotJson:
            self._raw = self.name is not None
            self.refused = not self._raw
        self._tell_until(self._walk.at)

    def _read(self) -> Walk[None]:
        yield from self._walk.take("{")
        while True:
            yield from self._entry()
            if (yield from self._walk.take(",}")) == "}":
                break
        if self.name is None:
            self._begin(self._arguments or _NO_ARGUMENTS)
        self.complete = True
        yield from self._closing_tag()

    def _entry(self) -> Walk[None]:
        key = yield from self._text()
        yield from self._walk.take(":")
        if key == "name" and not self._named:
            self._named = yield from self._text()
        elif key == "arguments" and self._named and self.name is None:
            yield from self._arguments_come()
        elif key == "arguments" and self.name is None:
            self._arguments = yield from self._value()
        else:
            yield from self._walk.value()

    def _arguments_come(self) -> Walk[None]:
        if (yield from self._walk.peek()) == '"':
            self._begin((yield from self._value()))
            return
        self.name, self._told = self._named, self._walk.at
        yield from self._walk.value()
        self._tell_until(self._walk.at)
        self._told = -1

    def _begin(self, arguments: str) -> None:
        if not self._named:
            raise NotJson
        self.name = self._named
        self._new.append(arguments)

    def _value(self) -> Walk[str]:
        """A value as it was written; a string without its quotes, since some write their JSON into one."""
        if (yield from self._walk.peek()) == '"':
            return (yield from self._text()) or _NO_ARGUMENTS
        begin = self._walk.at
        yield from self._walk.value()
        return self._walk.text[begin : self._walk.at]

    def _text(self) -> Walk[str]:
        yield from self._walk.peek()
        begin = self._walk.at
        yield from self._walk.string()
        try:
            return msgspec.json.decode(self._walk.text[begin : self._walk.at], type=str)
        except msgspec.DecodeError:
            raise NotJson from None

    def _closing_tag(self) -> Walk[None]:
        """Take the tag if it is there; what else comes is not of the call."""
        yield from self._walk.peek()
        while not self._walk.text.startswith(TOOL_CALL_ENDS, self._walk.at):
            if not TOOL_CALL_ENDS.startswith(self._walk.text[self._walk.at :]):
                return
            yield
        self._walk.at += len(TOOL_CALL_ENDS)

    def _read_raw(self) -> None:
        walk = self._walk
        end = walk.text.find(TOOL_CALL_ENDS, walk.at)
        if end < 0:
            self._tell_until(len(walk.text) - held_back(walk.text[walk.at :], TOOL_CALL_ENDS))
            return
        self._tell_until(end)
        walk.at = end + len(TOOL_CALL_ENDS)
        self.ended = True

    def _tell_until(self, end: int) -> None:
        self._walk.at = end
        if self._told >= 0:
            self._new.append(self._walk.text[self._told : end])
            self._told = end


def held_back(text: str, tag: str) -> int:
    """How many characters at the end of ``text`` may become ``tag``."""
    for size in range(min(len(text), len(tag) - 1), 0, -1):
        if tag.startswith(text[-size:]):
            return size
    return 0
