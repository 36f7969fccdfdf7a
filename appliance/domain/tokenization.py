"""What becomes of a prompt before a model reads it."""

from dataclasses import dataclass

from appliance.domain.model import ModelIdentity


@dataclass(frozen=True, slots=True)
class Tokenized:
    """A prompt's exact tokens, and the most tokens that ``model`` takes for prompt and answer together."""

    model: ModelIdentity
    tokens: tuple[int, ...]
    context_tokens: int
