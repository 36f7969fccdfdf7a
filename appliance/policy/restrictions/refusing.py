"""What of a request no restriction can mend: each rule looks at one thing, and says what to do instead."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from appliance.domain.generation import AnyRequest, EmbeddingRequest, GenerationRequest, ServiceClass
from appliance.domain.prompts import ChatPrompt
from appliance.domain.recipe import SamplingDefaults
from appliance.domain.restriction import Endpoint
from appliance.policy.request_text import text_of
from appliance.policy.restrictions.combining import CapName, InForce, Rule
from appliance.policy.restrictions.deciding import Refusal, told_by
from appliance.policy.restrictions.hours import is_open, next_open
from appliance.policy.restrictions.networks import is_within

_OPERATOR: Final = "admin"


@dataclass(frozen=True, slots=True)
class Around:
    """What a request is judged by beside itself. ``local`` is the time on the box's wall; ``chats`` and
    ``defaults`` are the model's.
    """

    local: datetime
    address: str = ""
    chats: bool = True
    defaults: SamplingDefaults = SamplingDefaults()  # noqa: RUF009 - frozen


Check = Callable[[AnyRequest, InForce, Around], Refusal | None]


def endpoint_of(request: AnyRequest) -> Endpoint:
    """How the model is asked."""
    if isinstance(request, EmbeddingRequest):
        return "embeddings"
    if request.max_tokens == 0:
        return "scores"
    return "chat" if isinstance(request.prompt, ChatPrompt) else "completions"


def first_refusal(request: AnyRequest, in_force: InForce, around: Around) -> Refusal | None:
    """The first thing that stands against it; None: nothing."""
    return next((found for check in _CHECKS if (found := check(request, in_force, around))), None)


def refused_address(in_force: InForce, address: str) -> Refusal | None:
    """Whether requests may come from there."""
    for rule in in_force.rules:
        if not is_within(address, rule.networks):
            return Refusal(
                "networks",
                rule.restriction,
                f"Requests for it do not come from where you are: {told_by(rule.restriction)}. Send it "
                "from one of its networks, which `GET /v1/me` tells.",
            )
    return None


def _network(request: AnyRequest, in_force: InForce, around: Around) -> Refusal | None:
    # A line of a batch comes from nowhere: the batch was looked at when it was created.
    overnight = request.service_class is ServiceClass.OVERNIGHT
    return None if overnight else refused_address(in_force, around.address)


def _hours(_request: AnyRequest, in_force: InForce, around: Around) -> Refusal | None:
    closed = [rule for rule in in_force.rules if not is_open(rule.hours, around.local)]
    if not closed:
        return None
    opens = next_open([rule.hours for rule in in_force.rules if rule.hours], around.local)
    when = "not within a week" if opens is None else f"{opens:%A %H:%M} of the box's time"
    later_s = None if opens is None else max(1, int((opens - around.local).total_seconds()))
    return Refusal(
        "hours",
        closed[0].restriction,
        f"It answers {', '.join(closed[0].limits.hours)} only: {told_by(closed[0].restriction)}. "
        f"Next: {when}.",
        waits_for="" if later_s else _OPERATOR,
        later_s=later_s,
    )


def _endpoint(request: AnyRequest, in_force: InForce, _around: Around) -> Refusal | None:
    asked = endpoint_of(request)
    for rule in in_force.rules:
        if rule.limits.endpoints and asked not in rule.limits.endpoints:
            return Refusal(
                "endpoints",
                rule.restriction,
                f"It is not asked for {asked}: {told_by(rule.restriction)}. Ask it for "
                f"{' or '.join(rule.limits.endpoints)}.",
                waits_for=_OPERATOR,
            )
    return None


def _tools(request: AnyRequest, in_force: InForce, _around: Around) -> Refusal | None:
    if isinstance(request, EmbeddingRequest) or not isinstance(request.prompt, ChatPrompt):
        return None
    against = next((rule for rule in in_force.rules if not rule.limits.tools), None)
    if against is None or not request.prompt.tools:
        return None
    told = f"No tools may be offered to it: {told_by(against.restriction)}. Send the request without `tools`."
    return Refusal("tools", against.restriction, told, param="tools")


def _capped(name: CapName, param: str, what: str) -> Check:
    """Refuses a number that a request states and that is over its cap; ``what`` is told with the cap."""

    def check(request: AnyRequest, in_force: InForce, _around: Around) -> Refusal | None:
        cap = in_force.cap(name)
        asked = _stated(request, name)
        if cap is None or asked is None or asked <= cap.most:
            return None
        if cap.most < 0:
            told = f"It tells no log-probabilities: {told_by(cap.by)}. Send the request without `{param}`."
        else:
            most = what.format(f"{cap.most:g}")
            told = f"`{param}` is {asked:g}: {told_by(cap.by)} allows {most}. Ask for that."
        return Refusal(name, cap.by, told, param=param)

    return check


def _stated(request: AnyRequest, name: CapName) -> float | None:
    if isinstance(request, EmbeddingRequest):
        return None
    if name == "temperature":
        return request.sampling.temperature
    stated: float | None = getattr(request, name)
    return stated


def _words(request: AnyRequest, in_force: InForce, _around: Around) -> Refusal | None:
    rules = [rule for rule in in_force.rules if rule.patterns]
    if not rules:
        return None
    text = text_of(request)
    if not text.readable:
        told = "its words are looked at, which tokens have none of. Send text"
        return _unlooked(rules[0], told)
    if not text.whole:
        told = "its words are looked at, and these are more than can be. Send less at once"
        return _unlooked(rules[0], told)
    for rule in rules:
        if found := rule.patterns.found_in(text.texts):
            numbers = ", ".join(str(place + 1) for place in found[:3])
            told = (
                f"The request has words that it is not asked with: {told_by(rule.restriction)}, pattern "
                f"{numbers}. Write it in other words, or ask who runs the box."
            )
            return Refusal("denied", rule.restriction, told)
    return None


def _unlooked(rule: Rule, told: str) -> Refusal:
    message = f"This cannot be asked of it: {told_by(rule.restriction)}; {told}."
    return Refusal("denied", rule.restriction, message)


def _unchatted(request: AnyRequest, in_force: InForce, around: Around) -> Refusal | None:
    """Plain text has no turn that could be the system's."""
    against = next((rule for rule in in_force.rules if rule.limits.system_prompt), None)
    if against is None or not around.chats or endpoint_of(request) != "completions":
        return None
    return Refusal(
        "system_prompt",
        against.restriction,
        f"It answers conversations only, which begin with words of the lab: {told_by(against.restriction)}. "
        "Send it to /v1/chat/completions.",
    )


def asks_for_tokens(request: AnyRequest) -> bool:
    """Whether an answer is written at all."""
    return isinstance(request, GenerationRequest) and request.max_tokens != 0


_CHECKS: Final[tuple[Check, ...]] = (
    _network,
    _hours,
    _endpoint,
    _unchatted,
    _tools,
    _capped("n", "n", "at most {} answers to a prompt"),
    _capped("logprobs", "logprobs", "at most {} alternatives"),
    _capped("prompt_logprobs", "prompt_logprobs", "at most {} alternatives"),
    _capped("max_tokens", "max_tokens", "answers of at most {} tokens"),
    _capped("temperature", "temperature", "at most {}"),
    _words,
)
