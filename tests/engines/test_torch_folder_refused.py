"""A folder that is not as it should be is refused with the reason, and torch is not imported for it."""

import os
import pickle
import subprocess
import sys

import msgspec
import pytest

from appliance.engines.plugins import find_plugin
from appliance.errors import IntegrityFailed
from tests.engines.torch_folders import Copy

CODE = "import this"


@pytest.fixture
def folder(tiny_torch, tmp_path) -> Copy:
    """A tiny Llama that may be damaged."""
    return Copy.of(tiny_torch(), tmp_path / "model")


def refused(folder: Copy) -> str:
    with pytest.raises(IntegrityFailed) as caught:
        folder.read()
    assert str(folder.path) not in caught.value.message
    return caught.value.message


# ---- which files are named ----


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "model.PTH", "last.ckpt", "state.pkl"])
def test_weights_in_pickles_are_refused_because_they_run_code(folder, name):
    (folder.path / name).write_bytes(pickle.dumps({"weight": 1}))
    folder.files = ("config.json", "tokenizer.json", name)

    message = refused(folder)

    assert name in message
    assert "runs code" in message
    assert "safetensors" in message


def test_no_weights_at_all_are_refused(folder):
    folder.files = ("config.json", "tokenizer.json")

    assert "no safetensors" in refused(folder)


def test_no_tokenizer_is_refused(folder):
    folder.files = tuple(name for name in folder.files if name != "tokenizer.json")

    assert "tokenizer.json" in refused(folder)


def test_code_beside_the_weights_is_refused_where_it_is_named(folder):
    (folder.path / "modeling_llama.py").write_text(CODE, encoding="utf-8")
    folder.read()

    folder.files = (*folder.files, "modeling_llama.py")
    assert "is code" in refused(folder)


@pytest.mark.parametrize(
    "name",
    ["../model.safetensors", "/etc/passwd", "a\\b.safetensors", "..", "sub/model.safetensors", "a\x00b"],
)
def test_a_name_that_leads_out_of_the_folder_is_refused(folder, name):
    folder.files = (*folder.files, name)

    assert "outside" in refused(folder)


def test_a_link_is_not_followed(folder):
    target = folder.path.parent / "elsewhere.safetensors"
    (folder.path / "model.safetensors").rename(target)
    (folder.path / "model.safetensors").symlink_to(target)

    assert "symbolic link" in refused(folder)


def test_what_is_no_file_is_refused_without_waiting_for_it(folder):
    (folder.path / "model.safetensors").unlink()
    os.mkfifo(folder.path / "model.safetensors")

    assert "regular file" in refused(folder)


def test_a_file_that_is_missing_is_named(folder):
    (folder.path / "model.safetensors").unlink()

    assert "model.safetensors cannot be opened" in refused(folder)


def test_files_that_the_form_does_not_name_are_not_opened(folder):
    (folder.path / "generation_config.json").write_bytes(b"\xff")
    folder.files = tuple(name for name in folder.files if name != "generation_config.json")

    assert folder.read().architecture.eos_tokens == (262,)


# ---- tensors ----


def test_a_tensor_that_is_missing_is_named(folder):
    folder.leave_out("model.layers.1.mlp.up_proj.weight")

    assert "1 of its tensors, such as model.layers.1.mlp.up_proj.weight" in refused(folder)


def test_an_output_matrix_that_is_not_tied_has_to_be_there(folder):
    folder.leave_out("lm_head.weight")

    assert "lm_head.weight" in refused(folder)


def test_a_tensor_that_the_configuration_has_no_place_for_is_named(folder):
    folder.add("model.layers.0.self_attn.q_proj.bias", [64])

    assert "model.layers.0.self_attn.q_proj.bias is none" in refused(folder)


def test_a_layer_too_many_is_named(folder):
    folder.change("config.json", num_hidden_layers=1)

    assert "model.layers.1." in refused(folder)


def test_a_shape_that_the_configuration_does_not_say_is_named(folder):
    folder.change("config.json", intermediate_size=100)

    message = refused(folder)
    assert "mlp." in message
    assert "128" in message
    assert "100" in message


@pytest.mark.parametrize(("dtype", "size"), [("F64", 8), ("I8", 1), ("I64", 8)])
def test_a_tensor_of_other_numbers_is_named(folder, dtype, size):
    folder.leave_out("model.norm.weight")
    folder.add("model.norm.weight", [64], dtype, size)

    assert f"model.norm.weight is of the type {dtype}" in refused(folder)


def test_a_tensor_that_is_in_two_files_is_refused(folder):
    (folder.path / "more.safetensors").write_bytes((folder.path / "model.safetensors").read_bytes())
    folder.files = (*folder.files, "more.safetensors")

    assert "model.safetensors and in more.safetensors" in refused(folder)


def test_two_tensors_for_one_parameter_are_refused(folder):
    folder.add("norm.weight", [64])

    assert "its model.norm.weight" in refused(folder)


# ---- the index ----


@pytest.fixture
def sharded(make_safetensors, tmp_path) -> Copy:
    files = make_safetensors(tmp_path / "sharded", sharded=True)
    return Copy(tmp_path / "sharded", files)


INDEX = "model.safetensors.index.json"


@pytest.mark.parametrize(
    "place", ["../model.safetensors", "/etc/model.safetensors", "other.safetensors", "config.json", ""]
)
def test_an_index_that_points_elsewhere_is_refused(sharded, place):
    sharded.read()
    sharded.change(INDEX, weight_map={"model.norm.weight": place})

    message = refused(sharded)
    assert "does not name" in message
    assert "etc" not in message


def test_an_index_that_names_the_wrong_file_is_refused(sharded):
    sharded.change(INDEX, weight_map={"lm_head.weight": sharded.files[-2]})

    assert "not there" in refused(sharded)


@pytest.mark.parametrize(
    "content", [{}, {"weight_map": {}}, {"weight_map": []}, [], {"weight_map": {"a": 1}}]
)
def test_an_index_that_is_none_is_refused(sharded, content):
    sharded.write(INDEX, content)

    assert "no index" in refused(sharded)


def test_a_file_of_two_that_is_not_named_is_missed(sharded):
    sharded.files = tuple(name for name in sharded.files if "00002-of" not in name and name != INDEX)

    assert "lack" in refused(sharded)


# ---- before torch ----


def test_a_bad_folder_is_refused_before_torch_is_imported(folder):
    folder.change("config.json", auto_map={})
    script = (
        "import sys, msgspec\n"
        "from appliance.engines.base import EngineSpec\n"
        "from appliance.engines.plugins import find_plugin\n"
        "from appliance.errors import IntegrityFailed\n"
        "spec = msgspec.msgpack.decode(bytes.fromhex(sys.argv[1]), type=EngineSpec)\n"
        "try:\n"
        "    find_plugin('torch').read_shapes(spec)\n"
        "except IntegrityFailed:\n"
        "    print(sorted({'torch', 'transformers', 'tokenizers'} & sys.modules.keys()))\n"
    )
    told = msgspec.msgpack.encode(folder.spec).hex()

    ended = subprocess.run([sys.executable, "-c", script, told], capture_output=True, text=True, check=True)

    assert ended.stdout == "[]\n"


def test_the_plugin_reads_the_whole_folder_for_its_shapes(folder):
    assert find_plugin("torch").read_shapes(folder.spec).layers == 2
    (folder.path / "model.safetensors").write_bytes(b"")

    with pytest.raises(IntegrityFailed, match="ends within"):
        find_plugin("torch").read_shapes(folder.spec)
