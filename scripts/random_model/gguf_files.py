"""Writes a random model as GGUF in float16, and quantizes that with llama.cpp's own routine."""

import ctypes
from pathlib import Path

import gguf
import llama_cpp
import numpy as np
from make_tiny_gguf import CONTROL_TEXTS

from random_model.families import Shape, Weights
from random_model.vocabulary import BytePairs

FILE_TYPES = {
    "q8_0": llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0,
    "q4_k_m": llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M,
}
FAMILIES = ("llama", "bloom")
"""What of our families the format knows: OPT has no architecture in GGUF."""

_TOP_NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "transformer.word_embeddings": "token_embd",
    "transformer.word_embeddings_layernorm": "token_embd_norm",
    "transformer.ln_f": "output_norm",
}
_LAYER_NAMES = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "self_attention.query_key_value": "attn_qkv",
    "self_attention.dense": "attn_output",
    "mlp.dense_h_to_4h": "ffn_up",
    "mlp.dense_4h_to_h": "ffn_down",
}


def write_gguf(
    path: Path, weights: Weights, shape: Shape, *, name: str, vocabulary: BytePairs, template: str
) -> None:
    """Matrices in float16, vectors in float32."""
    writer = gguf.GGUFWriter(path, shape.family)
    writer.add_name(f"{name}, random weights")
    _add_sizes(writer, shape)
    _add_vocabulary(writer, vocabulary)
    writer.add_chat_template(template)
    for hf_name, tensor in weights.items():
        values = _reordered(hf_name, tensor, shape)
        writer.add_tensor(_gguf_name(hf_name), values if values.ndim > 1 else values.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def quantize(source: Path, target: Path, file_type: str) -> None:
    """Raises ``RuntimeError`` where llama.cpp refuses."""
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = FILE_TYPES[file_type]
    failed = llama_cpp.llama_model_quantize(
        str(source).encode(), str(target).encode(), ctypes.byref(parameters)
    )
    if failed:
        raise RuntimeError(f"llama.cpp could not quantize {source} as {file_type}: {failed}")


def _add_sizes(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_context_length(shape.context_tokens)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner_width)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    if shape.family == "llama":
        writer.add_rope_dimension_count(shape.head_size)
        writer.add_rope_freq_base(shape.rope_base)
        writer.add_layer_norm_rms_eps(shape.norm_epsilon)
    else:
        writer.add_layer_norm_eps(shape.norm_epsilon)


def _add_vocabulary(writer: gguf.GGUFWriter, vocabulary: BytePairs) -> None:
    kinds = [gguf.TokenType.NORMAL] * len(vocabulary.tokens)
    kinds[: len(CONTROL_TEXTS)] = [gguf.TokenType.CONTROL] * len(CONTROL_TEXTS)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in vocabulary.merges])
    writer.add_bos_token_id(vocabulary.tokens.index("<|endoftext|>"))
    writer.add_eos_token_id(vocabulary.tokens.index("<|im_end|>"))
    writer.add_pad_token_id(vocabulary.tokens.index("<|endoftext|>"))
    writer.add_add_bos_token(False)


def _gguf_name(name: str) -> str:
    name, suffix = name.rsplit(".", 1)
    if name in _TOP_NAMES:
        return f"{_TOP_NAMES[name]}.{suffix}"
    _, _, layer, part = name.split(".", 3)
    return f"blk.{layer}.{_LAYER_NAMES[part]}.{suffix}"


def _reordered(name: str, values: np.ndarray, shape: Shape) -> np.ndarray:
    """Rows in llama.cpp's order: pairs for rotary positions, and all queries before all keys in BLOOM."""
    if ".q_proj." in name:
        return _interleave(values, shape.heads)
    if ".k_proj." in name:
        return _interleave(values, shape.kv_heads)
    if ".query_key_value." in name:
        parts = values.reshape(shape.heads, 3, shape.head_size, -1)
        return np.ascontiguousarray(parts.swapaxes(0, 1)).reshape(values.shape)
    return values


def _interleave(values: np.ndarray, heads: int) -> np.ndarray:
    rows, columns = values.shape
    parts = values.reshape(heads, 2, rows // heads // 2, columns)
    return np.ascontiguousarray(parts.swapaxes(1, 2)).reshape(rows, columns)
