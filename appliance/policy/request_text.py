"""The texts of a request: what rules about words are asked of. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from appliance.domain.generation import AnyRequest, EmbeddingRequest
from appliance.domain.prompts import ChatPrompt, Prompt, TextPrompt

MOST_CHARACTERS: Final = 1 << 20
"""What is looked at of one request, over all its texts."""


@dataclass(frozen=True, slots=True)
class RequestText:
    """``texts`` are the turns of a conversation, its tools, a prompt or inputs, in order, empty ones left
    out.

    ``readable`` is False where a part was sent as tokens, which are no text; ``whole`` is False where there
    is more than ``MOST_CHARACTERS``, and ``texts`` are its beginning.
    """

    texts: tuple[str, ...]
    readable: bool = True
    whole: bool = True


def text_of(request: AnyRequest) -> RequestText:
    """What is said to the model."""
    prompts = request.inputs if isinstance(request, EmbeddingRequest) else (request.prompt,)
    texts: list[str] = []
    left = MOST_CHARACTERS
    for text in (text for prompt in prompts for text in _texts(prompt) if text):
        texts.append(text[:left])
        if len(text) > left:
            return RequestText(tuple(texts), _readable(prompts), whole=False)
        left -= len(text)
    return RequestText(tuple(texts), _readable(prompts))


def _readable(prompts: tuple[Prompt, ...]) -> bool:
    return all(isinstance(prompt, ChatPrompt | TextPrompt) for prompt in prompts)


def _texts(prompt: Prompt) -> Iterator[str]:
    if isinstance(prompt, TextPrompt):
        yield prompt.text
    if isinstance(prompt, ChatPrompt):
        yield from _of_conversation(prompt)


def _of_conversation(prompt: ChatPrompt) -> Iterator[str]:
    for message in prompt.messages:
        yield message.content
        yield from (call.arguments for call in message.tool_calls)
    for tool in prompt.tools:
        yield tool.description
        # The schema that the model is told has descriptions of its own.
        yield tool.told or tool.parameters
