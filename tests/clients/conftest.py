"""One real box for all client tests: the demo model's F16 file, and the same file as a model of vectors."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.model_box import ModelBox

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "recipes" / "handbook-tiny"
F16 = DEMO / "handbook-tiny-f16.gguf"
PYTHON = os.environ.get("CARREL_TEST_PYTHON", str(ROOT / ".venv" / "bin" / "python"))
"""The environment that the box runs in, which is not the clients'."""
MODEL = "model"
VECTORS = "vectors"


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelBox]:
    folder = tmp_path_factory.mktemp("box")
    with ModelBox(F16, folder, context_tokens=512, sequences=16, python=PYTHON, vectors=True) as running:
        yield running


@pytest.fixture(scope="session")
def key(box: ModelBox) -> str:
    return box.new_key("clients")
