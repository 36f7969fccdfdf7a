"""A real box: whoever loses a key, is suspended or leaves is refused within a second; their streams end."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from appliance.client.admin import AdminClient
from tests.people.exports import CANVAS
from tests.system.box import RealBox
from tests.system.mortal_box import Seen, Streams, mortal_box

pytestmark = pytest.mark.slow

REFUSED_S, ENDED_S = 1.0, 5.0
STREAMS = 4
LOSSES = {
    "key.revoke": (lambda key, project, person: {"id": key["id"]}, 401, None),
    "person.end": (lambda key, project, person: {"person": person}, 403, "person"),
    "member.remove": (
        lambda key, project, person: {"person": person, "project": project},
        403,
        "membership",
    ),
    "project.close": (lambda key, project, person: {"project": project}, 403, "project"),
    "project.set": (lambda key, project, person: {"project": project, "ends": "2020-01-01"}, 403, "project"),
}
"""What an operator does, and how the key is refused afterward."""


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory):
    box = mortal_box(tmp_path_factory.mktemp("home"), hang={}, restarts={}).start()
    box.carrel("model", "run", "mortal")
    yield box
    box.stop()


@asynccontextmanager
async def client(box: RealBox, key: dict) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"authorization": f"Bearer {key['key']}"}
    async with httpx.AsyncClient(
        base_url=box.url + "/", headers=headers, timeout=60, trust_env=False
    ) as http:
        yield http


def act(box: RealBox, action: str, **arguments: str):
    """Have it carried out without the start of a command, which would be measured too."""
    with AdminClient(box.home / "box" / "run" / "admin.sock") as admin:
        return admin.run(action, arguments)


async def ask(http: httpx.AsyncClient) -> httpx.Response:
    body = {"model": "mortal", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2}
    return await http.post("chat/completions", json=body)


async def refused_after(http: httpx.AsyncClient, began_s: float) -> tuple[float, httpx.Response]:
    """How long it took until a request is refused."""
    while (answer := await ask(http)).status_code == 200:
        assert time.monotonic() - began_s < ENDED_S
    return time.monotonic() - began_s, answer


@pytest.mark.parametrize("action", LOSSES)
async def test_what_is_lost_is_lost_at_once_with_streams_in_flight(box: RealBox, action: str):
    arguments, status, rule = LOSSES[action]
    name = action.replace(".", "-")
    act(box, "project.new", project=name)
    act(box, "person.new", person=f"p-{name}", project=name)
    key = box.carrel("key", "new", "x", "--project", name, "--person", f"p-{name}")
    async with client(box, key) as http:
        seen = [Seen() for _ in range(STREAMS)]
        running = [asyncio.create_task(Streams(http).one(one)) for one in seen]
        await asyncio.gather(*(one.flowing.wait() for one in seen))
        began_s = time.monotonic()
        await asyncio.to_thread(act, box, action, **arguments(key, name, f"p-{name}"))
        refused_s, answer = await refused_after(http, began_s)
        await asyncio.gather(*running)
        ended_s = max(one.end_s for one in seen) - began_s
    print(f"{action}: refused after {refused_s:.3f} s, {STREAMS} streams ended after {ended_s:.3f} s")
    assert refused_s <= REFUSED_S
    assert ended_s <= ENDED_S
    assert answer.status_code == status
    assert answer.json()["error"].get("rule", {}).get("name") == rule


async def test_a_class_is_made_led_and_used_without_a_form(box: RealBox, tmp_path: Path):
    roster = tmp_path / "class.csv"
    roster.write_bytes(CANVAS.encode("utf-16"))
    act(box, "project.new", project="seminar", kind="course")
    act(box, "person.new", person="prof", project="seminar", lead=True)
    words = ("person", "import", str(roster), "--project", "seminar", "--key")
    assert box.carrel(*words, "--dry-run")["new"] == 2
    taken_in = box.carrel(*words)
    keys = {one["person"]: one for one in taken_in["lines"] if one["key"]}
    assert list(keys) == ["ioakley", "jbrandt"]
    async with client(box, keys["ioakley"]) as http:
        assert (await ask(http)).status_code == 200
        mine = (await http.post("me/key/list", json={})).json()["keys"]
        assert [one["id"] for one in mine] == [keys["ioakley"]["key_id"]]
    lead = box.carrel("key", "new", "x", "--project", "seminar", "--person", "prof")
    async with client(box, lead) as http:
        listed = (await http.post("projects/seminar/member/list", json={})).json()["members"]
        assert {one["person"]: one["part"] for one in listed} == {
            "ioakley": "member",
            "jbrandt": "member",
            "prof": "lead",
        }
        gone = await http.post("projects/seminar/member/remove", json={"person": "jbrandt"})
        assert gone.status_code == 200
        assert (await http.post("projects/default/member/list", json={})).status_code == 404
    async with client(box, keys["jbrandt"]) as http:
        assert (await ask(http)).json()["error"]["rule"] == {"name": "membership", "waits_for": "lead"}
        assert (await http.get("me")).status_code == 403
