"""What an upstream is given: the work of an engine, but with the prompt as it was asked and not as tokens."""

from appliance.domain.prompts import AnswerFormat, Prompt
from appliance.engines.base import Generate
from appliance.upstreams.guessing import TokenCount


class Remote(Generate, frozen=True, forbid_unknown_fields=True, array_like=True, kw_only=True, tag="remote"):
    """A ``Generate`` that never becomes a frame. ``prompt`` is empty where the tokens are not known.

    ``stated`` are the names of sampling fields that the client or the recipe set, as ``Sampling`` has them.
    """

    asked: Prompt
    counted: TokenCount
    """Our count of the prompt, exact or guessed."""
    stated: frozenset[str] = frozenset()
    answer_format: AnswerFormat | None = None

    @property
    def prompt_tokens(self) -> int:
        """Tokens to read."""
        return self.counted.tokens

    @property
    def kv_tokens(self) -> int:
        """As of other work: nothing is held elsewhere, and a source is as free as its sequences."""
        return self.prompt_tokens + self.n * self.max_tokens
