"""What a forward pass is expected to take, for whoever has to tell a long one from a hang."""

from typing import Final

from appliance.engines.base import StepPlan

_WEIGHT: Final = 0.1
"""Of the last pass in the moving average."""


class StepTime:
    """Learns milliseconds per token; starts from what a pass over one token took at load."""

    def __init__(self, token_ms: float) -> None:
        self._token_ms = token_ms
        self._ms_per_token = token_ms
        self._tokens = 1
        self.expected_ms = token_ms

    def begin(self, plan: StepPlan) -> int:
        """Expect a pass over this plan; returns its tokens."""
        return self.expect(sum([len(piece.tokens) for piece in plan.slices]))

    def expect(self, tokens: int) -> int:
        """Expect a pass over so many tokens; returns them. No pass is faster than one token alone."""
        self._tokens = tokens
        self.expected_ms = max(self._token_ms, self._tokens * self._ms_per_token)
        return self._tokens

    def end(self, took_ms: float) -> None:
        """Learn from the pass that began last."""
        self._ms_per_token += _WEIGHT * (took_ms / self._tokens - self._ms_per_token)
