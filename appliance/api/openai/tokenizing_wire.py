"""The bodies of ``/tokenize`` and ``/detokenize``, and the shapes of their answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from appliance.api.dialogue import asking
from appliance.api.openai.chat_messages import MessageBody, read_message
from appliance.api.openai.chat_tools import ToolBody, read_tools
from appliance.api.openai.fields import Fields
from appliance.api.openai.prompts import TokenBody
from appliance.api.openai.wire import ModelName, check_prompt_size
from appliance.domain.prompts import ChatPrompt, TextPrompt
from appliance.domain.tokenization import Tokenized
from appliance.edge.decoding import decode_checked
from appliance.errors import BadRequest

_MOST_DETOKENIZED: Final = 2**17
"""Their text has to fit a frame."""
_NOT_YET: Final[Mapping[str, tuple[Any, ...]]] = {
    "add_special_tokens": (None, True),
    "add_generation_prompt": (None, True),
    "continue_final_message": (None, False),
    "return_token_strs": (None, False),
}


class TokenizeBody(msgspec.Struct, frozen=True, kw_only=True):
    """A text; or a conversation, which is rendered with the model's template first."""

    model: ModelName
    prompt: str | None = None
    messages: Annotated[list[MessageBody], Meta(min_length=1, max_length=1024)] | None = None
    tools: Annotated[list[ToolBody], Meta(max_length=asking.MOST_TOOLS)] | None = None


class TokenizeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Exactly the tokens that the model would be given. ``max_model_len`` is the most that it takes for
    prompt and answer together.
    """

    model: str
    count: int
    max_model_len: int
    tokens: tuple[int, ...]

    @classmethod
    def of(cls, tokenized: Tokenized) -> "TokenizeAnswer":
        """The wire shape of ``tokenized``."""
        return cls(
            model=tokenized.model.id,
            count=len(tokenized.tokens),
            max_model_len=tokenized.context_tokens,
            tokens=tokenized.tokens,
        )


class DetokenizeBody(msgspec.Struct, frozen=True, kw_only=True):
    """Token ids."""

    model: ModelName
    tokens: Annotated[list[TokenBody], Meta(max_length=_MOST_DETOKENIZED)]


class DetokenizeAnswer(msgspec.Struct, frozen=True):
    """Their text: control tokens by their names, U+FFFD for what is no whole character."""

    prompt: str


@dataclass(frozen=True, slots=True)
class TokenizeAsked:
    """What was understood of a request."""

    model: str
    prompt: TextPrompt | ChatPrompt
    ignored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DetokenizeAsked:
    """What was understood of a request."""

    model: str
    tokens: tuple[int, ...]
    ignored: tuple[str, ...]


_TOKENIZE: Final = Fields(known=frozenset(TokenizeBody.__struct_fields__), not_yet=_NOT_YET)
_DETOKENIZE: Final = Fields(known=frozenset(DetokenizeBody.__struct_fields__), not_yet={})


def read_tokenize(body: bytes, *, most_prompt_bytes: int) -> TokenizeAsked:
    """Understand a body. Raises ``BadRequest`` naming the field at fault."""
    ignored = _TOKENIZE.ignored_in(body)
    asked = decode_checked(body, TokenizeBody)
    if (asked.prompt is None) is (asked.messages is None):
        raise BadRequest("Send either `prompt` or `messages`.", param="prompt")
    prompt = TextPrompt(asked.prompt) if asked.prompt is not None else _conversation(asked)
    param, size_bytes = (
        ("prompt", len(prompt.text.encode()))
        if isinstance(prompt, TextPrompt)
        else ("messages", asking.size_bytes(prompt))
    )
    check_prompt_size(size_bytes, most_prompt_bytes, param)
    return TokenizeAsked(asked.model, prompt, ignored)


def read_detokenize(body: bytes) -> DetokenizeAsked:
    """Understand a body. Raises ``BadRequest`` naming the field at fault."""
    ignored = _DETOKENIZE.ignored_in(body)
    asked = decode_checked(body, DetokenizeBody)
    return DetokenizeAsked(asked.model, tuple(asked.tokens), ignored)


def _conversation(asked: TokenizeBody) -> ChatPrompt:
    messages = [
        read_message(message, f"messages[{index}]") for index, message in enumerate(asked.messages or ())
    ]
    return ChatPrompt(asking.named(messages), read_tools(asked.tools))
