"""Keeps answers to their grammars: a token is sampled first, another one only where it is not admitted."""

from typing import Final

from appliance.engines.base import Generate, Logprob, Runner
from appliance.engines.constraint import Constraints, Matcher
from appliance.engines.scheduler.sequence import Choice
from appliance.errors import BadRequest

_NOTHING_ALLOWED: Final = "The answer cannot go on within what its format allows. Ask for a simpler format."


def matchers(constraints: Constraints | None, work: Generate) -> list[Matcher]:
    """One for each choice; none where the answer is free. Raises ``BadRequest``."""
    if not work.constraint:
        return []
    if constraints is None:
        raise BadRequest("This engine cannot keep an answer to a format.")
    return [constraints.matcher(work.constraint) for _ in range(work.n)]


def admitted(
    choice: Choice, matcher: Matcher, token: int, logprob: Logprob | None, runner: Runner
) -> tuple[int, Logprob | None]:
    """What was sampled, or what stands in for it. Raises ``BadRequest``."""
    if matcher.take(token):
        return token, logprob
    allowed = matcher.allowed()
    if not any(allowed):
        raise BadRequest(_NOTHING_ALLOWED)
    token, logprob = runner.resample(choice.sequence, allowed, choice.work.logprobs)
    if not matcher.take(token):
        raise BadRequest(_NOTHING_ALLOWED)
    return token, logprob
