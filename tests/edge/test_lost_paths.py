"""A client that lost its way is told the address it meant, whatever the routes are."""

import pytest

from appliance.edge.lost_paths import meant_path

KNOWN = frozenset(
    {
        "/healthz",
        "/readyz",
        "/tokenize",
        "/v1/chat/completions",
        "/v1/completions",
        "/v1/embeddings",
        "/v1/files",
        "/v1/files/{file_id:str}/content",
        "/v1/me",
        "/v1/messages",
        "/v1/messages/count_tokens",
        "/v1/models",
        "/v1/models/{model_id:str}",
        "/v1/responses",
    }
)


@pytest.mark.parametrize("known", sorted(KNOWN))
@pytest.mark.parametrize("prefix", ["/v1/v1", "/openai", "/openai/v1", "/api/v1", "/anthropic/v1", "/api"])
def test_every_route_is_found_behind_every_wrong_prefix(known, prefix):
    path = prefix + known.removeprefix("/v1")
    assert meant_path(path, KNOWN) == known.replace(":str", "")


@pytest.mark.parametrize("known", sorted(KNOWN))
def test_other_letters_spaces_and_slashes_find_the_route_too(known):
    for path in (known.upper(), f"{known} ", f"/{known}//", f"/V1{known}".replace("/v1/", "//")):
        assert meant_path(path, KNOWN) == known.replace(":str", "")


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/api/chat", "/v1/chat/completions"),
        ("/api/generate", "/v1/completions"),
        ("/api/tags", "/v1/models"),
        ("/api/embed", "/v1/embeddings"),
        ("/completion", "/v1/completions"),
        ("/health", "/healthz"),
        ("/v1/tokenize", "/tokenize"),
        ("/models/llama", "/v1/models/{model_id}"),
        ("/anthropic/v1/messages/count_tokens", "/v1/messages/count_tokens"),
    ],
)
def test_what_other_servers_call_it_is_found(path, meant):
    assert meant_path(path, KNOWN) == meant


@pytest.mark.parametrize("path", ["/", "//", "/v1", "/v1/", "/nothing", "/v1/nothing", "/a" * 40, "/v1" * 13])
def test_nothing_is_guessed_where_nothing_is_near(path):
    assert meant_path(path, KNOWN) is None


def test_nothing_of_the_sent_address_is_repeated():
    assert "secret" not in str(meant_path("/models/secret", KNOWN))
