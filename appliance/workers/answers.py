"""What answers have to keep to, tried out: a grammar leaves the preparer only when it was compiled here."""

from typing import Final

from appliance.domain.prompts import AnswerFormat, ChatPrompt, ToolChoice
from appliance.engines.base import EngineSpec, Vocabulary
from appliance.engines.constraint import Constraints
from appliance.engines.grammars.matching import GrammarMatchers
from appliance.engines.grammars.writing import Thoughts, answer_grammar, must_call, offered_tools
from appliance.errors import BadRequest

MOST_COMPILE_S: Final = 0.25
"""Of processor time: the worker compiles the same again, while all its streams wait."""
MOST_GRAMMAR: Final = 2**20
"""As the frames have it."""


class Answers:
    """One model's grammars."""

    def __init__(self, vocabulary: Vocabulary, spec: EngineSpec) -> None:
        self._thinking = spec.thinking
        self._constraints: Constraints | None = None
        if not spec.pooling:
            self._constraints = GrammarMatchers(
                vocabulary, size=vocabulary.size, end_tokens=vocabulary.end_tokens, most_s=MOST_COMPILE_S
            )

    def for_chat(self, prompt: ChatPrompt, rendered: str, answer_format: AnswerFormat | None) -> str:
        """The grammar of the answer to a conversation, empty where it is free. Raises ``BadRequest``."""
        if must_call(prompt.tool_choice) and not offered_tools(prompt.tools, prompt.tool_choice):
            raise BadRequest("There is no such function to call among the tools.", param="tool_choice")
        thoughts = self._thoughts(prompt, rendered)
        return self._tried(answer_grammar(answer_format, prompt.tools, prompt.tool_choice, thoughts))

    def thinks_at_once(self, rendered: str) -> bool:
        """Whether a prompt ends within the model's thoughts, so that its answer has no mark before them."""
        return self._thinking is not None and rendered.rstrip().endswith(self._thinking[0])

    def in_format(self, answer_format: AnswerFormat | None) -> str:
        """The grammar of an answer to plain text, empty where it is free. Raises ``BadRequest``."""
        return self._tried(answer_grammar(answer_format, (), ToolChoice()))

    def _thoughts(self, prompt: ChatPrompt, rendered: str) -> Thoughts | None:
        """None where the model has none, or was told to do without."""
        if self._thinking is None or prompt.thinking is False:
            return None
        return Thoughts(*self._thinking, opened=self.thinks_at_once(rendered))

    def _tried(self, grammar: str) -> str:
        if not grammar:
            return ""
        if self._constraints is None:
            raise BadRequest("This model makes vectors and does not answer.")
        if len(grammar) > MOST_GRAMMAR:
            raise BadRequest("The schemas are too large together. Send smaller ones, or fewer tools.")
        self._constraints.matcher(grammar)
        return grammar
