"""Recipes of models hosted elsewhere: what they may say, and where they may lie."""

import pytest

from appliance.catalog.recipes import load_catalog
from appliance.errors import ConfigInvalid
from tests.system.two_boxes import recipe

SAFE = "https://api.example.org/v1"


@pytest.fixture
def load(tmp_path):
    bundled, lab = tmp_path / "recipes", tmp_path / "upstreams"
    bundled.mkdir()
    lab.mkdir()

    def load(toml: str, name: str = "far", *, folder: str = "upstreams"):
        (tmp_path / folder / f"{name}.toml").write_text(toml)
        return load_catalog(bundled, lab)

    return load


def test_it_is_found_as_other_models_are(load):
    found, form = load(recipe("far", SAFE)).find("far")
    assert (found.upstream.host, found.upstream.build) == ("api.example.org", "upstream:other-box")
    assert (form.engine, form.files, found.chats) == ("upstream", (), True)
    assert found.thinking == ("<think>", "</think>")
    assert found.upstream.price.cached == found.upstream.price.prompt


def test_a_model_that_only_completes_does_not_chat(load):
    found, _ = load(recipe("far", SAFE, features=("completions",))).find("far")
    assert not found.chats


def test_its_tokenizer_is_its_file(load):
    _, form = load(recipe("far", SAFE, counted=True)).find("far")
    assert [file.name for file in form.files] == ["tokenizer.json"]


def without(line: str, toml: str) -> str:
    return "\n".join(one for one in toml.splitlines() if not one.startswith(line))


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        (recipe("far", "http://api.example.org/v1"), "http://"),
        (recipe("far", "https://me:secret@api.example.org/v1"), "nothing else"),
        (recipe("far", SAFE, features=("tools",)), "chat or completions"),
        (recipe("far", SAFE, features=("chat", "telepathy")), "Invalid enum value"),
        (recipe("far", SAFE, key="../lab"), "regex"),
        (recipe("far", SAFE, more='secret = "sk-1"'), "unknown field"),
        (without("chat_template", recipe("far", SAFE, counted=True)), "chat_template"),
        (without("completion_micro", recipe("far", SAFE)), "completion_micro"),
        (recipe("far", SAFE).replace("[defaults]", "draft = true\n[defaults]"), "draft"),
        (recipe("far", SAFE) + '\n[[forms]]\nname = "q8"\nengine = "fake"\n', "either"),
    ],
)
def test_a_bad_one_is_refused_with_the_name_of_its_file(load, toml, says):
    with pytest.raises(ConfigInvalid, match=r"far\.toml") as refused:
        load(toml)
    assert says in refused.value.message
    assert "secret@" not in refused.value.message


def test_the_labs_folder_is_for_models_elsewhere_alone(load):
    local = (
        'id = "far"\nrevision = 1\ntitle = "T"\nsummary = "S"\nlicense = "L"\ntier = "open"\n'
        "context_tokens = 512\nmax_sequences = 1\ndraft = true\n"
        '[[forms]]\nname = "q8"\nengine = "llama_cpp"\n'
    )
    with pytest.raises(ConfigInvalid, match=r"far\.toml.*hosted elsewhere"):
        load(local)


def test_no_model_takes_the_name_of_another(load):
    load(recipe("far", SAFE), folder="recipes")
    with pytest.raises(ConfigInvalid, match="already"):
        load(recipe("far", SAFE))
