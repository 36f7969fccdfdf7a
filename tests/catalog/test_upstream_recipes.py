"""Recipes of models hosted elsewhere: what they may say, and where they may lie."""

import pytest

from appliance.catalog.live import LiveCatalog
from appliance.errors import ModelNotFound
from tests.system.two_boxes import recipe

SAFE = "https://api.example.org/v1"


@pytest.fixture
def load(tmp_path):
    bundled, lab = tmp_path / "recipes", tmp_path / "upstreams"
    bundled.mkdir()
    lab.mkdir()

    def load(toml: str, name: str = "far", *, folder: str = "upstreams"):
        (tmp_path / folder / f"{name}.toml").write_text(toml)
        return LiveCatalog(bundled, upstreams=lab)

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
        (recipe("far", SAFE) + '\n[[sources]]\nkind = "folder"\nfolder = "/srv"\n', "sources"),
        (recipe("far", SAFE) + '\n[[forms]]\nname = "q8"\nengine = "fake"\n', "either"),
    ],
)
def test_a_bad_one_is_left_out_with_the_name_of_its_file_and_the_box_starts(load, toml, says):
    catalog = load(toml)
    (left_out,) = catalog.left_out
    assert (left_out.id, left_out.place, catalog.recipes) == ("far", "upstreams", ())
    assert "far.toml" in left_out.reason
    assert says in left_out.reason
    assert "secret@" not in left_out.reason
    with pytest.raises(ModelNotFound, match=r"far is not in the catalog\. Recipe far\.toml"):
        catalog.find("far")


def test_the_labs_folder_is_for_models_elsewhere_alone(load):
    local = (
        'id = "far"\nrevision = 1\ntitle = "T"\nsummary = "S"\nlicense = "MIT"\ntier = "open"\n'
        "context_tokens = 512\nmax_sequences = 1\ndraft = true\n"
        '[[forms]]\nname = "q8"\nengine = "llama_cpp"\n'
    )
    (left_out,) = load(local).left_out
    assert "far.toml" in left_out.reason
    assert "hosted elsewhere" in left_out.reason


def test_no_model_takes_the_name_of_another(load):
    load(recipe("far", SAFE), folder="recipes")
    catalog = load(recipe("far", SAFE))
    assert "in the catalog already" in catalog.left_out[0].reason
    assert [one.approval.by for one in catalog.recipes] == ["release"]
