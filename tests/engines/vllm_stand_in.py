"""A small stand-in for vLLM: it keeps the parts of version 0.33.0 that ``engines.vllm`` relies on.

Signatures, as they are there (``vllm/v1/engine/llm_engine.py``, ``sampling_params.py``, ``outputs.py``,
``logprobs.py``; ``...`` where more follows that has defaults and is not used):

    LLMEngine.from_engine_args(engine_args, ...) -> LLMEngine
    LLMEngine.add_request(request_id: str, prompt, params, arrival_time=None, lora_request=None,
        tokenization_kwargs=None, trace_headers=None, priority: int = 0, ...) -> str
    LLMEngine.abort_request(request_ids: list[str], internal: bool = False) -> None
    LLMEngine.step() -> list[RequestOutput]
    LLMEngine.has_unfinished_requests() -> bool
    TokensPrompt: {"prompt_token_ids": list[int], "cache_salt": str}
    SamplingParams(n=1, presence_penalty=0.0, frequency_penalty=0.0, repetition_penalty=1.0, temperature=1.0,
        top_p=1.0, top_k=0, min_p=0.0, seed=None, stop=None, stop_token_ids=None, ignore_eos=False,
        max_tokens=16, logprobs=None, prompt_logprobs=None, detokenize=True, output_kind=CUMULATIVE,
        structured_outputs=None, logit_bias=None, ...)
    StructuredOutputsParams(grammar=None, ...)
    RequestOutput: request_id, prompt_logprobs, outputs, finished, num_cached_tokens
    CompletionOutput: index, token_ids, logprobs, finish_reason, stop_reason
    Logprob(logprob: float, rank: int | None = None, decoded_token: str | None = None)

How it behaves, seen with the original: deltas hold new tokens only, the token that ended the text among them;
``prompt_logprobs`` come once, with the first token, and are an empty list from then on; an aborted request is
never heard of again; ``VLLMValidationError`` is no ``ValueError``.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from appliance.engines.base import EngineFacts
from appliance.engines.vllm.engine import VllmEngine
from appliance.engines.vllm.library import Library

VOCABULARY = 260
END = 257
FACTS = EngineFacts("vllm-0.33.0", 128, 512, 8, 32, VOCABULARY, token_ms=1.0)


class Refused(Exception):
    """``vllm.exceptions.VLLMClientError``; quotes what it refuses."""


@dataclass
class StructuredOutputsParams:
    grammar: str | None = None


@dataclass
class SamplingParams:
    n: int = 1
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    repetition_penalty: float = 1.0
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    seed: int | None = None
    stop_token_ids: list[int] | None = None
    ignore_eos: bool = False
    max_tokens: int = 16
    logprobs: int | None = None
    prompt_logprobs: int | None = None
    detokenize: bool = True
    output_kind: str = "cumulative"
    structured_outputs: StructuredOutputsParams | None = None
    logit_bias: dict[int, float] | None = None


@dataclass
class Logprob:
    logprob: float
    rank: int | None = None


@dataclass
class CompletionOutput:
    token_ids: Sequence[int]
    logprobs: list[dict[int, Logprob]] | None
    finish_reason: str | None
    index: int = 0


@dataclass
class RequestOutput:
    request_id: str
    outputs: list[CompletionOutput]
    prompt_logprobs: list[dict[int, Logprob] | None] | None
    num_cached_tokens: int | None = 0


@dataclass
class Asked:
    """A request as it came, and how far it is."""

    name: str
    prompt: dict
    params: SamplingParams
    priority: int
    tokens: list[int] = field(default_factory=list)
    told_prompt: bool = False

    @property
    def text(self) -> list[int]:
        return [*self.prompt["prompt_token_ids"], *self.tokens]


class LLMEngine:
    """Answers with ``script``, byte for byte, each choice from its own seed on; without one with the letters
    from the last of the prompt on. A prompt takes ``reading`` passes, a pass makes ``burst`` tokens.
    """

    def __init__(self, script: bytes = b"", *, reading: int = 1, burst: int = 1, cached: int = 0) -> None:
        self.script = script
        self.reading = reading
        self.burst = burst
        self.cached = cached
        self.asked: list[Asked] = []
        self.running: dict[str, Asked] = {}
        self.aborted: list[str] = []
        self.failing: dict[str, str] = {}
        self.refusing = ""
        self.steps = 0
        self._read: dict[str, int] = {}

    def add_request(self, request_id: str, prompt: dict, params: SamplingParams, *, priority: int = 0) -> str:
        assert request_id not in self.running
        if params.max_tokens < 1 or (self.refusing and request_id.endswith(self.refusing)):
            raise Refused(f"no: {prompt}")
        self.asked.append(Asked(request_id, prompt, params, priority))
        self.running[request_id] = self.asked[-1]
        self._read[request_id] = 0
        return f"{request_id}-internal"

    def abort_request(self, request_ids: list[str]) -> None:
        self.aborted += [one for one in request_ids if self.running.pop(one, None)]

    def has_unfinished_requests(self) -> bool:
        return bool(self.running)

    def step(self) -> list[RequestOutput]:
        self.steps += 1
        outputs = []
        for one in list(self.running.values()):
            self._read[one.name] += 1
            if self._read[one.name] >= self.reading:
                outputs.append(self._answer(one))
        return outputs

    def _answer(self, one: Asked) -> RequestOutput:
        new: list[int] = []
        told: list[dict[int, Logprob]] = []
        reason = self.failing.get(one.name)
        while reason is None and len(new) < self.burst:
            token = self._next(one)
            told.append(place(one.text, token, one.params.logprobs or 0))
            one.tokens.append(token)
            new.append(token)
            if token in (one.params.stop_token_ids or ()):
                reason = "stop"
            elif len(one.tokens) == one.params.max_tokens:
                reason = "length"
        if reason:
            del self.running[one.name]
        completion = CompletionOutput(new, told if one.params.logprobs is not None else None, reason)
        return RequestOutput(one.name, [completion], self._scored(one), self._cached(one))

    def _cached(self, one: Asked) -> int:
        """Who comes second finds what the first has read."""
        first = next(other for other in self.asked if other.prompt == one.prompt)
        return self.cached if one is first else len(one.prompt["prompt_token_ids"]) - 1

    def _next(self, one: Asked) -> int:
        place = len(one.tokens)
        if self.script:
            return self.script[place] if place < len(self.script) else END
        return ord("a") + (one.prompt["prompt_token_ids"][-1] + (one.params.seed or 0) + place) % 26

    def _scored(self, one: Asked) -> list[dict[int, Logprob] | None] | None:
        if one.params.prompt_logprobs is None:
            return None
        if one.told_prompt:
            return []
        one.told_prompt = True
        prompt = one.prompt["prompt_token_ids"]
        top = one.params.prompt_logprobs
        return [None, *[place(prompt[:end], prompt[end], top) for end in range(1, len(prompt))]]


def logprob(before: Sequence[int], token: int) -> float:
    """Of a made-up distribution: the further from the sum of what is before, the less probable."""
    return -math.log(2 + (token - sum(before)) % VOCABULARY)


def place(before: Sequence[int], token: int, top: int) -> dict[int, Logprob]:
    """As vLLM tells one: the token first, then the most probable ones, the same one once."""
    ranked = sorted(range(VOCABULARY), key=lambda one: -logprob(before, one))
    told = {token: Logprob(logprob(before, token), ranked.index(token) + 1)}
    return told | {one: Logprob(logprob(before, one), rank) for rank, one in enumerate(ranked[:top], start=1)}


class ByteVocabulary:
    """Bytes, and a few control tokens."""

    size = VOCABULARY
    end_tokens = frozenset({END})
    special_texts = bos_tokens = eos_tokens = ()

    def tokenize(self, text: str, *, parse_special: bool) -> list[int]:
        return list(text.encode())

    def piece(self, token: int) -> bytes:
        return bytes([token]) if token < 256 else b""

    def name(self, token: int) -> bytes:
        return self.piece(token) or f"<{token}>".encode()


def library(**changes) -> Library:
    names = {
        "version": "0.33.0",
        "sampling_params": SamplingParams,
        "structured_outputs": StructuredOutputsParams,
        "deltas": "delta",
        "refusals": (Refused, ValueError),
        "engine_args": lambda **keywords: keywords,
        "open_engine": lambda args: args,
    }
    return Library(**(names | changes))


def engine_over(native: LLMEngine) -> VllmEngine:
    return VllmEngine(native, library(), ByteVocabulary(), FACTS)
