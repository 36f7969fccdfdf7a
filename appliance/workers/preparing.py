"""What a preparer does: prompts into exact tokens, and what an answer has to keep to into a grammar that
compiles, one after another.
"""

from collections.abc import Sequence
from typing import Final

from appliance.domain.prompts import AnswerFormat, ChatPrompt, PreparedPrompt
from appliance.engines.base import EngineSpec, Vocabulary
from appliance.errors import BadRequest, CarrelError, ContextLengthExceeded
from appliance.workers.answers import Answers
from appliance.workers.child_channel import ChildChannel
from appliance.workers.frames import (
    Detokenize,
    FrameError,
    PrepareChat,
    Prepared,
    PrepareText,
    PrepareTokens,
    Refused,
    Stop,
    Text,
)
from appliance.workers.shielding import Shield
from appliance.workers.template import ChatTemplate

MAX_PROMPT_TOKENS: Final = 2**21
"""So many tokens fit one frame whatever they are."""


class Preparing:
    """One model's template and vocabulary. Raises ``ConfigInvalid`` for a template that does not compile."""

    def __init__(self, vocabulary: Vocabulary, spec: EngineSpec) -> None:
        self._vocabulary = vocabulary
        self._first = vocabulary.bos_tokens if spec.add_bos else ()
        self._last = vocabulary.eos_tokens if spec.add_eos else ()
        self._most_tokens = min(spec.context_tokens, MAX_PROMPT_TOKENS)
        self._template = (
            ChatTemplate(spec.chat_template, Shield(vocabulary.special_texts))
            if spec.chat_template is not None
            else None
        )
        self._answers = Answers(vocabulary, spec)

    def chat(self, prompt: ChatPrompt, answer_format: AnswerFormat | None = None) -> PreparedPrompt:
        """The tokens of a conversation, and what its answer has to keep to.

        Raises ``BadRequest``, ``PreparationFailed``, ``ContextLengthExceeded``.
        """
        if self._template is None:
            raise BadRequest("This model completes text and does not chat. Use `/v1/completions`.")
        tokens = list(self._first)
        pieces = self._template.render(prompt)
        for piece in pieces:
            tokens += self._vocabulary.tokenize(piece, parse_special=True) if piece else []
        rendered = "".join(pieces)
        return PreparedPrompt(
            self._checked(tokens),
            self._answers.for_chat(prompt, rendered, answer_format),
            self._answers.thinks_at_once(rendered),
        )

    def text(self, text: str, answer_format: AnswerFormat | None = None) -> PreparedPrompt:
        """The tokens of plain text, in which nothing is special. Raises as ``chat`` does."""
        tokens = [*self._first, *self._vocabulary.tokenize(text, parse_special=False), *self._last]
        return PreparedPrompt(self._checked(tokens), self._answers.in_format(answer_format))

    def tokens(self, tokens: Sequence[int], answer_format: AnswerFormat | None = None) -> PreparedPrompt:
        """The same tokens, once they are known to be the model's. Raises as ``chat`` does."""
        if any(token >= self._vocabulary.size for token in tokens):
            raise BadRequest("The prompt holds a token that the model does not have.", param="prompt")
        return PreparedPrompt(self._checked(list(tokens)), self._answers.in_format(answer_format))

    def detokenized(self, tokens: Sequence[int]) -> str:
        """Their text; control tokens by their names. Raises ``BadRequest``."""
        if any(token >= self._vocabulary.size for token in tokens):
            raise BadRequest("The model does not have all of these tokens.", param="tokens")
        return b"".join(map(self._vocabulary.name, tokens)).decode(errors="replace")

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
                case PrepareChat() | PrepareText() | PrepareTokens() | Detokenize():
                    channel.send(_answer(preparing, command))
                case _:
                    raise FrameError(f"a preparer takes no {type(command).__name__}")


def _answer(
    preparing: Preparing, command: PrepareChat | PrepareText | PrepareTokens | Detokenize
) -> Prepared | Text | Refused:
    try:
        match command:
            case PrepareChat():
                return _prepared(command.id, preparing.chat(command.prompt, command.answer_format))
            case PrepareText():
                return _prepared(command.id, preparing.text(command.text, command.answer_format))
            case PrepareTokens():
                return _prepared(command.id, preparing.tokens(command.tokens, command.answer_format))
            case Detokenize(tokens=tokens):
                return Text(command.id, preparing.detokenized(tokens))
    except CarrelError as error:
        return Refused(command.id, error.code, error.message)


def _prepared(id: int, prompt: PreparedPrompt) -> Prepared:
    return Prepared(id, prompt.tokens, prompt.constraint, prompt.thinks_at_once)
