"""Where a reader of a schema stands, what it has counted, and how it refuses."""

import re
from dataclasses import dataclass, field
from typing import Final, NoReturn

from appliance.errors import BadRequest

_SHOWABLE: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]{0,39}\Z")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the schema. ``depth`` counts from 1."""

    path: str = ""
    depth: int = 1

    def word(self, word: str) -> "Place":
        """A keyword here."""
        return Place(f"{self.path}.{word}" if self.path else word, self.depth)

    def within(self, step: str | int) -> "Place":
        """A schema in here, by its name or its number."""
        if isinstance(step, str) and _SHOWABLE.match(step):
            return Place(f"{self.path}.{step}", self.depth + 1)
        return Place(f"{self.path}[{step if isinstance(step, int) else '…'}]", self.depth + 1)

    def below(self) -> "Place":
        """The one thing in here."""
        return Place(self.path, self.depth + 1)


@dataclass(slots=True)
class Reading:
    """One schema on its way through the checks."""

    param: str
    patterns: bool
    lenient: bool
    schemas: int = 0
    multiples: set[float] = field(default_factory=set)
    references: list[tuple[str, str, Place]] = field(default_factory=list)
    """Word and name of each definition that is referred to, and where."""

    def refuse(self, place: Place, why: str) -> NoReturn:
        """Raise ``BadRequest``."""
        where = f"its `{place.path}`" if place.path else "it"
        raise BadRequest(f"The schema cannot be used: {where} {why}.", param=self.param)

    def refuse_word(self, word: str, place: Place) -> NoReturn:
        """Raise ``BadRequest`` for a keyword that is not known."""
        if _SHOWABLE.match(word):
            self.refuse(place.word(word), "is not supported; leave it out")
        self.refuse(place, "has a keyword that is not supported; leave it out")
