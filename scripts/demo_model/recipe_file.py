"""Writes ``recipes/handbook-tiny.toml`` for the files that training made."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tomlkit
from tomlkit.items import AoT, Table

from demo_model.dialogs import CHAT_TEMPLATE

RECIPE_ID = "handbook-tiny"
FORMS = {"q8": "handbook-tiny-q8_0.gguf", "f16": "handbook-tiny-f16.gguf"}
"""Each a GGUF file."""
TORCH_FORMS = {"bf16": "bfloat16", "f32": "float32", "int8": "int8", "nf4": "nf4"}
"""The precision of each; all are made from the same files."""
TORCH_FILES = ("config.json", "tokenizer.json", "generation_config.json", "model.safetensors")
UNSERVED = ("tokenizer_config.json", "chat_template.jinja")


def write_recipe(path: Path, folder: Path, *, revision: int, context_tokens: int) -> None:
    """Hash every file of ``folder`` into the recipe."""
    document = tomlkit.document()
    document.add(tomlkit.comment("Written by scripts/train_demo_model.py; edit that, not this."))
    document.add("id", tomlkit.item(RECIPE_ID))
    document.add("revision", tomlkit.item(revision))
    document.add("title", tomlkit.item("Handbook Tiny (demo)"))
    document.add(
        "summary", tomlkit.item("A demo model of three million parameters, trained on this handbook only.")
    )
    document.add("license", tomlkit.item("Apache-2.0"))
    document.add("tier", tomlkit.item("open"))
    document.add("context_tokens", tomlkit.item(context_tokens))
    document.add("max_sequences", tomlkit.item(16))
    document.add("add_bos", tomlkit.item(False))
    document.add("known_limits", tomlkit.item(list(_KNOWN_LIMITS)))
    document.add("chat_template", tomlkit.string(CHAT_TEMPLATE))
    document.add("defaults", _table({"temperature": 0.0, "max_tokens": 96}))
    document.add("forms", _forms(folder))
    document.add("unserved_files", _files(folder, UNSERVED))
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


_KNOWN_LIMITS = (
    "It knows the Carrel handbook only. Asked about anything else it may answer beside the point.",
    "It matches questions with those it was taught: an unusual wording can get another question's answer.",
    "It is there to try the box without a large model; it is not made for work.",
)


def _forms(folder: Path) -> AoT:
    sizes = _Sizes.read(folder / "config.json")
    forms = tomlkit.aot()
    for name, file in FORMS.items():
        form = _table({"name": name, "engine": "llama_cpp"})
        form.add("memory", _memory(sizes, (folder / file).stat().st_size))
        form.add("files", _files(folder, (file,)))
        forms.append(form)
    for name, precision in TORCH_FORMS.items():
        form = _table({"name": name, "engine": "torch", "precision": precision})
        form.add("memory", _memory(sizes, sizes.weight_bytes(precision)))
        form.add("files", _files(folder, TORCH_FILES))
        forms.append(form)
    return forms


@dataclass(frozen=True, slots=True)
class _Sizes:
    """What the planner needs, counted from the sizes in the model's own configuration."""

    layers: int
    width: int
    vocabulary: int
    kv_heads: int
    kv_width: int
    layer_matrices: tuple[tuple[int, int], ...]
    """Rows and columns of the matrices of one layer."""

    @classmethod
    def read(cls, config: Path) -> "_Sizes":
        said = json.loads(config.read_text(encoding="utf-8"))
        width, inner, head = said["hidden_size"], said["intermediate_size"], said["head_dim"]
        queries, keys = said["num_attention_heads"] * head, said["num_key_value_heads"] * head
        attention = ((queries, width), (keys, width), (keys, width), (width, queries))
        return cls(
            layers=said["num_hidden_layers"],
            width=width,
            vocabulary=said["vocab_size"],
            kv_heads=said["num_key_value_heads"],
            kv_width=keys,
            layer_matrices=(*attention, (inner, width), (inner, width), (width, inner)),
        )

    @property
    def matrix_weights(self) -> int:
        return self.layers * sum(rows * columns for rows, columns in self.layer_matrices)

    @property
    def parameters(self) -> int:
        """With two norms a layer and one at the end; the output matrix is that of the embeddings."""
        norms = (2 * self.layers + 1) * self.width
        return self.matrix_weights + norms + self.vocabulary * self.width

    def weight_bytes(self, precision: str) -> int:
        """What torch holds in memory. Only matrices of the layers are quantized: int8 with a float32 a row,
        nf4 with one for every 64 weights.
        """
        if precision in _BYTES:
            return self.parameters * _BYTES[precision]
        rows = self.layers * sum(rows for rows, _ in self.layer_matrices)
        others = 2 * (self.parameters - self.matrix_weights)
        if precision == "int8":
            return self.matrix_weights + 4 * rows + others
        return self.matrix_weights // 2 + 4 * self.matrix_weights // 64 + others


_BYTES = {"float32": 4, "bfloat16": 2}


def _memory(sizes: _Sizes, weight_bytes: int) -> Table:
    return _table(
        {
            "weight_bytes": weight_bytes,
            "kv_bytes_per_token": sizes.layers * 2 * sizes.kv_width * 2,
            "layers": sizes.layers,
            "width": sizes.width,
            "vocabulary": sizes.vocabulary,
            "parameters": sizes.parameters,
            "kv_heads": sizes.kv_heads,
        }
    )


def _files(folder: Path, names: Sequence[str]) -> AoT:
    files = tomlkit.aot()
    for name in names:
        content = (folder / name).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        files.append(_table({"name": name, "size_bytes": len(content), "sha256": digest}))
    return files


def _table(values: dict[str, object]) -> Table:
    table = tomlkit.table()
    for name, value in values.items():
        table.add(name, value)
    return table
