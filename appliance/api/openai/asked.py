"""What an endpoint understood of a request: the common ground of chat and completions."""

from dataclasses import dataclass

from appliance.api.openai.shapes import AnswerShape
from appliance.domain.generation import GenerationRequest


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for text, how its answer shall look, and which of its fields were ignored."""

    request: GenerationRequest
    shape: AnswerShape
    stream: bool
    include_usage: bool
    ignored: tuple[str, ...]
