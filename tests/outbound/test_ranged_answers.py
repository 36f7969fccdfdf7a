"""What an answer to a request for a range means."""

from datetime import UTC, datetime

import pytest

from appliance.outbound.ranged.answers import Bytes, Later, Redirect, Refused, read_answer

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SIZE = 100


def answered(status, asked=(20, 60), **headers):
    return read_answer(status, lambda name: headers.get(name.replace("-", "_")), asked, SIZE, NOW)


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({"content_range": "bytes 20-59/100"}, Bytes(20, 60)),
        ({"content_range": "bytes 20-59/*", "content_length": "40"}, Bytes(20, 60)),
        ({"content_range": "bytes 20-29/100"}, Bytes(20, 30)),
        ({"content_range": "bytes 20-60/100"}, Refused("other", 206)),
        ({"content_range": "bytes 21-59/100"}, Refused("other", 206)),
        ({"content_range": "bytes 20-19/100"}, Refused("other", 206)),
        ({"content_range": "bytes 20-59/101"}, Refused("size", 206)),
        ({"content_range": "bytes 20-59/100", "content_length": "41"}, Refused("other", 206)),
        ({"content_range": "bytes 20-59/100", "content_encoding": "gzip"}, Refused("encoded", 206)),
        ({"content_range": "bytes " + "9" * 30 + "-1/2"}, Refused("other", 206)),
        ({"content_range": "bytes*/100"}, Refused("other", 206)),
        ({}, Refused("other", 206)),
    ],
)
def test_parts(headers, answer):
    assert answered(206, **headers) == answer


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({"content_length": "100"}, Bytes(0, 100)),
        ({}, Bytes(0, 100, open_end=True)),
        ({"content_length": "99"}, Refused("size", 200)),
        ({"content_length": "99", "content_type": "text/html; charset=utf-8"}, Refused("page", 200)),
        ({"content_length": "100", "content_encoding": "br"}, Refused("encoded", 200)),
        ({"content_length": "100", "content_encoding": "identity"}, Bytes(0, 100)),
    ],
)
def test_wholes(headers, answer):
    assert answered(200, **headers) == answer


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (302, Redirect("https://x")),
        (308, Redirect("https://x")),
        (401, Refused("login", 401)),
        (403, Refused("login", 403)),
        (404, Refused("missing", 404)),
        (416, Refused("size", 416)),
        (204, Refused("other", 204)),
        (503, Later(None)),
        (500, Later(None)),
    ],
)
def test_other_statuses(status, answer):
    assert answered(status, location="https://x") == answer


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        ("7", 7.0),
        ("99999", 600.0),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
    ],
)
def test_the_wish_of_a_host_that_is_busy(text, wait_s):
    assert answered(429, retry_after=text) == Later(wait_s)
