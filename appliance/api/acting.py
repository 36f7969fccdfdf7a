"""What leads and members can have done over TCP, generated from the table of actions.

``POST /v1/projects/{project}/{noun}/{verb}`` is for those who lead the project, with a key of theirs in it;
``POST /v1/me/{noun}/{verb}`` for whoever the key is of. The body has the action's other arguments; who and
where come from path and key. A project that one does not lead is one that is not there.
"""

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.types import Scope

from appliance.api.acting_rows import Served, served
from appliance.api.carrying_out import body_limits, carried_out
from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.arguments import check_arguments
from appliance.domain.log import Log
from appliance.edge.actors import Belonging, lead_of, member_of
from appliance.edge.bodies import read_body
from appliance.edge.callers import caller_of
from appliance.edge.decoding import decode_json
from appliance.edge.request_ids import request_id_of
from appliance.services.binding import Operations

AnyRequest = Request[Any, Any, Any]

PROJECT: Final = "project"
PERSON: Final = "person"


@dataclass(frozen=True, slots=True)
class Acting:
    """Whoever acts by key."""

    operations: Operations
    belonging: Belonging


def acting_routes(acting: Acting, log: Log) -> list[HTTPRouteHandler]:
    """One route for each row of the table and each of its audiences."""
    return [_route(one, acting, log) for one in served(acting.operations.actions)]


def _route(one: Served, acting: Acting, log: Log) -> HTTPRouteHandler:
    limits = body_limits(one.asked)

    @post(one.route, name=one.route, status_code=200)
    async def run(request: AnyRequest) -> Response[bytes]:
        actor = _actor(one, acting.belonging, request.scope)
        body = await read_body(request.scope, request.receive, limits)
        arguments = check_arguments(one.asked, decode_json(body or b"{}", dict[str, object]))
        filled = {PROJECT: actor.project, PERSON: actor.person}
        arguments |= {name: filled[name] for name in one.filled}
        result = await carried_out(request.receive, acting.operations, one.action, arguments, actor)
        if one.action.permission is not Permission.READ:
            # The arguments stay out: a label can hold anything.
            request_id = request_id_of(request.scope)
            log.info("action", action=one.action.name, who=actor.name, request_id=request_id)
        return Response(
            msgspec.json.encode(result), media_type="application/json", headers={"cache-control": "no-store"}
        )

    return run


def _actor(one: Served, belonging: Belonging, scope: Scope) -> Actor:
    caller = caller_of(scope)
    if one.by is Permission.LEAD:
        return lead_of(caller, scope["path_params"][PROJECT], belonging)
    return member_of(caller)
