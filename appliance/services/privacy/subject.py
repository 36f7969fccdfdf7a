"""Whose records are meant: a person's, or a key's that is of nobody in particular."""

from dataclasses import dataclass

from appliance.domain.people import DEFAULT_ID, ApiKey, Person
from appliance.errors import BadRequest, NotFound
from appliance.services.privacy.ports import Keys, Persons


@dataclass(frozen=True, slots=True)
class Subject:
    """``person`` is None for a key; ``keys`` are those of the person that were not revoked, or the key."""

    id: str
    person: Person | None
    keys: tuple[ApiKey, ...]

    @property
    def of_key(self) -> bool:
        """Whether it is a key that is of nobody in particular."""
        return self.person is None


async def subject_of(id: str, persons: Persons, keys: Keys) -> Subject:
    """Raises ``NotFound``, ``BadRequest``."""
    if id == DEFAULT_ID:
        raise BadRequest(
            f"`{DEFAULT_ID}` is nobody in particular. Name one of its keys; `carrel key list` shows them.",
            param="person",
        )
    every = await keys.all()
    person = persons.person(id)
    if person is not None:
        return Subject(id, person, tuple(one for one in every if one.person_id == id))
    own = tuple(one for one in every if one.id == id and one.person_id == DEFAULT_ID)
    if not own:
        raise NotFound("No person has this id. `carrel person list` shows everybody.", param="person")
    return Subject(id, None, own)
