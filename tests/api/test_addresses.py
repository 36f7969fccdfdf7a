"""Which addresses there are, what a wrong one is told, and the lists behind them."""

from urllib.parse import unquote

import pytest

from appliance.domain.generation import FinishReason
from appliance.errors import RateLimited
from tests.api.fakes import answers


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/chat/completions", "/v1/chat/completions"),
        ("/v1/v1/chat/completions", "/v1/chat/completions"),
        ("/v1/v1/v1/completions", "/v1/completions"),
        ("/openai/v1/chat/completions", "/v1/chat/completions"),
        ("/api/v1/models", "/v1/models"),
        ("/models", "/v1/models"),
        ("/v1/healthz", "/healthz"),
        ("/V1/Chat/Completions", "/v1/chat/completions"),
        ("/api/chat", "/v1/chat/completions"),
        ("/models/tiny", "/v1/models/{model_id}"),
        ("/v1/v1/me", "/v1/me"),
    ],
)
async def test_wrong_address_is_told_the_right_one(served, error_of, path, meant):
    response = await served.http.post(path, json={})
    assert response.status_code == 404
    assert f"did you mean {meant}?" in str(error_of(response)["message"])


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/nothing", "/schema", "/schema/openapi.json", "/%00", "/v1/../x"]
)
async def test_address_of_nothing_is_a_404_without_a_guess(served, error_of, path):
    response = await served.http.get(path)
    assert response.status_code == 404
    error = error_of(response)
    assert error["code"] == "not_found"
    assert "did you mean" not in str(error["message"])


async def test_wrong_method_is_a_405_that_says_which_are_right(served, error_of):
    response = await served.http.get("/v1/chat/completions")
    assert response.status_code == 405
    assert "POST" in response.headers["allow"]
    assert error_of(response)["code"] == "method_not_allowed"


async def test_models_are_listed_as_openai_lists_them(served):
    body = (await served.http.get("/v1/models")).json()
    assert body["object"] == "list"
    assert [model["id"] for model in body["data"]] == ["tiny", "tiny-1.5@f16", "lab/Tiny:chat"]
    assert body["data"][0] == {
        "id": "tiny",
        "object": "model",
        "created": 1_700_000_000,
        "owned_by": "carrel",
        "carrel": {
            "title": "Tiny",
            "context_tokens": 512,
            "chats": True,
            "embeds": False,
            "alias_of": None,
            "license": "Apache-2.0",
            "tier": "open",
            "recipe_revision": 3,
            "file_sha256": "ab" * 32,
            "engine_build": "fake-1",
            "fingerprint": f"crl-r3-{'ab' * 6}-fake-1",
            "defaults": {"temperature": 0.7, "top_p": 1.0, "top_k": 0, "min_p": 0.0, "max_tokens": 64},
            "leaves_box": None,
            "approved_by": "approved by this lab",
            "fidelity": None,
        },
    }


@pytest.mark.parametrize(
    "path", ["tiny", "tiny-1.5@f16", "tiny-1.5%40f16", "lab/Tiny:chat", "lab%2FTiny%3Achat"]
)
async def test_one_model_is_found_by_its_id(served, path):
    response = await served.http.get(f"/v1/models/{path}")
    assert response.status_code == 200
    assert response.json()["id"] == unquote(path)


async def test_every_address_that_answers_get_answers_head_with_the_same_header(served):
    for path in ("/v1/models", "/v1/models/tiny", "/v1/me", "/healthz", "/docs", "/openapi.json", "/metrics"):
        get, head = await served.http.get(path), await served.http.head(path)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-type", "content-length"):
            assert head.headers[name] == get.headers[name]
    assert (await served.http.head("/v1/chat/completions")).status_code == 405
    assert (await served.http.head("/v1/models/other")).status_code == 404
    del served.http.headers["authorization"]
    assert (await served.http.head("/v1/models")).status_code == 401


async def test_answers_that_computed_tell_of_the_limits_and_others_do_not(served):
    six = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-limit-tokens": "6000",
        "x-ratelimit-remaining-tokens": "5880",
        "x-ratelimit-reset-tokens": "120ms",
    }
    for response in (await served.chat(), await served.chat(stream=True), await served.complete()):
        assert six.items() <= dict(response.headers).items()
    served.box.refusal = RateLimited("Slowly.", retry_after_s=7)
    refused = await served.chat()
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
    assert six.items() <= dict(refused.headers).items()
    assert not [name for name in (await served.http.get("/v1/models")).headers if "ratelimit" in name]


async def test_unknown_model_is_a_404_with_its_own_code(served, error_of):
    response = await served.http.get("/v1/models/other")
    assert response.status_code == 404
    assert error_of(response)["code"] == "model_not_found"


async def test_health_answers_without_a_key(served):
    del served.http.headers["authorization"]
    for path in ("/healthz", "/readyz"):
        assert (await served.http.get(path)).status_code == 200


async def test_readiness_says_what_is_missing_while_health_stays_good(served, error_of):
    served.readiness.reason = "No model is ready yet: tiny is loading."
    response = await served.http.get("/readyz")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"
    assert error_of(response)["message"] == "No model is ready yet: tiny is loading."
    assert (await served.http.get("/healthz")).status_code == 200


async def test_every_answer_has_a_request_id_of_its_own(served):
    served.box.script = answers("x", reason=FinishReason.LENGTH)
    responses = [
        await served.chat(),
        await served.chat(stream=True),
        await served.http.get("/nothing"),
        await served.http.get("/healthz", headers={"x-request-id": "req_chosen_by_me"}),
    ]
    ids = [response.headers.get_list("x-request-id") for response in responses]
    assert all(len(one) == 1 for one in ids)
    assert len({one[0] for one in ids}) == 4
    assert all(one[0].startswith("req_") and len(one[0]) == 28 for one in ids)
    assert "req_chosen_by_me" not in str(ids)


async def test_debug_pages_stay_off(served):
    served.box.refusal = RuntimeError("x")
    response = await served.http.post(
        "/v1/completions", json={"model": "tiny", "prompt": "x"}, headers={"accept": "text/html"}
    )
    assert response.headers["content-type"] == "application/json"
    assert "<html" not in response.text
