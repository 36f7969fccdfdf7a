"""The running gateway holds no model library, also after it has served a request."""

import json
import signal
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.system.box import RealBox

pytestmark = pytest.mark.slow

HEAVY = {
    "llama_cpp", "llguidance", "torch", "transformers", "bitsandbytes", "vllm", "diskcache", "safetensors",
}  # fmt: skip

WITH_A_WINDOW = """
import json, runpy, signal, sys
def show(*_):
    with open({path!r} + ".part", "w") as file:
        json.dump(sorted(sys.modules), file)
    import os
    os.rename({path!r} + ".part", {path!r})
signal.signal(signal.SIGUSR1, show)
sys.argv = ["carrel", "serve"]
runpy.run_module("appliance", run_name="__main__")
"""


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory):
    home = tmp_path_factory.mktemp("home")
    listing = home / "modules.json"
    # With -P it is started from nothing: what it has imported is its own.
    box = RealBox(home, program=(sys.executable, "-P", "-c", WITH_A_WINDOW.format(path=str(listing))))
    box.start()
    yield box, listing
    box.stop()


def test_no_model_library_is_loaded_in_the_gateway(watched):
    box, listing = watched
    answer = httpx.post(
        f"{box.url}/chat/completions",
        headers={"authorization": f"Bearer {box.new_key()}"},
        json={"model": "handbook-tiny", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 3},
        timeout=30,
    )
    assert answer.status_code == 200
    box.process.send_signal(signal.SIGUSR1)
    deadline = time.monotonic() + 10
    while not listing.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)  # another process writes the file
    loaded = {name.partition(".")[0] for name in json.loads(listing.read_text())}
    assert "litestar" in loaded
    assert loaded & HEAVY == set()


def test_the_gateway_maps_no_model_library(watched):
    box, _ = watched
    maps = Path(f"/proc/{box.process.pid}/maps").read_text()
    assert "libsqlite3" in maps or "_sqlite3" in maps
    assert not any(name in maps for name in ("libllama", "libggml", "libtorch"))
