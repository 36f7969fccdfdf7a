"""A recipe is written from what there is, and says what somebody has to look at."""

import json
from dataclasses import replace

import pytest

from appliance.catalog.drafting.text import recipe_text
from appliance.catalog.drafting.wishes import Wishes
from appliance.catalog.missing import missing_of
from appliance.catalog.recipes import decode_recipe
from appliance.domain.inspection import Inspection
from appliance.errors import BadRequest
from tests.catalog.drafting_fakes import COMMIT, FOLDER, SHAPES, Drafting, FakeSource

OPEN = Wishes(license="Apache-2.0")


@pytest.fixture
def drafting() -> Drafting:
    return Drafting()


def written(drafting: Drafting, source: FakeSource, wishes: Wishes = OPEN):
    """The recipe as it is read from its text, and the text."""
    drafted = drafting.composer.compose(source, wishes)
    text = recipe_text(drafted.recipe, drafted.comments)
    return decode_recipe(text.encode(), "written"), text


def test_a_repository_of_one_file_becomes_a_recipe_that_names_its_commit(drafting):
    recipe, text = written(drafting, FakeSource.of("tiny-Q8_0.gguf", "README.md"))
    (form,) = recipe.forms
    assert (recipe.id, recipe.title, recipe.draft, recipe.context_tokens) == ("tiny", "Tiny", False, 512)
    assert (form.name, form.engine, form.precision) == ("q8", "llama_cpp", None)
    assert [(file.name, file.size_bytes, len(file.sha256)) for file in form.files] == [
        ("tiny-Q8_0.gguf", 14, 64)
    ]
    assert (recipe.sources[0].repository, recipe.sources[0].commit) == ("lab/Tiny-GGUF", COMMIT)
    assert recipe.architecture.value() == SHAPES
    assert "the hub's word at this commit" in text
    assert missing_of(recipe) == ()


def test_without_a_known_license_it_is_a_draft_that_says_so(drafting):
    card = b"---\nlicense: other\nlicense_name: rocket\n---\nlicense: not this\n"
    source = FakeSource({"tiny-Q8_0.gguf": b"x", "README.md": card})
    recipe, text = written(drafting, source, Wishes())
    assert recipe.draft
    assert "the terms" in missing_of(recipe)[0]
    assert "# Its card says, which binds nobody: license: other; license_name: rocket\nlicense = " in text
    assert recipe.tier == "restricted"


def test_a_folder_of_safetensors_opens_its_configuration_first(drafting):
    drafting.says["model.safetensors"] = Inspection(shapes=SHAPES, precision="float16", add_bos=True)
    recipe, text = written(drafting, FakeSource.of("pytorch_model.bin", *FOLDER, "original/params.json"))
    (form,) = recipe.forms
    assert [file.name for file in form.files] == ["config.json", "tokenizer.json", "model.safetensors"]
    assert (form.name, form.engine, form.precision, recipe.add_bos) == ("f16", "torch", "float16", True)
    assert "# The files do not say it; see the model's card.\ncontext_tokens = 4_096" in text


def test_weights_in_several_files_come_with_their_index_and_in_order(drafting):
    parts = ("model-00002-of-00002.safetensors", "model-00001-of-00002.safetensors")
    names = (
        "config.json",
        "tokenizer.json",
        "model.safetensors.index.json",
        *parts,
        "consolidated.safetensors",
    )
    recipe, _ = written(drafting, FakeSource.of(*names))
    assert [file.name for file in recipe.forms[0].files] == [*names[:3], *sorted(parts)]


def test_every_way_of_holding_it_becomes_a_form_and_the_nearest_to_eight_bits_the_default(drafting):
    drafting.says["model.safetensors"] = Inspection(shapes=SHAPES, precision="bfloat16")
    sizes = {
        "tiny-f16.gguf": 2000,
        "tiny-Q4_K_M.gguf": 600,
        "tiny-Q8_0.gguf": 1060,
        "model.safetensors": 2000,
    }
    source = FakeSource({name: b"x" * size for name, size in sizes.items()} | {"config.json": b"{}"})
    recipe, text = written(drafting, source)
    assert [(form.name, form.engine) for form in recipe.forms] == [
        ("q8", "llama_cpp"),
        ("q4km", "llama_cpp"),
        ("f16", "llama_cpp"),
        ("bf16", "torch"),
    ]
    assert text.count("# The first form is the default.") == 1


def test_parts_of_one_model_are_one_form_and_keep_their_folder(drafting):
    parts = [f"BF16/tiny-BF16-0000{number}-of-00002.gguf" for number in (1, 2)]
    recipe, _ = written(drafting, FakeSource.of(*reversed(parts)))
    (form,) = recipe.forms
    assert (form.name, [file.path for file in form.files]) == ("bf16", parts)
    with pytest.raises(BadRequest, match="1 parts of 2"):
        written(drafting, FakeSource.of(parts[0]))


