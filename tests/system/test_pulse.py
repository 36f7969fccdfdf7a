"""A real box sees its own tokens while they come."""

import time

import httpx
import pytest

pytestmark = pytest.mark.slow


def ask(box, key) -> httpx.Response:
    question = [{"role": "user", "content": "Which port?"}]
    return httpx.post(
        f"{box.url}/chat/completions",
        headers={"authorization": f"Bearer {key}"},
        json={"model": "handbook-tiny", "messages": question, "max_tokens": 8},
        timeout=60,
    )


def test_what_a_request_did_is_seen_within_seconds(box, key):
    answer = ask(box, key)
    assert answer.status_code == 200
    tokens = answer.json()["usage"]["completion_tokens"]
    deadline = time.monotonic() + 60
    # A look that a busy machine delays is of another length than a second; tests/generation has exact rates.
    while sum((found := box.carrel("pulse"))["tokens_per_s"]) < tokens / 5:
        assert time.monotonic() < deadline
        time.sleep(0.2)  # the box looks once a second
    assert sum(found["tokens_per_s"]) < tokens * 5
    assert 1 / 5 < sum(found["requests_per_s"]) < 5
    assert [(one["model"], one["people"]) for one in found["models"]] == [("handbook-tiny", 1)]
    assert found["first_word_median_ms"] > 0
    assert 0 < found["disk_free_bytes"] <= found["disk_total_bytes"]
    assert 0 < max(found["memory_used_bytes"]) < found["memory_total_bytes"]
    assert max(found["processor_percent"]) <= 100


def test_whom_a_budget_refused_is_counted(box):
    assert box.carrel("pulse")["people_limited"] == 0
    box.carrel("project", "new", "poor")
    box.carrel("budget", "set", "--project", "poor", "--credits", "0")
    assert ask(box, box.new_key("poor", "--project", "poor")).status_code == 429
    assert box.carrel("pulse")["people_limited"] == 1


def test_a_machine_is_seen_with_its_gpus_or_without(box):
    deadline = time.monotonic() + 60
    while not (found := box.carrel("gpu", "history", "--minutes", "1"))["processor_percent"]:
        assert time.monotonic() < deadline
        time.sleep(0.2)  # a value each five seconds
    lengths = {len(found["processor_percent"]), len(found["memory_used_bytes"])}
    lengths |= {len(gpu["memory_used_bytes"]) for gpu in found["gpus"]}
    assert len(lengths) == 1
    assert found["step_s"] == 5
