"""From the events of a completion's runs to pieces of its choices: the echoed prompt, then the answer."""

from collections.abc import Iterator
from dataclasses import dataclass

from appliance.api.openai.legacy_logprobs import LegacyLogprobs, Offsets
from appliance.domain.generation import ChoiceFinished, GenerationEvent, PromptScored, TextDelta


@dataclass(frozen=True, slots=True)
class Piece:
    """More of one choice. ``logprobs`` None: none were asked for."""

    choice: int
    text: str
    logprobs: LegacyLogprobs | None


class PromptReading:
    """One run. ``echo`` is the prompt's text where it is to be told; None where its tokens will say it, which
    are told of with their log-probabilities. Choices are counted from ``first_choice``.
    """

    def __init__(self, *, first_choice: int, choices: int, echo: str | None, logprobs: bool) -> None:
        self._first_choice = first_choice
        self._choices = choices
        self._echo = echo
        self._logprobs = logprobs
        self._pieces: list[bytes] = []
        self._prompt = LegacyLogprobs()
        self._offsets: dict[int, Offsets] = {}

    def take(self, event: GenerationEvent) -> Iterator[Piece]:
        """What the event adds; the prompt goes before the first of it, once for each choice."""
        match event:
            case PromptScored():
                self._score(event)
            case TextDelta():
                yield from self._echoed()
                told = self._told(event) if self._logprobs else None
                yield Piece(self._first_choice + event.choice, event.text, told)
            case ChoiceFinished():
                yield from self._echoed()

    def _score(self, event: PromptScored) -> None:
        for one in event.logprobs:
            self._prompt.tell(one)
            self._pieces.append(one.piece)

    def _told(self, event: TextDelta) -> LegacyLogprobs:
        told, offsets = LegacyLogprobs(), self._offsets[event.choice]
        for one in event.logprobs:
            told.tell(one)
            told.text_offset.append(offsets.of_next(one.piece))
        return told

    def _echoed(self) -> Iterator[Piece]:
        if self._offsets:
            return
        whole = b"".join(self._pieces)
        text = whole.decode("utf-8", "replace") if self._echo is None else self._echo
        # What begins a text, and the space that some vocabularies put before it, are in no prompt.
        hidden_bytes = 0 if self._echo is None else max(0, len(whole) - len(text.encode()))
        offsets = Offsets(0, hidden_bytes=hidden_bytes, end=len(text))
        self._prompt.text_offset.extend([offsets.of_next(piece) for piece in self._pieces])
        self._offsets = {choice: Offsets(len(text)) for choice in range(self._choices)}
        if text:
            for choice in range(self._choices):
                yield Piece(self._first_choice + choice, text, self._prompt if self._logprobs else None)
