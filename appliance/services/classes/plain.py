"""Who is answered over plain HTTP, where others on the network can read the key along the way: keys that are
worth little by the time anybody could use them.
"""

from collections.abc import Callable
from typing import Final, Literal

from appliance.domain.classes import SHORT_LIVED_DAYS, SchoolClass
from appliance.domain.clock import Clock
from appliance.domain.days import DAY_MS
from appliance.domain.log import Log
from appliance.domain.people import Caller
from appliance.errors import NotAllowed
from appliance.services.classes.book import ClassBook

Admitted = Literal["classes", "all"]
"""The setting ``plain_http``."""

SENT_IN_THE_CLEAR: Final = (
    "This key was sent in the clear and is not accepted here: whoever shares the network can have read it. "
    "Have it replaced (`carrel key revoke`, `carrel key new`), and use an address that begins with https."
)

_JOINED_OVER_TLS: Final = (
    "This class is joined where nobody can read along: open the box's address that begins with https."
)


class PlainPolicy:
    """``heard`` is told of each key that was sent in the clear and is not for that, by its caller.
    ``rehearses`` knows keys that never leave this machine, whatever address they come from.
    """

    def __init__(
        self,
        book: ClassBook,
        clock: Clock,
        log: Log,
        *,
        admitted: Admitted = "classes",
        heard: Callable[[Caller], None] | None = None,
        rehearses: Callable[[str], bool] = lambda _key: False,
    ) -> None:
        self._book = book
        self._clock = clock
        self._log = log
        self._admitted = admitted
        self._heard = heard
        self._rehearses = rehearses

    def check(self, caller: Caller) -> None:
        """Of a request that came in the clear. Raises ``NotAllowed``."""
        if self._admitted == "all" or self._rehearses(caller.key_id):
            return
        sitting = self._book.sitting(caller)
        refusal = SENT_IN_THE_CLEAR if sitting is None else self._refusal(sitting.lesson)
        if not refusal:
            return
        self._log.warning("key_in_the_clear", key=caller.key_id)
        if refusal is SENT_IN_THE_CLEAR and self._heard is not None:
            self._heard(caller)
        raise NotAllowed(refusal)

    def check_class(self, lesson: SchoolClass) -> None:
        """Whether keys of a class can be given out in the clear. Raises ``NotAllowed``."""
        refusal = "" if self._admitted == "all" else self._refusal(lesson)
        if refusal:
            raise NotAllowed(_JOINED_OVER_TLS if refusal is SENT_IN_THE_CLEAR else refusal)

    def _refusal(self, lesson: SchoolClass) -> str:
        now_ms = self._clock.now_ms()
        if not lesson.plain or lesson.keys_end_ms - now_ms > SHORT_LIVED_DAYS * DAY_MS:
            return SENT_IN_THE_CLEAR
        if lesson.state(now_ms) == "over":
            return "This class is over, and so is plain HTTP for its keys; your teacher has its report."
        if lesson.state(now_ms) == "planned":
            return "This class has not begun; come back when your teacher has opened it."
        return ""
