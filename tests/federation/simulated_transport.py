"""The ways to a simulated registry: the port that syncing uses, and what a server would send."""

from collections.abc import Mapping

import msgspec

from appliance.errors import NotFound, OutboundFailed
from appliance.federation.protocol.replies import Problem, Refused, Reply
from tests.federation.simulator import SimulatedRegistry


class SimulatedTransport:
    """The port of ``federation.exchange``. ``files`` are the registry's public files by path; ``away`` lets
    it fail as a network does; ``lose_replies`` counts answers that are lost on their way back.
    """

    def __init__(self, registry: SimulatedRegistry, files: Mapping[str, bytes] | None = None) -> None:
        self.registry = registry
        self.files: Mapping[str, bytes] = files or {}
        self.away = False
        self.lose_replies = 0
        self.posts: list[tuple[str, str]] = []

    async def post(self, path: str, token: str) -> Reply:
        if self.away:
            raise OutboundFailed("The registry cannot be reached.", trouble="unreachable")
        self.posts.append((path, token))
        reply = self.registry.receive(token, path)
        if self.lose_replies:
            self.lose_replies -= 1
            raise OutboundFailed("The registry's answer was cut short.", trouble="unreachable")
        return reply

    async def read(self, path: str, most_bytes: int) -> bytes:
        if self.away:
            raise OutboundFailed("The registry cannot be reached.", trouble="unreachable")
        found = self.files.get(path)
        if found is None:
            raise NotFound("The registry has no such file.")
        return found[:most_bytes]

    async def aclose(self) -> None:
        """Nothing is open."""


def as_http(registry: SimulatedRegistry, path: str, token: str) -> tuple[int, str, bytes]:
    """Status, media type and body: what a server sends."""
    try:
        reply = registry.receive(token, path)
    except Refused as refused:
        problem: Problem = refused.problem()
        return problem.status, "application/problem+json", msgspec.json.encode(problem)
    return 200, "application/json", msgspec.json.encode(reply)
