"""A feature that the handbook does not mention does not exist; nor does a page that no link reaches."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

from appliance.config.options import FIELDS
from appliance.domain.action import Action
from appliance.domain.actions import ACTIONS
from appliance.errors import CarrelError

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
HANDBOOK = REPOSITORY / "appliance" / "handbook"
PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted(HANDBOOK.glob("*.md"))}
ANSWERS = {
    question: answer
    for text in PAGES.values()
    for question, answer in re.findall(r"^### (.+)\n(.+)$", text, re.MULTILINE)
}
ASKED = tomllib.loads((HERE / "questions.toml").read_text(encoding="utf-8"))["question"]


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_every_command_is_explained(action: Action):
    assert f"carrel {action.name.replace('.', ' ')}" in PAGES["commands.md"]


def test_every_option_is_mentioned():
    words = "".join(PAGES.values())
    options = {
        f"--{one.name.replace('_', '-')}": action.name
        for action in ACTIONS
        for one in action.arguments
        if not one.positional
    }
    assert {option: name for option, name in options.items() if option not in words} == {}


@pytest.mark.parametrize("setting", FIELDS)
def test_every_setting_is_explained(setting: str):
    assert f"`{setting}`" in PAGES["configuration.md"]


def _exit_codes() -> set[int]:
    def tree(cls: type[CarrelError]) -> set[int]:
        return {cls.exit_code}.union(*(tree(child) for child in cls.__subclasses__()))

    return tree(CarrelError) | {0, 130}


def test_every_exit_code_is_explained():
    explained = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGES["commands.md"], re.MULTILINE)}
    assert _exit_codes() <= explained


def test_every_link_leads_to_a_page():
    targets = {target for text in PAGES.values() for target in re.findall(r"\]\(([^)#]+)", text)}
    assert targets
    missing = {one for one in targets if one not in PAGES and not one.startswith("pictures/")}
    assert missing == set()
    assert {one for one in targets - missing if not (HANDBOOK / one).is_file()} == set()


def test_no_page_needs_the_network():
    # The hub's address is a setting's default, and nothing that a reader follows; two are of a local
    # network.
    here = r"127\.0\.0\.1|localhost|BOX|\[::1\]|10\.99\.0\.1:|lab-01\.local:|huggingface\.co`"
    foreign = re.findall(rf"https?://(?!{here})[^\s)`]+", "".join(PAGES.values()))
    assert foreign == []


def test_questions_end_their_page_and_have_short_answers():
    for name, text in PAGES.items():
        _, *sections = text.split("\n## Questions\n")
        assert len(sections) <= 1, name
        assert not any("\n## " in section for section in sections), name
    assert len(ANSWERS) >= 60
    assert [question for question, answer in ANSWERS.items() if len(answer.split()) > 25] == []


@pytest.mark.parametrize("entry", ASKED, ids=lambda entry: entry["ask"])
def test_what_the_demo_model_is_tested_on_is_what_the_handbook_says(entry: dict):
    answer = ANSWERS[entry.get("of", entry["ask"])]
    assert entry["facts"]
    assert all(fact in answer for fact in entry["facts"])


def test_the_demo_model_was_trained_on_these_questions():
    sys.path.insert(0, str(REPOSITORY / "scripts"))
    try:
        from demo_model.curriculum import digest, read_curriculum
    finally:
        sys.path.pop(0)
    import gguf

    header = gguf.GGUFReader(REPOSITORY / "recipes" / "handbook-tiny" / "handbook-tiny-q8_0.gguf")
    trained_on = [field for name, field in header.fields.items() if "curriculum" in name]
    assert trained_on, "the model file does not say what it was trained on"
    assert trained_on[0].contents() == digest(read_curriculum(HANDBOOK)), (
        "questions or answers of the handbook changed: run scripts/train_demo_model.py"
    )
