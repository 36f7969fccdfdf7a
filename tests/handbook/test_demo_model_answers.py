"""Both forms of the demo model answer the handbook's questions when only the engine is there."""

import tomllib
from pathlib import Path

import pytest

from appliance.catalog.places import recipes_folder
from appliance.catalog.recipes import load_catalog
from appliance.domain.generation import Sampling
from appliance.domain.prompts import ChatPrompt, Message
from appliance.domain.running import RunWishes
from appliance.engines.base import Finished, Generate, Tokens
from appliance.engines.plugins import find_plugin
from appliance.engines.scheduler import Scheduler
from appliance.services.models.specification import engine_spec
from appliance.workers.preparing import Preparing

ASKED = tomllib.loads((Path(__file__).parent / "questions.toml").read_text(encoding="utf-8"))["question"]
GREEDY = Sampling(temperature=0.0, top_p=1.0, top_k=0, min_p=0.0, seed=0)


@pytest.mark.parametrize("model_id", ["handbook-tiny", "handbook-tiny@f16"])
def test_it_answers_questions_of_the_handbook_and_others_like_them(model_id: str):
    answers = answers_of(model_id, [entry["ask"] for entry in ASKED])
    assert len(ASKED) >= 24
    assert {
        entry["ask"]: answer
        for entry, answer in zip(ASKED, answers, strict=True)
        if not all(fact in answer for fact in entry["facts"])
    } == {}


def test_it_says_so_when_asked_about_something_else():
    (answer,) = answers_of("handbook-tiny", ["What is the capital of France?"])
    assert answer == "I only know the Carrel handbook."


def answers_of(model_id: str, questions: list[str]) -> list[str]:
    """Greedy answers, computed together as far as the model's sequences go."""
    recipe, form = load_catalog(recipes_folder()).find(model_id)
    spec = engine_spec(recipe, form, recipes_folder() / recipe.id, RunWishes(), threads=2, gpu_layers=0)
    plugin = find_plugin(spec.engine)
    preparing = Preparing(plugin.open_vocabulary(spec), spec)
    engine = Scheduler(plugin.open_runner(spec))
    try:
        works = [
            Generate(at, preparing.chat(_asked(question)).tokens, recipe.defaults.max_tokens, GREEDY)
            for at, question in enumerate(questions)
        ]
        return generate(engine, works, recipe.max_sequences)
    finally:
        engine.close()


def _asked(question: str) -> ChatPrompt:
    return ChatPrompt((Message("user", question),))


def generate(engine: Scheduler, works: list[Generate], at_once: int) -> list[str]:
    texts = [""] * len(works)
    for first in range(0, len(works), at_once):
        for work in works[first : first + at_once]:
            engine.submit(work)
        while not engine.idle:
            for event in engine.step().events:
                assert isinstance(event, Tokens | Finished), event
                texts[event.id] += event.text
    return texts
