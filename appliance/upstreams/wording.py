"""A turn that a host tells in parts, written as the one text that this box's own models write.

Thoughts stand between the model's marks, before everything; a call is JSON between the tags of calls. So the
one parser behind every endpoint reads both kinds of models.
"""

import msgspec

from appliance.domain.prompts import TOOL_CALL_BEGINS, TOOL_CALL_ENDS


class Wording:
    """Of one choice. Each method gives the text that follows."""

    def __init__(self, thinking: tuple[str, str] | None) -> None:
        self._thinking = thinking
        self._begun = False
        self._open = ""
        """What closes the part that is being told."""
        self._call: int | None = None
        self._has_arguments = False

    def thought(self, text: str) -> str:
        """More of what the model thinks; dropped where thoughts have no marks, or come after the answer."""
        if self._thinking is None or (self._begun and not self._open):
            return ""
        if self._begun:
            return text if self._open == self._thinking[1] else ""
        self._begun, self._open = True, self._thinking[1]
        return self._thinking[0] + text

    def said(self, text: str) -> str:
        """More of the answer."""
        return self._close() + text

    def called(self, index: int, name: str | None, arguments: str | None) -> str:
        """More of a call. The name comes first."""
        before = ""
        if index != self._call:
            before = self._close() + f'{TOOL_CALL_BEGINS}{{"name": {_json(name or "")}, "arguments": '
            self._call, self._open, self._has_arguments = index, f"}}{TOOL_CALL_ENDS}", False
        self._has_arguments = self._has_arguments or bool(arguments)
        return before + (arguments or "")

    def close(self) -> str:
        """The end of what is open."""
        return self._close()

    def _close(self) -> str:
        missing = "{}" if self._call is not None and not self._has_arguments else ""
        closed = missing + self._open
        self._begun, self._open, self._call = True, "", None
        return closed


def _json(text: str) -> str:
    return msgspec.json.encode(text).decode()
