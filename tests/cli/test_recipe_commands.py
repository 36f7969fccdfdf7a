"""`carrel recipe`: from a folder to a model of this lab, with and without a running box."""

import re

import pytest

from appliance.catalog.places import recipes_folder
from appliance.domain.results import RecipeLine, RecipeList
from tests.catalog.lab_folders import TEXT, licensed, toml

DEMO = recipes_folder() / "handbook-tiny"


@pytest.fixture
def recipe(tmp_path):
    """Writes a recipe into a file and answers its path."""

    def write(text: str) -> str:
        path = tmp_path / "mine.toml"
        path.write_text(text)
        return str(path)

    return write


def knows(box, id: str, reason: str | None = None) -> None:
    """The box that runs lists that recipe."""
    line = RecipeLine(id=id, revision=1, title="", state="approved", approved_by="this lab", reason=reason)
    box.handlers.answers["recipe.reload"] = RecipeList(recipes=(line,))


def test_a_folder_becomes_an_approved_model(carrel, recipe, tmp_path):
    written = carrel("recipe", "new", str(DEMO), "--id", "own", "--license", "Apache-2.0")
    assert written.code == 0
    assert "Hashing handbook-tiny-q8_0.gguf" in written.err
    approved = carrel("recipe", "approve", recipe(written.out), "--who", "ada", "--json").document
    assert (approved["id"], approved["approved_by"], approved["who"]) == (
        "own",
        "approved by this lab",
        "ada",
    )
    assert approved["in_use"] is False
    assert sorted(path.name for path in (tmp_path / "recipes").iterdir()) == ["own.approval", "own.toml"]


def test_a_recipe_whose_terms_are_not_said_says_what_is_missing(carrel, recipe):
    written = carrel("recipe", "new", str(DEMO), "--id", "own", "--json")
    assert "Missing: the terms" in written.err
    assert written.document["draft"]
    assert "the terms" in written.document["missing"][0]
    refused = carrel("recipe", "approve", recipe(written.document["toml"]))
    assert refused.code == 2
    assert "own is a draft. It lacks the terms" in refused.err


def test_the_box_that_runs_is_told(carrel, box, recipe):
    knows(box, "own")
    done = carrel("recipe", "approve", recipe(toml()))
    assert (done.code, box.handlers.calls) == (0, [("recipe.reload", {})])
    assert "own, revision 1, is approved by this lab" in done.out
    assert "`carrel model run own`" in done.out


@pytest.mark.parametrize("id", ["own", "another"])
def test_a_box_that_does_not_use_it_is_no_success(carrel, box, recipe, id):
    knows(box, id, "It was left out.")
    done = carrel("recipe", "approve", recipe(toml()))
    assert done.code != 0
    assert "the box that runs does not use it" in done.err


def test_a_license_text_comes_along(carrel, recipe, tmp_path):
    text = tmp_path / "license.txt"
    text.write_bytes(TEXT)
    done = carrel("recipe", "approve", recipe(licensed()), "--license-text", str(text))
    assert done.code == 0, done.err
    assert [path.read_bytes() for path in (tmp_path / "licenses").iterdir()] == [TEXT]


def test_what_is_withdrawn_is_kept_beside(carrel, recipe, tmp_path):
    carrel("recipe", "approve", recipe(toml()))
    done = carrel("recipe", "withdraw", "own")
    assert done.code == 0
    assert f"kept as {tmp_path / 'recipes' / 'own.withdrawn'}" in done.out
    assert carrel("recipe", "withdraw", "own").code == 3


def test_who_approves_is_the_user_who_became_root(carrel, recipe):
    carrel.environ["SUDO_USER"] = "grace"
    assert carrel("recipe", "approve", recipe(toml()), "--json").document["who"] == "grace"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("new", "nothing-of-that-name"), 3, "no folder, and no draft of this box"),
        (("new", "handbook-tiny"), 2, "handbook-tiny is complete"),
        (("new", str(DEMO)), 2, "handbook-tiny is complete; .* another --id"),
        (
            ("new", str(DEMO), "--id", "own", "--license", "GPL-2.0-only"),
            2,
            "none of the known open licenses",
        ),
        (("new", str(DEMO), "--id", "../own", "--license", "MIT"), 2, r"\$\.id"),
        (("approve", "absent.toml"), 2, r"absent\.toml cannot be read"),
    ],
)
def test_what_does_not_work_says_the_next_step(carrel, words, code, says):
    done = carrel("recipe", *words)
    assert done.code == code
    assert re.search(says, done.err)


def test_a_box_without_a_network_asks_no_hub(carrel):
    carrel.environ["CARREL_OFFLINE"] = "true"
    done = carrel("recipe", "new", "hub:lab/tiny")
    assert done.code == 7


def test_doctor_names_an_alias_whose_model_is_gone(carrel):
    carrel.environ["CARREL_ALIASES"] = "gone=nothing,here=handbook-tiny"
    (check,) = [one for one in carrel("doctor", "--json").document["checks"] if one["id"] == "aliases"]
    assert (check["state"], check["reason"]) == ("warn", "no model of the catalog is meant by gone")


def test_doctor_names_a_recipe_that_is_not_used(carrel, tmp_path):
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "own.toml").write_text(toml())
    (check,) = [one for one in carrel("doctor", "--json").document["checks"] if one["id"] == "recipes"]
    assert (check["state"], check["fix"]) == ("warn", "carrel recipe list")
    assert "own: Recipe own.toml is not approved" in check["reason"]
