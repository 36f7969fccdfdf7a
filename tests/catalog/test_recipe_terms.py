"""A license is open only where its name is known to be; all others say what they allow, and who accepts."""

import pytest

from appliance.catalog.recipes import load_catalog
from appliance.errors import ConfigInvalid

HASH = "a" * 64
TABLE = {
    "expression": '"LicenseRef-lab"',
    "title": '"Our terms"',
    "acceptance": '"institution"',
    "redistribution": '"no"',
    "derivatives": '"same-terms"',
    "text_sha256": f'"{HASH}"',
    "uses_denied": '["War."]',
    "on_lapse": '"stop"',
    "on_revocation": '"delete"',
    "lease": "true",
}


@pytest.fixture
def load(tmp_path, recipe_text):
    def load(license: str | dict[str, str], *, draft: bool = False):
        text = recipe_text.replace('license = "Apache-2.0"\n', "draft = true\n" if draft else "")
        if isinstance(license, str):
            text = f'license = "{license}"\n{text}'
        else:
            lines = "\n".join(f"{name} = {value}" for name, value in license.items())
            text = text.replace("[defaults]", f"[license]\n{lines}\n[defaults]")
        (tmp_path / "tiny.toml").write_text(text)
        return load_catalog(tmp_path).recipes[0].terms

    return load


def test_a_well_known_open_license_is_named_and_nothing_more(load):
    terms = load("MIT")
    assert (terms.expression, terms.title, terms.acceptance) == ("MIT", "MIT License", "none")
    assert (terms.redistribution, terms.derivatives, terms.uses_denied) == ("yes", "yes", ())


@pytest.mark.parametrize(
    "name", ["LicenseRef-scancode-llama-3.1-license-2024", "CC-BY-NC-4.0", "mit", "GPL-3.0-only"]
)
def test_a_license_that_is_not_known_as_open_needs_its_terms(load, name):
    with pytest.raises(ConfigInvalid, match=r"tiny\.toml.*none of the open ones"):
        load(name)


def test_in_a_draft_it_may_stand_alone_and_allows_nothing(load):
    terms = load("LicenseRef-unread", draft=True)
    assert (terms.expression, terms.redistribution, terms.derivatives) == ("LicenseRef-unread", "no", "no")


def test_a_table_says_everything(load):
    terms = load(TABLE)
    assert (terms.expression, terms.title, terms.text_sha256) == ("LicenseRef-lab", "Our terms", HASH)
    assert (terms.acceptance, terms.redistribution, terms.derivatives) == ("institution", "no", "same-terms")
    assert (terms.uses_denied, terms.lease, terms.on_lapse, terms.on_revocation) == (
        ("War.",),
        True,
        "stop",
        "delete",
    )


@pytest.mark.parametrize("missing", ["acceptance", "redistribution", "derivatives", "title", "expression"])
def test_what_limits_others_has_no_default(load, missing):
    with pytest.raises(ConfigInvalid, match=missing):
        load({name: value for name, value in TABLE.items() if name != missing})


def test_nobody_accepts_a_text_that_is_not_known(load):
    with pytest.raises(ConfigInvalid, match="text_sha256"):
        load({name: value for name, value in TABLE.items() if name != "text_sha256"})


def test_denied_uses_need_somebody_who_accepts_them(load):
    with pytest.raises(ConfigInvalid, match="uses_denied"):
        load({**TABLE, "acceptance": '"none"'})


@pytest.mark.parametrize("name", ["redistribution", "derivatives"])
def test_no_license_is_open_by_accident(load, name):
    table = {**TABLE, "acceptance": '"none"', "uses_denied": "[]", name: '"yes"'}
    with pytest.raises(ConfigInvalid, match="none of the open licenses"):
        load(table)
    with pytest.raises(ConfigInvalid, match="none of the open licenses"):
        load({**table, "expression": '"Apache-2.0 AND LicenseRef-lab"'})
    assert load({**table, "expression": '"Apache-2.0 OR (MIT AND CC0-1.0)"'}).acceptance == "none"


def test_a_model_of_the_lab_s_own_needs_no_ceremony(load):
    table = {**TABLE, "acceptance": '"none"', "uses_denied": "[]"}
    assert load({name: value for name, value in table.items() if name != "text_sha256"}).acceptance == "none"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("expression", '"one\\ntwo"'),
        ("expression", '""'),
        ("acceptance", '"nobody"'),
        ("redistribution", '"maybe"'),
        ("text_sha256", '"abc"'),
        ("on_lapse", '"ignore"'),
        ("on_revocation", '"keep"'),
        ("unknown", '"x"'),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(load, name, value):
    with pytest.raises(ConfigInvalid, match=name):
        load({**TABLE, name: value})
