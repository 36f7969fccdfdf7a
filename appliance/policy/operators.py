"""Who is at the admin socket, and what that lets them do."""

from collections.abc import Mapping
from typing import Final

from appliance.domain.action import Action, Audience, Permission
from appliance.domain.actor import Actor
from appliance.errors import NotAllowed

_RANKS: Final = {Permission.READ: 0, Permission.REVIEW: 1, Permission.ADMIN: 2}

_AUDIENCES: Final = {
    Permission.LEAD: {Audience.LEADS, Audience.LEADS_AND_MEMBERS},
    Permission.MEMBER: {Audience.MEMBERS, Audience.LEADS_AND_MEMBERS},
}


def operator_of(peer_uid: int | None, own_uid: int, known: Mapping[int, Actor] | None = None) -> Actor:
    """Root and the gateway's own user administer; others who can open the socket (its group) may look, or
    what their role as a person of the box allows: ``known``, by user id.

    Raises ``NotAllowed`` where the kernel did not say who it is.
    """
    if peer_uid is None:
        raise NotAllowed(
            "The admin API answers only over its Unix socket; use the `carrel` command on the box."
        )
    person = (known or {}).get(peer_uid)
    if peer_uid in {0, own_uid}:
        return Actor(f"uid {peer_uid}", Permission.ADMIN, person="" if person is None else person.person)
    return person or Actor(f"uid {peer_uid}", Permission.READ)


def check_permission(operator: Actor, action: Action) -> None:
    """Raises ``NotAllowed`` if the action needs more than an operator at the socket holds, or is served to
    others than whoever acts by key.
    """
    if operator.permission in _AUDIENCES:
        if action.audience not in _AUDIENCES[operator.permission]:
            raise NotAllowed(f"`{action.name.replace('.', ' ')}` is for who runs the box.")
        return
    if _RANKS[operator.permission] < _RANKS[action.permission]:
        verb = action.name.replace(".", " ")
        whose = (
            "reviewers" if action.permission is Permission.REVIEW else "root and the user that runs Carrel"
        )
        raise NotAllowed(f"You may look, not change: `{verb}` is for {whose}.")
