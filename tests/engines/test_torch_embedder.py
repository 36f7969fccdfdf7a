"""Vectors of the torch engine: against plain transformers, in every precision, in every grouping."""
# ruff: noqa: E402 - torch is imported where it is installed only

import numpy as np
import pytest

from appliance.engines.base import EngineSpec, RunnerBroken
from appliance.errors import DoesNotFit
from tests.required import require_torch

require_torch()

import torch
from transformers import AutoModel

from appliance.engines.torch import embedder as embedding
from appliance.engines.torch.embedder import TorchEmbedder

INPUTS = [[7, 8, 9], [10] * 30, [11, 12], list(range(5, 45)), [7, 8, 10], list(range(60, 20, -1))]
FAMILIES = ("llama", "bert", "bloom", "opt", "gpt_neox", "mistral", "qwen2", "qwen3")


@pytest.fixture
def open_embedder(tiny_torch):
    def opening(family: str, **changes) -> TorchEmbedder:
        sizes = {"context_tokens": 64, "kv_tokens": 1000, "max_sequences": 8, "batch_tokens": 64}
        settings = {"engine": "torch", "pooling": "mean"} | tiny_torch(family) | sizes | changes
        return TorchEmbedder(EngineSpec(**settings))

    return opening


def vectors(embedder, inputs=INPUTS) -> np.ndarray:
    return np.array([np.frombuffer(one, "<f4") for one in embedder.embed(inputs)])


def plainly(config: str, pooling: str) -> np.ndarray:
    """Each text by itself through transformers' own loading and attention."""
    model = AutoModel.from_pretrained(config.removesuffix("/config.json"), attn_implementation="eager").eval()
    made = []
    for text in INPUTS:
        with torch.inference_mode():
            states = model(input_ids=torch.tensor([text])).last_hidden_state[0].double()
        vector = {"mean": states.mean(dim=0), "cls": states[0], "last": states[-1]}[pooling]
        made.append((vector / vector.norm()).numpy())
    return np.array(made)


@pytest.mark.parametrize("pooling", ["mean", "cls", "last"])
@pytest.mark.parametrize("family", FAMILIES)
def test_vectors_are_those_of_plain_transformers(open_embedder, tiny_torch, family, pooling):
    expected = plainly(tiny_torch(family)["model_path"], pooling)

    made = vectors(open_embedder(family, pooling=pooling))

    assert np.abs(made - expected).max() <= 1e-5


@pytest.mark.parametrize(
    ("precision", "difference"), [("bfloat16", 0.01), ("float16", 2e-3), ("int8", 0.03), ("nf4", 0.25)]
)
def test_less_precise_ones_are_near_and_take_less(open_embedder, precision, difference):
    full, less = open_embedder("llama"), open_embedder("llama", precision=precision)

    assert 0 < np.abs(vectors(full) - vectors(less)).max() <= difference
    assert 0 < less.facts.weight_bytes < full.facts.weight_bytes


def test_texts_of_about_one_length_go_together(open_embedder):
    embedder = open_embedder("llama")
    seen = []
    embedder._model.register_forward_pre_hook(
        lambda _module, _inputs, named: seen.append(tuple(named["input_ids"].shape)), with_kwargs=True
    )

    embedder.embed([[7] * size for size in (3, 40, 2, 38, 3, 39, 10)])

    assert seen == [(3, 40), (1, 10), (3, 3)]


@pytest.mark.parametrize(
    "lengths", [[1], [64], [64] * 8, [1, 64] * 4, list(range(1, 9)), [50, 40, 30, 20, 10]]
)
def test_little_is_computed_for_nothing(lengths):
    inputs = [[7] * size for size in lengths]

    groups = list(embedding.grouped(inputs))

    assert sorted(place for group in groups for place in group) == list(range(len(inputs)))
    for group in groups:
        sizes = [lengths[place] for place in group]
        assert max(sizes) * len(sizes) <= 1.25 * sum(sizes)


def test_a_pass_that_torch_cannot_compute_breaks_the_embedder(open_embedder):
    def fail(*_):
        raise torch.OutOfMemoryError("20 GiB at /secret")

    embedder = open_embedder("llama")
    embedder._model.register_forward_pre_hook(fail)

    with pytest.raises(RunnerBroken, match="OutOfMemoryError") as raised:
        embedder.embed([[7, 8]])
    assert "secret" not in str(raised.value)


def test_weights_without_room_do_not_fit(open_embedder, monkeypatch):
    def fail(*_, **__):
        raise torch.OutOfMemoryError

    monkeypatch.setattr(embedding, "load", fail)

    with pytest.raises(DoesNotFit):
        open_embedder("llama")
