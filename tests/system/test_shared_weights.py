"""A lab gives the weights of its own model to another lab: published, pulled from its box, served, withdrawn,
revoked; two real boxes and a real registry.
"""

import hashlib
import time

import httpx
import pytest

from appliance.catalog.places import recipes_folder
from tests.system.labs_of_a_registry import RECORD, Labs, carrel

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

DEMO = recipes_folder() / "handbook-tiny" / "handbook-tiny-q8_0.gguf"
SHA256 = hashlib.sha256(DEMO.read_bytes()).hexdigest()
QUESTION = {"messages": [{"role": "user", "content": "Which port does Carrel listen on?"}], "temperature": 0}
PATIENCE_S = 60


@pytest.fixture(scope="module")
def labs(tmp_path_factory):
    labs = Labs.started(tmp_path_factory.mktemp("labs"))
    yield labs
    labs.stop()


def owns(labs, id, tmp_path) -> None:
    """The owner's box has a model of its own, which its lab has approved."""
    folder = tmp_path / id
    folder.mkdir()
    (folder / f"{id}.gguf").write_bytes(DEMO.read_bytes())
    written = labs.owner.carrel("recipe", "new", str(folder), "--id", id, "--license", "Apache-2.0")
    toml = tmp_path / f"{id}.toml"
    toml.write_text(written["toml"])
    labs.owner.carrel("recipe", "approve", str(toml), "--who", "ada")
    labs.owner.carrel("model", "pull", id)


def shares(labs, id, tmp_path, *more) -> None:
    record = tmp_path / "record.toml"
    record.write_text(RECORD)
    address = labs.owner.url.removesuffix("/v1")
    labs.owner.carrel("share", "weights", id, "--record", str(record), "--address", address, *more)
    labs.sync()
    labs.other.carrel("catalog", "refresh")


def ask(box, key, model):
    return httpx.post(
        f"{box.url}/chat/completions",
        json={"model": model, **QUESTION},
        headers={"authorization": f"Bearer {key}"},
        timeout=60,
    )


def until(told) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not told():
        assert time.monotonic() < deadline
        time.sleep(0.05)  # a process of another kind to wait for: it has no event to offer


def test_weights_reach_another_lab_and_are_taken_back(labs, tmp_path):
    owns(labs, "own", tmp_path)
    checked = labs.owner.carrel("share", "check", "own")
    assert (checked["shared_as"], checked["files"]) == ("north.own", 1)
    shares(labs, "own", tmp_path)
    assert labs.owner.carrel("share", "list")["refused"] == ""
    labs.owner.carrel("catalog", "refresh")
    (line,) = [one for one in labs.owner.carrel("share", "list")["models"] if one["model"] == "north.own"]
    assert (line["kind"], line["state"]) == ("weights", "listed")

    # It is in the other box's catalog; the bytes come from the owner's box, and answer.
    done = labs.other.carrel("model", "pull", "north.own")
    assert (done["state"], done["source"]) == ("done", f"mirror {labs.owner.url}/shared/weights")
    assert labs.other.carrel("model", "run", "north.own")["state"] == "ready"
    key = labs.other.new_key("student")
    answer = ask(labs.other, key, "north.own")
    assert answer.json()["choices"][0]["message"]["content"] == "Carrel listens on port 7411."
    other_id = labs.other.carrel("fed", "status")["box"]
    detail = labs.owner.carrel("share", "show", "own")
    assert detail["record"]["contact"] == "models@north.example"
    assert {one["box"] for one in detail["fetched"]} == {other_id}
    assert sum(one["bytes"] for one in detail["fetched"]) == DEMO.stat().st_size

    # Nobody without a pass gets it, and nothing else of the box is given.
    for path in DEMO.parent.iterdir():
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        told = httpx.get(f"{labs.owner.url}/shared/weights/{sha256}").status_code
        assert told == (401 if sha256 == SHA256 else 404)

    # Withdrawn: not to be had here from now on, and elsewhere from the next refresh on.
    labs.owner.carrel("share", "withdraw", "own")
    assert httpx.get(f"{labs.owner.url}/shared/weights/{SHA256}").status_code == 404
    labs.sync()
    labs.other.carrel("catalog", "refresh")
    code, words = carrel(labs.other.environment, "model", "pull", "north.own", check=False)
    assert (code, "has withdrawn it" in words) == (3, True)
    assert ask(labs.other, key, "north.own").status_code == 200
    labs.other.carrel("model", "stop", "north.own", "--yes")
    assert carrel(labs.other.environment, "model", "run", "north.own", check=False)[0] == 3
    labs.other.carrel("model", "remove", "north.own", "--yes")


def test_a_lease_opens_the_files_and_its_revocation_closes_them(labs, tmp_path):
    owns(labs, "rare", tmp_path)
    shares(labs, "rare", tmp_path, "--lease", "--tier", "registered")
    code, words = carrel(labs.other.environment, "model", "pull", "north.rare", check=False)
    assert code == 4, words
    assert "lease" in words

    box = labs.other.carrel("fed", "status")["box"]
    keeper = labs.owner.environment
    carrel(keeper, "registry", "lease", "issue", box, "north.rare", "--at", labs.at)
    labs.sync()
    assert labs.other.carrel("model", "pull", "north.rare")["state"] == "done"
    assert {one["box"] for one in labs.owner.carrel("share", "show", "rare")["fetched"]} == {box}
    assert labs.other.carrel("model", "run", "north.rare")["state"] == "ready"

    # Revoked by the registry: both boxes know it with their next sync. It is served no more, nor given.
    revoked = ("registry", "lease", "revoke", box, "north.rare", "--reason", "A test.", "--at", labs.at)
    carrel(keeper, *revoked, "--yes")
    labs.sync()
    key = labs.other.new_key("another")
    until(lambda: ask(labs.other, key, "north.rare").status_code in {403, 404, 503})
    code, words = carrel(labs.other.environment, "model", "pull", "north.rare", check=False)
    assert (code, "revoked" in words) == (4, True)
