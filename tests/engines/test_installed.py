"""What is installed of an engine is read from files; nothing is loaded for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from appliance.engines.installed import PACKAGES, look_for


def places(folder: Path, *without: str):
    """Every module in ``folder``, but for those named."""
    return lambda module: None if module in without else folder


@pytest.mark.parametrize(
    ("text", "cuda"),
    [
        ("cuda: Optional[str] = None\nhip: Optional[str] = None\n", False),
        ("__version__ = '2.13.0'\ncuda: Optional[str] = '13.0'\n", True),
        ("cuda = '12.6'\n", True),
        ("cuda: Optional[str] = None\nhip: Optional[str] = '6.4'\n", False),
        ("__all__ = ['cuda']\n", False),
    ],
)
def test_torch_says_in_its_own_file_whether_it_was_built_with_cuda(tmp_path, text, cuda):
    (tmp_path / "version.py").write_text(text)
    assert look_for("torch", places(tmp_path)).cuda is cuda


def test_a_torch_without_that_file_has_no_cuda(tmp_path):
    assert look_for("torch", places(tmp_path)).cuda is False


@pytest.mark.parametrize(("library", "cuda"), [("libggml-cuda.so", True), ("libggml-cpu.so", False)])
def test_llama_cpp_with_cuda_has_its_library(tmp_path, library, cuda):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / library).touch()
    assert look_for("llama_cpp", places(tmp_path)).cuda is cuda


@pytest.mark.parametrize("engine", PACKAGES)
def test_an_engine_that_is_not_there_has_no_version(tmp_path, engine):
    found = look_for(engine, places(tmp_path, *PACKAGES[engine]))
    assert (found.version, found.complete) == ("", False)
    assert found.missing == PACKAGES[engine]


def test_an_engine_with_a_part_missing_is_not_complete(tmp_path):
    found = look_for("torch", places(tmp_path, "bitsandbytes"))
    assert found.missing == ("bitsandbytes",)
    assert found.version
    assert not found.complete


def test_looking_loads_no_model_library():
    script = (
        "import sys; from appliance.engines.installed import PACKAGES, look_for\n"
        "assert all(look_for(one).name == one for one in PACKAGES)\n"
        "assert not {name for many in PACKAGES.values() for name in many} & set(sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
