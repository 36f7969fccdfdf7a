"""Random models are real to load and to run, never end, and are the same in both formats."""

import importlib
import json
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow

SCRIPTS = Path(__file__).parents[2] / "scripts"
END_MARGIN = 15
"""Logits by which every end token lies below the best one: a chance of one in a million a token, at most."""


@pytest.fixture(scope="module")
def scripts():
    """Modules of the folder ``scripts`` by name."""
    sys.path.insert(0, str(SCRIPTS))
    try:
        yield importlib.import_module
    finally:
        sys.path.remove(str(SCRIPTS))


@pytest.fixture(scope="module")
def make(scripts):
    return scripts("make_random_model").make_random_model


@pytest.fixture(scope="module")
def gguf_of(make, tmp_path_factory):
    """A model's GGUF file in q8_0, by name; each is made once."""

    @cache
    def made(name: str) -> Path:
        (path,) = make(name, tmp_path_factory.mktemp(name), types=["q8_0"])
        return path

    return made


@pytest.fixture(scope="module")
def folder_of(make, tmp_path_factory):
    """A model's folder of safetensors, by name; each is made once."""

    @cache
    def made(name: str) -> Path:
        (folder,) = make(name, tmp_path_factory.mktemp(name), types=[], safetensors=True)
        return folder

    return made


def opened(path: Path):
    import llama_cpp

    one_thread = {"n_threads": 1, "n_threads_batch": 1}
    return llama_cpp.Llama(str(path), n_ctx=256, **one_thread, logits_all=True, verbose=False)


@pytest.mark.parametrize("name", ["llama-15m", "bloom-small"])
def test_a_model_computes_numbers_and_never_ends(gguf_of, name):
    model = opened(gguf_of(name))
    model.eval(model.tokenize(b"Explain what a token is.", add_bos=False))
    for _ in range(20):
        model.eval([model.sample(temp=0.8, top_k=40)])
    logits = np.array(model.scores[: model.n_tokens])
    assert np.isfinite(logits).all()
    assert logits.std(axis=1).min() > 0.5
    assert (logits.max(axis=1) - logits[:, :3].max(axis=1)).min() > END_MARGIN
    assert len({tuple(row[:8]) for row in logits.round(3).tolist()}) == len(logits)
    model.close()


def test_text_is_about_a_token_in_three_characters(gguf_of):
    model = opened(gguf_of("llama-15m"))
    text = "The box computes the tokens of all running requests in one batch, and says what it measured."
    tokens = model.tokenize(text.encode(), add_bos=False)
    assert len(text) / 5 < len(tokens) < len(text) / 2
    assert model.detokenize(tokens).decode() == text
    model.close()


def test_the_same_arguments_give_the_same_bytes(make, tmp_path: Path):
    first = make("bloom-small", tmp_path / "a", types=["f16", "q4_k_m"])
    second = make("bloom-small", tmp_path / "b", types=["f16", "q4_k_m"])
    assert [one.read_bytes() for one in first] == [one.read_bytes() for one in second]
    assert [one.name for one in first] == ["bloom-small-q4_k_m.gguf", "bloom-small-f16.gguf"]


def test_gguf_does_not_know_opt(make, tmp_path: Path):
    with pytest.raises(ValueError, match="safetensors"):
        make("opt-small", tmp_path, types=["f16"])


@pytest.mark.parametrize(
    ("name", "kind"), [("opt-small", "opt"), ("bloom-small", "bloom"), ("llama-15m", "llama")]
)
def test_safetensors_lie_beside_what_reads_them(folder_of, name, kind):
    from safetensors.numpy import load_file

    folder = folder_of(name)
    config = json.loads((folder / "config.json").read_text())
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    weights = load_file(folder / "model.safetensors")
    assert config["model_type"] == kind
    assert len(tokenizer["model"]["vocab"]) == config["vocab_size"] == 4096
    assert {one.dtype for one in weights.values()} == {np.dtype(np.float16)}
    assert all(np.isfinite(one).all() for one in weights.values())


def test_both_formats_hold_the_same_vocabulary(gguf_of, folder_of):
    import gguf

    fields = gguf.GGUFReader(gguf_of("llama-15m")).fields
    tokenizer = json.loads((folder_of("llama-15m") / "tokenizer.json").read_text())["model"]
    assert fields["tokenizer.ggml.tokens"].contents() == sorted(
        tokenizer["vocab"], key=tokenizer["vocab"].get
    )
    assert fields["tokenizer.ggml.merges"].contents() == [" ".join(pair) for pair in tokenizer["merges"]]


@pytest.mark.parametrize("name", ["llama-15m", "llama-300m", "llama-1b", "bloom-small", "opt-small"])
def test_every_row_fits_the_k_quantizations(scripts, name):
    shape = scripts("random_model.families").SHAPES[name]
    assert shape.width % 256 == shape.inner_width % 256 == 0
    assert shape.width % shape.heads == 0
