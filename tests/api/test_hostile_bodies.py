"""Bodies that are not what they should be get a 4xx of our shape, quickly, and nothing of them comes back."""

import json
import random
import time

import httpx
import pytest

from tests.api.text_scripts import reads
from tests.long_form import rounds

GOOD = json.dumps({
    "model": "tiny",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
    "temperature": 0.7, "max_tokens": 12, "stop": ["\n\n", "END"], "seed": 7, "stream": False, "user": "ada",
}).encode()  # fmt: skip

GOODS = {
    "/v1/chat/completions": GOOD,
    "/v1/completions": json.dumps({
        "model": "tiny", "prompt": ["Once", "Twice"], "max_tokens": 3, "echo": True, "logprobs": 2, "n": 2,
        "seed": 7, "stop": ["END"], "logit_bias": {"5": 1.5}, "stream": False, "best_of": 2, "user": "ada",
    }).encode(),
    "/v1/score": json.dumps({
        "model": "tiny", "details": True, "service_tier": "flex", "user": "ada",
        "items": [{"context": "One", "continuations": [" two", " three"]},
                  {"context": [72, 105], "continuations": [[33], [46, 46]]}],
    }).encode(),
    "/tokenize": json.dumps({"model": "tiny", "messages": [{"role": "user", "content": "Hi"}]}).encode(),
    "/v1/tokenize": json.dumps({"model": "tiny", "prompt": "Hi \u00e9", "add_special_tokens": True}).encode(),
    "/detokenize": json.dumps({"model": "tiny", "tokens": [72, 105, 33, 46]}).encode(),
    "/v1/detokenize": json.dumps({"model": "tiny", "tokens": [72, 105], "user": "ada"}).encode(),
    "/v1/moderations": json.dumps({"model": "m", "input": ["Hi", {"type": "text", "text": "a"}]}).encode(),
}  # fmt: skip
"""By address, a body that is as it should be."""

MARK = "Zq9marker"
USER = b'{"model":"tiny","messages":[{"role":"user","content":"x"}],'
HOSTILE = {
    "invalid UTF-8": b'{"model":"tiny","messages":[{"role":"user","content":"\xff\xfe"}]}',
    "invalid UTF-8 in a key": b'{"\xff":1,"model":"tiny","messages":[{"role":"user","content":"x"}]}',
    "overlong UTF-8": b'{"model":"\xc0\xaf"}',
    "100,000 brackets": b"[" * 100_000,
    "100,000 matched brackets": b"[" * 100_000 + b"]" * 100_000,
    "100,000 braces in a field": b'{"metadata":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001,
    "65 levels": b'{"model":"tiny","x":' + b"[" * 64 + b"]" * 64 + b"}",
    "lone surrogate": b'{"model":"\\ud800","messages":[{"role":"user","content":"x"}]}',
    "lone surrogate in text": b'{"model":"tiny","messages":[{"role":"user","content":"a\\udfffb and more"}]}',
    "lone surrogate in an ignored field": USER + b'"user":"\\ud800 a"}',
    "NaN": USER + b'"temperature":NaN}',
    "Infinity": USER + b'"temperature":Infinity}',
    "1e999": USER + b'"temperature":1e999}',
    "5,000 digits": USER + b'"seed":' + b"1" * 5_000 + b"}",
    "5,000 digits where only zero passes": USER + b'"frequency_penalty":'
    + b"1" * 5_000 + b"}",
    "NUL in text": b'{"model":"tiny","messages":[{"role":"user","content":"a\\u0000b"}]}',
    "raw NUL": b'{"model":"tiny","messages":[{"role":"user","content":"a\x00b"}]}',
    "NUL in model": b'{"model":"tiny\\u0000","messages":[{"role":"user","content":"x"}]}',
    "NUL in a key": b'{"a\\u0000":1,"model":"tiny","messages":[{"role":"user","content":"x"}]}',
    "empty": b"",
    "spaces": b"   ",
    "a number": b"7",
    "a list": b"[]",
    "null": b"null",
    "cut off": GOOD[:-5],
    "two documents": GOOD + GOOD,
    "byte order mark": b"\xef\xbb\xbf" + GOOD,
    "UTF-16": GOOD.decode().encode("utf-16"),
    "a form": b"model=tiny&messages=Hi",
    "compressed-looking": b"\x1f\x8b\x08\x00" + GOOD,
    "unclosed string of quotes": b'{"' + b'\\"' * 200_000,
    "backslashes": b'{"a":"' + b"\\" * 300_001,
}  # fmt: skip


def hostile_for(path: str) -> list:
    """What only damages a field of a chat is nothing to an endpoint that takes only its messages."""
    damaged = {} if path.endswith("/tokenize") else HOSTILE
    bodies = {name: body for name, body in HOSTILE.items() if name in damaged or not body.startswith(USER)}
    return [pytest.param(path, body, id=f"{path}-{name}") for name, body in bodies.items()]


@pytest.mark.parametrize(("path", "body"), [one for path in GOODS for one in hostile_for(path)])
async def test_hostile_body_is_a_400_of_our_shape(served, error_of, path, body):
    response = await served.post_raw(body, path)
    assert response.status_code == 400
    assert error_of(response)["code"] == "invalid_request"
    assert not served.box.requests
    assert not served.log.lines


