"""The demo model on torch: another name, the same box, the same answers."""

import tomllib
from pathlib import Path

import openai
import pytest

from tests.system.box import RealBox

pytestmark = pytest.mark.slow

QUESTIONS = tomllib.loads((Path(__file__).parents[1] / "handbook" / "questions.toml").read_text())["question"]
FEW = QUESTIONS[:8]


def answers(box: RealBox, key: str, form: str, questions: list[dict]) -> list[str]:
    """What a form says to each, run for the while."""
    model = f"handbook-tiny@{form}"
    assert box.carrel("model", "run", model)["state"] == "ready"
    try:
        with openai.OpenAI(base_url=box.url, api_key=key) as client:
            return [answer(client, model, one["ask"]) for one in questions]
    finally:
        box.carrel("model", "stop", model)


def answer(client: openai.OpenAI, model: str, question: str) -> str:
    asked = [{"role": "user", "content": question}]
    said = client.chat.completions.create(model=model, messages=asked, temperature=0)
    return said.choices[0].message.content


@pytest.mark.parametrize("form", ["bf16", "int8", "nf4"])
def test_a_form_of_fewer_bits_answers_from_the_handbook(box: RealBox, key: str, form: str):
    told = dict(zip((one["ask"] for one in FEW), answers(box, key, form, FEW), strict=True))
    wrong = {
        one["ask"]: told[one["ask"]] for one in FEW if not all(f in told[one["ask"]] for f in one["facts"])
    }
    assert not wrong


def test_in_float32_it_says_what_the_gguf_of_the_same_weights_says(box: RealBox, key: str):
    assert answers(box, key, "f32", QUESTIONS) == answers(box, key, "f16", QUESTIONS)


def test_every_form_is_listed_under_a_name_of_its_own(box: RealBox):
    listed = {one["id"] for one in box.carrel("model", "list", "--all")["models"]}
    forms = {f"handbook-tiny@{form}" for form in ("f16", "bf16", "f32", "int8", "nf4")}
    assert {name for name in listed if name.startswith("handbook-tiny@")} == forms
