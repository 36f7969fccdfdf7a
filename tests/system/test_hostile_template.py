"""A template that loops for ever costs the request that ran into it, and nobody else's stream its pace."""

import hashlib
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from tests.system.box import RealBox

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
TURNS = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
LOOP = (
    "{% if 'loop' in messages[0].content %}{% for a in range(99999) %}{% for b in range(99999) %}"
    "{% endfor %}{% endfor %}{% endif %}"
)
RECIPE = """
id = "trap"
revision = 1
title = "Trap"
summary = "A random model whose template loops on a word."
license = "Apache-2.0"
tier = "open"
context_tokens = 1024
max_sequences = 4
chat_template = '''{template}'''
[defaults]
max_tokens = 64
[[forms]]
name = "f16"
engine = "llama_cpp"
[[forms.files]]
name = "trap.gguf"
size_bytes = {size}
sha256 = "{sha256}"
"""
RUN = """
import asyncio, pathlib
from appliance.config import from_process
from appliance.wiring.running import run_gateway
asyncio.run(run_gateway(from_process({{}}), recipes=pathlib.Path({folder!r})))
"""


@pytest.fixture
def trap(tmp_path: Path):
    folder = tmp_path / "recipes"
    (folder / "trap").mkdir(parents=True)
    file = folder / "trap" / "trap.gguf"
    maker = REPOSITORY / "scripts" / "make_tiny_gguf.py"
    subprocess.run([sys.executable, maker, file, "--layers", "2"], check=True, timeout=60)
    template = TURNS.replace("\n", "\\n") + LOOP + "<|im_start|>assistant"
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    recipe = RECIPE.format(template=template, size=file.stat().st_size, sha256=sha256)
    (folder / "trap.toml").write_text(recipe)
    box = RealBox(
        tmp_path,
        program=(sys.executable, "-c", RUN.format(folder=str(folder))),
        extra={"CARREL_RUN_DEMO": "false", "CARREL_PREPARE_TIMEOUT_S": "4"},
    )
    box.start()
    box.carrel("model", "run", "trap")
    yield box
    box.stop()


def test_a_looping_template_is_ended_at_its_deadline_while_a_stream_goes_on(trap: RealBox):
    headers = {"authorization": f"Bearer {trap.new_key()}"}
    refusals = []

    def attack() -> None:
        body = {"model": "trap", "messages": [{"role": "user", "content": "loop"}]}
        started = time.monotonic()
        answer = httpx.post(f"{trap.url}/chat/completions", json=body, headers=headers, timeout=30)
        refusals.append((answer.status_code, answer.json()["error"]["code"], time.monotonic() - started))

    body = {
        "model": "trap",
        "messages": [{"role": "user", "content": "hello"}],
        "max_tokens": 900,
        "temperature": 0,
        "stream": True,
    }
    attacker = threading.Thread(target=attack)
    times, gaps = [], []
    while not refusals:
        times.clear()
        with httpx.stream(
            "POST", f"{trap.url}/chat/completions", json=body, headers=headers, timeout=30
        ) as answer:
            assert answer.status_code == 200
            for _ in answer.iter_lines():
                times.append(time.monotonic())
                if attacker.ident is None and len(times) > 10:
                    attacker.start()
        gaps.extend(later - earlier for earlier, later in pairwise(times))
    attacker.join(30)
    ((status, code, took_s),) = refusals
    assert (status, code) == (400, "prompt_not_prepared")
    assert took_s < 12
    assert max(gaps) < 3  # a stream that stood still would have done so for the four seconds
    again = httpx.post(
        f"{trap.url}/chat/completions",
        json={**body, "stream": False, "max_tokens": 2},
        headers=headers,
        timeout=30,
    )
    assert again.status_code == 200
