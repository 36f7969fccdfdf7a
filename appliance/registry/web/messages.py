"""The addresses that boxes send messages to: one a kind, the body is the message."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from appliance.edge.bodies import BodyLimits, read_body
from appliance.errors import CarrelError
from appliance.federation.protocol.kinds import (
    ENROLL,
    MEDIA,
    NONCE_HEADER,
    NONCE_PATH,
    PATHS,
    PROOF_HEADER,
)
from appliance.federation.protocol.limits import MESSAGE_BYTES
from appliance.federation.protocol.replies import Refused, Reply
from appliance.registry.web.hands import Hands
from appliance.registry.web.ports import Receives
from appliance.registry.web.problems import known_problem, problem_response

AnyRequest = Request[Any, Any, Any]
LIMITS: Final = BodyLimits(MESSAGE_BYTES, 30.0)
_CREATED: Final = 201
_OK: Final = 200
_NO_STORE: Final = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class Counter:
    """Where messages are taken in. ``knows_addresses``: whoever connects is whoever sends."""

    desk: Receives
    hands: Hands
    limits: BodyLimits = LIMITS
    knows_addresses: bool = True

    async def reply(self, request: AnyRequest, path: str) -> Reply:
        """Raises ``Refused``, ``CarrelError``."""
        proof = _proof(request)
        token = await _token(request, self.limits)
        address = request.client.host if request.client and self.knows_addresses else ""
        return await self.hands.run(lambda: self.desk.receive(token, proof, path, address=address))


def message_routes(counter: Counter) -> list[HTTPRouteHandler]:
    """One a kind, and where nonces come from."""
    return [_nonce_route(counter.desk), *(_route(kind, path, counter) for kind, path in PATHS.items())]


def _nonce_route(desk: Receives) -> HTTPRouteHandler:
    @get(f"/{NONCE_PATH}", name="nonce", status_code=204)
    async def nonce() -> Response[None]:
        return Response(None, headers={NONCE_HEADER: desk.nonce(), **_NO_STORE})

    return nonce


def _route(kind: str, path: str, counter: Counter) -> HTTPRouteHandler:
    @post(f"/{path}", name=kind)
    async def receive(request: AnyRequest) -> Response[bytes]:
        try:
            reply = await counter.reply(request, path)
        except (Refused, CarrelError) as error:
            problem = known_problem(error)
            if problem is None:
                raise
            return problem_response(problem, counter.desk.nonce())
        return _answer(reply, counter.desk.nonce(), created=kind == ENROLL and not reply.duplicate)

    return receive


def _proof(request: AnyRequest) -> str:
    proof = request.headers.get(PROOF_HEADER)
    if proof is None:
        raise Refused("bad-nonce", f"A message comes with a proof in the header {PROOF_HEADER}.")
    return proof


async def _token(request: AnyRequest, limits: BodyLimits) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MEDIA:
        raise Refused("wrong-type", f"A message is sent as {MEDIA}.")
    body = await read_body(request.scope, request.receive, limits)
    if not body.isascii():
        raise Refused("bad-signature", "A message is a signed object in text.")
    return body.decode("ascii")


def _answer(reply: Reply, nonce: str, *, created: bool) -> Response[bytes]:
    return Response(
        msgspec.json.encode(reply),
        status_code=_CREATED if created else _OK,
        headers={NONCE_HEADER: nonce, **_NO_STORE},
        media_type="application/json",
    )
