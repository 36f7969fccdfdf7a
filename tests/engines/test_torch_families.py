"""What a folder says of each family is what transformers makes of it: parameters, settings, generator."""

import pytest

from appliance.engines.hf_folder.families import FAMILIES
from tests.engines.torch_folders import Copy
from tests.required import require_torch

require_torch()

import torch  # noqa: E402
import transformers  # noqa: E402

VARIANTS = [
    ("llama", {}),
    ("mistral", {"sliding_window": 16}),
    ("qwen2", {}),
    ("qwen3", {"attention_bias": True}),
    ("bloom", {}),
    ("bloom", {"tie_word_embeddings": False}),
    ("opt", {}),
    ("opt", {"word_embed_proj_dim": 32, "do_layer_norm_before": False}),
    ("opt", {"enable_bias": False, "tie_word_embeddings": False}),
    ("gpt_neox", {}),
    ("gpt_neox", {"attention_bias": False, "use_parallel_residual": False, "tie_word_embeddings": True}),
    ("bert", {}),
]


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def copy(tiny_torch, tmp_path):
    return lambda family, changes: Copy.of(
        tiny_torch(family, changes=tuple(changes.items())), tmp_path / "model"
    )


def built(family: str, settings) -> torch.nn.Module:
    """The module that the engine fills, without memory."""
    kind = FAMILIES[family]
    config = getattr(transformers, kind.config_class)(**settings)
    more = {"add_pooling_layer": False} if family == "bert" else {}
    with torch.device("meta"):
        return getattr(transformers, kind.model_class)(config, **more)


def loaded(family: str, folder) -> tuple[torch.nn.Module, dict]:
    """As transformers itself opens the folder."""
    kind = getattr(transformers, FAMILIES[family].model_class)
    more = {"add_pooling_layer": False} if family == "bert" else {}
    model, report = kind.from_pretrained(folder, dtype=torch.float32, output_loading_info=True, **more)
    return model.eval(), report


@pytest.mark.parametrize(("family", "changes"), VARIANTS)
def test_parameters_are_those_of_the_module(copy, family, changes):
    folder = copy(family, changes).read()

    parameters = built(family, folder.settings).named_parameters()

    assert {name: place.shape for name, place in folder.tensors.items()} == {
        name: tuple(one.shape) for name, one in parameters
    }


@pytest.mark.parametrize(("family", "changes"), VARIANTS)
def test_settings_are_those_that_transformers_reads(copy, family, changes):
    """But for what is no part of the forward pass, and a head's size that follows from others."""
    one = copy(family, changes)

    ours = built(family, one.read().settings).config.to_dict()
    theirs = transformers.AutoConfig.from_pretrained(one.path).to_dict()

    other = {"_name_or_path", "architectures", "dtype", "transformers_version"}
    other |= {name for name in theirs if name.endswith(("token_id", "dropout", "dropout_prob"))}
    differing = {name for name in theirs.keys() | ours.keys() if theirs.get(name) != ours.get(name)}
    assert differing <= other | ({"head_dim"} if family == "qwen2" else set())


@pytest.mark.parametrize(("family", "changes"), VARIANTS)
def test_transformers_opens_the_tiny_folder_and_misses_nothing(copy, family, changes):
    one = copy(family, changes)

    model, report = loaded(family, one.path)

    assert not any(report.values())
    with torch.inference_mode():
        seen = model(torch.tensor([[5, 6, 7]]))
    first = seen[0]
    assert first.shape == (1, 3, one.read().settings["hidden_size" if family == "bert" else "vocab_size"])
    assert first.isfinite().all()


@pytest.mark.parametrize(
    "rotary",
    [
        {"rope_theta": 500_000.0},
        {"rope_scaling": {"type": "linear", "factor": 2.0}},
        {"rope_scaling": {"rope_type": "yarn", "factor": 4.0}},
        {"rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 1024}},
        {
            "rope_scaling": {
                "rope_type": "llama3",
                "factor": 4.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 1024,
            }
        },
        {"rope_theta": None, "rope_parameters": {"rope_type": "default", "rope_theta": 700.0}},
    ],
)
def test_rotary_positions_are_understood_in_old_words_and_new(tiny_torch, tmp_path, rotary):
    one = Copy.of(tiny_torch(), tmp_path / "model")
    one.change("config.json", **rotary)

    ours = transformers.LlamaConfig(**one.read().settings).rope_parameters
    theirs = transformers.AutoConfig.from_pretrained(one.path).rope_parameters

    assert ours == {name: value for name, value in theirs.items() if name != "type"}


def test_the_tokenizer_of_the_tiny_folder_is_transformers_too(tiny_torch):
    fields = tiny_torch()

    tokenizer = transformers.AutoTokenizer.from_pretrained(fields["model_path"].removesuffix("config.json"))

    assert tokenizer.encode("the<|im_end|>", add_special_tokens=False) == [257, 262]


def test_the_tiny_llama_has_the_weights_of_the_tiny_gguf(tiny_torch, open_any_runner):
    from tests.engines.driving import score

    tokens = list(b"Once upon a time there was a box")[:32]
    model, _ = loaded("llama", tiny_torch()["model_path"].removesuffix("config.json"))
    with torch.inference_mode():
        expected = model(torch.tensor([tokens])).logits[0].log_softmax(-1)

    told = score(open_any_runner("llama_cpp"), 0, tokens)

    theirs = [expected[place, token].item() for place, token in enumerate(tokens[1:])]
    assert [one.logprob for one in told] == pytest.approx(theirs, abs=2e-3)
