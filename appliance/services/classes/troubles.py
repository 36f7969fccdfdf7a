"""The last errors that each key met, in the words that its holder was told. In memory; never a prompt."""

from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Final

from appliance.domain.classes import SeatTrouble
from appliance.domain.clock import Clock
from appliance.domain.refusals import Refused
from appliance.errors import ClientLeft

MOST_OF_A_KEY: Final = 20
MOST_KEYS: Final = 4096
MOST_CHARACTERS: Final = 500


class Troubles:
    """Those of keys that met none for the longest are forgotten first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._of_keys: OrderedDict[str, deque[SeatTrouble]] = OrderedDict()

    def note(self, refused: Refused) -> None:
        """A request ended in an error. Whoever left has none, and what nobody knows is nobody's."""
        caller, error = refused.caller, refused.error
        if caller is None or isinstance(error, ClientLeft):
            return
        message = error.message[:MOST_CHARACTERS]
        trouble = SeatTrouble(error.code, message, refused.request_id, self._clock.now_ms())
        self._of_keys.setdefault(caller.key_id, deque(maxlen=MOST_OF_A_KEY)).appendleft(trouble)
        self._of_keys.move_to_end(caller.key_id)
        if len(self._of_keys) > MOST_KEYS:
            self._of_keys.popitem(last=False)

    def of_key(self, key_id: str) -> Sequence[SeatTrouble]:
        """The newest first."""
        return tuple(self._of_keys.get(key_id, ()))
