"""A lab's own model on a real box: written, approved, served, withdrawn, and the box never stops."""

import json
import shutil

import httpx
import pytest

from appliance.catalog.places import recipes_folder
from tests.system.programs import carry_out

pytestmark = pytest.mark.slow
DEMO = recipes_folder() / "handbook-tiny" / "handbook-tiny-q8_0.gguf"


@pytest.fixture
def carrel(box):
    def run(*words: str):
        done = carry_out((*words, "--json"), box.environment)
        return done.returncode, json.loads(done.stdout or done.stderr.splitlines()[-1])

    return run


def ask(box, key: str, model: str) -> httpx.Response:
    body = {"model": model, "messages": [{"role": "user", "content": "Which port does Carrel use?"}]}
    headers = {"authorization": f"Bearer {key}"}
    return httpx.post(f"{box.url}/chat/completions", json=body, headers=headers, timeout=60)


def test_a_model_of_the_lab_comes_and_goes_without_a_restart(box, key, carrel, tmp_path):
    folder = tmp_path / "own-tiny"
    folder.mkdir()
    shutil.copy(DEMO, folder)
    _, written = carrel("recipe", "new", str(folder), "--license", "Apache-2.0")
    recipe = tmp_path / "own.toml"
    recipe.write_text(written["toml"])

    assert carrel("model", "show", "own-tiny")[0] == 3
    code, approved = carrel("recipe", "approve", str(recipe), "--who", "ada")
    assert (code, approved["in_use"]) == (0, True)
    # The recipe's own source is the folder that it was written from.
    assert carrel("model", "pull", "own-tiny")[0] == 0
    shown = carrel("model", "run", "own-tiny")[1]
    assert (shown["state"], shown["approved_by"]) == ("ready", "approved by this lab")
    answer = ask(box, key, "own-tiny")
    assert answer.status_code == 200
    assert "7411" in answer.json()["choices"][0]["message"]["content"]
    headers = {"authorization": f"Bearer {key}"}
    card = httpx.get(f"{box.url}/models/own-tiny", headers=headers).json()["carrel"]
    assert card["approved_by"] == "approved by this lab"

    code, withdrawn = carrel("recipe", "withdraw", "own-tiny", "--yes")
    assert (code, withdrawn["in_use"]) == (0, True)
    assert ask(box, key, "own-tiny").status_code == 404
    assert ask(box, key, "handbook-tiny").status_code == 200


def test_a_recipe_that_is_dropped_or_changed_by_hand_is_used_by_nobody(box, carrel):
    folder = box.home / "box" / "recipes"
    folder.mkdir(exist_ok=True)
    (folder / "dropped.toml").write_text('id = "dropped"\n')
    listed = carrel("recipe", "reload")[1]["recipes"]
    (line,) = [one for one in listed if one["id"] == "dropped"]
    assert line["state"] == "left out"
    assert "carrel recipe approve" in line["reason"]
    assert carrel("model", "run", "dropped")[0] == 3
