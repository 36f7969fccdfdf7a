"""What a preparer does: prompts into exact tokens, one after another."""

from collections.abc import Sequence
from typing import Final

from appliance.domain.generation import Message
from appliance.engines.base import EngineSpec, Vocabulary
from appliance.errors import BadRequest, CarrelError, ContextLengthExceeded, PreparationFailed
from appliance.workers.child_channel import ChildChannel
from appliance.workers.frames import FrameError, PrepareChat, Prepared, PrepareText, Refused, Stop
from appliance.workers.shielding import Shield, choose_separator
from appliance.workers.template import ChatTemplate

MAX_PROMPT_TOKENS: Final = 2**21
"""So many tokens fit one frame whatever they are."""


class Preparing:
    """One model's template and vocabulary. Raises ``ConfigInvalid`` for a template that does not compile."""

    def __init__(self, vocabulary: Vocabulary, spec: EngineSpec) -> None:
        self._vocabulary = vocabulary
        self._first = vocabulary.bos_tokens if spec.add_bos else ()
        self._most_tokens = min(spec.context_tokens, MAX_PROMPT_TOKENS)
        self._template = ChatTemplate(spec.chat_template) if spec.chat_template is not None else None
        self._shield = Shield(vocabulary.special_texts)

    def chat(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """The tokens of a conversation.

        Raises ``BadRequest``, ``PreparationFailed``, ``ContextLengthExceeded``.
        """
        if self._template is None:
            raise BadRequest("This model completes text and does not chat. Use `/v1/completions`.")
        separator = choose_separator(message.content for message in messages)
        if separator is None:
            raise PreparationFailed(
                "The messages hold every Unicode noncharacter U+FDD0 to U+FDEF. Remove them."
            )
        guarded = [
            Message(message.role, self._shield.guard(message.content, separator)) for message in messages
        ]
        tokens = list(self._first)
        for piece in self._template.render(guarded).split(separator):
            tokens += self._vocabulary.tokenize(piece, parse_special=True) if piece else []
        return self._checked(tokens)

    def text(self, text: str) -> tuple[int, ...]:
        """The tokens of plain text, in which nothing is special. Raises as ``chat`` does."""
        return self._checked([*self._first, *self._vocabulary.tokenize(text, parse_special=False)])

    def _checked(self, tokens: list[int]) -> tuple[int, ...]:
        if not tokens:
            raise BadRequest("The prompt is empty. Send at least one character.")
        if len(tokens) > self._most_tokens:
            raise ContextLengthExceeded(
                f"The prompt has {len(tokens)} tokens and the model reads {self._most_tokens}. Shorten it."
            )
        return tuple(tokens)


def serve(preparing: Preparing, channel: ChildChannel) -> None:
    """Answer until ``Stop``. Raises ``GatewayGone``, ``FrameError``."""
    while True:
        for command in channel.wait():
            match command:
                case Stop():
                    return
                case PrepareChat() | PrepareText():
                    channel.send(_answer(preparing, command))
                case _:
                    raise FrameError(f"a preparer takes no {type(command).__name__}")


def _answer(preparing: Preparing, command: PrepareChat | PrepareText) -> Prepared | Refused:
    try:
        if isinstance(command, PrepareChat):
            return Prepared(command.id, preparing.chat(command.messages))
        return Prepared(command.id, preparing.text(command.text))
    except CarrelError as error:
        return Refused(command.id, error.code, error.message)
