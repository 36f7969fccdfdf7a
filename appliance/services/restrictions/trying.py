"""What would become of a request: restrictions applied to one that nobody sends."""

from collections.abc import Iterator

from appliance.domain.clock import Clock
from appliance.domain.generation import AnyRequest, EmbeddingRequest, GenerationRequest
from appliance.domain.prompts import ChatPrompt, Message, TextPrompt
from appliance.domain.recipe import Recipe
from appliance.domain.results import RestrictionTest
from appliance.policy.restrictions.applying import apply
from appliance.policy.restrictions.combining import InForce
from appliance.policy.restrictions.deciding import Refusal
from appliance.services.restrictions.book import RestrictionBook
from appliance.services.restrictions.gate import RestrictionGate

_ID = "req_test"


class Trying:
    """Nothing is counted, logged or asked of a model."""

    def __init__(self, book: RestrictionBook, gate: RestrictionGate, clock: Clock) -> None:
        self._book = book
        self._gate = gate
        self._clock = clock

    def request(
        self,
        recipe: Recipe,
        text: str,
        endpoint: str,
        *,
        max_tokens: int | None,
        n: int,
        logprobs: int | None,
    ) -> AnyRequest:
        """Such a request as the endpoint makes of it."""
        if endpoint == "embeddings":
            return EmbeddingRequest(_ID, recipe.id, (TextPrompt(text),))
        scores = endpoint == "scores"
        return GenerationRequest(
            _ID,
            recipe.id,
            ChatPrompt((Message("user", text),)) if endpoint == "chat" else TextPrompt(text),
            max_tokens=0 if scores else max_tokens,
            n=n,
            logprobs=None if scores else logprobs,
            prompt_logprobs=(logprobs or 0) if scores else None,
        )

    def verdict(self, recipe: Recipe, request: AnyRequest, *, project: str, address: str) -> RestrictionTest:
        """By what holds now, at this time of day."""
        in_force = self._book.in_force(recipe.id, project)
        found = apply(request, in_force, self._gate.around(recipe, address, self._clock.now_ms()))
        applied = tuple(rule.restriction.name for rule in in_force.rules)
        if isinstance(found, Refusal):
            return RestrictionTest("refused", recipe.id, applied, (found.message,))
        told = (*(change.message for change in found.changes), *_later(in_force))
        return RestrictionTest("changed" if found.changes else "let", recipe.id, applied, told)


def _later(in_force: InForce) -> Iterator[str]:
    """What is only known of a request that is sent."""
    cap = in_force.cap("prompt_tokens")
    if cap is not None:
        yield f"Its prompt may have {cap.most:g} tokens, which are counted when it is sent: {cap.by.name}."
