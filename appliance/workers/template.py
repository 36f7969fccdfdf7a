"""The recipe's chat template in Jinja's immutable sandbox: what it may see, and how it fails.

The sandbox keeps a template from Python's insides, not from time and memory: those are bounded from outside.
What people wrote is guarded here, in every form in which a template sees it.
"""

import json
from typing import Final, NoReturn

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from appliance.domain.prompts import ChatPrompt
from appliance.errors import ConfigInvalid, PreparationFailed
from appliance.workers.shielding import Shield, choose_separator
from appliance.workers.tool_shapes import Guard, Shape, shape_of_tool, shape_of_turn, texts_in
from appliance.workers.tools_in_words import in_words

# What an expression inside a template can raise; running out of memory is for the process to end on.
_FAILURES: Final = (
    jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
)  # fmt: skip

_NO_TEXT: Final = ""
"""For special tokens by name: our templates spell their own, and a first token is put as a token."""


class _RefusedByTemplate(jinja2.TemplateError):
    """The template called ``raise_exception``."""


class ChatTemplate:
    """A compiled template. Raises ``ConfigInvalid`` when it does not compile."""

    def __init__(self, source: str, shield: Shield) -> None:
        self._source = source
        self._shield = shield
        self._guard: Guard = str
        """Of the prompt that is being rendered."""
        # Prompts are no HTML: nothing is escaped, in the way that published chat templates expect.
        environment = ImmutableSandboxedEnvironment(
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.loopcontrols"],
        )
        environment.globals["raise_exception"] = _raise_exception
        environment.filters["tojson"] = self._to_json
        try:
            self._template = environment.from_string(source)
        except jinja2.TemplateSyntaxError as error:
            raise ConfigInvalid(f"The recipe's chat template has a fault in line {error.lineno}.") from error

    def render(self, prompt: ChatPrompt) -> list[str]:
        """The prompt's text, open for the assistant's answer, in pieces: no piece holds a special text that
        is not the template's own. Raises ``PreparationFailed``.
        """
        try:
            return self._pieces(prompt)
        except RecursionError as error:
            raise PreparationFailed("The tools or calls are nested too deep. Make them flatter.") from error

    def _pieces(self, prompt: ChatPrompt) -> list[str]:
        separator = choose_separator(texts_in(list(self._given(prompt, str).values())))
        if separator is None:
            raise PreparationFailed(
                "The messages hold every Unicode noncharacter U+FDD0 to U+FDEF. Remove them."
            )
        self._guard = lambda text: self._shield.guard(text.replace(separator, ""), separator)
        return self._rendered(self._given(prompt, self._guard)).split(separator)

    def _given(self, prompt: ChatPrompt, guard: Guard) -> Shape:
        """What the template sees. Tools that may not be called are not shown to the model."""
        messages, tools = prompt.messages, prompt.tools if prompt.tool_choice.mode != "none" else ()
        given: Shape = {}
        if "tools" in self._source:
            given["tools"] = [shape_of_tool(tool, guard) for tool in tools] or None
        else:
            messages = tuple(in_words(messages, tools, prompt.tool_choice))
        given["messages"] = [shape_of_turn(message, guard) for message in messages]
        if "enable_thinking" in self._source and prompt.thinking is not None:
            given["enable_thinking"] = prompt.thinking
        if "reasoning_effort" in self._source and prompt.effort:
            given["reasoning_effort"] = guard(prompt.effort)
        return given

    def _rendered(self, given: Shape) -> str:
        try:
            return self._template.render(
                **given, add_generation_prompt=True, bos_token=_NO_TEXT, eos_token=_NO_TEXT
            )
        except _RefusedByTemplate as error:
            raise PreparationFailed(self._explain(str(error))) from error
        except _FAILURES as error:
            raise PreparationFailed(
                f"The model's chat template failed on these messages ({type(error).__name__}). "
                "Check the order of their roles."
            ) from error

    def _explain(self, refusal: str) -> str:
        """The template's own words, where they are fixed words and not made from a message."""
        if refusal and refusal in self._source:
            return f"The model's chat template refuses these messages: {refusal}"
        return "The model's chat template refuses these messages. Check the order of their roles."

    def _to_json(self, value: object, indent: int | None = None) -> str:
        """Unlike Jinja's own filter it escapes nothing for HTML, and keeps noncharacters as they are. Guarded
        anew: what JSON writes for a text may have a special text in it that the text had not.
        """
        return self._guard(json.dumps(value, ensure_ascii=False, indent=indent))


def _raise_exception(message: str) -> NoReturn:
    raise _RefusedByTemplate(message)
