"""What is told of log-probabilities: tokens with their names, in events."""

from collections.abc import Sequence
from typing import Protocol

from appliance.engines.base import Logprob, PromptLogprobs, ToldToken, TopToken


class Names(Protocol):
    """The part of a ``Runner`` or a ``Vocabulary`` that is asked."""

    def name(self, token: int) -> bytes:
        """The bytes of a token, and of a control token its name."""
        ...


class Teller:
    """Knows the names of one model's tokens."""

    def __init__(self, names: Names) -> None:
        self._name = names.name

    def token(self, one: Logprob) -> ToldToken:
        """A token that stands in its place, and those that could have."""
        name = self._name
        top = tuple([TopToken(token, name(token), logprob) for token, logprob in one.top])
        return ToldToken(one.token, name(one.token), one.logprob, top)

    def first(self, token: int) -> ToldToken:
        """One before which nothing is."""
        return ToldToken(token, self._name(token), None)

    def beginning(self, work_id: int, token: int) -> PromptLogprobs:
        """The first token of a prompt."""
        return PromptLogprobs(work_id, 0, (self.first(token),))

    def prompt(self, work_id: int, position: int, scored: Sequence[Logprob]) -> PromptLogprobs:
        """More of a prompt, from ``position`` on."""
        return PromptLogprobs(work_id, position, tuple([self.token(one) for one in scored]))
