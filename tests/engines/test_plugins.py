"""Engines are found by name, without their libraries."""

import subprocess
import sys

import pytest

from appliance.engines.plugins import find_plugin
from appliance.errors import NotFound
from tests.engines.driving import PLUGINS


def test_an_unknown_engine_is_refused_with_the_names_of_those_there_are():
    with pytest.raises(NotFound, match="fake, llama_cpp"):
        find_plugin("no_such_engine")


@pytest.mark.parametrize("engine", PLUGINS)
def test_finding_an_engine_does_not_import_its_library(engine):
    code = (
        "import sys\n"
        "from appliance.engines.plugins import find_plugin\n"
        f"find_plugin({engine!r})\n"
        "sys.exit(bool({'llama_cpp', 'gguf', 'numpy', 'torch', 'tokenizers'} & set(sys.modules)))\n"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
