"""A real box keeps to licenses: what is missing is refused with the next step, what is taken back ends."""

import asyncio
import hashlib
import shutil
import time
from contextlib import asynccontextmanager

import httpx
import pytest

from appliance.client.admin import AdminClient
from tests.system.box import RealBox
from tests.system.mortal_box import Seen, Streams, mortal_box

pytestmark = pytest.mark.slow

TEXT = "You may study with this model, and do no harm.\n"
SHA256 = hashlib.sha256(TEXT.encode()).hexdigest()
LICENSE = f"""
[license]
expression = "LicenseRef-study"
title = "Study license"
text_sha256 = "{SHA256}"
acceptance = "person"
redistribution = "no"
derivatives = "same-terms"
uses_allowed = ["Study."]
uses_denied = ["Harm."]
"""
WHO = ("--who", "Dr. A", "--authority", "head of the lab", "--purpose", "study")
MOST_S = 1.0


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory):
    """``mortal`` under a license that each has to accept, ``neighbor`` for approved projects, ``leased``."""
    folder = tmp_path_factory.mktemp("home")
    box = mortal_box(folder, hang={}, restarts={})
    recipes = folder / "recipes"
    (recipes / "licenses").mkdir()
    (recipes / "licenses" / "study.txt").write_text(TEXT)
    neighbor = (recipes / "neighbor.toml").read_text()
    licensed = neighbor.replace('license = "Apache-2.0"\n', "")
    lease = LICENSE.replace('"person"', '"none"').replace('uses_denied = ["Harm."]', "lease = true")
    (recipes / "mortal.toml").write_text(licensed.replace('"neighbor"', '"mortal"') + LICENSE)
    (recipes / "leased.toml").write_text(licensed.replace('"neighbor"', '"leased"') + lease)
    shutil.copytree(recipes / "neighbor", recipes / "leased")
    (recipes / "neighbor.toml").write_text(neighbor.replace('tier = "open"', 'tier = "approved"'))
    box.start()
    yield box
    box.stop()


def refusal(box: RealBox, *words: str) -> tuple[int, str]:
    """Exit code and words of a command that fails."""
    try:
        box.carrel(*words)
    except AssertionError as failed:
        _, _, said = str(failed).partition(": exit ")
        code, _, words_said = said.partition(": ")
        return int(code), " ".join(words_said.split())
    raise AssertionError("it was not refused")


def client(box: RealBox, key: str) -> httpx.Client:
    return httpx.Client(base_url=box.url, headers={"authorization": f"Bearer {key}"}, timeout=30)


def ask(http: httpx.Client, path: str = "chat/completions", model: str = "mortal", **fields: object) -> dict:
    body = {"model": model, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 4, **fields}
    answer = http.post(path, json=body)
    return {"status": answer.status_code, **answer.json()}


async def test_from_refused_to_accepted_to_withdrawn_while_streams_run(box: RealBox):
    code, words = refusal(box, "model", "run", "mortal")
    assert code == 4
    assert f"carrel license accept mortal --text {SHA256[:12]} --who NAME --authority ROLE" in words
    key = box.new_key()
    with client(box, key) as http:
        first = ask(http)
        assert (first["status"], first["error"]["code"]) == (403, "not_licensed")
        assert first["error"]["license"] == {"lacks": "acceptance"}
        assert "Ask who runs the box" in first["error"]["message"]
        assert http.get("models").json()["data"] == []
        assert http.get("me/licenses").json()["data"] == []
        assert box.carrel("license", "show", "mortal", "--text")["text"] == TEXT
        accepted = box.carrel("license", "accept", "mortal", "--text", SHA256[:12], *WHO)
        assert accepted["terms"]["lacks"] is None
        assert box.carrel("model", "run", "mortal")["state"] == "ready"
        mine = ask(http)
        assert (mine["status"], mine["error"]["license"]) == (403, {"lacks": "personal_acceptance"})
        anthropic = ask(http, "messages")
        assert (anthropic["status"], anthropic["error"]["type"]) == (403, "permission_error")
        assert [one["id"] for one in http.get("models").json()["data"]] == ["mortal"]
        [asked] = http.get("me/licenses").json()["data"]
        assert (asked["state"], asked["text"]) == ("not_accepted", TEXT)
        body = {"model": "mortal", "text_sha256": asked["text_sha256"], "purpose": "course"}
        assert http.post("me/licenses", json=body).json()["state"] == "accepted"
        assert ask(http)["status"] == 200
    await _withdrawn_while_streams_run(box, key)
    with client(box, key) as http:
        assert ask(http)["error"]["license"] == {"lacks": "acceptance"}
    assert box.carrel("model", "show", "mortal")["state"] == "available"
    box.stop()
    box.start()
    assert box.carrel("model", "show", "mortal")["state"] == "available"
    assert refusal(box, "model", "run", "mortal")[0] == 4
    assert [one["state"] for one in box.carrel("license", "show", "mortal")["acceptances"]] == [
        "withdrawn", "holds",
    ]  # fmt: skip


