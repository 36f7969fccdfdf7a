"""Vectors of the box against the mean of the hidden states that transformers computes in float32."""

import openai
import pytest
import torch
from transformers import AutoModel

from tests.clients.conftest import DEMO, VECTORS
from tests.clients.reference import tokenizer

TEXTS = [
    "Which port does Carrel listen on?",
    "A fox.",
    "The box serves what its catalog holds. " * 20,
]


def expected(text: str) -> torch.Tensor:
    """Of length 1."""
    network = AutoModel.from_pretrained(DEMO, dtype=torch.float32).eval()
    with torch.no_grad():
        states = network(torch.tensor([tokenizer().encode(text)])).last_hidden_state[0]
    mean = states.mean(dim=0)
    return mean / mean.norm()


def test_vectors_are_those_of_transformers(box, key):
    client = openai.OpenAI(base_url=box.url, api_key=key, max_retries=0)

    answer = client.embeddings.create(model=VECTORS, input=TEXTS)

    differences = [
        float((torch.tensor(one.embedding) - expected(text)).abs().max())
        for one, text in zip(answer.data, TEXTS, strict=True)
    ]
    print("largest difference of a component:", differences)
    assert differences == pytest.approx([0] * len(TEXTS), abs=1e-3)
