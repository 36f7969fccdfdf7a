"""Who at the admin socket is which person: their user on this machine, with what their role allows.

Names are looked up when something changes and not when somebody comes: the machine may ask a directory
server for them.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.people import Person, Role
from appliance.errors import BadRequest
from appliance.services.people.directory import Directory

PERMISSIONS: Final[Mapping[Role, Permission]] = {
    Role.MEMBER: Permission.READ,
    Role.REVIEWER: Permission.REVIEW,
    Role.ADMIN: Permission.ADMIN,
}


class Logins:
    """``uid_of`` says the number of a user of this machine, None where there is none; it may block."""

    def __init__(self, directory: Directory, uid_of: Callable[[str], int | None]) -> None:
        self._directory = directory
        self._uid_of = uid_of
        self._known: Mapping[int, Actor] = {}

    def known(self) -> Mapping[int, Actor]:
        """By user number, as of the last ``refresh``."""
        return self._known

    async def require(self, login: str) -> None:
        """Raises ``BadRequest`` where the machine has no such user."""
        if await asyncio.to_thread(self._uid_of, login) is None:
            raise BadRequest("This machine has no user of this name.", param="login")

    async def refresh(self) -> None:
        """Look at who has a login, and which number it has."""
        logins = tuple(self._directory.by_login())
        uids = await asyncio.to_thread(lambda: {login: self._uid_of(login) for login in logins})
        # Who has which role, is read after the wait: somebody may have been suspended during it.
        people = self._directory.by_login().items()
        self._known = {
            uid: _actor(uid, person) for login, person in people if (uid := uids.get(login)) is not None
        }


def _actor(uid: int, person: Person) -> Actor:
    return Actor(f"uid {uid}", PERMISSIONS[person.role], person=person.id)
