"""Joins what knows persons, projects, members and keys."""

import pwd
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from appliance.domain.clock import Clock
from appliance.domain.results import Result
from appliance.services.keys import KeyService
from appliance.services.people.directory import Directory
from appliance.services.people.importing import ImportService
from appliance.services.people.logins import Logins
from appliance.services.people.members import MemberService
from appliance.services.people.persons import PersonService
from appliance.services.people.standing import Standing, StandingKeys
from appliance.services.projects import ProjectService
from appliance.store.store import Store


@dataclass(frozen=True, slots=True)
class People:
    """Who there is, and who changes that."""

    directory: Directory
    standing: Standing
    logins: Logins
    persons: PersonService
    rosters: ImportService
    members: MemberService
    projects: ProjectService
    keys: KeyService

    @property
    def working_keys(self) -> StandingKeys:
        """Which keys something can still be computed for."""
        return StandingKeys(self.keys.caller_of, self.standing)

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        services = (self.persons, self.rosters, self.members, self.projects, self.keys)
        return {name: handler for one in services for name, handler in one.handlers().items()}


async def people(store: Store, clock: Clock) -> People:
    """What is on the disk, known from now on without a query."""
    directory = Directory()
    await directory.load(store.people, store.projects, store.members)
    logins = Logins(directory, _uid_of)
    await logins.refresh()
    keys = KeyService(store.keys, directory, clock)
    await keys.load()
    return People(
        directory=directory,
        standing=Standing(directory, clock),
        logins=logins,
        persons=PersonService(
            persons=store.people,
            members=store.members,
            directory=directory,
            logins=logins,
            keys=keys,
            clock=clock,
        ),
        rosters=ImportService(
            rosters=store.rosters, directory=directory, issuer=keys.issuer, ring=keys.ring, clock=clock
        ),
        members=MemberService(store.members, directory, clock),
        projects=ProjectService(store.projects, store.members, directory, clock),
        keys=keys,
    )


def _uid_of(login: str) -> int | None:
    try:
        return pwd.getpwnam(login).pw_uid
    except (KeyError, ValueError):
        return None
