"""Bodies of responses and messages that are not what they should be get a 400, quickly, and nothing of them
comes back.
"""

import json
import random
import time

import pytest

from tests.api.test_hostile_bodies import HOSTILE, MARK, mutated
from tests.long_form import rounds

CALL = {"type": "object", "properties": {"at": {"type": "string"}}}
RESPONSE = {
    "model": "tiny",
    "instructions": "Be brief.",
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
        {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "dark"},
    ],
    "tools": [{"type": "function", "name": "look", "parameters": CALL, "strict": True}],
    "tool_choice": {"type": "function", "name": "look"},
    "text": {"format": {"type": "json_schema", "name": "a", "schema": CALL}},
    "reasoning": {"effort": "low"},
    "temperature": 0.7,
    "metadata": {"a": "b"},
    "include": ["message.output_text.logprobs"],
}
MESSAGE = {
    "model": "tiny",
    "max_tokens": 12,
    "system": [{"type": "text", "text": "Be brief."}],
    "messages": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": [
            {"type": "tool_use", "id": "t", "name": "look", "input": {"a": 1}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [
            {"type": "text", "text": "dark"}]}]},
    ],
    "tools": [{"name": "look", "input_schema": CALL}],
    "tool_choice": {"type": "any"},
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "stop_sequences": ["END"],
}  # fmt: skip
GOOD = {"/v1/responses": RESPONSE, "/v1/messages": MESSAGE, "/v1/messages/count_tokens": MESSAGE}


def written_for(path: str, body: bytes) -> bytes:
    """The same damage in a body that is right for this address otherwise."""
    if path == "/v1/responses":
        return body.replace(b'"messages":[', b'"input":[')
    return body.replace(b'"model":', b'"max_tokens":5,"model":', 1)


NO_LIMITS = {"1e999", "5,000 digits"}
"""Wrong in fields that counting does not look at."""


def asked_of(served) -> int:
    return len(served.box.requests) + len(served.tokenizing.prompts)


@pytest.mark.parametrize("path", GOOD)
async def test_bodies_that_are_damaged_below_are_right_as_they_are(served, path):
    response = await served.http.post(path, json=GOOD[path])
    assert response.status_code == 200, response.text


@pytest.mark.parametrize(
    ("path", "damage"),
    [
        (path, damage)
        for path in GOOD
        for damage in HOSTILE
        if not (path.endswith("count_tokens") and damage in NO_LIMITS)
    ],
)
async def test_hostile_body_is_a_400(served, path, damage):
    response = await served.post_raw(written_for(path, HOSTILE[damage]), path)
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"
    assert not asked_of(served)
    assert not served.log.lines


@pytest.mark.parametrize("path", GOOD)
async def test_schema_that_is_too_deep_or_too_large_is_refused(served, path):
    deep: dict = {}
    for _ in range(64):
        deep = {"properties": {"a": deep}}
    for schema in (deep, {"description": "x" * 70_000}):
        tool = {"type": "function", "name": "look", "parameters": schema}
        if path != "/v1/responses":
            tool = {"name": "look", "input_schema": schema}
        response = await served.http.post(path, json={**GOOD[path], "tools": [tool]})
        assert response.status_code == 400
    assert not asked_of(served)


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.parametrize("field", ["tools", "history", "prompt"])
async def test_too_much_of_anything_that_is_read_is_refused_at_once(served, path, field):
    long = "a b" * 5_000
    body = json.loads(json.dumps(GOOD[path]))
    if field == "tools":
        body["tools"][0]["description"] = long
    elif path == "/v1/responses":
        body["input"][1 if field == "history" else 0] |= (
            {"arguments": long} if field == "history" else {"content": long}
        )
    elif field == "history":
        body["messages"][1]["content"][0]["input"] = {"a": long}
    else:
        body["system"] = long
    began = time.process_time()
    response = await served.http.post(path, json=body)
    assert time.process_time() - began < 0.5
    assert response.status_code == 400
    assert "are read. Shorten it" in response.text
    assert not asked_of(served)


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.parametrize(
    "fields",
    [
        {"model": MARK * 50},
        {"temperature": MARK, "tool_choice": MARK},
        {"tools": [MARK]},
        {"tools": [{"type": MARK, "name": MARK}]},
        {"tool_choice": {"type": MARK, "name": MARK}},
        {"messages": MARK, "input": {"a": MARK}},
        {"messages": [{"role": "user", "content": [{"type": MARK}]}], "input": [{"type": MARK}]},
        {"system": [{"type": MARK}], "instructions": 7, "text": {"format": {"type": MARK}}},
        {"service_tier": MARK},
    ],
)
async def test_error_quotes_nothing_of_the_request(served, path, fields):
    body = GOOD[path] | {name: value for name, value in fields.items() if _known(path, name)}
    response = await served.http.post(path, json=body)
    if body != GOOD[path] and not (path.endswith("count_tokens") and "service_tier" in fields):
        assert response.status_code == 400
    assert MARK not in response.text + str(response.headers)


def _known(path: str, name: str) -> bool:
    if path == "/v1/responses":
        return name not in {"messages", "system"}
    return name not in {"input", "instructions", "text"}


async def fuzz(served, path: str, count: int, seed: int) -> set[int]:
    chance = random.Random(seed)
    good = json.dumps(GOOD[path]).encode()
    seen: set[int] = set()
    for _ in range(count):
        body = mutated(chance, good)
        response = await served.post_raw(body, path)
        seen.add(response.status_code)
        assert response.status_code in {200, 400}, (response.status_code, body)
    return seen


@pytest.mark.slow
@pytest.mark.parametrize("path", GOOD)
async def test_700_damaged_bodies_never_break_the_box(served, path):
    assert await fuzz(served, path, 700, seed=3) == {200, 400}


@pytest.mark.slow
@pytest.mark.parametrize("path", GOOD)
async def test_thousands_of_damaged_bodies_never_break_the_box(served, path):
    """10,000 in the long form."""
    assert await fuzz(served, path, rounds(10_000), seed=4) == {200, 400}
