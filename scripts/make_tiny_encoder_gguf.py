"""Write a tiny BERT with random weights: real to load and to run, its vectors mean nothing.

    python scripts/make_tiny_encoder_gguf.py OUTPUT [--seed 7]

The vocabulary is word pieces: single letters and digits, at the beginning of a word and inside one. The model
looks in both directions and has ``POSITIONS`` positions, no more. For tests.
"""

import argparse
from pathlib import Path

import gguf
import numpy as np

CONTROL_TEXTS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,"
POSITIONS = 64
WIDTH = 32
HEADS = 2
LAYERS = 2


def vocabulary() -> list[str]:
    """Control tokens, then every letter, as the first and as a further one of a word."""
    return [*CONTROL_TEXTS, *(f"▁{one}" for one in LETTERS), *LETTERS]


def write_vocabulary(writer: gguf.GGUFWriter, tokens: list[str]) -> None:
    """The tokenizer's keys."""
    kinds = [gguf.TokenType.CONTROL if one in CONTROL_TEXTS else gguf.TokenType.NORMAL for one in tokens]
    kinds[CONTROL_TEXTS.index("[UNK]")] = gguf.TokenType.UNKNOWN
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_type_count(2)
    writer.add_pad_token_id(CONTROL_TEXTS.index("[PAD]"))
    writer.add_unk_token_id(CONTROL_TEXTS.index("[UNK]"))
    writer.add_bos_token_id(CONTROL_TEXTS.index("[CLS]"))
    writer.add_sep_token_id(CONTROL_TEXTS.index("[SEP]"))
    writer.add_mask_token_id(CONTROL_TEXTS.index("[MASK]"))


def write_sizes(writer: gguf.GGUFWriter) -> None:
    """The architecture's keys."""
    writer.add_context_length(POSITIONS)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(2 * WIDTH)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_eps(1e-5)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)


def tensor_shapes(tokens: int) -> dict[str, tuple[int, ...]]:
    """Name to shape, rows first; every matrix but the tables, and every norm, has a bias."""
    tables = {
        "token_embd.weight": (tokens, WIDTH),
        "position_embd.weight": (POSITIONS, WIDTH),
        "token_types.weight": (2, WIDTH),
    }
    parts: dict[str, tuple[int, ...]] = {"token_embd_norm": (WIDTH,)}
    for layer in range(LAYERS):
        block = dict.fromkeys(("attn_q", "attn_k", "attn_v", "attn_output"), (WIDTH, WIDTH))
        block |= {"ffn_up": (2 * WIDTH, WIDTH), "ffn_down": (WIDTH, 2 * WIDTH)}
        block |= {"attn_output_norm": (WIDTH,), "layer_output_norm": (WIDTH,)}
        parts |= {f"blk.{layer}.{name}": shape for name, shape in block.items()}
    biases = {f"{name}.bias": shape[:1] for name, shape in parts.items()}
    return tables | {f"{name}.weight": shape for name, shape in parts.items()} | biases


def random_weights(seed: int) -> dict[str, np.ndarray]:
    """All tensors in float32: scales of norms are ones, rows of matrices have a length of about one."""
    random = np.random.default_rng(seed)
    found = {}
    for name, shape in tensor_shapes(len(vocabulary())).items():
        norm = name.endswith("norm.weight")
        values = np.ones(shape) if norm else random.normal(0, shape[-1] ** -0.5, shape)
        found[name] = values.astype(np.float32)
    return found


def make_tiny_encoder_gguf(path: Path, *, seed: int = 7) -> None:
    """Write the model. The same arguments give the same bytes."""
    tokens = vocabulary()
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_name("tiny random encoder")
    write_sizes(writer)
    write_vocabulary(writer, tokens)
    for name, values in random_weights(seed).items():
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    make_tiny_encoder_gguf(asked.output, seed=asked.seed)


if __name__ == "__main__":
    main()
