"""Who may have a key made, and for whom. Pure."""

from typing import Final

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.people import DEFAULT_ID, Part
from appliance.errors import BadRequest, NotAllowed, NotFound, TryAgain

MOST_OWN_KEYS: Final = 10
"""That somebody may have in use in one project, before they make one more by themselves."""


def check_new_key(
    actor: Actor,
    *,
    person: str,
    project: str,
    part: Part | None,
    elsewhere: bool,
    in_use: int,
    canary: bool,
) -> None:
    """``part`` is what the person is in the project, ``elsewhere`` whether they belong to other projects too,
    ``in_use`` how many of their keys in it work.

    Raises ``NotFound``, ``NotAllowed``, ``BadRequest``, ``TryAgain``.
    """
    if actor.permission is Permission.LEAD and person == DEFAULT_ID:
        raise BadRequest("Say whose key it is: `person`, one of the project's members.", param="person")
    if person != DEFAULT_ID and part is None:
        raise NotFound(
            f"No member of project `{project}` has this id. "
            f"`carrel member add {person} --project {project}` lets a person belong to it.",
            param="person",
        )
    if actor.permission is Permission.LEAD and elsewhere and person != actor.person:
        raise NotAllowed(
            "This person is not only in your project, so their key is not yours to make: they make one more "
            "with their own (`POST /v1/me/key/new`), or who runs the box does.",
            param="person",
        )
    if actor.permission is Permission.MEMBER:
        _check_own(in_use, canary)


def _check_own(in_use: int, canary: bool) -> None:
    if canary:
        raise NotAllowed("Only a lead or who runs the box lays out a canary.", param="canary")
    if in_use >= MOST_OWN_KEYS:
        raise TryAgain(
            f"You have {in_use} keys in use in this project, the most for one person. Revoke one that you do "
            "not need: `POST /v1/me/key/revoke`.",
        )


def no_later(expires_ms: int | None, than_ms: int | None) -> int | None:
    """The earlier of two ends; None is never. A key does not outlast itself by making another one."""
    return min((one for one in (expires_ms, than_ms) if one is not None), default=None)
