"""The demo model answers the handbook's questions, asked over HTTP as a student would."""

import tomllib
from pathlib import Path

import openai
import pytest

from tests.system.box import RealBox

pytestmark = pytest.mark.slow

QUESTIONS = tomllib.loads((Path(__file__).parents[1] / "handbook" / "questions.toml").read_text())["question"]


def test_it_answers_at_least_twenty_handbook_questions(box: RealBox, key: str):
    wrong = {}
    with openai.OpenAI(base_url=box.url, api_key=key) as client:
        for question in QUESTIONS:
            asked = [{"role": "user", "content": question["ask"]}]
            answer = client.chat.completions.create(model="handbook-tiny", messages=asked, temperature=0)
            text = answer.choices[0].message.content
            if not all(fact in text for fact in question["facts"]):
                wrong[question["ask"]] = text
    assert len(QUESTIONS) >= 20
    assert not wrong
