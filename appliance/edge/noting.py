"""Who hears of the errors that callers meet, so that they, their teacher and whoever runs the box can be told
of them later.
"""

from typing import Final, Protocol

from litestar.types import Scope

from appliance.domain.people import Caller
from appliance.domain.refusals import Refused
from appliance.edge.request_ids import request_id_of
from appliance.errors import CarrelError


class Noting(Protocol):
    """Told of every request that ended in an error. It must not raise, and must not wait."""

    def note(self, refused: Refused) -> None:
        """Also of those whose caller nobody knows."""
        ...


class NobodyNotes:
    """Errors are told to who met them, and to nobody else."""

    def note(self, refused: Refused) -> None:
        """Nothing happens."""


class AllNote:
    """Several that are told, one after the other."""

    def __init__(self, *all_of: Noting) -> None:
        self._all_of: Final = all_of

    def note(self, refused: Refused) -> None:
        """Tell each of them."""
        for one in self._all_of:
            one.note(refused)


def note_in(scope: Scope, error: CarrelError, noting: Noting) -> None:
    """Of a request, and whose it is where that is known."""
    caller = scope.get("state", {}).get("caller")
    known = caller if isinstance(caller, Caller) else None
    noting.note(Refused(request_id_of(scope), error, scope["path"], known))
