"""What every embedder does: the fake, and each engine over a model that generates and over an encoder."""

import importlib.util
import struct
from pathlib import Path

import numpy as np
import pytest

from appliance.engines.base import Embedder, EngineSpec
from appliance.engines.llama_cpp.plugin import plugin
from appliance.engines.plugins import find_plugin
from appliance.errors import ConfigInvalid, IntegrityFailed
from tests.required import require_torch

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "recipes" / "handbook-tiny" / "handbook-tiny-f16.gguf"
DECODERS = ("decoder", "torch decoder")
ENCODERS = ("encoder", "torch encoder")
KINDS = ("fake", *DECODERS, *ENCODERS)
INPUTS = [[7, 8, 9], [10] * 30, [11, 12], list(range(5, 45)), [7, 8, 10]]


@pytest.fixture(scope="session")
def encoder_gguf(tmp_path_factory) -> Path:
    loading = importlib.util.spec_from_file_location(
        "make_tiny_encoder_gguf", ROOT / "scripts" / "make_tiny_encoder_gguf.py"
    )
    module = importlib.util.module_from_spec(loading)
    loading.loader.exec_module(module)
    path = tmp_path_factory.mktemp("models") / "encoder.gguf"
    module.make_tiny_encoder_gguf(path)
    return path


@pytest.fixture
def model_of(encoder_gguf, tiny_torch):
    """What of a spec says which model is meant."""

    def find(kind: str) -> dict:
        if kind.startswith("torch"):
            require_torch()
            return {"engine": "torch"} | tiny_torch("bert" if kind == "torch encoder" else "llama")
        files = {"fake": "/nowhere", "decoder": str(DEMO), "encoder": str(encoder_gguf)}
        return {"engine": "fake" if kind == "fake" else "llama_cpp", "model_path": files[kind]}

    return find


@pytest.fixture
def spec_of(model_of):
    """A small replica of one of ``KINDS``."""

    def make(kind: str, **changes) -> EngineSpec:
        sizes = {"context_tokens": 128, "kv_tokens": 1000, "max_sequences": 8, "batch_tokens": 128}
        return EngineSpec(**(model_of(kind) | sizes | {"pooling": "mean"} | changes))

    return make


@pytest.fixture
def open_embedder(spec_of):
    opened: list[Embedder] = []

    def opening(kind: str, **changes) -> Embedder:
        spec = spec_of(kind, **changes)
        opened.append(find_plugin(spec.engine).open_embedder(spec))
        return opened[-1]

    yield opening
    for embedder in opened:
        embedder.close()


@pytest.fixture(params=KINDS)
def kind(request) -> str:
    return request.param


def numbers(vector: bytes) -> np.ndarray:
    return np.array(struct.unpack(f"<{len(vector) // 4}f", vector))


def test_vectors_have_the_size_that_the_facts_say_and_length_one(open_embedder, kind):
    embedder = open_embedder(kind)

    vectors = [numbers(one) for one in embedder.embed(INPUTS)]

    assert [len(one) for one in vectors] == [embedder.facts.embedding_size] * len(INPUTS)
    assert [np.linalg.norm(one) for one in vectors] == pytest.approx([1] * len(INPUTS))


@pytest.mark.parametrize("pooling", ["mean", "cls", "last"])
def test_a_vector_made_in_company_is_the_one_made_alone(open_embedder, kind, pooling):
    embedder = open_embedder(kind, pooling=pooling)

    together = embedder.embed(INPUTS)
    alone = [embedder.embed([one])[0] for one in INPUTS]

    for first, second in zip(together, alone, strict=True):
        assert np.abs(numbers(first) - numbers(second)).max() <= (5e-4 if pooling == "last" else 1e-4)


def test_vectors_come_in_the_order_of_their_inputs(open_embedder, kind):
    embedder = open_embedder(kind)

    there = [numbers(one) for one in embedder.embed(INPUTS)]
    back = [numbers(one) for one in embedder.embed(INPUTS[::-1])]

    assert np.allclose(there, back[::-1], atol=1e-4)
    assert not np.allclose(there, back, atol=1e-2)


def test_other_texts_have_other_vectors_and_the_same_text_the_same(open_embedder, kind):
    first, other, again = map(numbers, open_embedder(kind).embed([[7, 8, 9], [7, 8, 10], [7, 8, 9]]))

    assert np.allclose(first, again, atol=1e-4)
    assert np.abs(first - other).max() > 1e-3


