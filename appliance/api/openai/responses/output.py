"""From the parts of an answer to the items of a response, and the events that tell how they grow."""

from appliance.api.dialogue.parts import AnswerEnded, CallArguments, CallBegun, SaidText, Thought
from appliance.api.openai.logprobs import LogprobBody, logprob_bodies
from appliance.api.openai.responses.events import Event, ItemDone
from appliance.api.openai.responses.items import OpenCall, OpenItem, OpenMessage, OpenReasoning
from appliance.api.openai.responses.objects import Item, Status
from appliance.domain.generation import TokenLogprob

Growing = SaidText | Thought | CallBegun | CallArguments | AnswerEnded


class Output:
    """The items so far. ``name`` is what the ids of items are made of."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._items: list[Item] = []
        self._open: OpenItem | None = None
        self._unplaced: list[TokenLogprob] = []
        self.reason = ""
        """Why the answer ended, once it has."""

    @property
    def items(self) -> tuple[Item, ...]:
        """Those that are whole."""
        return tuple(self._items)

    def take(self, part: Growing) -> list[Event]:
        """One more part; the events that tell of it."""
        match part:
            case SaidText():
                return self._said(part)
            case Thought(text=text):
                return self._thought(text)
            case CallBegun():
                return self._call_begun(part)
            case CallArguments(text=text):
                return self._open.more(text) if isinstance(self._open, OpenCall) and text else []
            case AnswerEnded(reason=reason):
                return self._ended(reason)

    def _said(self, part: SaidText) -> list[Event]:
        # Tokens are told when they are sampled, text when it is sure: what comes first waits for the other.
        self._unplaced += part.logprobs
        if not part.text:
            return []
        message = self._open
        opening: list[Event] = []
        if not isinstance(message, OpenMessage):
            self._unplaced = _those_of(part.text, self._unplaced)
            opening, message = self._begin_message()
        return opening + message.more(part.text, self._placed())

    def _thought(self, text: str) -> list[Event]:
        self._unplaced.clear()
        if not text:
            return []
        thought = self._open
        opening: list[Event] = []
        if not isinstance(thought, OpenReasoning):
            closing = self._close()
            thought = OpenReasoning(self._id("rs"), len(self._items))
            opening = closing + self._begin(thought)
        return opening + thought.more(text)

    def _call_begun(self, part: CallBegun) -> list[Event]:
        self._unplaced.clear()
        closing = self._close()
        call = OpenCall(self._id("fc"), len(self._items), call_id=part.id, name=part.name)
        return closing + self._begin(call)

    def _ended(self, reason: str) -> list[Event]:
        self.reason = reason
        events: list[Event] = []
        if self._open is None and not self._items:
            # A client reads the text of an answer, also of an empty one.
            events, _ = self._begin_message()
        if isinstance(self._open, OpenMessage) and self._unplaced:
            events += self._open.more("", self._placed())
        return events + self._close("incomplete" if reason == "length" else "completed")

    def _begin_message(self) -> tuple[list[Event], OpenMessage]:
        closing = self._close()
        message = OpenMessage(self._id("msg"), len(self._items))
        return closing + self._begin(message), message

    def _begin(self, item: OpenItem) -> list[Event]:
        self._open = item
        return item.opening()

    def _close(self, status: Status = "completed") -> list[Event]:
        if self._open is None:
            return []
        events = self._open.closing(status)
        self._open = None
        self._items += [event.item for event in events if isinstance(event, ItemDone)]
        return events

    def _placed(self) -> list[LogprobBody]:
        placed = logprob_bodies(self._unplaced)
        self._unplaced.clear()
        return placed

    def _id(self, kind: str) -> str:
        return f"{kind}_{self._name}{len(self._items):02x}"


def _those_of(text: str, tokens: list[TokenLogprob]) -> list[TokenLogprob]:
    """The tokens from where ``text`` begins: before it can be those of a tag, which are of no text."""
    at = b"".join(token.piece for token in tokens).find(text.encode())
    skipped = 0
    while at > 0 and skipped < len(tokens) and at >= len(tokens[skipped].piece):
        at -= len(tokens[skipped].piece)
        skipped += 1
    return tokens[skipped:]
