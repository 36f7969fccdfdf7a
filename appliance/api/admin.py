"""The admin API, generated from the table of actions. For the Unix socket: the peer's uid is the credential.

``POST /admin/v1/{noun}/{verb}`` with a JSON object of arguments answers with the action's result;
``GET /admin/v1/actions`` describes the table for front ends that are not this program, and ``POST
/admin/v1/watch`` tells what actions answer as it changes (``api.watching``).
"""

from collections.abc import Callable, Mapping

import msgspec
from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.types import Scope

from appliance.api.carrying_out import body_limits, carried_out
from appliance.api.watching import watch_route
from appliance.domain.action import Action, Permission
from appliance.domain.actor import Actor
from appliance.domain.log import Log
from appliance.edge.bodies import read_body
from appliance.edge.decoding import decode_json
from appliance.edge.errors import exception_handler
from appliance.edge.request_ids import request_id_of
from appliance.policy.operators import operator_of
from appliance.services.binding import Operations
from appliance.services.watching.watching import Watching

AdminRequest = Request[None, None, State]
OperatorOf = Callable[[Scope], Actor]
"""Raises ``NotAllowed``."""


class ArgumentDescription(msgspec.Struct, frozen=True, kw_only=True):
    """One argument of an action."""

    name: str
    kind: str
    help: str
    required: bool
    default: str | int | bool | None
    choices: tuple[str, ...]


class ActionDescription(msgspec.Struct, frozen=True, kw_only=True):
    """One action, as a front end needs it to offer it."""

    name: str
    path: str
    summary: str
    permission: str
    blast: str
    arguments: tuple[ArgumentDescription, ...]


class ActionList(msgspec.Struct, frozen=True):
    """What the gateway can be asked to do."""

    actions: tuple[ActionDescription, ...]


def admin_app(
    operations: Operations,
    *,
    own_uid: int,
    log: Log,
    known: Callable[[], Mapping[int, Actor]] = dict,
    watching: Watching | None = None,
) -> Litestar:
    """One route an action. ``own_uid`` is the user the gateway runs as, who administers it beside root;
    ``known`` says which users of the machine are persons of the box, and what they may. ``watching`` is
    given by whoever stops the box, to end it.
    """

    def operator(scope: Scope) -> Actor:
        uid = scope["state"].get("peer_uid")
        return operator_of(uid if isinstance(uid, int) else None, own_uid, known())

    routes = [_route(action, operations, operator, log) for action in operations.actions]
    watch = watch_route(watching or Watching(operations, log), operator)
    return Litestar(
        route_handlers=[_description(operations, operator), watch, *routes],
        exception_handlers={Exception: exception_handler(log)},
        # LITESTAR_DEBUG in the environment must not turn debug pages on.
        debug=False,
        openapi_config=None,
        logging_config=None,
    )


def _route(action: Action, operations: Operations, operator: OperatorOf, log: Log) -> HTTPRouteHandler:
    limits = body_limits(action)

    @post(_path(action), name=action.name, status_code=200)
    async def run(request: AdminRequest) -> Response[bytes]:
        acting = operator(request.scope)
        body = await read_body(request.scope, request.receive, limits)
        arguments = decode_json(body or b"{}", dict[str, object])
        result = await carried_out(request.receive, operations, action, arguments, acting)
        if action.permission is Permission.ADMIN:
            # The arguments stay out: a label can hold anything.
            log.info("action", action=action.name, who=acting.name, request_id=request_id_of(request.scope))
        return _json(result)

    return run


def _description(operations: Operations, operator: OperatorOf) -> HTTPRouteHandler:
    body = ActionList(tuple(_describe(action) for action in operations.actions))

    @get("/admin/v1/actions")
    async def actions(request: AdminRequest) -> Response[bytes]:
        operator(request.scope)
        return _json(body)

    return actions


def _json(body: msgspec.Struct) -> Response[bytes]:
    return Response(msgspec.json.encode(body), media_type="application/json")


def _path(action: Action) -> str:
    return f"/admin/v1/{action.name.replace('.', '/')}"


def _describe(action: Action) -> ActionDescription:
    arguments = tuple(
        ArgumentDescription(
            name=one.name,
            kind=one.kind,
            help=one.help,
            required=one.required,
            default=one.default,
            choices=one.choices,
        )
        for one in action.arguments
    )
    return ActionDescription(
        name=action.name,
        path=_path(action),
        summary=action.summary,
        permission=action.permission,
        blast=action.blast,
        arguments=arguments,
    )
