"""What ``config.json`` says of a tiny model of each family."""

import make_tiny_encoder_gguf as encoder
from make_tiny_gguf import HEAD_SIZE, KV_HEADS

CONTEXT_TOKENS = 4096


def configuration(family: str, *, layers: int, width: int, tokens: int) -> dict[str, object]:
    """A new one, to be changed."""
    return {"model_type": family, "vocab_size": tokens, **_FAMILIES[family](layers, width)}


def _llama_like(layers: int, width: int) -> dict[str, object]:
    return {
        "hidden_act": "silu",
        "hidden_size": width,
        "intermediate_size": 2 * width,
        "max_position_embeddings": CONTEXT_TOKENS,
        "num_attention_heads": width // HEAD_SIZE,
        "num_hidden_layers": layers,
        "num_key_value_heads": KV_HEADS,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10_000.0,
        "tie_word_embeddings": False,
    }


def _llama(layers: int, width: int) -> dict[str, object]:
    return {"architectures": ["LlamaForCausalLM"], **_llama_like(layers, width)}


def _mistral(layers: int, width: int) -> dict[str, object]:
    return {"architectures": ["MistralForCausalLM"], "sliding_window": None, **_llama_like(layers, width)}


def _qwen2(layers: int, width: int) -> dict[str, object]:
    return {
        "architectures": ["Qwen2ForCausalLM"],
        "use_sliding_window": False,
        **_llama_like(layers, width),
        "tie_word_embeddings": True,
    }


def _qwen3(layers: int, width: int) -> dict[str, object]:
    return {"architectures": ["Qwen3ForCausalLM"], "head_dim": 2 * HEAD_SIZE, **_llama_like(layers, width)}


def _gpt_neox(layers: int, width: int) -> dict[str, object]:
    return {
        "architectures": ["GPTNeoXForCausalLM"],
        "hidden_act": "gelu",
        "hidden_size": width,
        "intermediate_size": 4 * width,
        "max_position_embeddings": CONTEXT_TOKENS,
        "num_attention_heads": width // HEAD_SIZE,
        "num_hidden_layers": layers,
        "rotary_emb_base": 10_000,
        "rotary_pct": 0.25,
        "tie_word_embeddings": False,
        "use_parallel_residual": True,
    }


def _bloom(layers: int, width: int) -> dict[str, object]:
    return {
        "architectures": ["BloomForCausalLM"],
        "hidden_size": width,
        "layer_norm_epsilon": 1e-5,
        "n_head": width // HEAD_SIZE,
        "n_layer": layers,
    }


def _opt(layers: int, width: int) -> dict[str, object]:
    return {
        "architectures": ["OPTForCausalLM"],
        "activation_function": "relu",
        "do_layer_norm_before": True,
        "ffn_dim": 4 * width,
        "hidden_size": width,
        "max_position_embeddings": CONTEXT_TOKENS,
        "num_attention_heads": width // HEAD_SIZE,
        "num_hidden_layers": layers,
        "word_embed_proj_dim": width,
    }


def _bert(_layers: int, _width: int) -> dict[str, object]:
    return {
        "architectures": ["BertModel"],
        "hidden_act": "gelu",
        "hidden_size": encoder.WIDTH,
        "intermediate_size": 2 * encoder.WIDTH,
        "layer_norm_eps": 1e-5,
        "max_position_embeddings": encoder.POSITIONS,
        "num_attention_heads": encoder.HEADS,
        "num_hidden_layers": encoder.LAYERS,
        "pad_token_id": 0,
        "type_vocab_size": 2,
    }


_FAMILIES = {
    "bert": _bert,
    "bloom": _bloom,
    "gpt_neox": _gpt_neox,
    "llama": _llama,
    "mistral": _mistral,
    "opt": _opt,
    "qwen2": _qwen2,
    "qwen3": _qwen3,
}
FAMILIES = tuple(_FAMILIES)
