"""A class list taken in: persons, memberships and keys in one commit, or none of them."""

from sqlite_utils import Database

from appliance.domain.people import Intake
from appliance.store.keys import insert_key
from appliance.store.members import put_member
from appliance.store.people import insert_person, replace_person
from appliance.store.writer import Writer


class RosterTable:
    """Writes across the tables of persons, members and keys."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def take_in(self, intake: Intake) -> None:
        """All of it. Raises ``Conflict`` where an id was taken meanwhile."""
        await self._writer.run(lambda database: take_in(database, intake))


def take_in(database: Database, intake: Intake) -> None:
    """As ``RosterTable.take_in``, within a job of the writer."""
    for person in intake.new:
        insert_person(database, person)
    for person in intake.changed:
        replace_person(database, person)
    for membership in intake.members:
        put_member(database, membership)
    for key, digest in intake.keys:
        insert_key(database, key, digest)