def test_names_of_forms_that_are_the_same_get_a_letter(drafting):
    drafting.says["model.safetensors"] = Inspection(shapes=SHAPES, precision="float16")
    recipe, _ = written(drafting, FakeSource.of("tiny-f16.gguf", *FOLDER))
    assert sorted(form.name for form in recipe.forms) == ["f16", "f16b"]


def test_many_ways_are_chosen_from_by_pattern(drafting):
    names = [f"tiny-Q{bits}_K_{size}.gguf" for bits in range(2, 7) for size in "SM"]
    with pytest.raises(BadRequest, match=r"10 ways .* --files tiny-Q2_K_S\.gguf"):
        written(drafting, FakeSource.of(*names))
    chosen, _ = written(drafting, FakeSource.of(*names), replace(OPEN, patterns=("*Q4_K_M*", "*Q6*")))
    assert sorted(form.name for form in chosen.forms) == ["q4km", "q6km", "q6ks"]


def test_what_is_said_counts_more_than_what_the_files_say(drafting):
    wishes = replace(OPEN, id="ours", form="full", engine="vllm", precision="bfloat16")
    recipe, _ = written(drafting, FakeSource.of("tiny-q8_0.gguf", *FOLDER), wishes)
    (form,) = recipe.forms
    assert (recipe.id, form.name, form.engine, form.precision) == ("ours", "full", "vllm", "bfloat16")
    with pytest.raises(BadRequest, match="no files that torch runs"):
        written(drafting, FakeSource.of("tiny-q8_0.gguf"), replace(OPEN, engine="torch"))


@pytest.mark.parametrize(
    ("paths", "says"),
    [
        (("pytorch_model.bin", "config.json"), "runs code as it is opened"),
        (("model.h5", "README.md"), "safetensors or GGUF, or convert it"),
        (("README.md",), "no model to write of"),
        (("mmproj-tiny-f16.gguf", "imatrix.gguf"), "no model to write of"),
        (("model.safetensors",), "no config.json"),
    ],
)
def test_what_is_no_model_is_refused_with_the_next_step(drafting, paths, says):
    with pytest.raises(BadRequest, match=says):
        written(drafting, FakeSource.of(*paths))
    assert drafting.looked == []


@pytest.mark.parametrize(
    "config",
    [
        {"chat_template": "{{ messages }}"},
        {
            "chat_template": [
                {"name": "tools", "template": "T"},
                {"name": "default", "template": "{{ messages }}"},
            ]
        },
    ],
)
def test_the_files_own_template_stands_in_the_recipe_to_be_read(drafting, config):
    source = FakeSource.of(*FOLDER)
    source.contents["tokenizer_config.json"] = json.dumps(config).encode()
    recipe, text = written(drafting, source)
    assert recipe.chat_template == "{{ messages }}"
    assert "read what it tells the model.\nchat_template = " in text


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"chat_template": 7}', b'{"chat_template": [{}]}', b"\xff"]
)
def test_settings_that_are_none_say_nothing(drafting, content):
    source = FakeSource.of(*FOLDER)
    source.contents |= {"tokenizer_config.json": content, "1_Pooling/config.json": content}
    recipe, text = written(drafting, source)
    assert (recipe.chat_template, recipe.pooling) == (None, None)
    assert "it completes text and does not chat" in text


def test_how_texts_are_pooled_is_told_to_whoever_looks_into_the_files(drafting):
    source = FakeSource.of(*FOLDER)
    source.contents["1_Pooling/config.json"] = b'{"pooling_mode_mean_tokens": true}'
    recipe, _ = written(drafting, source)
    assert recipe.pooling == "mean"
    assert drafting.looked[0][1:] == ("torch", "mean")


TEMPLATES = (
    "one line",
    "two\nlines with 'quotes' and \\n\n",
    "ends with a quote\n'",
    "has '''three'''\n",
    "tab\tand\r\nreturn",
    "hidden \u202e turned \u200b around",
    '"double" \\ back',
    "\n starts with a line",
    "emoji \U0001f600 and control \x07\x7f",
)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_text_is_read_as_it_was_written_and_nothing_in_it_is_hidden(drafting, template):
    drafting.says["tiny-q8_0.gguf"] = Inspection(shapes=SHAPES, chat_template=template)
    recipe, text = written(drafting, FakeSource.of("tiny-q8_0.gguf"))
    assert recipe.chat_template == template
    assert all(one.isprintable() or one == "\n" for one in text)


def test_a_card_cannot_write_into_the_recipe(drafting):
    card = "---\nlicense: mit\u2028draft = false\r\n---\n".encode()
    _, text = written(drafting, FakeSource({"tiny-q8_0.gguf": b"x", "README.md": card}), Wishes())
    assert "mit?draft = false" in text
