"""The text of a sampled request, as its reviewer will read it: bounded, and never written but sealed."""

from typing import Final

import msgspec

from appliance.domain.generation import AnyRequest, EmbeddingRequest, ServiceClass
from appliance.domain.prompts import ChatPrompt, TextPrompt
from appliance.domain.samples import RequestKind
from appliance.policy.request_text import text_of

MOST_BYTES: Final = 16 * 1024
"""Of prompt and answers together: half for each."""
_HALF: Final = MOST_BYTES // 2


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sealed. ``cut``: there was more of it."""

    prompt: list[str]
    answers: list[str]
    cut: bool = False


def kind_of(request: AnyRequest) -> RequestKind:
    """What was asked, in one word."""
    if request.service_class is ServiceClass.OVERNIGHT:
        return "batch"
    if isinstance(request, EmbeddingRequest):
        return "vectors"
    match request.prompt:
        case ChatPrompt():
            return "chat"
        case TextPrompt():
            return "text"
        case _:
            return "tokens"


class Hearing:
    """Keeps what is said to a model and what it answers, in memory, no more than ``MOST_BYTES`` of it."""

    def __init__(self, request: AnyRequest) -> None:
        found = text_of(request)
        self._cut = not found.whole
        self._prompt = self._bounded(_turns(request, found.texts))
        self._answers: dict[int, list[str]] = {}
        self._left = _HALF

    def hear(self, choice: int, text: str) -> None:
        """More of an answer."""
        piece = self._shortened(text, self._left)
        self._left -= len(piece.encode())
        self._answers.setdefault(choice, []).append(piece)

    def content(self) -> bytes:
        """JSON of a ``Content``."""
        answers = ["".join(self._answers[choice]) for choice in sorted(self._answers)]
        return msgspec.json.encode(Content(self._prompt, answers, self._cut))

    def _bounded(self, texts: list[str]) -> list[str]:
        kept, left = [], _HALF
        for text in texts:
            kept.append(self._shortened(text, left))
            left -= len(kept[-1].encode())
        return kept

    def _shortened(self, text: str, most_bytes: int) -> str:
        encoded = text.encode("utf-8", "replace")
        self._cut = self._cut or len(encoded) > most_bytes
        return encoded[: max(0, most_bytes)].decode("utf-8", "ignore")


def as_content(prompt: str) -> bytes:
    """JSON of a ``Content`` that is a prompt and nothing else."""
    return msgspec.json.encode(Content([prompt], []))


def _turns(request: AnyRequest, texts: tuple[str, ...]) -> list[str]:
    """Turns of a conversation with their roles; else the texts as they are."""
    if isinstance(request, EmbeddingRequest) or not isinstance(request.prompt, ChatPrompt):
        return list(texts)
    return [f"{turn.role}: {turn.content}" for turn in request.prompt.messages]
