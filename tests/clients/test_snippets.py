"""What pages show as code runs as it stands, against a real box."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.web.snippets import KEY, key_snippet, snippets
from tests.clients.conftest import MODEL

PROMPT = 'What\'s "one" and $HOME & `two`?\n-- three ´ é 漢 \\ %s {x}'
"""Whatever a shell or a language might take for its own."""
PLAIN, HOSTILE = "Say hello.", PROMPT


@pytest.fixture(params=[PLAIN, HOSTILE], ids=["plain", "hostile"])
def texts(request, box):
    made = snippets(
        box.url, MODEL, request.param, {"max_tokens": 8, "temperature": 0.5, "seed": 7}, system="Be 'brief'."
    )
    return {one.language: one.text for one in made}


def run(words, key, tmp_path, **more):
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    done = subprocess.run(
        words,
        env={**kept, "HOME": str(tmp_path), "LLM_USER_PATH": str(tmp_path), KEY: key, **more},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def shell(text, key, tmp_path):
    folder = Path(sys.executable).parent
    return run(["bash", "-euo", "pipefail", "-c", text], key, tmp_path, PATH=f"{folder}:{os.environ['PATH']}")


def test_python(texts, key, tmp_path):
    assert run([sys.executable, "-c", texts["python"]], key, tmp_path).strip()


def test_curl(texts, key, tmp_path):
    assert '"chat.completion"' in shell(texts["curl"], key, tmp_path)


def test_llm(texts, key, tmp_path):
    assert shell(texts["llm"], key, tmp_path).strip()


def test_javascript(texts, key, tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("NOT RUN: node is not installed")
    tmp_path.joinpath("ask.mjs").write_text(texts["javascript"])
    assert run([node, "ask.mjs"], key, tmp_path).strip()


def test_r(texts, key, tmp_path):
    rscript = shutil.which("Rscript")
    if rscript is None or subprocess.run([rscript, "-e", "library(httr2)"], check=False).returncode:
        pytest.skip("NOT RUN: R with httr2 is not installed")
    tmp_path.joinpath("ask.R").write_text(texts["httr2"])
    assert run([rscript, "ask.R"], key, tmp_path).strip()


def test_what_a_shell_is_told_once_is_enough_for_the_official_client(box, key, tmp_path):
    lines = key_snippet(box.url).replace("crl_...", key)
    ask = "import openai; print(len(openai.OpenAI().models.list().data))"
    assert int(shell(f"{lines}\n{sys.executable} -c '{ask}'", key, tmp_path)) >= 1
