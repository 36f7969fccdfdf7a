"""What is looked at of one request: shapes and hashes, and the names of patterns. Made from the request and
forgotten with it.
"""

from dataclasses import dataclass
from typing import Final, TypeGuard

from appliance.domain.generation import AnyRequest, GenerationRequest
from appliance.domain.prompts import ChatPrompt, TokenPrompt
from appliance.policy.tripwires.sketches import LEAST_WORDS, words_of

OWN_ONLY: Final = 1
FULL: Final = 8
"""What a request for log-probabilities counts, in eighths: the token's own, or those of others too."""


@dataclass(frozen=True, slots=True)
class PackHit:
    """A prompt that a pack's patterns are found in. ``amount`` is what it counts, ``text`` a hash."""

    pack: str
    amount: int
    text: int


@dataclass(frozen=True, slots=True)
class Seen:
    """One request. ``words`` are those of its last turn as hashes, empty where nothing is generated or the
    turn is too short to say anything. ``tells`` is what it counts as for log-probabilities, in eighths, and
    ``beginning`` the hash of what they are told after.
    """

    now_ms: int
    at_once: bool = True
    """Somebody waits for it: no line of a batch, which comes when the box has time."""
    words: tuple[int, ...] = ()
    tells: int = 0
    beginning: int = 0
    address: int | None = None
    """Hashed."""
    hits: tuple[PackHit, ...] = ()


def words_asked(request: AnyRequest) -> tuple[int, ...]:
    """Of what is new in the request: the last turn of a user, or the whole prompt.

    Where a turn is too short to say anything, those before it count too.
    """
    if not generates(request):
        return ()
    prompt = request.prompt
    if isinstance(prompt, TokenPrompt):
        words = prompt.tokens
    elif isinstance(prompt, ChatPrompt):
        words = _of_turns([one.content for one in prompt.messages if one.role != "assistant"])
    else:
        words = words_of(prompt.text)
    return words if len(words) >= LEAST_WORDS else ()


def tells(request: AnyRequest) -> int:
    """What a request counts as for log-probabilities, in eighths of one that tells of other tokens too."""
    if not isinstance(request, GenerationRequest):
        return 0
    told = max(request.logprobs or 0, request.prompt_logprobs or 0)
    asks = request.logprobs is not None or request.prompt_logprobs is not None
    if told > 1 or (asks and request.sampling.logit_bias):
        return FULL
    return OWN_ONLY if asks else 0


def beginning_of(request: AnyRequest, tokens: tuple[int, ...]) -> int:
    """A hash of what log-probabilities are told after: of a scored continuation, the context before it."""
    if isinstance(request, GenerationRequest) and request.prompt_logprobs is not None and request.score_from:
        return hash(tokens[: request.score_from])
    return hash(tokens)


def generates(request: AnyRequest) -> TypeGuard[GenerationRequest]:
    """Whether a text comes of it: no vectors, and no scores of what was sent."""
    return isinstance(request, GenerationRequest) and request.max_tokens != 0


def _of_turns(turns: list[str]) -> tuple[int, ...]:
    last = words_of(turns[-1]) if turns else ()
    if len(last) >= LEAST_WORDS:
        return last
    return words_of(" ".join(turns[-3:]))
