"""Whoever acts by key: what they may be taken for, in the API and on the pages alike."""

from typing import Protocol

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.people import DEFAULT_ID, Caller, Part
from appliance.errors import NotFound, NotPermitted


class Belonging(Protocol):
    """Who is what in which project."""

    def part(self, project_id: str, person_id: str) -> Part | None:
        """None where they do not belong to it."""
        ...


def leads(caller: Caller, project: str, belonging: Belonging) -> bool:
    """Whether a key gives the power of a lead there: only one of this very project, since whoever has a key
    of another one has it for that.
    """
    return project == caller.project_id and belonging.part(project, caller.person_id) == "lead"


def lead_of(caller: Caller, project: str, belonging: Belonging) -> Actor:
    """The caller as a lead of ``project``. Raises ``NotFound``: one that they do not lead is not there."""
    if not leads(caller, project, belonging):
        raise NotFound("This key leads no project of this id. `GET /v1/me` tells whose key it is.")
    return _actor(caller, Permission.LEAD)


def member_of(caller: Caller) -> Actor:
    """The caller for themself. Raises ``NotPermitted`` for a key of nobody in particular."""
    if caller.person_id == DEFAULT_ID:
        raise NotPermitted(
            "This key is of nobody in particular, and this is for persons. Ask who runs the box: "
            "`carrel person new ID --project P`, then `carrel key new NAME --person ID --project P`.",
            rule="person",
            waits_for="admin",
        )
    return _actor(caller, Permission.MEMBER)


def _actor(caller: Caller, permission: Permission) -> Actor:
    return Actor(
        caller.person_id,
        permission,
        person=caller.person_id,
        project=caller.project_id,
        origin=caller.address,
        key_id=caller.key_id,
    )
