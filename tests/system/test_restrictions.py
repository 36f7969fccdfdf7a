"""A real box whose lab restricts a model: at once, over every endpoint, for batches, after a restart."""

import json
import sqlite3
from collections.abc import Iterator

import httpx
import pytest

from tests.system.box import RealBox

pytestmark = pytest.mark.slow

MODEL = "handbook-tiny"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealBox]:
    box = RealBox(tmp_path_factory.mktemp("home")).start()
    yield box
    box.stop()


@pytest.fixture
def box(running: RealBox) -> Iterator[RealBox]:
    """With nothing restricted but what the release does."""
    yield running
    for one in running.carrel("restriction", "list")["restrictions"]:
        if one["id"] != "tier:restricted":
            running.carrel("restriction", "remove", one["id"], "--why", "over")


def ask(box: RealBox, key: str, path: str = "chat/completions", **more: object) -> httpx.Response:
    bodies = {
        "chat/completions": {"messages": [{"role": "user", "content": "What is a credit?"}]},
        "completions": {"prompt": "A credit is"},
        "responses": {"input": "What is a credit?"},
        "messages": {"messages": [{"role": "user", "content": "What is a credit?"}]},
    }
    limit = {"responses": "max_output_tokens"}.get(path, "max_tokens")
    body = {"model": MODEL, limit: 4, **bodies[path], **more}
    return httpx.post(f"{box.url}/{path}", headers={"authorization": f"Bearer {key}"}, json=body, timeout=60)


def code(answer: httpx.Response) -> str:
    error = answer.json()["error"]
    return error.get("code") or error["type"]


def test_a_restriction_holds_at_once_and_goes_at_once_over_every_endpoint(box: RealBox):
    key = box.new_key()
    paths = ("chat/completions", "completions", "responses", "messages")
    assert [ask(box, key, path).status_code for path in paths] == [200] * 4
    box.carrel("restriction", "set", "--model", MODEL, "--max-tokens", "3", "--why", "short ones")
    refused = [ask(box, key, path) for path in paths]
    assert [one.status_code for one in refused] == [403] * 4
    assert all("restriction model:handbook-tiny@1 (short ones)" in one.text for one in refused)
    box.carrel("restriction", "remove", f"model:{MODEL}", "--why", "over")
    assert [ask(box, key, path).status_code for path in paths] == [200] * 4


def test_the_labs_words_are_read_by_the_model_and_plain_text_cannot_go_around_them(box: RealBox, tmp_path):
    key = box.new_key()
    (tmp_path / "words").write_text("You are the tutor of a lab that reads the handbook.")
    plain = ask(box, key).json()["usage"]["prompt_tokens"]
    box.carrel("restriction", "set", "--all", "--system-prompt", str(tmp_path / "words"), "--why", "x")
    answer = ask(box, key)
    assert answer.json()["usage"]["prompt_tokens"] > plain + 5
    assert "words of the lab" in answer.headers["x-carrel-notice"]
    assert code(ask(box, key, "completions")) == "restricted"
    (shown,) = box.carrel("model", "show", MODEL)["restrictions"]
    assert shown.startswith("all@")
    assert shown.endswith(": conversations begin with words of the lab (x)")


def test_a_days_number_outlives_a_restart(box: RealBox):
    key = box.new_key()
    box.carrel("restriction", "set", "--tier", "open", "--requests-per-day", "2", "--why", "x")
    assert [ask(box, key).status_code for _ in range(2)] == [200] * 2
    box.stop()
    box.start()
    refused = ask(box, key)
    assert (refused.status_code, code(refused)) == (429, "rate_limit_exceeded")
    assert refused.headers["x-ratelimit-remaining-requests"] == "0"
    me = httpx.get(f"{box.url}/me", headers={"authorization": f"Bearer {key}"}).json()
    assert ("tier:open", "requests", "day", 2, 0) in [
        (one["by"], one["counted"], one["window"], one["limit"], one["left"]) for one in me["limits"]
    ]
    assert "tier:open@1" in [one["restriction"] for one in me["restrictions"]]


def test_every_decision_is_found_again_and_no_word_of_a_request(box: RealBox, tmp_path):
    key = box.new_key()
    (tmp_path / "denied").write_text("(?i)marzipan\n")
    box.carrel("restriction", "set", "--all", "--denied", str(tmp_path / "denied"), "--why", "x")
    for _ in range(30):
        assert code(ask(box, key, messages=[{"role": "user", "content": "MARZIPAN QUINCE"}])) == "restricted"
    box.stop()
    path = box.home / "box" / "data" / "carrel.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        found = database.execute(
            "SELECT rule, sum(count) FROM decision WHERE rule = 'denied' GROUP BY 1"
        ).fetchall()
        rows = database.execute("SELECT count(*) FROM decision WHERE rule = 'denied'").fetchone()[0]
    assert found == [("denied", 30)]
    assert rows <= 2
    box.start()
    assert all(b"QUINCE" not in one.read_bytes() for one in (box.home / "box").rglob("*") if one.is_file())


def test_a_batch_from_another_network_fails_before_its_lines(box: RealBox):
    key = box.new_key()
    box.carrel("restriction", "set", "--all", "--networks", "10.0.0.0/8", "--why", "campus")
    headers = {"authorization": f"Bearer {key}"}
    body = {"model": MODEL, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2}
    line = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": body}
    with httpx.Client(base_url=box.url, headers=headers, timeout=60) as http:
        files = {"file": ("in.jsonl", json.dumps(line).encode())}
        file = http.post("/files", files=files, data={"purpose": "batch"}).json()["id"]
        wish = {"input_file_id": file, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
        batch = http.post("/batches", json=wish).json()["id"]
        while (now := http.get(f"/batches/{batch}").json())["status"] == "validating":
            continue
    assert now["status"] == "failed"
    assert "(campus)" in now["errors"]["data"][0]["message"]
