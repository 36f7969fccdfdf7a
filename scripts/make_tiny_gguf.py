"""Write a tiny Llama model with random weights: real to load and to run, its answers mean nothing.

    python scripts/make_tiny_gguf.py OUTPUT [--seed 7] [--layers 2] [--width 64] [--vocabulary 0]

The vocabulary is byte-level BPE (256 bytes, a few merges) with ChatML control tokens. ``--vocabulary N``
fills it up with unreachable tokens to N, to measure what a large one costs. For tests and measurements.
"""

import argparse
from pathlib import Path

import gguf
import numpy as np

CONTROL_TEXTS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
MERGES = ("t h", "th e", "i n", "Ġ the")
HEAD_SIZE = 16
KV_HEADS = 2


def byte_symbols() -> list[str]:
    """GPT-2's printable stand-in for each byte, in byte order."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]


def vocabulary(size: int) -> list[str]:
    """Bytes, merged pairs, control tokens (in that order), then padding up to ``size``."""
    tokens = [*byte_symbols(), *(merge.replace(" ", "") for merge in MERGES), *CONTROL_TEXTS]
    return [*tokens, *(f"[unused{number}]" for number in range(size - len(tokens)))]


def write_vocabulary(writer: gguf.GGUFWriter, tokens: list[str]) -> None:
    """The tokenizer's keys; control tokens end texts (``<|endoftext|>``) and turns (``<|im_end|>``)."""
    first_control = tokens.index(CONTROL_TEXTS[0])
    kinds = [gguf.TokenType.NORMAL] * len(tokens)
    kinds[first_control : first_control + len(CONTROL_TEXTS)] = [gguf.TokenType.CONTROL] * len(CONTROL_TEXTS)
    kinds[first_control + len(CONTROL_TEXTS) :] = [gguf.TokenType.UNUSED] * (
        len(tokens) - first_control - len(CONTROL_TEXTS)
    )
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(first_control)
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_add_bos_token(False)


def write_sizes(writer: gguf.GGUFWriter, *, layers: int, width: int, tokens: int) -> None:
    """The architecture's keys."""
    writer.add_context_length(4096)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(2 * width)
    writer.add_head_count(width // HEAD_SIZE)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_dimension_count(HEAD_SIZE)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(tokens)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)


def tensor_shapes(layers: int, width: int, tokens: int) -> dict[str, tuple[int, ...]]:
    """Name to shape, rows first."""
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (tokens, width),
        "output_norm.weight": (width,),
    }
    for layer in range(layers):
        block = {
            "attn_norm": (width,),
            "attn_q": (width, width),
            "attn_k": (KV_HEADS * HEAD_SIZE, width),
            "attn_v": (KV_HEADS * HEAD_SIZE, width),
            "attn_output": (width, width),
            "ffn_norm": (width,),
            "ffn_gate": (2 * width, width),
            "ffn_up": (2 * width, width),
            "ffn_down": (width, 2 * width),
        }
        shapes |= {f"blk.{layer}.{name}.weight": shape for name, shape in block.items()}
    return shapes | {"output.weight": (tokens, width)}


def random_weights(seed: int, *, layers: int, width: int, tokens: int) -> dict[str, np.ndarray]:
    """All tensors in float32: norms are ones, rows of matrices have a length of about one."""
    random = np.random.default_rng(seed)
    return {
        name: (np.ones(shape) if len(shape) == 1 else random.normal(0, shape[-1] ** -0.5, shape)).astype(
            np.float32
        )
        for name, shape in tensor_shapes(layers, width, tokens).items()
    }


def make_tiny_gguf(path: Path, *, seed: int = 7, layers: int = 2, width: int = 64, size: int = 0) -> None:
    """Write the model. The same arguments give the same bytes."""
    tokens = vocabulary(size)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny random")
    write_sizes(writer, layers=layers, width=width, tokens=len(tokens))
    write_vocabulary(writer, tokens)
    for name, values in random_weights(seed, layers=layers, width=width, tokens=len(tokens)).items():
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
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--vocabulary", type=int, default=0)
    asked = parser.parse_args()
    make_tiny_gguf(
        asked.output, seed=asked.seed, layers=asked.layers, width=asked.width, size=asked.vocabulary
    )


if __name__ == "__main__":
    main()
