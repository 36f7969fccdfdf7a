"""What a person should look at."""

from collections.abc import Sequence

from appliance.errors import NotFound
from appliance.registry.operating.office import Office
from appliance.registry.store import marks
from appliance.registry.store.marks import Mark


def list_marks(office: Office, *, only_open: bool = True) -> Sequence[Mark]:
    """Newest first."""
    with office.database.reading() as session:
        return marks.all_of(session, only_open=only_open)


def settle_mark(office: Office, id: str, words: str = "") -> None:
    """Somebody has looked at it. Raises ``NotFound``."""
    with office.acting() as session:
        if not marks.settle(session, id, office.actor, office.now_s):
            raise NotFound("There is no mark of this id that is open.", param="mark")
        office.note(session, "registry.mark.settle", id, words)
