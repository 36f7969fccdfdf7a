"""The recipe's chat template in Jinja's immutable sandbox: what it may see, and how it fails.

The sandbox keeps a template from Python's insides, not from time and memory: those are bounded from outside.
"""

import json
from collections.abc import Sequence
from typing import Final, NoReturn

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from appliance.domain.generation import Message
from appliance.errors import ConfigInvalid, PreparationFailed

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

    def __init__(self, source: str) -> None:
        self._source = source
        # Prompts are no HTML: nothing is escaped, in the way that published chat templates expect.
        environment = ImmutableSandboxedEnvironment(
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.loopcontrols"],
        )
        environment.globals["raise_exception"] = _raise_exception
        environment.filters["tojson"] = _to_json
        try:
            self._template = environment.from_string(source)
        except jinja2.TemplateSyntaxError as error:
            raise ConfigInvalid(f"The recipe's chat template has a fault in line {error.lineno}.") from error

    def render(self, messages: Sequence[Message]) -> str:
        """The prompt's text, open for the assistant's answer. Raises ``PreparationFailed``."""
        turns = [{"role": message.role, "content": message.content} for message in messages]
        try:
            return self._template.render(
                messages=turns, add_generation_prompt=True, bos_token=_NO_TEXT, eos_token=_NO_TEXT
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


def _raise_exception(message: str) -> NoReturn:
    raise _RefusedByTemplate(message)


def _to_json(value: object, indent: int | None = None) -> str:
    """Unlike Jinja's own filter it escapes nothing for HTML, and keeps noncharacters as they are."""
    return json.dumps(value, ensure_ascii=False, indent=indent)
