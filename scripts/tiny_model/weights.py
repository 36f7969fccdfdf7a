"""Random weights under the names that transformers gives them.

Llama, with as many heads, and BERT have those of the tiny GGUF files of the same seed, so that two engines
can be compared. The others are drawn for the shapes that the engine itself expects; a test says whether
transformers does so too.
"""

import json

import make_tiny_encoder_gguf as encoder
import make_tiny_gguf as llama
import msgspec
import numpy as np

from appliance.engines.hf_folder.families import FAMILIES

Weights = dict[str, np.ndarray]

_SELDOM = -8.0
"""Added to the logits of control tokens where the family allows it, so that no answer ends by chance."""

_GAIN = 2.0
"""Of the drawn families: with less, greedy answers soon are one token over and over."""

_LAST_NORMS = ("transformer.ln_f", "model.decoder.final_layer_norm", "gpt_neox.final_layer_norm")
_OUTPUTS = (
    "lm_head.weight",
    "transformer.word_embeddings.weight",
    "model.decoder.embed_tokens.weight",
    "model.embed_tokens.weight",
    "gpt_neox.embed_in.weight",
)

_LLAMA_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
}
_BERT_NAMES = {
    "attn_q": "attention.self.query",
    "attn_k": "attention.self.key",
    "attn_v": "attention.self.value",
    "attn_output": "attention.output.dense",
    "attn_output_norm": "attention.output.LayerNorm",
    "ffn_up": "intermediate.dense",
    "ffn_down": "output.dense",
    "layer_output_norm": "output.LayerNorm",
    "token_embd": "embeddings.word_embeddings",
    "position_embd": "embeddings.position_embeddings",
    "token_types": "embeddings.token_type_embeddings",
    "token_embd_norm": "embeddings.LayerNorm",
}


def random_weights(config: dict[str, object], seed: int, control: list[int]) -> Weights:
    """All parameters in float32; ``control`` are the numbers of tokens that should seldom be likely."""
    if config["model_type"] == "llama" and config["num_key_value_heads"] == llama.KV_HEADS:
        return _llama(config, seed)
    if config["model_type"] == "bert":
        drawn = encoder.random_weights(seed)
        return {_name(name, _BERT_NAMES, "encoder.layer"): values for name, values in drawn.items()}
    return _drawn(config, seed, control)


def _llama(config: dict[str, object], seed: int) -> Weights:
    sizes = {
        "layers": config["num_hidden_layers"],
        "width": config["hidden_size"],
        "tokens": config["vocab_size"],
    }
    found = {}
    for name, values in llama.random_weights(seed, **sizes).items():
        turned = name.endswith(("attn_q.weight", "attn_k.weight"))
        found[_name(name, _LLAMA_NAMES, "model.layers")] = _halved(values) if turned else values
    return found


def _halved(values: np.ndarray) -> np.ndarray:
    """llama.cpp rotates neighbors, transformers the first half of a head with the second."""
    rows, columns = values.shape
    pairs = values.reshape(rows // llama.HEAD_SIZE, llama.HEAD_SIZE // 2, 2, columns)
    return np.ascontiguousarray(pairs.swapaxes(1, 2)).reshape(rows, columns)


def _name(gguf_name: str, names: dict[str, str], block: str) -> str:
    part, suffix = gguf_name.rsplit(".", 1)
    if not part.startswith("blk."):
        return f"{names[part]}.{suffix}"
    _, layer, part = part.split(".")
    return f"{block}.{layer}.{names[part]}.{suffix}"


def _drawn(config: dict[str, object], seed: int, control: list[int]) -> Weights:
    family = msgspec.json.decode(json.dumps(config).encode(), type=FAMILIES[config["model_type"]])
    random = np.random.default_rng(seed)
    found = {name: _values(random, name, shape) for name, shape in family.parameters().items()}
    if "transformer.word_embeddings_layernorm.weight" in found:
        # A token's own embedding would outweigh all layers, and the model repeat it for ever.
        found["transformer.word_embeddings_layernorm.weight"] *= np.float32(0.06)
    table = next(found[name] for name in _OUTPUTS if name in found)
    for norm in _LAST_NORMS:
        if f"{norm}.bias" in found:
            _make_seldom(table, found[f"{norm}.weight"], found[f"{norm}.bias"], control)
    return found


def _values(random: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Norms and biases differ a little from what would do nothing, so that leaving one out shows."""
    if len(shape) > 1:
        return random.normal(0, _GAIN * shape[-1] ** -0.5, shape).astype(np.float32)
    scale = name.endswith(".weight")
    return random.normal(float(scale), 0.1, shape).astype(np.float32)


def _make_seldom(table: np.ndarray, scale: np.ndarray, shift: np.ndarray, control: list[int]) -> None:
    """Dimension 0 of every output becomes 1, so that it adds the same to a token's logit always."""
    scale[0], shift[0] = 0, 1
    if table.shape[1:] == scale.shape:
        table[control, 0] = _SELDOM
