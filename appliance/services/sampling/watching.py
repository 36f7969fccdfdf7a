"""Looks on at requests, and takes those that the rule chooses.

Whether a request is chosen is known once it holds its budget; text is kept for it only then, only in memory,
and only where its person agreed. What is written down is sealed first.
"""

from dataclasses import dataclass
from typing import Protocol

from appliance.domain.generation import Accepted, AnyRequest, GenerationEvent, TextDelta
from appliance.domain.people import Caller
from appliance.domain.samples import LedgerLine, RequestKind
from appliance.domain.usage import Meters, Outcome
from appliance.policy.sampling.choosing import is_sample
from appliance.policy.sampling.content import Hearing, kind_of
from appliance.services.admission.gates import Asked
from appliance.services.admission.watching import Watch
from appliance.services.sampling.book import RuleBook


@dataclass(frozen=True, slots=True)
class Seen:
    """A chosen request that has ended. ``content`` is None where its person did not agree to more than its
    numbers.
    """

    line: LedgerLine
    caller: Caller
    kind: RequestKind
    content: bytes | None


class Taker(Protocol):
    """Writes samples down."""

    def take(self, seen: Seen) -> None:
        """Soon; it does not wait."""
        ...


class Sampler:
    """The watcher."""

    def __init__(self, book: RuleBook, taker: Taker) -> None:
        self._book = book
        self._taker = taker

    def watch(self, asked: Asked) -> Watch | None:
        """At every request; what it costs is one HMAC."""
        if asked.request is None:
            return None
        return _Watch(self._book, self._taker, asked, asked.request)


class _Watch:
    def __init__(self, book: RuleBook, taker: Taker, asked: Asked, request: AnyRequest) -> None:
        self._book = book
        self._taker = taker
        self._asked = asked
        # Let go of where nothing of it will be kept.
        self._request: AnyRequest | None = request
        self._line: LedgerLine | None = None
        self._kind: RequestKind = ""
        self._hearing: Hearing | None = None

    def accepted(self, accepted: Accepted) -> None:
        """The moment that the ledger has is the one that decides."""
        request, self._request = self._request, None
        if request is None:
            return
        book, asked, now_ms = self._book, self._asked, accepted.created_ms
        book.see_tier(asked.recipe.id, asked.recipe.tier, now_ms)
        line = LedgerLine(request.id, asked.caller.holder, asked.recipe.id, now_ms)
        if not is_sample(line, book.seed_for(now_ms), book.rules):
            return
        self._line, self._kind = line, kind_of(request)
        if book.choice_of(line.holder).consents:
            self._hearing = Hearing(request)

    def hear(self, event: GenerationEvent) -> None:
        """Text of the answer."""
        if self._hearing is not None and isinstance(event, TextDelta):
            self._hearing.hear(event.choice, event.text)

    def ended(self, _outcome: Outcome, _meters: Meters) -> None:
        """Whoever takes it finds the rest in the ledger."""
        if self._line is None:
            return
        hearing, self._hearing = self._hearing, None
        # Somebody may have taken their word back meanwhile.
        agreed = self._book.choice_of(self._line.holder).consents
        content = hearing.content() if hearing is not None and agreed else None
        self._taker.take(Seen(self._line, self._asked.caller, self._kind, content))
