"""The part of vLLM that this engine uses, by the names of version 0.33: all that a later one may break."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Probable(Protocol):
    """``vllm.logprobs.Logprob``."""

    @property
    def logprob(self) -> float:
        """Natural logarithm, of the raw logits."""
        ...


Place = Mapping[int, Probable]
"""Log-probabilities of one place by token: of the one that stands there, and of the most probable ones."""


class Completion(Protocol):
    """``vllm.outputs.CompletionOutput`` of a request for deltas."""

    @property
    def token_ids(self) -> Sequence[int]:
        """Tokens since the last one, a token that ended the text included."""
        ...

    @property
    def logprobs(self) -> Iterable[Place] | None:
        """Of each of them, where they were asked for."""
        ...

    @property
    def finish_reason(self) -> str | None:
        """``stop``, ``length``, or the name of a failure; None while it goes on."""
        ...


class Output(Protocol):
    """``vllm.outputs.RequestOutput``."""

    @property
    def request_id(self) -> str:
        """As it was given."""
        ...

    @property
    def outputs(self) -> Sequence[Completion]:
        """One: every choice is a request of its own."""
        ...

    @property
    def prompt_logprobs(self) -> Sequence[Place | None] | None:
        """Of all places of the prompt, None in the first one, before which nothing stands; empty from the
        second time on.
        """
        ...

    @property
    def num_cached_tokens(self) -> int | None:
        """Of the prompt, out of the KV cache."""
        ...


class Native(Protocol):
    """``vllm.v1.engine.llm_engine.LLMEngine``, in this process."""

    def add_request(self, request_id: str, prompt: object, params: object, *, priority: int = 0) -> str:
        """Raises one of ``Library.refusals`` for what it does not take."""
        ...

    def step(self) -> Sequence[Output]:
        """One forward pass over what it chooses."""
        ...

    def abort_request(self, request_ids: list[str]) -> None:
        """Forget them; nothing more is told of them."""
        ...


@dataclass(frozen=True, slots=True)
class Library:
    """Classes of vLLM's. ``deltas`` is what asks for tokens since the last time, ``refusals`` are how a
    request is refused.
    """

    version: str
    sampling_params: Callable[..., Any]
    structured_outputs: Callable[..., Any]
    deltas: Any
    refusals: tuple[type[Exception], ...]
    engine_args: Callable[..., Any]
    open_engine: Callable[[Any], Any]


def load_library() -> Library:
    """Imports vLLM, which takes seconds. Its settings have to stand in the environment before."""
    import vllm  # noqa: PLC0415 - loads the library
    from vllm.exceptions import VLLMClientError  # noqa: PLC0415
    from vllm.sampling_params import RequestOutputKind, StructuredOutputsParams  # noqa: PLC0415
    from vllm.v1.engine.llm_engine import LLMEngine  # noqa: PLC0415

    return Library(
        version=str(vllm.__version__),
        sampling_params=vllm.SamplingParams,
        structured_outputs=StructuredOutputsParams,
        deltas=RequestOutputKind.DELTA,
        refusals=(VLLMClientError, ValueError),
        engine_args=vllm.EngineArgs,
        open_engine=LLMEngine.from_engine_args,
    )
