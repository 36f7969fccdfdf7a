"""An application at a real box and a real registry: over HTTP the applicant sees the exact bytes, agrees, and
is let in once the registry has countersigned.

One box and one registry for all; the first test is of a box that belongs to none yet.
"""

import hashlib
import shutil

import httpx
import pytest

from appliance.policy.access.registry_words import NO_REGISTRY
from tests.system.mortal_box import mortal_box
from tests.system.real_registry import RealRegistry

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory):
    home = tmp_path_factory.mktemp("keeper")
    made = RealRegistry(home)
    address = f"http://{made.host}"
    made.document("init", "--name", "central", "--address", address, "--plain-http", "--port", str(made.port))
    made.document("publish")
    made.document("lease", "policy", "mortal", "--countersign", "person")
    try:
        yield made.start()
    finally:
        made.kill()


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("lab")
    made = mortal_box(folder, hang={}, restarts={})
    recipe = folder / "recipes" / "mortal.toml"
    recipe.write_text(recipe.read_text().replace('tier = "open"', 'tier = "restricted"'))
    installed = folder / "box" / "models" / "mortal"
    installed.mkdir(parents=True)
    shutil.copy(folder / "recipes" / "mortal" / "weights.gguf", installed)
    made.start()
    made.carrel("project", "new", "nlp", "--purpose", "A study.")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def enrolled(box, registry):
    """From here on the box belongs to the registry."""
    box.carrel("fed", "enroll", registry.document("code", "--institution", "North College")["text"])
    return box


class Person:
    """With a key."""

    def __init__(self, box, name: str) -> None:
        box.carrel("person", "new", name, "--project", "nlp")
        key = box.carrel("key", "new", name, "--person", name, "--project", "nlp")["key"]
        self.url, self.headers = box.url, {"authorization": f"Bearer {key}"}

    def post(self, path: str, body: dict) -> httpx.Response:
        return httpx.post(f"{self.url}/{path}", json=body, headers=self.headers, timeout=30)

    def got(self, path: str, body: dict) -> dict:
        answer = self.post(path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def asks(self) -> httpx.Response:
        return self.post("completions", {"model": "mortal", "prompt": "x", "max_tokens": 4})

    def applies(self) -> str:
        self.got("me/agreement/sign", {"text": self.got("me/agreement/show", {})["text_sha256"]})
        text = self.got("me/agreement/show", {"kind": "access"})["text_sha256"]
        form = {"model": "mortal", "affiliation": "Uni", "intended_use": "A study.", "agreement": text}
        return self.got("me/access/apply", form)["id"]


def asked_of(registry, person: str) -> dict:
    [asked] = [
        one for one in registry.document("application", "list")["applications"] if one["person"] == person
    ]
    return asked


def test_without_any_registry_the_reviewers_word_lets_them_in_and_every_answer_says_so(box):
    cyd = Person(box, "cyd")
    application = cyd.applies()
    decided = box.carrel("access", "decide", application, "--approve", "--reason", "Sound.")
    assert decided["registry"] == NO_REGISTRY
    box.carrel("model", "run", "mortal")
    answer = cyd.asks()
    assert answer.status_code == 200
    assert NO_REGISTRY in answer.headers["x-carrel-notice"]
    assert cyd.post("me/access/preview", {"id": application}).status_code == 409


def test_the_applicant_agrees_to_the_exact_bytes_and_the_registry_lets_them_in(enrolled, registry):
    box = enrolled
    ada, bob = Person(box, "ada"), Person(box, "bob")
    application = ada.applies()
    decided = box.carrel("access", "decide", application, "--approve", "--reason", "Sound.")
    assert decided["registry"].startswith("waits for the applicant")
    box.carrel("model", "run", "mortal")
    assert ada.asks().json()["error"]["rule"] == {"name": "countersignature", "waits_for": "applicant"}

    shown = ada.got("me/access/preview", {"id": application})
    assert shown["sha256"] == hashlib.sha256(shown["payload"].encode()).hexdigest()
    agree = {"id": application, "sha256": shown["sha256"][:12]}
    assert bob.post("me/access/preview", {"id": application}).status_code == 404
    assert bob.post("me/access/agree", agree).status_code == 404
    assert ada.post("me/access/agree", {**agree, "sha256": "0" * 12}).status_code == 400
    assert ada.got("me/access/agree", agree)["state"] == "agreed"

    [leaves] = [one for one in box.carrel("fed", "preview")["messages"] if one["kind"] == "application+jws"]
    assert leaves["payload"] == shown["payload"]
    box.carrel("fed", "sync")
    asked = asked_of(registry, "ada")
    assert (asked["person"], asked["project"], asked["model"]) == ("ada", "nlp", "mortal")
    assert ada.asks().json()["error"]["rule"]["waits_for"] == "registry"

    registry.document("application", "decide", asked["id"], "countersign")
    box.carrel("fed", "sync")
    assert ada.asks().status_code == 200
    assert ada.got("me/access/show", {"id": application})["registry"].startswith("countersigned until")


def test_a_no_of_the_registry_is_read_by_the_applicant(enrolled, registry):
    box = enrolled
    dan = Person(box, "dan")
    application = dan.applies()
    box.carrel("access", "decide", application, "--approve", "--reason", "Sound.")
    shown = box.carrel("access", "preview", application)
    box.carrel("access", "agree", application, "--sha256", shown["sha256"], "--who", "Ada, by letter")
    box.carrel("fed", "sync")
    asked = asked_of(registry, "dan")
    registry.document("application", "decide", asked["id"], "deny", "--reason", "Ask again in May.")
    box.carrel("fed", "sync")
    told = dan.got("me/access/show", {"id": application})["registry"]
    assert told == "denied by the registry: Ask again in May."
