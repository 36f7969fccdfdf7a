"""Files are looked into before anything else opens them: the sound ones tell of themselves."""

import json
import os
import shutil
from pathlib import Path

import msgspec
import pytest

from appliance.errors import IntegrityFailed
from appliance.weights.formats import refusal_of
from appliance.weights.inspecting.looking import look
from appliance.weights.inspecting.order import FileOrder
from tests.weights.inspected import FOLDER, GGUF, SAFETENSORS, order_of

Q8, BF16 = "handbook-tiny@q8", "handbook-tiny@bf16"


def refusal(model_id: str, folder: Path) -> str:
    with pytest.raises(IntegrityFailed) as caught:
        look(order_of(model_id, folder))
    assert str(folder) not in caught.value.message
    return caught.value.message


def edited(folder: Path, name: str, **changes: object) -> None:
    settings = json.loads((FOLDER / name).read_bytes())
    (folder / name).write_text(json.dumps(settings | changes))


def named(folder: Path, name: str) -> str:
    """What is said of a form that has such a file besides."""
    order = order_of(Q8, folder)
    (folder / "more").write_bytes(b"x")
    more = msgspec.structs.replace(order, files=(*order.files, FileOrder(name, str(folder / "more"))))
    with pytest.raises(IntegrityFailed) as caught:
        look(more)
    return caught.value.message


def test_a_gguf_file_tells_of_itself(tmp_path: Path) -> None:
    found = look(order_of(Q8, tmp_path))
    assert (found.architecture, found.name, found.license) == ("llama", "handbook-tiny", "Apache-2.0")
    assert (found.context_tokens, found.parameters) == (512, 2_877_888)
    assert "<|im_start|>" in found.chat_template
    assert found.shapes is not None
    assert found.shapes.layers == 6


def test_a_folder_tells_of_itself(tmp_path: Path) -> None:
    found = look(order_of(BF16, tmp_path))
    assert (found.architecture, found.context_tokens) == ("llama", 512)
    assert found.shapes is not None
    assert found.shapes.layers == 6


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("modeling_llama.py", "no code"),
        ("pytorch_model.bin", "pickle"),
        ("model.PT", "pickle"),
        ("weights.tar.gz", "archive"),
        ("lib.so", "no code"),
        ("weights", "not a kind of file"),
        ("../model.gguf", "out of its folder"),
        ("/etc/passwd", "out of its folder"),
        (".hidden.json", "out of its folder"),
        (GGUF, "twice"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_its_name(tmp_path: Path, name: str, reason: str) -> None:
    assert reason in named(tmp_path, name)


@pytest.mark.parametrize("name", ["README.md", "LICENSE", "tokenizer.model", "merges.txt", "vocab.json"])
def test_what_models_come_with_may_be_there(name: str) -> None:
    assert refusal_of(name) is None


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json", "generation_config.json"])
def test_code_of_the_models_own_is_refused_wherever_it_is_named(tmp_path: Path, name: str) -> None:
    edited(tmp_path, name, auto_map={"AutoModel": "modeling.Model"})
    order = order_of(BF16, tmp_path)
    files = {file.name: file for file in order.files} | {name: FileOrder(name, str(tmp_path / name))}
    with pytest.raises(IntegrityFailed, match="auto_map"):
        look(msgspec.structs.replace(order, files=tuple(files.values())))


def test_an_index_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"model.norm.weight": "../../model.safetensors"}}))
    order = order_of(BF16, tmp_path)
    with pytest.raises(IntegrityFailed, match="does not name"):
        look(msgspec.structs.replace(order, files=(*order.files, FileOrder(index.name, str(index)))))


@pytest.mark.parametrize(("model_id", "name"), [(Q8, GGUF), (BF16, SAFETENSORS)])
def test_a_link_in_place_of_a_file_is_refused(tmp_path: Path, model_id: str, name: str) -> None:
    (tmp_path / name).symlink_to(FOLDER / name)
    assert "symbolic link" in refusal(model_id, tmp_path)


@pytest.mark.parametrize(("model_id", "name"), [(Q8, GGUF), (BF16, SAFETENSORS)])
def test_a_pipe_in_place_of_a_file_is_refused_without_waiting(
    tmp_path: Path, model_id: str, name: str
) -> None:
    os.mkfifo(tmp_path / name)
    assert "not a regular file" in refusal(model_id, tmp_path)


@pytest.mark.parametrize(("model_id", "name"), [(Q8, GGUF), (BF16, SAFETENSORS), (BF16, "tokenizer.json")])
def test_an_empty_or_truncated_file_is_refused(tmp_path: Path, model_id: str, name: str) -> None:
    (tmp_path / name).touch()
    refusal(model_id, tmp_path)
    shutil.copyfile(FOLDER / name, tmp_path / name)
    os.truncate(tmp_path / name, (FOLDER / name).stat().st_size - 100)
    refusal(model_id, tmp_path)


def test_parts_of_a_split_model_are_all_needed(tmp_path: Path) -> None:
    first = "tiny-00001-of-00002.gguf"
    order = order_of(Q8, tmp_path)
    alone = msgspec.structs.replace(order, files=(FileOrder(first, str(FOLDER / GGUF)),))
    with pytest.raises(IntegrityFailed, match="tiny-00002-of-00002"):
        look(alone)


def test_an_engine_of_others_gets_files_that_are_sound_each_for_itself(tmp_path: Path) -> None:
    order = msgspec.structs.replace(order_of(Q8, tmp_path), engine="mine")
    assert look(order).architecture == ""
    (tmp_path / GGUF).write_bytes(b"GGUF")
    with pytest.raises(IntegrityFailed):
        look(msgspec.structs.replace(order_of(Q8, tmp_path), engine="mine"))