async def test_64_levels_in_an_ignored_field_are_fine(served):
    body = GOOD[:-1] + b',"x":' + b"[" * 63 + b"]" * 63 + b"}"
    assert (await served.post_raw(body)).status_code == 200


async def test_brackets_inside_strings_are_text(served):
    assert (await served.chat(messages=[{"role": "user", "content": '[{"\\' * 200}])).status_code == 200


async def test_written_out_escape_of_nul_is_text(served):
    assert (
        await served.chat(messages=[{"role": "user", "content": "in C, \\u0000 ends a string"}])
    ).status_code == 200


async def test_duplicate_keys_are_harmless_and_the_last_one_counts(served):
    body = b'{"model":"other","model":"tiny","messages":[{"role":"user","content":"x"}],"n":1,"n":1}'
    assert (await served.post_raw(body)).status_code == 200
    assert served.box.requests[0].model == "tiny"


async def test_duplicate_of_a_refused_field_does_not_slip_through(served):
    body = b'{"tools":[{}],"tools":[{}],"model":"tiny","messages":[{"role":"user","content":"x"}]}'
    assert (await served.post_raw(body)).status_code == 400


async def test_300_kb_prompt_is_refused_at_once(served, error_of):
    body = json.dumps({"model": "tiny", "messages": [{"role": "user", "content": "a b" * 100_000}]}).encode()
    await served.chat()
    began = time.process_time()
    response = await served.post_raw(body)
    assert time.process_time() - began < 0.25
    assert response.status_code == 400
    assert error_of(response)["param"] == "messages"
    assert len(served.box.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"model": MARK},
        {"model": "tiny", "messages": [{"role": MARK, "content": MARK}]},
        {"model": "tiny", "messages": [{"role": "user", "content": MARK}], "temperature": MARK},
        {"model": "tiny", "messages": [{"role": "user", "content": MARK}], "stop": [MARK * 100]},
        {"model": "tiny", "messages": [{"role": "user", "content": [{"type": MARK}]}]},
        {"model": "tiny", "messages": MARK, "user": MARK},
        {"model": "tiny", "messages": [{"role": "user", "content": "x"}], "tools": [MARK]},
    ],
)
async def test_error_quotes_nothing_of_the_request(served, error_of, body):
    response = await served.post_raw(json.dumps(body).encode())
    assert response.status_code == 400
    assert error_of(response)["message"]
    assert MARK not in response.text
    assert MARK not in str(response.headers)


@pytest.mark.parametrize("stream", [False, True])
async def test_exception_of_the_box_shows_neither_text_nor_place(served, error_of, stream):
    served.box.refusal = RuntimeError(f"{MARK} in /var/lib/carrel/carrel.db")
    response = await served.chat(stream=stream)
    assert response.status_code == 500
    error = error_of(response)
    assert error["code"] == "internal_error"
    assert MARK not in response.text
    assert "/" not in str(error["message"])
    assert "Traceback" not in response.text
    logged = served.log.lines[-1]
    assert str(error["request_id"]) in logged
    assert "RuntimeError" in logged
    assert "tests.api.fakes:" in logged
    assert MARK not in logged


async def test_exception_in_the_middle_of_a_stream_cuts_it_and_logs_no_text(served, caplog):
    async def breaks(_run):
        from appliance.domain.generation import TextDelta

        yield TextDelta(0, "Hel")
        raise RuntimeError(MARK)

    served.box.script = breaks
    with pytest.raises(httpx.RemoteProtocolError):
        await served.chat(stream=True)
    assert "RuntimeError" in served.log.lines[-1]
    assert MARK not in str(served.log.lines) + caplog.text
    assert served.box.runs[0].closed.is_set()


def mutated(chance: random.Random, body: bytes) -> bytes:
    """One of a few small damages, at random."""
    data = bytearray(body)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(data))
        match chance.randrange(6):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randrange(1, 8)]
            case 2:
                data[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 6)))
            case 3:
                data[at:at] = data[at : at + chance.randrange(1, 40)]
            case 4:
                data[at:at] = chance.choice(
                    (b"null", b"-1", b"1e400", b"[[", b'"', b"\\u0000", b"{}", b"9" * 40)
                )
            case 5:
                data[at] ^= 1 << chance.randrange(8)
        data = data or bytearray(b"{")
    return bytes(data)


async def fuzz(served, count: int, seed: int, path: str = "/v1/chat/completions") -> set[int]:
    chance = random.Random(seed)
    seen: set[int] = set()
    for _ in range(count):
        body = mutated(chance, GOODS[path])
        response = await served.post_raw(body, path)
        seen.add(response.status_code)
        assert response.status_code in {200, 400, 501}, (response.status_code, body)
    return seen


@pytest.mark.slow
async def test_2000_damaged_bodies_never_break_the_box(served):
    assert await fuzz(served, 2_000, seed=1) == {200, 400}


@pytest.mark.slow
@pytest.mark.parametrize("path", list(GOODS)[1:])
async def test_400_damaged_bodies_never_break_the_other_endpoints(served, path):
    served.box.script = reads()
    right = 501 if path == "/v1/moderations" else 200
    assert await fuzz(served, 400, seed=3, path=path) == {right, 400}


@pytest.mark.slow
async def test_thousands_of_damaged_bodies_never_break_the_box(served):
    """20,000 in the long form."""
    assert await fuzz(served, rounds(20_000), seed=2) == {200, 400}
