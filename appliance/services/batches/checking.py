"""Whether the lines of a file can be worked on at all, as the official service checks them. Pure."""

from collections.abc import Callable
from typing import Final

import msgspec

from appliance.domain.batches import BatchFault
from appliance.errors import NotPermitted
from appliance.services.batches.lines import LineHead, RawLine

MOST_LINES: Final = 50_000
MOST_FAULTS: Final = 100
"""Told of one file; more would help nobody."""

_decoder: Final = msgspec.json.Decoder(LineHead)
_shape: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


class _Asked(msgspec.Struct, frozen=True):
    """Of a body only which model it is for."""

    model: str = ""


_asked: Final = msgspec.json.Decoder(_Asked)


def _from_anywhere(_model: str) -> None:
    """Nothing is said against it."""


class Checker:
    """Looks at one line after another. ``faults`` is empty where all is well. ``origin`` raises
    ``NotPermitted`` for a model that may not be asked from where the batch was sent.
    """

    def __init__(self, endpoint: str, origin: Callable[[str], None] = _from_anywhere) -> None:
        self._endpoint = endpoint
        self._origin = origin
        self._models: set[str] = set()
        self._seen: set[str] = set()
        self.total = 0
        self.faults: list[BatchFault] = []

    @property
    def enough(self) -> bool:
        """Whether there is no use in looking further."""
        return len(self.faults) >= MOST_FAULTS or self.total > MOST_LINES

    def look(self, line: RawLine) -> None:
        """Check one more line."""
        self.total += 1
        if self.total > MOST_LINES:
            self._fault("too_many_tasks", f"A batch has at most {MOST_LINES} lines; send several.", None)
        elif line.text is None:
            self._fault("line_too_long", "The line is longer than a request may be.", line.number)
        else:
            self._look_into(line.text, line.number)

    def end(self) -> None:
        """There are no more lines."""
        if not self.total:
            self._fault("empty_file", "The file has no lines.", None)

    def _look_into(self, text: bytes, number: int) -> None:
        try:
            head = read_head(text)
        except ValueError as wrong:
            self._fault("invalid_json_line", str(wrong), number)
            return
        if head.url != self._endpoint:
            self._fault(
                "invalid_url", f"`url` must be {self._endpoint}, the endpoint of the batch.", number, "url"
            )
        if not bytes(head.body).lstrip().startswith(b"{"):
            self._fault("invalid_body", "`body` must be an object.", number, "body")
        if head.custom_id in self._seen:
            self._fault("duplicate_custom_id", "Another line has this `custom_id`.", number, "custom_id")
        self._seen.add(head.custom_id)
        self._look_where_from(bytes(head.body), number)

    def _look_where_from(self, body: bytes, number: int) -> None:
        """Each model once. A body that cannot be read is told of when it is computed."""
        try:
            model = model_of(body)
        except ValueError:
            return
        if model in self._models:
            return
        self._models.add(model)
        try:
            self._origin(model)
        except NotPermitted as refusal:
            self._fault(refusal.code, refusal.message, number, "model")

    def _fault(self, code: str, message: str, line: int | None, param: str | None = None) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(BatchFault(code, message, line, param))


def read_head(text: bytes) -> LineHead:
    """A line without its body. Raises ``ValueError`` with a sentence that quotes nothing of it."""
    try:
        return _decoder.decode(text)
    except msgspec.ValidationError:
        raise ValueError(_what_is_wrong(text)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError("The line is not a JSON object.") from None


def model_of(body: bytes) -> str:
    """The model that a body asks, empty where it names none. Raises ``ValueError`` where it is no object."""
    try:
        return _asked.decode(body).model
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError):
        raise ValueError("The body cannot be read.") from None


def _what_is_wrong(text: bytes) -> str:
    try:
        given = _shape.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "The line is not a JSON object."
    for name in LineHead.__struct_fields__:
        if name not in given:
            return f"`{name}` is missing."
    if given["method"] != b'"POST"':
        return '`method` must be "POST".'
    return "`custom_id` must be a text of 1 to 256 characters, and `url` a text."
