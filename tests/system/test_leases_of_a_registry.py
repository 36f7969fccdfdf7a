"""A real box at a real registry: a lease is asked for, served under, and taken back by the next sync."""

import asyncio
import shutil
import time

import httpx
import pytest

from tests.system.mortal_box import Seen, Streams, mortal_box
from tests.system.real_registry import RealRegistry
from tests.system.test_access import LEASED

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory):
    home = tmp_path_factory.mktemp("keeper")
    made = RealRegistry(home)
    address = f"http://{made.host}"
    made.document("init", "--name", "central", "--address", address, "--plain-http", "--port", str(made.port))
    made.document("publish")
    made.document("agreement", "add", "North College", "--model", "mortal", "--until", "2099-01-01")
    try:
        yield made.start()
    finally:
        made.kill()


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory, registry: RealRegistry):
    folder = tmp_path_factory.mktemp("lab")
    made = mortal_box(folder, hang={}, restarts={}, options={"step_delay_ms": "30"})
    recipe = folder / "recipes" / "mortal.toml"
    recipe.write_text(recipe.read_text().replace('license = "Apache-2.0"\n', "") + LEASED)
    installed = folder / "box" / "models" / "mortal"
    installed.mkdir(parents=True)
    shutil.copy(folder / "recipes" / "mortal" / "weights.gguf", installed)
    made.start()
    made.carrel("fed", "enroll", registry.document("code", "--institution", "North College")["text"])
    yield made
    made.stop()


def lease_of(box, state):
    return [one for one in box.carrel("license", "leases")["leases"] if one["state"] == state]


async def test_a_lease_is_asked_for_served_under_and_taken_back_at_the_next_sync(box, registry):
    box.carrel("fed", "sync")
    [held] = lease_of(box, "valid")
    assert held["model"] == "mortal"
    assert box.carrel("model", "run", "mortal")["state"] == "ready"
    headers = {"authorization": f"Bearer {box.new_key()}"}
    async with httpx.AsyncClient(
        base_url=box.url + "/", headers=headers, timeout=60, trust_env=False
    ) as http:
        watched = Seen()
        stream = asyncio.create_task(Streams(http).one(watched, max_tokens=3500))
        await asyncio.wait_for(watched.flowing.wait(), 30)
        taken = registry.document("lease", "revoke", held["id"], "--reason", "The agreement has ended.")
        assert taken["state"] == "revoked"
        await asyncio.to_thread(box.carrel, "fed", "sync")
        synced_s = time.monotonic()
        seen = await stream
        late_s = time.monotonic() - synced_s
        print(f"the stream ended {late_s:.3f} s after the sync had ended")
        again = await http.post(
            "chat/completions", json={"model": "mortal", "messages": [{"role": "user", "content": "x"}]}
        )
    assert (seen.error["code"], seen.error["license"]) == ("not_licensed", {"lacks": "lease"})
    assert late_s < 1
    assert (again.status_code, again.json()["error"]["license"]) == (403, {"lacks": "lease"})
    away = box.home / "box" / "models" / ".quarantine" / "mortal" / "weights.gguf"
    deadline = time.monotonic() + 60
    while not away.exists() and time.monotonic() < deadline:
        await asyncio.sleep(0.02)  # the box does it in its own time
    assert away.exists()
    assert any("has taken back the lease of mortal" in one for one in box.carrel("status")["alarms"])
    box.carrel("fed", "sync")
    issued = registry.document("lease", "issue", held_box(registry), "mortal", "--days", "7")
    box.carrel("fed", "sync")
    assert [one["id"] for one in lease_of(box, "valid")] == [issued["id"]]
    deadline = time.monotonic() + 60
    while away.exists() and time.monotonic() < deadline:
        await asyncio.sleep(0.02)  # as above
    assert not away.exists()
    assert box.carrel("model", "run", "mortal")["state"] == "ready"


def held_box(registry):
    [box] = registry.document("boxes")["boxes"]
    return box["name"]


def test_a_class_that_outlasts_the_lease_is_warned_of_until_a_term_lease_is_here(box):
    box.carrel("fed", "sync")
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 100 * 86_400))
    opened = box.carrel("project", "new", "cs101", "--kind", "course", "--ends", day)
    assert "`carrel fed lease mortal" in opened["warnings"][0]
    wished = box.carrel("fed", "lease", "mortal", "--until", day, "--project", "cs101")
    assert wished["requests"][0]["project"] == "cs101"
    box.carrel("fed", "sync")
    assert [one["term"] for one in lease_of(box, "valid")] == [False, True]
    assert box.carrel("project", "show", "cs101")["warnings"] == []
