"""The six headers, as OpenAI writes them."""

import httpx
import pytest

from appliance.domain.people import Caller
from appliance.domain.rates import RateLeft, RatesLeft
from appliance.edge.rate_headers import RateHeaders, duration_text
from tests.edge.tiny_apps import reply


class Told:
    def __init__(self, left: RatesLeft) -> None:
        self.left_now = left
        self.asked: list[str] = []

    def left(self, caller: Caller) -> RatesLeft:
        self.asked.append(caller.person_id)
        return self.left_now


ADA = Caller("k", "ada", "p")
BOTH = RatesLeft(RateLeft(60, 59, 1.0), RateLeft(6000, 5400, 6.0))


async def headers_of(
    rates: Told, *, path: str = "/v1/work", status: int = 200, caller: Caller | None = ADA
) -> dict[str, str]:
    async def app(scope, receive, send):
        await reply(send, b"", status)

    async def routed(scope, receive, send):
        scope["path_template"] = path
        scope["state"] = {} if caller is None else {"caller": caller}
        await RateHeaders(app, rates, ["/v1/work"])(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(routed), base_url="http://box") as http:
        response = await http.get(path)
    return {name: value for name, value in response.headers.items() if name.startswith("x-ratelimit")}


async def test_an_answer_that_computed_has_all_six():
    rates = Told(BOTH)
    assert await headers_of(rates) == {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-limit-tokens": "6000",
        "x-ratelimit-remaining-tokens": "5400",
        "x-ratelimit-reset-tokens": "6s",
    }
    assert rates.asked == ["ada"]


async def test_every_429_has_them_and_other_answers_have_none():
    assert len(await headers_of(Told(BOTH), path="/v1/models", status=429)) == 6
    assert await headers_of(Told(BOTH), path="/v1/models") == {}
    assert await headers_of(Told(BOTH), path="/v1/work", caller=None) == {}


async def test_what_has_no_limit_has_no_header():
    left = RatesLeft(tokens=RateLeft(6000, 5400, 6.0))
    assert set(await headers_of(Told(left))) == {
        "x-ratelimit-limit-tokens",
        "x-ratelimit-remaining-tokens",
        "x-ratelimit-reset-tokens",
    }


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.0001, "1ms"),
        (0.12, "120ms"),
        (1, "1s"),
        (1.2, "2s"),
        (59.5, "1m0s"),
        (360, "6m0s"),
        (3661, "1h1m1s"),
    ],
)
def test_times_are_written_as_openai_writes_them(seconds, text):
    assert duration_text(seconds) == text
