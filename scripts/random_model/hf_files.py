"""Writes a random model the way Hugging Face lays it out: safetensors, configuration, tokenizer."""

import json
from pathlib import Path

from safetensors.numpy import save_file

from random_model.families import Shape, Weights
from random_model.tokenizer_file import tokenizer_json
from random_model.vocabulary import BytePairs


def write_hf(folder: Path, weights: Weights, shape: Shape, vocabulary: BytePairs, template: str) -> None:
    """Float16 weights and the small files beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    _write_json(folder / "config.json", {**_CONFIGS[shape.family](shape), **_common(shape, vocabulary)})
    _write_json(folder / "tokenizer.json", tokenizer_json(vocabulary))
    _write_json(folder / "tokenizer_config.json", _tokenizer_config(shape, template))
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")


def _common(shape: Shape, vocabulary: BytePairs) -> dict[str, object]:
    return {
        "bos_token_id": vocabulary.tokens.index("<|endoftext|>"),
        "eos_token_id": vocabulary.tokens.index("<|im_end|>"),
        "pad_token_id": vocabulary.tokens.index("<|endoftext|>"),
        "dtype": "float16",
        "tie_word_embeddings": True,
        "vocab_size": shape.vocabulary,
    }


def _llama(shape: Shape) -> dict[str, object]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "attention_bias": False,
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
    }


def _bloom(shape: Shape) -> dict[str, object]:
    return {
        "architectures": ["BloomForCausalLM"],
        "model_type": "bloom",
        "apply_residual_connection_post_layernorm": False,
        "hidden_size": shape.width,
        "layer_norm_epsilon": shape.norm_epsilon,
        "n_head": shape.heads,
        "n_layer": shape.layers,
        "seq_length": shape.context_tokens,
    }


def _opt(shape: Shape) -> dict[str, object]:
    return {
        "architectures": ["OPTForCausalLM"],
        "model_type": "opt",
        "activation_function": "relu",
        "do_layer_norm_before": True,
        "enable_bias": True,
        "ffn_dim": shape.inner_width,
        "hidden_size": shape.width,
        "layer_norm_elementwise_affine": True,
        "max_position_embeddings": shape.context_tokens,
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "word_embed_proj_dim": shape.width,
    }


_CONFIGS = {"llama": _llama, "bloom": _bloom, "opt": _opt}


def _tokenizer_config(shape: Shape, template: str) -> dict[str, object]:
    return {
        "add_bos_token": False,
        "add_prefix_space": False,
        "bos_token": "<|endoftext|>",
        "chat_template": template,
        "clean_up_tokenization_spaces": False,
        "eos_token": "<|im_end|>",
        "model_max_length": shape.context_tokens,
        "pad_token": "<|endoftext|>",
        "tokenizer_class": "PreTrainedTokenizerFast",
    }


def _write_json(path: Path, value: dict[str, object]) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
