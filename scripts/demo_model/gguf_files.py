"""Writes the model as GGUF, in F16 and in Q8_0, for llama.cpp."""

import json
from pathlib import Path

import gguf
import numpy as np
from tokenizers import Tokenizer
from torch import Tensor

from demo_model.dialogs import CHAT_TEMPLATE, END_OF_TURN
from demo_model.network import Shape
from demo_model.vocabulary import SPECIAL_TOKENS

_NAMES = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_FILE_TYPES = {
    gguf.GGMLQuantizationType.F16: gguf.LlamaFileType.MOSTLY_F16,
    gguf.GGMLQuantizationType.Q8_0: gguf.LlamaFileType.MOSTLY_Q8_0,
}


def write_gguf(
    path: Path,
    weights: dict[str, Tensor],
    shape: Shape,
    tokenizer: Tokenizer,
    *,
    precision: gguf.GGMLQuantizationType,
    curriculum_sha256: str,
) -> None:
    """Matrices in ``precision``, norms in float32. The curriculum's hash says which handbook was taught."""
    writer = gguf.GGUFWriter(path, "llama")
    _describe(writer, shape, precision)
    writer.add_string("carrel.curriculum.sha256", curriculum_sha256)
    _add_vocabulary(writer, tokenizer)
    for name, tensor in weights.items():
        _add_tensor(writer, name, tensor.float().numpy(), shape, precision)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe(writer: gguf.GGUFWriter, shape: Shape, precision: gguf.GGMLQuantizationType) -> None:
    writer.add_name("handbook-tiny")
    writer.add_description("Demo model of Carrel: knows the Carrel handbook and nothing else.")
    writer.add_license("Apache-2.0")
    writer.add_file_type(_FILE_TYPES[precision])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_context_length(shape.context_tokens)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner_width)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.head_size)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.norm_epsilon)


def _add_vocabulary(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    texts = [tokenizer.id_to_token(token) for token in range(tokenizer.get_vocab_size())]
    kinds = [gguf.TokenType.CONTROL if text in SPECIAL_TOKENS else gguf.TokenType.NORMAL for text in texts]
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(texts)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in merges])
    writer.add_bos_token_id(tokenizer.token_to_id(SPECIAL_TOKENS[0]))
    writer.add_eos_token_id(tokenizer.token_to_id(END_OF_TURN))
    writer.add_pad_token_id(tokenizer.token_to_id(SPECIAL_TOKENS[0]))
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def _add_tensor(
    writer: gguf.GGUFWriter,
    name: str,
    values: np.ndarray,
    shape: Shape,
    precision: gguf.GGMLQuantizationType,
) -> None:
    if ".q_proj." in name:
        values = _interleave(values, shape.heads)
    elif ".k_proj." in name:
        values = _interleave(values, shape.kv_heads)
    kind = precision if values.ndim > 1 else gguf.GGMLQuantizationType.F32
    writer.add_tensor(_gguf_name(name), gguf.quantize(values, kind), raw_dtype=kind)


def _interleave(values: np.ndarray, heads: int) -> np.ndarray:
    """From the two halves of a head to pairs: what ``LLAMA`` rotary positions of llama.cpp expect."""
    rows, columns = values.shape
    return values.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def _gguf_name(name: str) -> str:
    if name in _NAMES:
        return _NAMES[name]
    _, _, layer, *part, suffix = name.split(".")
    return f"blk.{layer}.{_NAMES['.'.join(part)]}.{suffix}"
