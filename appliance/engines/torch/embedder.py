"""Vectors of whole texts from a folder of safetensors: transformers' modules with an attention of their own
and no cache.

Texts of about one length are computed together, filled up to the longest on the right. What stands there is
seen by nobody: in a generating model it is behind all else, and an encoder, which looks both ways, is told.
"""

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Final

import numpy as np
import torch
from torch import Tensor

from appliance.engines.base import EngineFacts, EngineSpec, RunnerBroken, unheard
from appliance.engines.hf_folder.folder import read_folder
from appliance.engines.torch.devices import device_of
from appliance.engines.torch.loading import load, weight_bytes
from appliance.engines.torch.pooling import pooled
from appliance.engines.torch.precision import Numbers
from appliance.errors import DoesNotFit

_MOST_FILLING: Final = 1.25
"""Rows that may be computed for each token. More texts at once spare little; filling costs like tokens."""


class TorchEmbedder:
    """Embedder over one folder; the model may be an encoder or generate."""

    def __init__(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> None:
        torch.set_num_threads(spec.threads)
        folder = read_folder(spec)
        architecture = folder.architecture
        self._device = device_of(spec)
        self._encoder = architecture.encoder
        self._pooling = spec.pooling
        # BLOOM has no other attention; the others' own one would keep the scores of all heads.
        attention = "eager" if architecture.family == "bloom" else "sdpa"
        numbers = Numbers.of(spec.precision, self._device)
        try:
            self._model = load(folder, numbers, self._device, on_progress, attention=attention, headless=True)
        except (torch.OutOfMemoryError, MemoryError) as error:
            raise DoesNotFit("There is no memory for this model.") from error
        context_tokens = min(spec.context_tokens, architecture.context_tokens or spec.context_tokens)
        token_ms, size = self._time_one_token()
        self._facts = EngineFacts(
            engine_build=f"torch-{torch.__version__}-{spec.precision}",
            context_tokens=context_tokens,
            kv_tokens=spec.kv_tokens,
            max_sequences=spec.max_sequences,
            batch_tokens=max(spec.batch_tokens, context_tokens),
            vocabulary=architecture.vocabulary,
            deterministic=spec.deterministic,
            reuses_prefixes=False,
            token_ms=token_ms,
            embedding_size=size,
            weight_bytes=weight_bytes(self._model),
        )

    @property
    def facts(self) -> EngineFacts:
        """As the spec asked for. The context is shorter where the model was made for less."""
        return self._facts

    def embed(self, inputs: Sequence[Sequence[int]]) -> Sequence[bytes]:
        """A pass for each group of about one length, or for each input where all have to be independent."""
        vectors = [b""] * len(inputs)
        groups = [[place] for place in range(len(inputs))] if self._facts.deterministic else grouped(inputs)
        for group in groups:
            for place, vector in zip(group, self._pass([inputs[place] for place in group]), strict=True):
                vectors[place] = bytes(vector.astype("<f4").tobytes())
        return vectors

    def close(self) -> None:
        """What torch keeps for itself goes with the process."""
        del self._model

    @torch.inference_mode()
    def _pass(self, texts: Sequence[Sequence[int]]) -> np.ndarray:
        """``(texts, size)``, each of length 1."""
        lengths = torch.tensor([len(one) for one in texts], device=self._device)
        tokens = np.zeros((len(texts), max(map(len, texts))), np.int64)
        for row, text in zip(tokens, texts, strict=True):
            row[: len(text)] = text
        try:
            states = self._states(torch.from_numpy(tokens).to(self._device), lengths)
            vectors = pooled(self._pooling, states, lengths).cpu().numpy().astype(np.float64)
        except RuntimeError as error:
            raise RunnerBroken(f"torch ended a pass over texts with {type(error).__name__}") from error
        sizes = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(sizes > 0, sizes, 1)

    def _states(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """``(texts, tokens, size)``: what the last layer made of each token."""
        more: dict[str, object] = {"use_cache": False}
        if self._encoder:
            more = {"attention_mask": torch.arange(tokens.shape[1], device=self._device) < lengths[:, None]}
        states: Tensor = self._model(input_ids=tokens, **more).last_hidden_state
        return states

    def _time_one_token(self) -> tuple[float, int]:
        """Milliseconds of a pass over one token: of the second, because the first warms up. And the size of a
        vector.
        """
        took_ms, size = 0.0, 0
        for _ in range(2):
            started_s = perf_counter()
            size = self._pass(((0,),)).shape[1]
            took_ms = (perf_counter() - started_s) * 1000
        return took_ms, size


def grouped(inputs: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Places of inputs that are computed together, the longest first."""
    group: list[int] = []
    tokens = 0
    for place in sorted(range(len(inputs)), key=lambda one: -len(inputs[one])):
        longest = len(inputs[group[0]]) if group else 0
        if group and longest * (len(group) + 1) > _MOST_FILLING * (tokens + len(inputs[place])):
            yield group
            group, tokens = [], 0
        group.append(place)
        tokens += len(inputs[place])
    if group:
        yield group
