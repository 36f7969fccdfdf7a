"""What limits say, in words for people."""

from collections.abc import Iterator
from typing import Final

from appliance.domain.restriction import Limits

_NUMBERS: Final = {
    "max_tokens": "answers of at most {:,} tokens",
    "prompt_tokens": "prompts of at most {:,} tokens",
    "n": "at most {:,} answers to a prompt",
    "temperature": "a temperature of at most {:g}",
    "requests_per_minute": "{:,} requests per minute",
    "tokens_per_minute": "{:,} tokens per minute",
    "requests_per_day": "{:,} requests per day",
    "tokens_per_day": "{:,} tokens per day",
}
_ALTERNATIVES: Final = {"logprobs": "of answers", "prompt_logprobs": "of prompts"}
_RIGHTS: Final = {
    "tools": "no tools",
    "fine_tune": "no fine-tuning",
    "activations": "no reading of activations",
    "steering": "no steering",
}


def said(limits: Limits) -> tuple[str, ...]:
    """One phrase for each thing that is limited. Neither the lab's first words nor the denied patterns are
    among them: they would be read off.
    """
    return (*_numbers(limits), *_circumstances(limits), *_contents(limits))


def _numbers(limits: Limits) -> Iterator[str]:
    for name, words in _NUMBERS.items():
        if (most := getattr(limits, name)) is not None:
            yield words.format(most)
    for name, of_what in _ALTERNATIVES.items():
        if (most := getattr(limits, name)) is not None:
            yield f"no log-probabilities {of_what}" if most == "off" else _alternatives(most, of_what)


def _circumstances(limits: Limits) -> Iterator[str]:
    if limits.hours:
        yield f"hours {', '.join(limits.hours)}"
    if limits.networks:
        yield f"from {', '.join(limits.networks)} only"
    if limits.endpoints:
        yield f"for {', '.join(limits.endpoints)} only"


def _contents(limits: Limits) -> Iterator[str]:
    if limits.system_prompt:
        yield "conversations begin with words of the lab"
    if limits.denied:
        yield f"{len(limits.denied)} denied pattern{'s' if len(limits.denied) > 1 else ''}"
    yield from (words for name, words in _RIGHTS.items() if not getattr(limits, name))


def _alternatives(most: int, of_what: str) -> str:
    return f"log-probabilities {of_what} with at most {most} alternatives"
