"""In the place of a preparer, for a model whose vocabulary is not on this box: nothing is counted."""

from collections.abc import Sequence

from appliance.domain.prompts import AnswerFormat, PreparedPrompt, Prompt
from appliance.domain.shapes import ModelShapes
from appliance.errors import BadRequest

_SHAPES = ModelShapes(0, 0, 0, 0, 0, 0, 0)


class NoVocabulary:
    """Keeps the port of a preparer process; there is none."""

    shapes = _SHAPES

    async def start(self) -> None:
        """Nothing to start."""

    async def stop(self) -> None:
        """Nothing to stop."""

    async def prepare(
        self,
        prompt: Prompt,  # noqa: ARG002 - a PromptPreparer
        answer_format: AnswerFormat | None = None,  # noqa: ARG002
    ) -> PreparedPrompt:
        """No tokens: how many there are is guessed by who needs to know."""
        return PreparedPrompt(())

    async def detokenize(self, tokens: Sequence[int]) -> str:  # noqa: ARG002 - a PromptPreparer
        """Raises ``BadRequest``."""
        raise BadRequest("The vocabulary of this model is not on this box, so its tokens are not known.")
