"""vLLM's log-probabilities as ours, and how much of them one step may tell."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from appliance.engines.base import Event, Generate, Logprob, PromptLogprobs, Tokens, ToldToken
from appliance.engines.scheduler.scoring import PASS_TOKENS
from appliance.engines.scheduler.telling import Teller
from appliance.engines.vllm.library import Place


def logprob_of(token: int, place: Place, top: int) -> Logprob:
    """Of the token that stands in a place. Where it is none of the ``top`` most probable ones, vLLM tells it
    beside them.
    """
    others = place if len(place) <= top else {one: place[one] for one in place if one != token}
    probable = sorted(((one, told.logprob) for one, told in others.items()), key=lambda pair: -pair[1])
    return Logprob(token, place[token].logprob, tuple(probable))


def prompt_told(teller: Teller, work: Generate, places: Iterable[Place | None]) -> Iterator[PromptLogprobs]:
    """A prompt's log-probabilities from the first wanted position on, in pieces of which a step tells one."""
    top = work.prompt_logprobs or 0
    wanted = list(zip(work.prompt, places, strict=True))[work.score_from :]
    told = [_told(teller, token, place, top) for token, place in wanted]
    size = max(1, PASS_TOKENS // (top + 1))
    for start in range(0, len(told), size):
        yield PromptLogprobs(work.id, work.score_from + start, tuple(told[start : start + size]))


def _told(teller: Teller, token: int, place: Place | None, top: int) -> ToldToken:
    return teller.first(token) if place is None else teller.token(logprob_of(token, place, top))


class Outbox:
    """Events in the order in which they happened; no more at once than a frame holds."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()

    def __bool__(self) -> bool:
        return bool(self._events)

    def add(self, *events: Event) -> None:
        """To the end."""
        self._events.extend(events)

    def take(self) -> Sequence[Event]:
        """The next events, one at least where there are any."""
        taken: list[Event] = []
        weight = 0
        while self._events:
            weight += _weight(self._events[0])
            if taken and weight > PASS_TOKENS:
                break
            taken.append(self._events.popleft())
        return taken


def _weight(event: Event) -> int:
    """Tokens that it tells of."""
    if isinstance(event, PromptLogprobs | Tokens):
        return sum([1 + len(told.top) for told in event.logprobs])
    return 0
