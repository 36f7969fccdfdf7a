"""A command starts fast, and a client loads nothing of the server."""

import json
import resource
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

HEAVY = {"litestar", "uvicorn", "llama_cpp", "numpy", "sqlite3", "structlog", "huggingface_hub", "jinja2"}
LISTS_MODULES = """
import json, sys
from appliance.cli.desk import Desk
from appliance.cli.main import run
from appliance.config import surroundings
run(sys.argv[2:], Desk(around=surroundings({"CARREL_HOME": sys.argv[1]})))
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize(
    "words", [["key", "list"], ["status", "--json"], ["help"], ["config", "get", "--json"], ["--help"]]
)
def test_a_client_command_loads_nothing_of_the_server(tmp_path, words):
    done = subprocess.run(
        [sys.executable, "-c", LISTS_MODULES, str(tmp_path), *words],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not HEAVY & set(json.loads(done.stdout.splitlines()[-1]))


def processor_s(environ: dict[str, str], *words: str) -> float:
    """The least of five runs."""

    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *words], env=environ, stderr=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)

    return min(once() for _ in range(5))


def test_a_command_takes_little_more_than_loading_the_libraries_it_stands_on(tmp_path):
    environ = {"CARREL_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    libraries = processor_s(environ, "-c", "import httpx, msgspec, platformdirs, rich_click")
    assert processor_s(environ, "-m", "appliance", "key", "list") < 2.5 * libraries
