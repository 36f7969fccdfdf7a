from pathlib import Path

import pytest

RECIPE = """
id = "tiny"
revision = 3
title = "Tiny"
summary = "A model for tests."
license = "Apache-2.0"
tier = "open"
context_tokens = 512
max_sequences = 4
chat_template = "{{ messages[0].content }}"
add_bos = false
known_limits = ["It is for tests only."]

[defaults]
temperature = 0.5
max_tokens = 64

[[forms]]
name = "q8"
engine = "llama_cpp"
[[forms.files]]
name = "tiny-q8.gguf"
size_bytes = 10
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"

[[forms]]
name = "f16"
engine = "llama_cpp"
[[forms.files]]
name = "tiny-f16.gguf"
size_bytes = 20
sha256 = "1111111111111111111111111111111111111111111111111111111111111111"
"""


@pytest.fixture
def recipe_text() -> str:
    return RECIPE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tiny.toml").write_text(RECIPE)
    return tmp_path
