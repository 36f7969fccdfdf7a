"""The text of one choice, as it comes, into thoughts, text and calls. Pure.

However the same text is cut into pieces, the same parts come out, but for where their texts are cut. Text is
held back only while it may become a tag. White space beside a tag belongs to nothing and is left out.
"""

from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from appliance.api.dialogue.calling import CallText, held_back
from appliance.api.dialogue.parts import CallArguments, CallBegun, SaidText, Thought
from appliance.domain.prompts import TOOL_CALL_BEGINS

Part = SaidText | Thought | CallBegun | CallArguments


class _Now(Enum):
    BEGINNING = auto()
    THINKING = auto()
    SPEAKING = auto()
    CALLING = auto()


class Splitter:
    """The parts of one choice.

    ``call_id`` makes the id of the call of an index; None: no functions were offered, and their tags are
    text. ``thinking`` are the tags around thoughts, which may only stand first; where the first tag is empty,
    the prompt ended with it and thoughts begin at once.
    """

    def __init__(
        self, choice: int, *, call_id: Callable[[int], str] | None, thinking: tuple[str, str] | None
    ) -> None:
        self._choice = choice
        self._call_id = call_id
        self._thinking = thinking or ("", "")
        self._now = _Now.BEGINNING if thinking else _Now.SPEAKING
        self._held = ""
        self._after_tag = False
        self._before_call = ""
        self._call = CallText()
        self._calls = 0
        self._parts: list[Part] = []

    @property
    def called(self) -> bool:
        """Whether functions were asked for, and the last call is complete."""
        return self._calls > 0 and (self._now is not _Now.CALLING or self._call.complete)

    def feed(self, text: str) -> list[Part]:
        """The parts that ``text`` completes."""
        self._held += text
        steps: Final = {
            _Now.BEGINNING: self._begin,
            _Now.THINKING: self._think,
            _Now.SPEAKING: self._speak,
            _Now.CALLING: self._go_on_calling,
        }
        while steps[self._now]():
            pass
        return self._take_parts()

    def close(self) -> list[Part]:
        """The parts of what was held back, now that nothing follows."""
        held, self._held = self._held, ""
        match self._now:
            case _Now.THINKING:
                self._tell(Thought(self._choice, held.rstrip()))
            case _Now.CALLING:
                self._call.close()
                self._go_on_calling()
            case _Now.BEGINNING | _Now.SPEAKING if not (self._calls and not held.strip()):
                self._say(held)
        return self._take_parts()

    def _begin(self) -> bool:
        opening = self._thinking[0]
        text = self._held.lstrip()
        if text.startswith(opening):
            self._switch(_Now.THINKING, text[len(opening) :])
            return True
        if opening.startswith(text):
            return False
        self._now = _Now.SPEAKING
        return True

    def _think(self) -> bool:
        before, tag, after = self._until(self._thinking[1])
        self._tell(Thought(self._choice, before))
        if tag:
            self._switch(_Now.SPEAKING, after)
        return tag

    def _speak(self) -> bool:
        if self._call_id is None:
            self._say(self._fresh())
            self._held = ""
            return False
        before, tag, after = self._until(TOOL_CALL_BEGINS)
        self._say(before)
        if tag:
            self._call = CallText()
            self._switch(_Now.CALLING, after)
        return tag

    def _go_on_calling(self) -> bool:
        text, self._held = self._held, ""
        call = self._call
        begun = call.name is not None
        if text:
            call.feed(text)
        if call.name is not None:
            if not begun:
                self._tell_call(call.name)
            self._tell(CallArguments(self._choice, self._calls - 1, call.take_new()))
        if call.refused:
            self._say(self._before_call + TOOL_CALL_BEGINS + call.seen)
            self._switch(_Now.SPEAKING, call.rest, after_tag=False)
        elif call.ended:
            self._switch(_Now.SPEAKING, call.rest)
        return call.refused or call.ended

    def _until(self, tag: str) -> tuple[str, bool, str]:
        """What is before ``tag``, whether it is there, what is after it; what may become it is held back."""
        before, found, after = self._fresh().partition(tag)
        shown = before if found else before[: len(before) - held_back(before, tag)]
        shown = shown.rstrip()
        self._before_call = before[len(shown) :]
        self._held = "" if found else self._before_call
        return shown, bool(found), after

    def _fresh(self) -> str:
        """What was held back, without the white space after a tag."""
        if not self._after_tag:
            return self._held
        text = self._held.lstrip()
        self._after_tag = not text
        return text

    def _switch(self, now: _Now, text: str, *, after_tag: bool = True) -> None:
        self._now, self._held, self._after_tag = now, text, after_tag

    def _tell_call(self, name: str) -> None:
        if self._call_id is not None:
            call_id = self._call_id(self._calls)
            self._parts.append(CallBegun(self._choice, self._calls, call_id, name))
            self._calls += 1

    def _say(self, text: str) -> None:
        self._tell(SaidText(self._choice, text))

    def _tell(self, part: SaidText | Thought | CallArguments) -> None:
        if part.text:
            self._parts.append(part)

    def _take_parts(self) -> list[Part]:
        parts, self._parts = self._parts, []
        return parts
