"""Writes the model the way Hugging Face lays out a Llama: float16 safetensors, configuration, tokenizer."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor

from demo_model.dialogs import CHAT_TEMPLATE, END_OF_TURN
from demo_model.network import Llama, Shape
from demo_model.vocabulary import SPECIAL_TOKENS


def half_precision(model: Llama) -> dict[str, Tensor]:
    """The parameters in float16 under Hugging Face's names; what every file is made from."""
    return {
        f"model.{name}": value.to(torch.float16).contiguous() for name, value in model.state_dict().items()
    }


def write_hf(folder: Path, weights: dict[str, Tensor], shape: Shape, tokenizer: Tokenizer) -> None:
    """Write ``model.safetensors`` and the five small files beside it."""
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE, encoding="utf-8")
    _write_json(folder / "config.json", _config(shape, tokenizer))
    _write_json(folder / "generation_config.json", _generation(tokenizer))
    _write_json(folder / "tokenizer_config.json", _tokenizer_config(shape))


def _config(shape: Shape, tokenizer: Tokenizer) -> dict[str, object]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "attention_bias": False,
        "bos_token_id": tokenizer.token_to_id(SPECIAL_TOKENS[0]),
        "dtype": "float16",
        "eos_token_id": tokenizer.token_to_id(END_OF_TURN),
        "head_dim": shape.head_size,
        "hidden_act": "silu",
        "hidden_size": shape.width,
        "intermediate_size": shape.inner_width,
        "max_position_embeddings": shape.context_tokens,
        "mlp_bias": False,
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "num_key_value_heads": shape.kv_heads,
        "rms_norm_eps": shape.norm_epsilon,
        "rope_theta": shape.rope_base,
        "tie_word_embeddings": True,
        "vocab_size": shape.vocabulary,
    }


def _generation(tokenizer: Tokenizer) -> dict[str, object]:
    ends = [tokenizer.token_to_id(END_OF_TURN), tokenizer.token_to_id(SPECIAL_TOKENS[0])]
    return {
        "do_sample": False,
        "eos_token_id": ends,
        "pad_token_id": tokenizer.token_to_id(SPECIAL_TOKENS[0]),
    }


def _tokenizer_config(shape: Shape) -> dict[str, object]:
    return {
        "add_bos_token": False,
        "add_prefix_space": False,
        "bos_token": SPECIAL_TOKENS[0],
        "chat_template": CHAT_TEMPLATE,
        "clean_up_tokenization_spaces": False,
        "eos_token": END_OF_TURN,
        "model_max_length": shape.context_tokens,
        "pad_token": SPECIAL_TOKENS[0],
        "tokenizer_class": "PreTrainedTokenizerFast",
    }


def _write_json(path: Path, value: dict[str, object]) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
