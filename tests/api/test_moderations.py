"""Moderations: there is nothing here that looks at texts, and the answer says so."""

import openai
import pytest

from tests.api.fakes import KEY

TEXT_PART = {"type": "text", "text": "a"}


@pytest.mark.parametrize(
    "fields",
    [
        {"input": "a"},
        {"input": ["a", "b"]},
        {"input": ["a"] * 128},
        {"input": [TEXT_PART, {"type": "image_url", "image_url": {"url": "http://x"}}]},
        {"input": "a", "model": "omni-moderation-latest"},
    ],
)
async def test_right_request_is_told_that_nothing_was_looked_at(served, error_of, fields):
    response = await served.http.post("/v1/moderations", json=fields)
    assert response.status_code == 501
    error = error_of(response)
    assert error["code"] == "not_available"
    assert "nothing was looked at" in str(error["message"])
    assert "results" not in response.json()
    assert not served.box.requests


@pytest.mark.parametrize(
    "fields", [{}, {"input": None}, {"input": 7}, {"input": []}, {"input": ["a"] * 129}, {"input": [{}]}]
)
async def test_wrong_request_is_a_400_naming_the_field(served, error_of, fields):
    response = await served.http.post("/v1/moderations", json=fields)
    assert response.status_code == 400
    assert str(error_of(response)["param"]).startswith("input")


async def test_official_client_asks_once(served):
    asked = []
    client = openai.AsyncOpenAI(api_key=KEY, base_url=f"http://127.0.0.1:{served.port}/v1", max_retries=3)
    async with client:
        client._client.event_hooks["request"].append(asking(asked))
        with pytest.raises(openai.InternalServerError) as refused:
            await client.moderations.create(input="a")
    assert refused.value.code == "not_available"
    assert len(asked) == 1


def asking(asked: list):
    async def note(request):
        asked.append(request.url)

    return note