async def _withdrawn_while_streams_run(box: RealBox, key: str) -> None:
    async with streaming(box, key) as streams:
        seen = [Seen() for _ in range(8)]
        running = [asyncio.create_task(streams.one(one)) for one in seen]
        await asyncio.gather(*(one.flowing.wait() for one in seen))
        began_s = time.monotonic()
        answer = await asyncio.to_thread(act, box, "license.withdraw", model="mortal")
        await asyncio.gather(*running)
    assert "not served any more" in answer.note
    check_ended(seen, began_s)


@asynccontextmanager
async def streaming(box: RealBox, key: str, model: str = "mortal"):
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(
        base_url=box.url + "/", headers=headers, timeout=60, trust_env=False
    ) as http:
        yield Streams(http, model)


def act(box: RealBox, action: str, **arguments: str):
    """Have it carried out without the start of a command, which would be measured too."""
    with AdminClient(box.home / "box" / "run" / "admin.sock") as admin:
        return admin.run(action, arguments)


def check_ended(seen: list[Seen], began_s: float, code: str = "not_licensed") -> None:
    """Every stream was told why it ended, within a second."""
    assert {(one.error or {}).get("code") for one in seen} == {code}
    slowest_s = max(one.end_s for one in seen) - began_s
    print(f"{len(seen)} streams ended within {slowest_s:.3f} s")
    assert slowest_s < MOST_S


def sign(box: RealBox, project: str) -> None:
    """The one command that a model of tier registered wants of a project whose keys are of nobody."""
    digits = box.carrel("agreement", "show")["text_sha256"][:12]
    words = ("--project", project, "--who", "Dr. A", "--text", digits, "--purpose", "A study.")
    assert box.carrel("agreement", "sign", *words)["for_project"]


async def test_a_grant_is_needed_and_revoking_ends_the_projects_streams(box: RealBox):
    box.carrel("project", "new", "nlp")
    code, words = refusal(box, "model", "run", "neighbor")
    assert (code, "carrel access grant neighbor --project PROJECT" in words) == (4, True)
    granted = box.carrel("access", "grant", "neighbor", "--project", "nlp", "--days", "2")["grants"]
    assert [one["state"] for one in granted] == ["holds"]
    assert box.carrel("model", "run", "neighbor")["state"] == "ready"
    inside, outside = box.new_key("in", "--project", "nlp"), box.new_key("out")
    with client(box, inside) as http:
        first = ask(http, model="neighbor")
        assert (first["status"], first["error"]["rule"]) == (
            403, {"name": "agreement", "waits_for": "operator"},
        )  # fmt: skip
        assert http.get("models").json()["data"] == []
        [mine] = [one for one in http.get("me").json()["access"] if one["model"] == "neighbor"]
        assert (mine["lacks"], mine["next"]) == ("agreement", first["error"]["message"])
        sign(box, "nlp")
        assert ask(http, model="neighbor")["status"] == 200
    sign(box, "default")
    with client(box, outside) as http:
        refused = ask(http, model="neighbor")["error"]
        assert refused["message"].endswith("`carrel access grant neighbor --project default`.")
        assert refused["rule"] == {"name": "grant", "waits_for": "reviewer"}
    async with streaming(box, inside, "neighbor") as streams:
        seen = Seen()
        running = asyncio.create_task(streams.one(seen))
        await seen.flowing.wait()
        began_s = time.monotonic()
        await asyncio.to_thread(act, box, "access.revoke", model="neighbor", project="nlp")
        await running
    check_ended([seen], began_s, "not_permitted")
    assert box.carrel("model", "show", "neighbor")["state"] == "ready"


def test_a_lease_that_is_not_there_is_named(box: RealBox):
    code, words = refusal(box, "model", "run", "leased")
    assert (code, "only under a lease of its registry, and this box has none" in words) == (4, True)
    with client(box, box.new_key()) as http:
        assert ask(http, model="leased")["error"]["license"] == {"lacks": "lease"}
