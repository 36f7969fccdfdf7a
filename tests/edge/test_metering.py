"""Answers are counted by the router's address, never by the one that was sent."""

import pytest

from appliance.edge.metering import Metered
from tests.edge.tiny_apps import reply


class Counted:
    def __init__(self) -> None:
        self.answers: list[tuple[str, int]] = []

    def answered(self, address: str, status: int) -> None:
        self.answers.append((address, status))


async def serve(app) -> list[tuple[str, int]]:
    counted = Counted()

    async def send(message):
        pass

    scope = {"type": "http", "path": "/v1/models/secret", "headers": [], "state": {}}
    await Metered(app, counted)(scope, None, send)
    return counted.answers


async def test_the_routers_address_is_counted():
    async def app(scope, receive, send):
        scope["path_template"] = "/v1/models/{model_id}"
        await reply(send, b"", 404)

    assert await serve(app) == [("/v1/models/{model_id}", 404)]


async def test_an_address_that_is_none_of_ours_is_one_of_the_others():
    async def app(scope, receive, send):
        await reply(send, b"", 404)

    assert await serve(app) == [("other", 404)]


async def test_a_request_that_breaks_is_counted_and_goes_on_breaking():
    counted = Counted()

    async def app(scope, receive, send):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await Metered(app, counted)({"type": "http"}, None, None)
    assert counted.answers == [("other", 499)]