def test_nothing_is_kept_between_two_calls(open_embedder, kind):
    embedder = open_embedder(kind, max_sequences=2)

    first = embedder.embed([INPUTS[3], INPUTS[1]])
    for _ in range(20):
        embedder.embed([[20] * 60, [21] * 60])

    assert embedder.embed([INPUTS[3], INPUTS[1]]) == first


def test_a_pass_has_room_for_the_longest_input(open_embedder, kind):
    embedder = open_embedder(kind, batch_tokens=8)
    longest = embedder.facts.context_tokens

    assert embedder.facts.batch_tokens >= longest
    assert len(embedder.embed([[9] * longest])) == 1


def test_the_facts_name_what_may_wait(open_embedder, kind):
    facts = open_embedder(kind).facts

    assert (facts.kv_tokens, facts.max_sequences) == (1000, 8)
    assert not facts.reuses_prefixes


@pytest.mark.parametrize("kind", [*DECODERS, *ENCODERS])
def test_the_kind_of_pooling_matters(open_embedder, kind):
    vectors = [
        numbers(open_embedder(kind, pooling=one).embed([INPUTS[3]])[0]) for one in ("mean", "cls", "last")
    ]

    assert np.abs(vectors[0] - vectors[1]).max() > 1e-3
    assert np.abs(vectors[1] - vectors[2]).max() > 1e-3


def test_an_encoder_sees_what_comes_later_and_a_generating_model_does_not(open_embedder):
    # The vector of the first token, with two different ends.
    def first_token(kind: str) -> float:
        one, other = map(numbers, open_embedder(kind, pooling="cls").embed([[7, 8, 9], [7, 8, 10]]))
        return np.abs(one - other).max()

    assert min(map(first_token, ENCODERS)) > 1e-3
    assert max(map(first_token, DECODERS)) == 0


def test_mean_pooling_is_the_mean_of_the_tokens_vectors(open_embedder):
    # A generating model does not look ahead, so the last vector of each beginning is that of its last token.
    last = open_embedder("decoder", pooling="last")
    ends = np.array([_unscaled(last, INPUTS[0][:size]) for size in (1, 2, 3)])
    mean = _unscaled(open_embedder("decoder"), INPUTS[0])

    assert np.allclose(ends.mean(axis=0), mean, atol=1e-3)


def _unscaled(embedder, tokens: list[int]) -> np.ndarray:
    """As llama.cpp pooled it, before it was brought to length 1."""
    from llama_cpp import llama_cpp as native

    embedder.embed([tokens])
    address = native.llama_get_embeddings_seq(embedder._context, 0)
    return np.ctypeslib.as_array(address, (embedder.facts.embedding_size,)).copy()


@pytest.mark.parametrize("kind", ENCODERS)
def test_an_encoder_reads_no_more_than_it_has_positions(open_embedder, kind):
    assert open_embedder(kind, context_tokens=512).facts.context_tokens == 64


@pytest.mark.parametrize("kind", [*DECODERS, *ENCODERS])
def test_deterministic_vectors_are_equal_to_the_last_bit(open_embedder, kind):
    embedder = open_embedder(kind, deterministic=True)

    assert embedder.facts.deterministic
    assert embedder.embed(INPUTS) == [embedder.embed([one])[0] for one in INPUTS]


def test_an_encoders_vocabulary_puts_its_tokens_around_a_text(spec_of):
    vocabulary = plugin.open_vocabulary(spec_of("encoder"))

    assert [vocabulary.name(*vocabulary.bos_tokens), vocabulary.name(*vocabulary.eos_tokens)] == [
        b"[CLS]",
        b"[SEP]",
    ]


def test_the_end_token_of_a_generating_model_is_the_files(spec_of):
    vocabulary = plugin.open_vocabulary(spec_of("decoder"))

    assert set(vocabulary.eos_tokens) < vocabulary.end_tokens


def test_sizes_of_an_encoder_are_read_from_the_header(spec_of):
    shapes = plugin.read_shapes(spec_of("encoder"))

    assert shapes.matrix_weights == 2 * (4 * 32 * 32 + 2 * 32 * 64)
    assert (shapes.layers, shapes.heads, shapes.width) == (2, 2, 32)
    assert shapes.looks_ahead
    assert not plugin.read_shapes(spec_of("decoder")).looks_ahead


def test_options_and_a_damaged_file_are_refused(spec_of, tmp_path):
    with pytest.raises(ConfigInvalid, match="no option 'speed'"):
        plugin.open_embedder(spec_of("decoder", options={"speed": "more"}))
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(DEMO.read_bytes()[:5000])
    with pytest.raises(IntegrityFailed):
        plugin.open_embedder(spec_of("decoder", model_path=str(damaged)))
