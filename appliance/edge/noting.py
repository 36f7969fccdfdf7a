"""Who hears of the errors that callers meet, so that they and their teacher can be told of them later."""

from typing import Protocol

from litestar.types import Scope

from appliance.domain.people import Caller
from appliance.edge.request_ids import request_id_of
from appliance.errors import CarrelError


class Noting(Protocol):
    """Told of every error that a known caller met. It must not raise, and must not wait."""

    def note(self, caller: Caller, error: CarrelError, request_id: str) -> None:
        """``error`` is what the caller was told: it holds nothing of a prompt."""
        ...


class NobodyNotes:
    """Errors are told to who met them, and to nobody else."""

    def note(self, caller: Caller, error: CarrelError, request_id: str) -> None:
        """Nothing happens."""


def note_in(scope: Scope, error: CarrelError, noting: Noting) -> None:
    """Of a request, where it is known whose it is."""
    caller = scope.get("state", {}).get("caller")
    if isinstance(caller, Caller):
        noting.note(caller, error, request_id_of(scope))
