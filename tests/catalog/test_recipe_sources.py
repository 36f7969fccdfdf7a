"""Where files come from, what they are called there, and what a draft may leave open."""

import pytest

from appliance.catalog.recipes import load_catalog
from appliance.domain.recipe import EngineOptions, FidelityFigures
from appliance.domain.shapes import ModelShapes
from appliance.domain.source import WeightSource
from appliance.errors import ConfigInvalid

COMMIT = "0123456789abcdef0123456789abcdef01234567"
ZEROS = "0" * 64
HUB = f'[[sources]]\nkind = "hub"\nrepository = "lab/tiny"\ncommit = "{COMMIT}"\n'
ARCHITECTURE = {
    "matrix_weights": 100, "other_weights": 20, "layers": 2, "heads": 4, "kv_heads": 2, "key_size": 8,
    "value_size": 8, "width": 32, "vocabulary": 64,
}  # fmt: skip


@pytest.fixture
def load(tmp_path):
    def load(text: str):
        (tmp_path / "tiny.toml").write_text(text)
        return load_catalog(tmp_path).recipes[0]

    return load


def before_forms(text: str, more: str) -> str:
    return text.replace("[[forms]]", more + "[[forms]]", 1)


def test_every_kind_of_place_is_read_in_its_order(load, recipe_text):
    places = (
        HUB
        + '[[sources]]\nkind = "https"\naddress = "https://files.example.org/tiny/"\n'
        + '[[sources]]\nkind = "mirror"\naddress = "http://10.0.0.7:8000/blobs"\n'
        + '[[sources]]\nkind = "folder"\nfolder = "/media/stick/tiny/"\n'
    )
    recipe = load(before_forms(recipe_text, places))
    expected = (
        WeightSource("hub", repository="lab/tiny", commit=COMMIT),
        WeightSource("https", address="https://files.example.org/tiny"),
        WeightSource("mirror", address="http://10.0.0.7:8000/blobs"),
        WeightSource("folder", folder="/media/stick/tiny"),
    )
    assert [form.sources for form in recipe.forms] == [expected, expected]


def test_a_form_with_places_of_its_own_has_no_others(load, recipe_text):
    own = '[[forms.sources]]\nkind = "folder"\nfolder = "/srv"\n'
    recipe = load(before_forms(recipe_text, HUB) + own)
    assert recipe.forms[1].sources == (WeightSource("folder", folder="/srv"),)
    assert recipe.forms[0].sources[0].kind == "hub"


def test_a_recipe_without_places_has_files_that_somebody_puts_there(load, recipe_text):
    assert load(recipe_text).forms[0].sources == ()


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ('kind = "hub"\nrepository = "tiny"', "repository"),
        ('kind = "hub"\nrepository = "lab/../tiny"', "repository"),
        ('kind = "hub"\nrepository = "lab/tiny/more"', "repository"),
        ('kind = "hub"\nrepository = "lab/.tiny"', "repository"),
        (f'kind = "hub"\nrepository = "lab/tiny"\ncommit = "{COMMIT[:39]}"', "commit"),
        ('kind = "hub"\nrepository = "lab/tiny"\ncommit = "main"', "commit"),
        ('kind = "hub"\nrepository = "lab/tiny"', "commit"),
        (f'kind = "hub"\nrepository = "lab/tiny"\ncommit = "{COMMIT}"\nfolder = "/srv"', "folder"),
        ('kind = "https"\naddress = "http://files.example.org"', "http://"),
        ('kind = "https"\naddress = "https://me:secret@files.example.org"', "nothing else"),
        ('kind = "https"\naddress = "https://files.example.org/?a=b"', "nothing else"),
        ('kind = "mirror"\naddress = "ftp://files.example.org"', "https://"),
        ('kind = "mirror"\naddress = "https://files.example.org/../x"', "plain"),
        ('kind = "folder"\nfolder = "media/stick"', "folder"),
        ('kind = "folder"\nfolder = "/media/../etc"', "folder"),
        ('kind = "folder"\nfolder = "/media\\nstick"', "folder"),
        ('kind = "torrent"', "kind"),
        ('repository = "lab/tiny"', "kind"),
    ],
)
def test_a_wrong_place_is_refused(load, recipe_text, place, says):
    with pytest.raises(ConfigInvalid, match=r"tiny\.toml") as refused:
        load(before_forms(recipe_text, f"[[sources]]\n{place}\n"))
    assert says in refused.value.message
    assert "secret@" not in refused.value.message


def test_a_file_may_lie_elsewhere_there(load, recipe_text):
    text = recipe_text.replace("size_bytes = 10", 'path = "q8/part-1/tiny_q8+x.gguf"\nsize_bytes = 10')
    assert [file.source_path for form in load(text).forms for file in form.files] == [
        "q8/part-1/tiny_q8+x.gguf",
        "tiny-f16.gguf",
    ]


