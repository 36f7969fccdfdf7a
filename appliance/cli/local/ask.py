"""`carrel ask`: one question over HTTP with a key, so counted and authenticated like a student's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from appliance.cli.desk import Desk, expected
from appliance.client.student import StudentClient
from appliance.config.process import student_key
from appliance.domain.results import Answer, KeyIssued
from appliance.errors import BadRequest, NotAuthenticated, NotReady

_KEY_NAME: Final = "carrel ask"


def ask(desk: Desk, *, question: str, model: str | None, max_tokens: int | None, url: str | None) -> Answer:
    """The model's answer. Raises what the API raises, ``NotAuthenticated`` without a key for another box."""
    with _key(desk, url) as key, StudentClient(url or _own_url(desk), key) as client:
        return client.ask(model or _only(client.models()), question, max_tokens)


@contextmanager
def _key(desk: Desk, url: str | None) -> Iterator[str]:
    """The user's key, or one made for this question and revoked after it."""
    given = student_key(desk.around.environ)
    if given is not None:
        yield given
        return
    if url is not None:
        raise NotAuthenticated("Set CARREL_API_KEY to a key of that box.")
    with desk.gateway() as gateway:
        issued = expected(gateway.run("key.new", {"name": _KEY_NAME, "expires_days": 1}), KeyIssued)
        try:
            yield issued.key
        finally:
            gateway.run("key.revoke", {"id": issued.id})


def _own_url(desk: Desk) -> str:
    return f"{desk.status().url.rstrip('/').removesuffix('/v1')}/v1"


def _only(models: tuple[str, ...]) -> str:
    if not models:
        raise NotReady("No model is served to this key; start one with `carrel model run MODEL`.")
    if len(models) > 1:
        raise BadRequest(
            f"Several models are served; choose with --model: {', '.join(models)}.", param="model"
        )
    return models[0]


HANDLERS: Final = {"ask": ask}
