"""Who acts, on which registry."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from appliance.domain.clock import Clock
from appliance.errors import NotFound
from appliance.registry.about import About
from appliance.registry.store import audit, boxes
from appliance.registry.store.boxes import Box
from appliance.registry.store.database import Database, Session


@dataclass(frozen=True, slots=True)
class Office:
    """``actor`` is whoever gives the command, for the audit. Several may act at once, and several
    processes.
    """

    database: Database
    about: About
    clock: Clock
    actor: str

    @property
    def now_s(self) -> int:
        """S since 1970 UTC."""
        return self.clock.now_ms() // 1000

    def note(self, session: Session, act: str, about: str, words: str = "") -> None:
        """In the transaction of the act itself."""
        audit.add(session, actor=self.actor, act=act, about=about, words=words, now_s=self.now_s)

    def acting(self) -> AbstractContextManager[Session]:
        """A transaction in which nobody else acts. Raises ``StorageUnavailable``."""
        return self.database.alone()


def held_box(session: Session, id: str) -> Box:
    """As ``box_of``; until the transaction ends nothing that the box says is taken in. Raises
    ``NotFound``.
    """
    boxes.lock(session, box_of(session, id).number, 0)
    return box_of(session, id)


def box_of(session: Session, id: str) -> Box:
    """Raises ``NotFound``."""
    box = boxes.of_id(session, id)
    if box is None:
        raise NotFound(
            "No box of this id has enrolled here; `carrel registry boxes` lists them.", param="box"
        )
    return box
