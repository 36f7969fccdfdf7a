"""Carrying out actions from a page: by the same table, rules and rows of the audit log as over the API."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Request

from appliance.domain.action import Action, Audience, Permission
from appliance.domain.actor import Actor
from appliance.edge.actors import lead_of, member_of
from appliance.edge.leaving import while_connected
from appliance.edge.request_ids import request_id_of
from appliance.errors import NotFound
from appliance.web.parts import WebParts
from appliance.web.visitors import Visitor, require_visitor

AnyRequest = Request[Any, Any, Any]

_BY: Final = {
    Audience.LEADS: (Permission.LEAD,),
    Audience.MEMBERS: (Permission.MEMBER,),
    Audience.LEADS_AND_MEMBERS: (Permission.MEMBER, Permission.LEAD),
}
"""As whom, the first where nobody says."""


async def act(
    request: AnyRequest, name: str, arguments: Mapping[str, object], *, by: Permission | None = None
) -> Any:  # noqa: ANN401 - each action has a result of its own, which its page knows
    """Have the visitor's action carried out, and tell its result. Arguments that are None or empty are not
    given; ``project`` and ``person`` come from the session's key. A form's token is checked where it is read.

    Raises ``SignInFirst``, ``NotPermitted``, ``NotFound``, and whatever the action does.
    """
    parts = parts_of(request)
    action = action_of(parts, name)
    by = by or _BY[action.audience][0]
    visitor = require_visitor(request.scope, own=by is Permission.MEMBER)
    actor = _actor(parts, visitor, by)
    result = await _carried_out(request, parts, action, _filled(action, arguments, actor), actor)
    if action.permission is not Permission.READ:
        request_id = request_id_of(request.scope)
        parts.log.info("action", action=action.name, who=actor.name, request_id=request_id)
    return result


def parts_of(request: AnyRequest) -> WebParts:
    """What the page app was made from."""
    parts = request.app.state.parts
    if not isinstance(parts, WebParts):
        raise TypeError("the page app has no parts")
    return parts


def action_of(parts: WebParts, name: str) -> Action:
    """The row of the table. Raises ``NotFound`` for one that is for operators alone."""
    for one in parts.operations.actions:
        if one.name == name and one.audience in _BY:
            return one
    raise NotFound(f"There is no action `{name}` for pages.")


def _actor(parts: WebParts, visitor: Visitor, by: Permission) -> Actor:
    if by is Permission.LEAD:
        return lead_of(visitor.caller, visitor.caller.project_id, parts.belonging)
    return member_of(visitor.caller)


def _filled(action: Action, arguments: Mapping[str, object], actor: Actor) -> dict[str, object]:
    known = {one.name for one in action.arguments}
    given = {name: value for name, value in arguments.items() if value is not None and value != ""}
    if "project" in known:
        given["project"] = actor.project
    if "person" in known and actor.permission is Permission.MEMBER:
        given["person"] = actor.person
    return given


async def _carried_out(
    request: AnyRequest, parts: WebParts, action: Action, arguments: dict[str, object], actor: Actor
) -> msgspec.Struct:
    if not action.long:
        return await parts.operations.run(action.name, arguments, actor)
    async with while_connected(request.receive):
        return await parts.operations.run(action.name, arguments, actor)
