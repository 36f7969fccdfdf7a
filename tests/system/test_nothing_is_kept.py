"""A marker that is sent as a prompt, in every way in which one can be, is nowhere on the disk afterward."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.system.box import RealBox

pytestmark = pytest.mark.slow

MARKER = "xylophone-marker-58213"
NAMED = "quagga-marker-90417"
MODEL = "handbook-tiny"
TALK = [{"role": "user", "content": f"{MARKER} is what I say."}]
LONG = {"model": MODEL, "messages": TALK, "max_tokens": 400, "temperature": 2.0, "stream": True}
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": f"Looks for {MARKER}.",
        "parameters": {"type": "object", "properties": {"place": {"type": "string"}}},
    },
}
ASKED = [
    ("chat/completions", {"messages": TALK, "max_tokens": 5}),
    ("chat/completions", {"messages": TALK, "max_tokens": 5, "stream": True}),
    ("chat/completions", {"messages": TALK, "max_tokens": 5, "tools": [WEATHER]}),
    ("chat/completions", {"messages": TALK, "max_tokens": 5, "temperature": f"hot {MARKER}"}),
    ("completions", {"prompt": MARKER, "max_tokens": 5, "echo": True, "logprobs": 1}),
    ("completions", {"prompt": MARKER * 4000, "max_tokens": 5}),
    ("responses", {"input": MARKER, "max_output_tokens": 5}),
    ("messages", {"messages": TALK, "max_tokens": 5}),
    ("messages/count_tokens", {"messages": TALK}),
    ("embeddings", {"input": [MARKER, MARKER * 2]}),
    ("score", {"items": [[MARKER, " and more"]]}),
    ("moderations", {"input": MARKER}),
    ("tokenize", {"prompt": MARKER}),
    (
        "reports",
        {"prompt": MARKER, "seed": 1, "severity": "low", "category": "bias", "description": "No text of it."},
    ),
]


def where(box: RealBox, *more: Path) -> list[Path]:
    """Files of the box that have the marker; sockets and pipes are no files."""
    places = [box.home, *more]
    files = [
        path for place in places for path in place.rglob("*") if path.is_file() and not path.is_symlink()
    ]
    return [path for path in files if MARKER.encode() in path.read_bytes()]


def ask(http: httpx.Client, path: str, body: dict) -> httpx.Response:
    return http.post(path, json={"model": MODEL, **body})


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "tmp").mkdir()
    box = RealBox(home, extra={"TMPDIR": str(home / "tmp"), "CARREL_LOG_LEVEL": "debug"}).start()
    yield box
    box.stop()


@pytest.fixture(scope="module")
def http(box):
    box.carrel("project", "new", "lab")
    box.carrel("person", "new", "ada", "--project", "lab")
    key = box.carrel("key", "new", "laptop", "--person", "ada", "--project", "lab")["key"]
    # Every request is a spot check from now on; nobody has agreed to more than that.
    box.carrel("sample", "set", "--tier", "open", "--rate", "1/1")
    headers = {"authorization": f"Bearer {key}"}
    with httpx.Client(base_url=box.url + "/", headers=headers, timeout=60) as client:
        yield client


def test_no_way_of_asking_leaves_the_text_anywhere(box, http):
    answers = [(path, ask(http, path, body).status_code) for path, body in ASKED]
    assert {path for path, status in answers if status == 200} >= {
        "chat/completions",
        "completions",
        "messages",
    }
    assert ("reports", 201) in answers or ("reports", 200) in answers
    deadline = time.monotonic() + 20
    while not box.carrel("sample", "list", "--all")["samples"]:
        assert time.monotonic() < deadline
    assert where(box) == []


def test_what_a_pattern_denies_is_not_written_down_either(box, http, tmp_path):
    denied = tmp_path / "denied.txt"
    denied.write_text("xylo[p]hone-marker\n")
    box.carrel("restriction", "set", "--model", MODEL, "--denied", str(denied), "--why", "a test")
    refused = ask(http, "chat/completions", {"messages": TALK})
    box.carrel("restriction", "remove", f"model:{MODEL}", "--why", "the test is over")
    assert refused.status_code == 403, refused.text
    assert MARKER not in refused.text
    assert where(box) == []


def flowing(http: httpx.Client):
    """A stream in the middle of its answer."""
    with http.stream("POST", "chat/completions", json=LONG) as answer:
        for number, line in enumerate(line for line in answer.iter_lines() if line.startswith("data:")):
            if number == 3:
                yield
            if '"error"' in line:
                yield json.loads(line.removeprefix("data: "))["error"]["code"]
                return


def test_a_worker_that_crashes_in_the_middle_of_an_answer_leaves_nothing(box, http):
    worker = box.carrel("model", "show", MODEL)["replicas"][0]["pid"]
    streaming = flowing(http)
    next(streaming)
    os.kill(worker, signal.SIGSEGV)
    assert next(streaming) == "replica_failed"
    cores = [path for path in Path.cwd().glob("core*") if path.is_file()]
    assert where(box) == []
    assert [path for path in cores if MARKER.encode() in path.read_bytes()] == []


def test_a_gateway_that_is_killed_in_the_middle_of_an_answer_leaves_nothing(box, http):
    deadline = time.monotonic() + 60
    while box.carrel("model", "show", MODEL)["state"] != "ready":
        assert time.monotonic() < deadline
    streaming = flowing(http)
    next(streaming)
    box.kill()
    streaming.close()
    assert where(box) == []
    box.start()
    assert where(box) == []


def test_a_batch_and_its_files_are_gone_once_they_are_deleted(box, http):
    line = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions"}
    line["body"] = {"model": MODEL, "messages": TALK, "max_tokens": 5}
    sent = http.post(
        "files", data={"purpose": "batch"}, files={"file": (f"{MARKER}.jsonl", json.dumps(line).encode())}
    ).json()
    wanted = {"input_file_id": sent["id"], "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    batch = http.post("batches", json=wanted).json()
    deadline = time.monotonic() + 60
    while (batch := http.get(f"batches/{batch['id']}").json())["status"] not in {"completed", "failed"}:
        assert time.monotonic() < deadline
    assert batch["status"] == "completed"
    assert where(box), "a batch is kept as long as its owner wants"
    for name in ("input_file_id", "output_file_id"):
        assert http.delete(f"files/{batch[name]}").status_code == 200
    box.carrel("retention", "run")
    assert where(box) == []


def test_an_erased_person_is_named_by_the_audit_log_and_the_log_alone(box, http):
    box.carrel("person", "new", "s-2914-erased", "--name", f"Zuse {NAMED}", "--project", "lab")
    box.carrel("key", "new", f"label {NAMED}", "--person", "s-2914-erased", "--project", "lab")
    assert box.carrel("person", "erase", "s-2914-erased")["keys_revoked"] == 1
    box.carrel("retention", "run")
    named = [path for path in box.home.rglob("*") if path.is_file() and NAMED.encode() in path.read_bytes()]
    assert named == []
    assert box.carrel("audit", "verify")["ok"]


def test_the_policy_of_a_box_is_what_it_does(box, http):
    told = httpx.get(box.url + "/policy").json()
    text = json.dumps(told)
    assert "1 of those to models of tier open" in text
    assert told["keeps_content"] is False
    asked = subprocess.run(
        [sys.executable, "-m", "appliance", "policy", "show"],
        env=box.environment, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "Who looks" in asked.stdout
