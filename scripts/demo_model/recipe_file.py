"""Writes ``recipes/handbook-tiny.toml`` for the files that training made."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import tomlkit
from tomlkit.items import AoT, Table

from demo_model.dialogs import CHAT_TEMPLATE

RECIPE_ID = "handbook-tiny"
FORMS = {"q8": "handbook-tiny-q8_0.gguf", "f16": "handbook-tiny-f16.gguf"}
UNSERVED = (
    "model.safetensors",
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
)


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
    forms = tomlkit.aot()
    for name, file in FORMS.items():
        form = _table({"name": name, "engine": "llama_cpp"})
        form.add("memory", _memory(folder, file))
        form.add("files", _files(folder, (file,)))
        forms.append(form)
    return forms


def _memory(folder: Path, file: str) -> Table:
    """What the planner needs to know, from the sizes in the model's own configuration."""
    sizes = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    width, layers, vocabulary = sizes["hidden_size"], sizes["num_hidden_layers"], sizes["vocab_size"]
    keys, queries = (
        sizes["num_key_value_heads"] * sizes["head_dim"],
        sizes["num_attention_heads"] * sizes["head_dim"],
    )
    a_layer = 2 * width * (keys + queries) + 3 * width * sizes["intermediate_size"] + 2 * width
    return _table(
        {
            "weight_bytes": (folder / file).stat().st_size,
            "kv_bytes_per_token": layers * 2 * keys * 2,
            "layers": layers,
            "width": width,
            "vocabulary": vocabulary,
            "parameters": layers * a_layer + vocabulary * width + width,
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
