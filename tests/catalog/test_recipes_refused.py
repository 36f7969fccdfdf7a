"""A recipe that is wrong is refused, with the file and the field in the message."""

from pathlib import Path

import pytest

from appliance.catalog.recipes import MAX_RECIPE_BYTES, load_catalog
from appliance.errors import ConfigInvalid

ZEROS = "0" * 64

REFUSED = {
    "id with a path": ('id = "tiny"', 'id = "../tiny"', "$.id"),
    "id that is the parent folder": ('id = "tiny"', 'id = ".."', "$.id"),
    "id in capitals": ('id = "tiny"', 'id = "Tiny"', "$.id"),
    "id with a form": ('id = "tiny"', 'id = "tiny@q8"', "$.id"),
    "id with a line feed": ('id = "tiny"', 'id = "tiny\\n"', "$.id"),
    "id of another file": ('id = "tiny"', 'id = "other"', "id"),
    "revision 0": ("revision = 3", "revision = 0", "revision"),
    "no revision": ("revision = 3", "", "revision"),
    "tier that is not one": ('tier = "open"', 'tier = "public"', "tier"),
    "context too short": ("context_tokens = 512", "context_tokens = 8", "context_tokens"),
    "too many sequences": ("max_sequences = 4", "max_sequences = 257", "max_sequences"),
    "text where a number belongs": ("max_sequences = 4", 'max_sequences = "4"', "max_sequences"),
    "unknown field": ("add_bos = false", "trust_remote_code = true", "trust_remote_code"),
    "negative temperature": ("temperature = 0.5", "temperature = -0.5", "temperature"),
    "temperature that is no number": ("temperature = 0.5", "temperature = nan", "temperature"),
    "answer longer than the context": ("max_tokens = 64", "max_tokens = 512", "max_tokens"),
    "pooling that there is not": ("add_bos = false", 'pooling = "sum"', "pooling"),
    "pooling that is empty": ("add_bos = false", 'pooling = ""', "pooling"),
    "thoughts without an end": ("add_bos = false", 'thinking = ["<think>"]', "thinking"),
    "thoughts after nothing": ("add_bos = false", 'thinking = ["", "</think>"]', "thinking"),
    "thoughts after blanks": ("add_bos = false", 'thinking = ["  ", "</think>"]', "thinking"),
    "vectors from a chat model": ("add_bos = false", 'pooling = "mean"', "chat_template"),
    "file with a path": ('"tiny-q8.gguf"', '"../tiny.gguf"', "name"),
    "absolute file": ('"tiny-q8.gguf"', '"/etc/passwd"', "name"),
    "hidden file": ('"tiny-q8.gguf"', '".gguf"', "name"),
    "empty file": ("size_bytes = 10", "size_bytes = 0", "size_bytes"),
    "short hash": (ZEROS, "0" * 63, "sha256"),
    "long hash": (ZEROS, "0" * 65, "sha256"),
    "hash in capitals": (ZEROS, "A" * 64, "sha256"),
    "form twice": ('name = "f16"', 'name = "q8"', "forms"),
    "form with a bad name": ('name = "f16"', 'name = "f-16"', "name"),
    "llama.cpp on several machines": ('name = "q8"', 'name = "q8"\nnetworked = true', "several machines"),
    "vllm without a precision": (
        'name = "q8"\nengine = "llama_cpp"',
        'name = "q8"\nengine = "vllm"',
        "precision",
    ),
    "vllm in four bits": (
        'name = "q8"\nengine = "llama_cpp"',
        'name = "q8"\nengine = "vllm"\nprecision = "nf4"',
        "torch does",
    ),
    "engine with a path": ('engine = "llama_cpp"', 'engine = "os.path"', "engine"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_recipe_is_refused_with_file_and_field(tmp_path: Path, recipe_text: str, case: str) -> None:
    right, wrong, field = REFUSED[case]
    assert right in recipe_text
    (tmp_path / "tiny.toml").write_text(recipe_text.replace(right, wrong))
    with pytest.raises(ConfigInvalid) as caught:
        load_catalog(tmp_path)
    assert "tiny.toml" in caught.value.message
    assert field in caught.value.message


@pytest.mark.parametrize("raw", [b"id = ", b"\xff\xfe", b"id = \x00", b"x = " + b"[" * 100_000])
def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "tiny.toml").write_bytes(raw)
    with pytest.raises(ConfigInvalid, match=r"tiny\.toml"):
        load_catalog(tmp_path)


def test_a_file_that_is_too_large_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_bytes(b"#" * (MAX_RECIPE_BYTES + 1))
    with pytest.raises(ConfigInvalid, match=r"tiny\.toml is larger than"):
        load_catalog(tmp_path)


def test_a_file_named_twice_in_a_form_is_refused(tmp_path: Path, recipe_text: str) -> None:
    again = f'[[forms.files]]\nname = "tiny-f16.gguf"\nsize_bytes = 20\nsha256 = "{ZEROS}"\n'
    (tmp_path / "tiny.toml").write_text(recipe_text + again)
    with pytest.raises(ConfigInvalid, match=r"files of form f16.* twice"):
        load_catalog(tmp_path)


def test_a_recipe_without_a_form_is_refused(tmp_path: Path, recipe_text: str) -> None:
    (tmp_path / "tiny.toml").write_text(recipe_text.partition("[[forms]]")[0])
    with pytest.raises(ConfigInvalid, match=r"tiny\.toml.*`forms`"):
        load_catalog(tmp_path)


def test_two_recipes_cannot_share_an_id(folder: Path, recipe_text: str) -> None:
    (folder / "tiny-2.toml").write_text(recipe_text)
    with pytest.raises(ConfigInvalid, match=r"tiny-2\.toml: `id` is tiny"):
        load_catalog(folder)


def test_a_recipe_that_cannot_be_opened_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").mkdir()
    with pytest.raises(ConfigInvalid, match=r"tiny\.toml cannot be read"):
        load_catalog(tmp_path)


def test_a_form_without_files_is_refused_in_what_is_no_draft(tmp_path: Path, recipe_text: str) -> None:
    head = recipe_text.partition("[[forms.files]]")[0]
    (tmp_path / "tiny.toml").write_text(head)
    with pytest.raises(ConfigInvalid, match=r"tiny\.toml.*files.*q8"):
        load_catalog(tmp_path)
