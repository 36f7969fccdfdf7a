"""The last requests that ended in an error, by their id, in the words that their callers were told. In
memory; never a prompt.
"""

from collections import OrderedDict
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.refusals import KnownRefusal, Refused
from appliance.errors import ClientLeft
from appliance.policy.keys import redact_keys

MOST_OF_CALLERS: Final = 1500
MOST_OF_NOBODY: Final = 500
"""Requests without a key have a room of their own: whoever sends many of them pushes out nobody else's."""
MOST_MESSAGE: Final = 500
MOST_PATH: Final = 200


class Refusals:
    """Those that came first are forgotten first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._of_callers: OrderedDict[str, KnownRefusal] = OrderedDict()
        self._of_nobody: OrderedDict[str, KnownRefusal] = OrderedDict()

    def note(self, refused: Refused) -> None:
        """A request ended in an error. Whoever left was told none."""
        if isinstance(refused.error, ClientLeft):
            return
        room, most = (
            (self._of_nobody, MOST_OF_NOBODY)
            if refused.caller is None
            else (self._of_callers, MOST_OF_CALLERS)
        )
        room[refused.request_id] = self._known(refused)
        if len(room) > most:
            room.popitem(last=False)

    def find(self, request_id: str) -> KnownRefusal | None:
        """None: it was not refused, or that is forgotten."""
        return self._of_callers.get(request_id) or self._of_nobody.get(request_id)

    def forget(self) -> None:
        """All of them: somebody was erased, and must be named nowhere."""
        self._of_callers.clear()
        self._of_nobody.clear()

    def _known(self, refused: Refused) -> KnownRefusal:
        caller, error = refused.caller, refused.error
        return KnownRefusal(
            request_id=refused.request_id,
            status=error.status,
            code=error.code,
            message=redact_keys(error.message)[:MOST_MESSAGE],
            path=redact_keys(refused.path)[:MOST_PATH],
            at_ms=self._clock.now_ms(),
            project_id="" if caller is None else caller.project_id,
            person_id="" if caller is None else caller.person_id,
            key_id="" if caller is None else caller.key_id,
        )
