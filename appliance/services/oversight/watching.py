"""Looks on at every request that was accepted, counts, and tells the book which wires it touches.

Counters live in memory only, for so many holders and keys as are listed here; whoever was not seen for
longest is forgotten first. Of a request nothing is kept but what ``policy.tripwires`` counts.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, TypeVar

from appliance.domain.generation import Accepted, AnyRequest, GenerationEvent, ServiceClass
from appliance.domain.oversight import Scope, Trip
from appliance.domain.people import Caller
from appliance.domain.usage import Meters, Outcome
from appliance.policy.tripwires.addresses import hashed_address
from appliance.policy.tripwires.counters import Counters, KeyCounters
from appliance.policy.tripwires.seen import Seen, beginning_of, tells, words_asked
from appliance.policy.tripwires.wires import CANARY_KEY, NEAR_EQUAL
from appliance.services.admission.gates import Asked
from appliance.services.oversight.incident_book import IncidentBook
from appliance.services.oversight.tripwires import Tripwires

MOST_HOLDERS: Final = 10_000
_DAY_MS: Final = 86_400_000
_SALT_BYTES: Final = 32
Kept = TypeVar("Kept", Counters, KeyCounters)


class Tripping:
    """A ``Watcher``."""

    def __init__(
        self,
        tripwires: Tripwires,
        book: IncidentBook,
        now_ms: Callable[[], int],
        *,
        most_holders: int = MOST_HOLDERS,
    ) -> None:
        self._tripwires = tripwires
        self._book = book
        self._now_ms = now_ms
        self._most = most_holders
        self._holders: OrderedDict[Scope, Counters] = OrderedDict()
        self._keys: OrderedDict[str, KeyCounters] = OrderedDict()
        self._salt = (-1, b"")

    def watch(self, asked: Asked) -> "TrippingWatch | None":
        """At every request that computes something."""
        if asked.request is None:
            return None
        return TrippingWatch(self, asked.caller, asked.request, judges=bool(asked.recipe.guard))

    def accepted(
        self, caller: Caller, request: AnyRequest, tokens: tuple[int, ...], *, judges: bool = False
    ) -> None:
        """One more request. One that has a text judged writes none, whatever the text is about."""
        wires = self._tripwires.on
        seen = self._seen(caller, request, tokens, judges=judges)
        trips = self._holder(caller).note(seen, wires)
        self._tell(caller, [*trips, *self._key(caller).note(seen, wires)])

    def ended(self, caller: Caller, tokens: int) -> None:
        """It has used so many tokens."""
        self._tell(caller, self._holder(caller).used(tokens, self._now_ms(), self._tripwires.on))

    def unsafe(self, caller: Caller) -> None:
        """The guard model found a prompt of theirs unsafe."""
        self._tell(caller, self._holder(caller).unsafe(self._now_ms(), self._tripwires.on))

    def used_canary(self, caller: Caller) -> None:
        """Somebody sent a key that nobody was given."""
        if CANARY_KEY in self._tripwires.on:
            self._tell(caller, [Trip(CANARY_KEY, 100, 1)])

    def _seen(self, caller: Caller, request: AnyRequest, tokens: tuple[int, ...], *, judges: bool) -> Seen:
        wires, now_ms = self._tripwires.on, self._now_ms()
        weight = 0 if judges else tells(request)
        return Seen(
            now_ms=now_ms,
            at_once=request.service_class is not ServiceClass.OVERNIGHT,
            words=words_asked(request) if NEAR_EQUAL in wires and not judges else (),
            tells=weight,
            beginning=beginning_of(request, tokens) if weight else 0,
            address=hashed_address(caller.address, self._salt_of(now_ms)) if caller.address else None,
            hits=() if judges else self._tripwires.patterns.hits(request, wires),
        )

    def _tell(self, caller: Caller, trips: list[Trip]) -> None:
        for trip in trips:
            self._book.tripped(caller, self._tripwires.all[trip.wire], trip)

    def _holder(self, caller: Caller) -> Counters:
        return _lately(self._holders, Scope.of(caller), Counters, self._most)

    def _key(self, caller: Caller) -> KeyCounters:
        return _lately(self._keys, caller.key_id, KeyCounters, self._most)

    def _salt_of(self, now_ms: int) -> bytes:
        day = now_ms // _DAY_MS
        if self._salt[0] != day:
            self._salt = (day, secrets.token_bytes(_SALT_BYTES))
        return self._salt[1]


class TrippingWatch:
    """One request."""

    def __init__(self, tripping: Tripping, caller: Caller, request: AnyRequest, *, judges: bool) -> None:
        self._tripping = tripping
        self._caller = caller
        self._request: AnyRequest | None = request
        self._judges = judges

    def accepted(self, accepted: Accepted) -> None:
        """Counted now; its text is let go of."""
        if self._request is not None:
            self._tripping.accepted(self._caller, self._request, accepted.prompt, judges=self._judges)
        self._request = None

    def hear(self, event: GenerationEvent) -> None:
        """Answers are not looked at."""

    def ended(self, outcome: Outcome, meters: Meters) -> None:  # noqa: ARG002 - whatever it was
        """What it has used counts, however it ended."""
        self._tripping.ended(self._caller, meters.prompt_tokens + meters.completion_tokens)


def _lately(known: "OrderedDict[Any, Kept]", who: object, new: Callable[[], Kept], most: int) -> Kept:
    found = known.get(who)
    if found is None:
        found = known[who] = new()
        if len(known) > most:
            known.popitem(last=False)
    known.move_to_end(who)
    return found
