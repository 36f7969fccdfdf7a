"""Shows how much memory a torch worker takes at its highest, against its weights and the KV cache that was
planned.

    python scripts/make_random_model.py llama-300m MODELS --safetensors
    python scripts/show_torch_memory.py --model MODELS/llama-300m

For each precision a real box loads the model and answers so many streams at once; then the kernel is asked
for the highest resident memory that the worker ever had (VmHWM). The bound is that of an idle worker, which
has opened a model of 100 KB, and 1.15 times weights and planned cache. Weights are what the engine counted
of its tensors, the cache is computed here from the configuration. After `model stop` the process has to be
gone. Exit code 1 where one of it does not hold.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

import httpx
from bench_streams import one_stream
from make_tiny_safetensors import make_tiny_safetensors
from model_box import ModelBox

RESULTS = Path(__file__).parent / "results"
ALLOWED = 1.15
MIB = 2**20
VALUE_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2, "int8": 4, "nf4": 4}
"""Of the cache, on a processor: quantized models compute in 32 bits there."""


def planned_cache_bytes(model: Path, tokens: int, precision: str) -> int:
    """Keys and values of all layers, as the configuration has them."""
    config = json.loads((model / "config.json").read_text())
    heads = config.get("num_key_value_heads", config["num_attention_heads"])
    size = config.get("head_dim", config["hidden_size"] // config["num_attention_heads"])
    return 2 * config["num_hidden_layers"] * heads * size * tokens * VALUE_BYTES[precision]


def highest_bytes(pid: int) -> int:
    """The most resident memory that a process ever had."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


async def load(box: ModelBox, key: str, streams: int, new_tokens: int) -> None:
    async with (
        httpx.AsyncClient(
            base_url=box.url, headers={"Authorization": f"Bearer {key}"}, timeout=600
        ) as client,
        asyncio.TaskGroup() as all_of_them,
    ):
        for seed in range(streams):
            all_of_them.create_task(one_stream(client, "model", new_tokens, seed))


def measured(model: Path, folder: Path, precision: str, asked: argparse.Namespace) -> dict:
    """One box, loaded, used and stopped."""
    sizes = {"context_tokens": asked.context, "sequences": asked.streams}
    with ModelBox(
        model, folder, precision=precision, worker_threads=asked.threads, log_level="warning", **sizes
    ) as box:
        (pid,) = [one["pid"] for one in box.carrel("model", "show", "model")["replicas"]]
        asyncio.run(load(box, box.new_key("memory"), asked.streams, asked.max_tokens))
        memory = box.carrel("model", "show", "model")["memory"]
        peak = highest_bytes(pid)
        box.carrel("model", "stop", "model")
        gone = not Path(f"/proc/{pid}").exists()
    cache = planned_cache_bytes(model, asked.context * asked.streams, precision)
    return {
        "precision": precision,
        "weight_bytes": memory["weight_bytes"],
        "planned_cache_bytes": cache,
        "peak_bytes": peak,
        "gone_after_stop": gone,
    }


def with_bound(row: dict, idle_bytes: int) -> dict:
    bound = idle_bytes + int(ALLOWED * (row["weight_bytes"] + row["planned_cache_bytes"]))
    return {**row, "bound_bytes": bound, "within": row["peak_bytes"] <= bound}


def as_table(rows: list[dict], idle_bytes: int) -> str:
    head = f"{'precision':<10} {'weights':>9} {'cache':>9} {'peak':>9} {'bound':>9}  within  gone after stop"
    lines = [
        f"{row['precision']:<10} {row['weight_bytes'] / MIB:>9.0f} {row['planned_cache_bytes'] / MIB:>9.0f}"
        f" {row['peak_bytes'] / MIB:>9.0f} {row['bound_bytes'] / MIB:>9.0f}  {row['within']!s:<6}"
        f"  {row['gone_after_stop']}"
        for row in rows
    ]
    return "\n".join([f"an idle worker: {idle_bytes / MIB:.0f} MiB; all in MiB", head, *lines])


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True, help="folder with safetensors")
    parser.add_argument("--precisions", nargs="+", choices=list(VALUE_BYTES), default=list(VALUE_BYTES))
    parser.add_argument("--streams", type=int, default=16)
    parser.add_argument("--context", type=int, default=512)
    parser.add_argument("--max-tokens", type=int, default=16)
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    parser.add_argument("--output", type=Path, help="JSON file; in scripts/results if left out")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="carrel-memory-") as temporary:
        folder = Path(temporary)
        make_tiny_safetensors(folder / "tiny")
        one = argparse.Namespace(**{**vars(asked), "streams": 1, "context": 128})
        idle = measured(folder / "tiny", folder / "idle", "float32", one)["peak_bytes"]
        rows = [
            with_bound(measured(asked.model.resolve(), folder / precision, precision, asked), idle)
            for precision in asked.precisions
        ]
    print(as_table(rows, idle))
    output = asked.output or RESULTS / f"torch-memory-{asked.model.name}.json"
    output.write_text(json.dumps({"idle_bytes": idle, "rows": rows}, indent=1) + "\n", encoding="utf-8")
    return 0 if all(row["within"] and row["gone_after_stop"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
