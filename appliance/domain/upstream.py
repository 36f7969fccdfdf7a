"""A model that is hosted elsewhere: where it is, what it costs, what may be asked of it."""

from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

Feature = Literal["chat", "completions", "tools", "schemas", "logprobs", "seed", "sampling"]
"""What its host can do: ``schemas`` keeps answers to JSON schemas, ``seed`` repeats them, ``sampling`` takes
what OpenAI's API does not know (``top_k``, ``min_p``, ``repetition_penalty``)."""

ENGINE: Final = "upstream"
"""The engine of its only form, which no plugin has."""


@dataclass(frozen=True, slots=True)
class Price:
    """In micro-credits for a million tokens. ``cached`` is for those of the prompt that the host had read
    before.
    """

    prompt: int
    cached: int
    completion: int
    money: "Price | None" = None
    """The same in millionths of the lab's money, where it is known: what the host charges."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """One model at one address. ``address`` goes up to and with ``/v1``; ``model`` is its name there.

    ``name`` is the lab's word for the host, ``key`` that of the secret which is sent to it; empty: none is.
    """

    name: str
    address: str
    model: str
    key: str
    price: Price
    features: frozenset[Feature]
    plain_http: bool = False
    """The address may be ``http://``, which is for this machine and private networks only."""
    length_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """How the longest answer is called there."""
    silence_s: float = 120.0
    answer_s: float = 900.0
    """Longest time between two pieces of an answer, and of a whole one."""

    @property
    def host(self) -> str:
        """To whom prompts go, as people are told it: with its port where one is named."""
        return urlsplit(self.address).netloc

    @property
    def build(self) -> str:
        """In the place of an engine's build, in usage rows and fingerprints."""
        return f"upstream:{self.name}"
