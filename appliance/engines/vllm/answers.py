"""What runs inside vLLM: a ``Group`` for a request, and its choices, each a request of vLLM's own."""

from appliance.engines.base import Failed, Generate
from appliance.engines.scheduler.sequence import Choice
from appliance.errors import CarrelError


class Answer:
    """One choice. ``unread`` is what vLLM is taken to have yet to read of its prompt; it says nothing of it
    before the first token.
    """

    __slots__ = ("choice", "name", "unread")

    def __init__(self, work: Generate, index: int) -> None:
        self.choice = Choice(work, index)
        self.name = f"{work.id}-{index}"
        # What the first choice reads, the others find in the KV cache.
        self.unread = 1 if index else len(work.prompt)


class Group:
    """One request."""

    __slots__ = ("answers", "work")

    def __init__(self, work: Generate) -> None:
        self.work = work
        self.answers = [Answer(work, index) for index in range(work.n)]

    @property
    def running(self) -> list[Answer]:
        """The choices that are not finished."""
        return [answer for answer in self.answers if answer.choice.reason is None]

    def cached_tokens(self, tokens: int) -> None:
        """So much of the prompt was in the KV cache before this request."""
        for answer in self.answers:
            answer.choice.cached_tokens = tokens

    def failed(self, error: CarrelError) -> Failed:
        """The closing event, with the counts of the choices that have not said theirs."""
        running = [answer.choice for answer in self.running]
        return Failed(
            self.work.id,
            error.code,
            error.message,
            completion_tokens=sum(len(choice.tokens) for choice in running),
            compute_ms=sum(choice.compute_ms for choice in running),
        )