@pytest.mark.parametrize(
    "path",
    [
        "/a",
        "a/",
        "a//b",
        "../a",
        "a/../b",
        "a/.git",
        "a\\\\b",
        "a%2fb",
        "a b",
        "a\\nb",
        "",
        "a?b",
        "/".join("abcdefghi"),
    ],
)
def test_a_path_that_could_lead_elsewhere_is_refused(load, recipe_text, path):
    with pytest.raises(ConfigInvalid, match="path"):
        load(recipe_text.replace("size_bytes = 10", f'path = "{path}"\nsize_bytes = 10'))


@pytest.mark.parametrize(
    ("line", "field"), [("size_bytes = 10\n", "size_bytes"), (f'sha256 = "{ZEROS}"\n', "sha256")]
)
def test_only_a_draft_may_leave_out_what_a_file_is(load, recipe_text, line, field):
    assert line in recipe_text
    text = recipe_text.replace(line, "", 1)
    with pytest.raises(ConfigInvalid, match=rf"`{field}` of tiny-q8\.gguf"):
        load(text)
    file = load(f"draft = true\n{text}").forms[0].files[0]
    assert getattr(file, field) in (0, "")


def test_only_a_draft_may_leave_out_the_commit(load, recipe_text):
    moving = before_forms(recipe_text, HUB.replace(f'commit = "{COMMIT}"\n', ""))
    with pytest.raises(ConfigInvalid, match="`commit` of lab/tiny"):
        load(moving)
    assert load(f"draft = true\n{moving}").forms[0].sources[0].commit == ""
    own = '[[forms.sources]]\nkind = "hub"\nrepository = "lab/own"\n'
    with pytest.raises(ConfigInvalid, match="`commit` of lab/own in form f16"):
        load(recipe_text + own)
    assert load(f"draft = true\n{recipe_text}{own}").forms[1].sources[0].repository == "lab/own"


def test_one_name_is_one_file(load, recipe_text):
    shared = recipe_text.replace("tiny-f16.gguf", "tiny-q8.gguf")
    with pytest.raises(ConfigInvalid, match=r"tiny-q8\.gguf is named twice"):
        load(shared)
    same = shared.replace("size_bytes = 20", "size_bytes = 10").replace("1" * 64, ZEROS)
    assert load(same).forms[0].files == load(same).forms[1].files


def test_the_sizes_that_decide_what_a_token_costs_are_read(load, recipe_text):
    lines = "\n".join(f"{name} = {value}" for name, value in ARCHITECTURE.items())
    recipe = load(before_forms(recipe_text, f"[architecture]\n{lines}\nwindow_tokens = [0, 512]\n"))
    assert recipe.shapes == ModelShapes(**ARCHITECTURE, window_tokens=(0, 512))
    with pytest.raises(ConfigInvalid, match="window_tokens"):
        load(before_forms(recipe_text, f"[architecture]\n{lines}\nwindow_tokens = [0]\n"))
    with pytest.raises(ConfigInvalid, match="kv_heads"):
        load(before_forms(recipe_text, f"[architecture]\n{lines.replace('kv_heads = 2', 'kv_heads = 5')}\n"))


def test_what_its_training_took_is_read(load, recipe_text):
    assert load("training_gflop = 430_000_000_000_000\n" + recipe_text).training_gflop == 43 * 10**13
    assert load(recipe_text).training_gflop == 0


def test_figures_of_faithfulness_are_read(load, recipe_text):
    lines = (
        '[forms.fidelity]\nreference = "f32"\ntext = "A book."\n'
        "micronats_more = -1500\ntop1_agreement_ppm = 987_654\n"
    )
    assert load(recipe_text + lines).forms[1].figures == FidelityFigures("f32", -0.0015, 0.987654, "A book.")
    with pytest.raises(ConfigInvalid, match="top1_agreement_ppm"):
        load(recipe_text + lines.replace("987_654", "1_000_001"))


def test_a_form_asks_its_engine_for_what_it_needs(load, recipe_text):
    recipe = load(recipe_text + '[forms.engine_options]\nkv_layout = "unified"\ndeterministic = true\n')
    assert [form.options for form in recipe.forms] == [
        EngineOptions(),
        EngineOptions("unified", deterministic=True),
    ]
    for line in ("flash_attention = false", 'kv_layout = "auto"', "threads = 4"):
        with pytest.raises(ConfigInvalid, match=r"tiny\.toml"):
            load(f"{recipe_text}[forms.engine_options]\n{line}\n")
    vllm = recipe_text.replace(
        'name = "f16"\nengine = "llama_cpp"', 'name = "f16"\nengine = "vllm"\nprecision = "bfloat16"'
    )
    with pytest.raises(ConfigInvalid, match="vllm"):
        load(f"{vllm}[forms.engine_options]\ndeterministic = true\n")
