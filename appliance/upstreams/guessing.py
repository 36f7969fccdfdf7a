"""How many tokens a text has whose vocabulary is not known: a guess between two bounds. Pure."""

from dataclasses import dataclass
from typing import Final

from appliance.domain.prompts import ChatPrompt, Prompt, TokenPrompt

LIKELY_BYTES: Final = 3
"""Bytes of a token, so that the guess errs on the side of more: English has 4 to 5, most scripts 2 to 4."""
MOST_BYTES: Final = 16
"""A text whose tokens have more in the mean was not made of that few."""
_LIKELY_OF_A_TURN: Final = 8
_MOST_OF_A_TURN: Final = 64
"""What a template puts around a turn, or around the description of a tool."""
_SLACK: Final = 64


@dataclass(frozen=True, slots=True)
class TokenCount:
    """``tokens`` is exact where ``least`` and ``most`` are the same."""

    tokens: int
    least: int
    most: int

    @classmethod
    def exactly(cls, tokens: int) -> "TokenCount":
        """One that was counted with the model's own vocabulary."""
        return cls(tokens, tokens, tokens)

    @property
    def exact(self) -> bool:
        """Whether it was counted."""
        return self.least == self.most

    @property
    def bound(self) -> int:
        """The most that a host is believed to have counted: its template may not be the one we know."""
        return self.most + self.most // 10 + _SLACK if self.exact else self.most


def guess_text(size_bytes: int) -> TokenCount:
    """Of a text of that size in UTF-8: no vocabulary in use has a token of less than a byte."""
    return TokenCount(-(-size_bytes // LIKELY_BYTES), -(-size_bytes // MOST_BYTES), size_bytes)


def guess_prompt(prompt: Prompt) -> TokenCount:
    """Of a prompt with what a template adds, of which nothing is known."""
    if isinstance(prompt, TokenPrompt):
        return TokenCount.exactly(len(prompt.tokens))
    if not isinstance(prompt, ChatPrompt):
        return _at_least_one(guess_text(len(prompt.text.encode())), turns=0)
    calls = [call for message in prompt.messages for call in message.tool_calls]
    texts = [
        *(message.content for message in prompt.messages),
        *(call.id + call.name + call.arguments for call in calls),
        *(tool.name + tool.description + (tool.told or tool.parameters) for tool in prompt.tools),
    ]
    turns = len(prompt.messages) + len(calls) + len(prompt.tools) + 1
    return _at_least_one(guess_text(sum(len(text.encode()) for text in texts)), turns=turns)


def _at_least_one(guess: TokenCount, *, turns: int) -> TokenCount:
    return TokenCount(
        max(1, guess.tokens + _LIKELY_OF_A_TURN * turns),
        max(1, guess.least),
        max(1, guess.most + _MOST_OF_A_TURN * turns),
    )
