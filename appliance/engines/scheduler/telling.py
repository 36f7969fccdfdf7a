"""What is told of log-probabilities: tokens with their names, in events."""

from collections.abc import Sequence

from appliance.engines.base import Logprob, PromptLogprobs, Runner, ToldToken, TopToken


class Teller:
    """Knows the names of one runner's tokens."""

    def __init__(self, runner: Runner) -> None:
        self._name = runner.name

    def token(self, one: Logprob) -> ToldToken:
        """A token that stands in its place, and those that could have."""
        name = self._name
        top = tuple([TopToken(token, name(token), logprob) for token, logprob in one.top])
        return ToldToken(one.token, name(one.token), one.logprob, top)

    def beginning(self, work_id: int, token: int) -> PromptLogprobs:
        """The first token of a prompt: nothing is before it."""
        return PromptLogprobs(work_id, 0, (ToldToken(token, self._name(token), None),))

    def prompt(self, work_id: int, position: int, scored: Sequence[Logprob]) -> PromptLogprobs:
        """More of a prompt, from ``position`` on."""
        return PromptLogprobs(work_id, position, tuple([self.token(one) for one in scored]))
