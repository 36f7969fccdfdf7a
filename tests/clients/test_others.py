"""Tools that students bring: the `llm` command line and LangChain."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel

from tests.clients.conftest import MODEL, VECTORS


class Verdict(BaseModel):
    """A small answer with a shape."""

    kind: bool
    grade: int


Digit = Literal[1, 2, 3, 4, 5, 6, 7, 8, 9]


@tool
def add(one: Digit, other: Digit) -> int:
    """Add two numbers."""
    return one + other


def chat(box, key, **more) -> ChatOpenAI:
    return ChatOpenAI(base_url=box.url, api_key=key, model=MODEL, temperature=0, max_tokens=96, **more)


def test_the_llm_command_asks_the_box(box, key, tmp_path):
    tmp_path.joinpath("extra-openai-models.yaml").write_text(
        f"- model_id: lab\n  model_name: {MODEL}\n  api_base: {box.url}\n  api_key_name: lab\n"
    )
    done = subprocess.run(
        [
            Path(sys.executable).parent / "llm",
            "-m",
            "lab",
            "--key",
            key,
            "-o",
            "temperature",
            "0",
            "How do I make a key?",
        ],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LLM_USER_PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "carrel key new" in done.stdout


def test_langchain_asks_and_streams(box, key):
    whole = chat(box, key).invoke("How do I make a key?").content
    assert "carrel key new" in whole
    assert "".join(chunk.content for chunk in chat(box, key).stream("How do I make a key?")) == whole


def test_langchain_calls_a_tool(box, key):
    answer = chat(box, key).bind_tools([add], tool_choice="add").invoke("Add two and three.")
    (call,) = answer.tool_calls
    assert call["name"] == "add"
    assert isinstance(add.invoke(call["args"]), int)


def test_langchain_gets_an_answer_with_a_shape(box, key):
    assert isinstance(chat(box, key).with_structured_output(Verdict).invoke("Judge."), Verdict)


def test_langchain_embeds(box, key):
    vectors = OpenAIEmbeddings(base_url=box.url, api_key=key, model=VECTORS, check_embedding_ctx_length=False)
    one, other = vectors.embed_documents(["one", "another"])
    assert len(one) == len(other) > 0
