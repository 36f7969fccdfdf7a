"""A real box that is looked at: sampled, reported, and killed while it holds what must not be on its disk.

One box for all tests; the first kills it, the second is of samples that the first has left.
"""

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from tests.system.box import RealBox

pytestmark = pytest.mark.slow

MARKER = "MARKER-of-a-prompt-4711"


class Hook:
    """An address that is told of alerts."""

    def __init__(self):
        self.came, self.arrived = [], threading.Event()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                hook.came.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                hook.arrived.set()
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(scope="module")
def hook():
    made = Hook()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def box(tmp_path_factory, hook):
    extra = {
        "CARREL_ALERT_WEBHOOK": f"http://127.0.0.1:{hook.server.server_port}/hook",
        # More than any disk has: it is an alert at once.
        "CARREL_ALERT_DISK_MIB": str(2**39),
    }
    one = RealBox(tmp_path_factory.mktemp("home"), extra=extra).start()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def member(box):
    """Somebody in a project that said what it does; every request of theirs is sampled, with content."""
    box.carrel("sample", "set", "--tier", "open", "--rate", "1")
    box.carrel("sample", "key", "--out", str(box.home / "rosa"))
    box.carrel("sample", "key-add", str(box.home / "rosa.pub"), "--label", "Rosa")
    box.carrel("project", "new", "study", "--purpose", "A study of bias")
    box.carrel("person", "new", "ada")
    box.carrel("member", "add", "ada", "--project", "study")
    key = box.new_key("laptop", "--person", "ada", "--project", "study")
    with httpx.Client(base_url=box.url, headers={"authorization": f"Bearer {key}"}, timeout=60) as http:
        assert http.post("/me/sample/consent", json={"answer": "yes"}).json()["content"] is True
        yield http


def ask(http, text=MARKER, **more):
    body = {
        "model": "handbook-tiny",
        "messages": [{"role": "user", "content": text}],
        "max_tokens": 5,
        **more,
    }
    answer = http.post("/chat/completions", json=body)
    assert answer.status_code == 200, answer.text


def kill_while_asking(box, http):
    """With a stream flowing that would be long."""
    body = {
        "model": "handbook-tiny",
        "messages": [{"role": "user", "content": MARKER}],
        "max_tokens": 400,
        "stream": True,
        "temperature": 2.0,
    }
    with http.stream("POST", "/chat/completions", json=body) as stream:
        lines = stream.iter_lines()
        next(lines)
        box.kill()
        list(lines)


def holding(folder: Path, text: str) -> list[str]:
    """Files that have the text in them."""
    return [
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and text.encode() in path.read_bytes()
    ]


def test_a_box_that_is_killed_has_no_prompt_on_its_disk_and_misses_no_sample(box, member):
    ask(member)
    with pytest.raises(httpx.TransportError):
        kill_while_asking(box, member)
    assert holding(box.home / "box", MARKER) == []
    box.start()
    listed = box.carrel("sample", "list")["samples"]
    rows = [one["request_id"] for one in box.rows()]
    assert sorted(one["request_id"] for one in listed) == sorted(rows)
    assert box.carrel("sample", "verify", "--day", _today(box))["ok"]
    kept = [one for one in listed if one["content"] == "sealed"]
    opened = box.carrel("sample", "open", kept[0]["id"], "--key", str(box.home / "rosa"))
    assert MARKER in opened["prompt"][0]
    assert holding(box.home / "box", MARKER) == []


def test_a_verdict_opens_an_incident_and_who_refuses_is_sampled_no_more(box, member):
    ask(member)
    lines = box.carrel("sample", "list")["samples"]
    sealed = [one for one in lines if one["content"] == "sealed"]
    line = sealed[0]
    assert line["purpose"] == "A study of bias"
    decided = box.carrel("sample", "decide", line["id"], "does-not-fit", "--reason", "An advert.")
    shown = [one["id"] for one in box.carrel("incident", "list")["incidents"]]
    assert decided["incident"] in shown
    assert member.post("/me/sample/refuse", json={}).json()["sampled"] is False
    ask(member)
    found = box.carrel("sample", "list", "--all")
    assert {one["id"] for one in found["samples"]} == {one["id"] for one in lines}
    assert found["refusals"] == [{"project": "study", "people": 1}]
    content = {one["id"]: one["content"] for one in found["samples"]}
    assert {content[one["id"]] for one in sealed} == {"deleted, or sealed to nobody"}


def test_a_reported_flaw_is_seen_again_and_pays_the_reporter_s_project(box, member):
    prompt = box.home / "prompt.json"
    prompt.write_text(json.dumps([{"role": "user", "content": MARKER}]))
    body = {
        "model": "handbook-tiny",
        "prompt": prompt.read_text(),
        "seed": 7,
        "severity": "high",
        "category": "bias",
        "description": "It does.",
        "max_tokens": 8,
    }
    filed = member.post("/reports", json=body).json()
    first = box.carrel("report", "reproduce", filed["id"], "--prompt-file", str(prompt))
    again = box.carrel("report", "reproduce", filed["id"], "--prompt-file", str(prompt))
    assert first["same_model"]
    assert first["answer"] == again["answer"]
    box.carrel("report", "triage", filed["id"], "accepted", "--reason", "Seen.")
    shown = member.get(f"/reports/{filed['id']}").json()
    assert (shown["status"], shown["credits_micro"]) == ("accepted", 20_000_000)
    assert member.get("/reports").json()["data"][0]["id"] == filed["id"]
    other = box.new_key("another")
    elsewhere = httpx.get(
        f"{box.url}/reports/{filed['id']}", headers={"authorization": f"Bearer {other}"}, timeout=30
    )
    assert elsewhere.status_code == 404
    assert holding(box.home / "box", MARKER) == []


def test_a_full_disk_is_told_to_the_webhook_and_listed(box, hook):
    assert hook.arrived.wait(60)
    assert {one["kind"] for one in hook.came} == {"disk"}
    assert box.carrel("alert", "test")["ok"]
    assert hook.came[-1]["kind"] == "test"
    listed = box.carrel("alert", "list")
    assert {one["state"] for one in listed["alerts"]} <= {"delivered", "waiting"}
    assert listed["ways"] == [f"webhook at 127.0.0.1:{hook.server.server_port}"]


def _today(box):
    started_ms = box.rows()[0]["started_ms"]
    return datetime.fromtimestamp(started_ms / 1000, UTC).date().isoformat()
