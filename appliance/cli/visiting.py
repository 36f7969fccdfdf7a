"""Comes to an API as a student does: with a key, over HTTP."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from appliance.cli.desk import Admin, Desk, expected
from appliance.domain.results import KeyIssued
from appliance.errors import BadRequest, NotReady


def own_url(desk: Desk) -> str:
    """Where this box serves, up to and with ``/v1``. Raises ``GatewayNotRunning``."""
    return f"{desk.status().url.rstrip('/').removesuffix('/v1')}/v1"


def only_model(models: Sequence[str]) -> str:
    """The model to ask where none was named. Raises ``NotReady`` for none, ``BadRequest`` for several."""
    if not models:
        raise NotReady("No model is served to this key; start one with `carrel model run MODEL`.")
    if len(models) > 1:
        raise BadRequest(
            f"Several models are served; choose with --model: {', '.join(models)}.", param="model"
        )
    return models[0]


@contextmanager
def passing_keys(desk: Desk, name: str, count: int = 1) -> Iterator[tuple[str, ...]]:
    """Keys of this box for the length of a command; revoked after it, also when it fails."""
    with desk.gateway() as gateway, _issued(gateway, name, count) as keys:
        yield tuple(one.key for one in keys)


@contextmanager
def _issued(gateway: Admin, name: str, count: int) -> Iterator[list[KeyIssued]]:
    keys: list[KeyIssued] = []
    try:
        for _ in range(count):
            made = gateway.run("key.new", {"name": name, "expires_days": 1})
            keys.append(expected(made, KeyIssued))
        yield keys
    finally:
        for one in keys:
            gateway.run("key.revoke", {"id": one.id})
