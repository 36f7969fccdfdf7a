"""A request under restrictions: refused, or as it may be computed. What it does not state is set within the
caps; what it states over one is refused, so that nobody gets something else than they asked for.
"""

from dataclasses import replace

from appliance.domain.generation import AnyRequest, Bounds, EmbeddingRequest, GenerationRequest
from appliance.domain.prompts import ChatPrompt, Message
from appliance.policy.restrictions.combining import InForce
from appliance.policy.restrictions.deciding import Applied, Change, Refusal, told_by
from appliance.policy.restrictions.refusing import Around, asks_for_tokens, first_refusal

_OF_THE_SYSTEM = frozenset({"system", "developer"})


def apply(request: AnyRequest, in_force: InForce, around: Around) -> Applied | Refusal:
    """The request with every limit of ``in_force`` kept."""
    refusal = first_refusal(request, in_force, around)
    if refusal is not None:
        return refusal
    applied = Applied(request)
    for step in (_bounded, _cooled, _begun):
        applied = step(applied, in_force, around)
    return applied


def _bounded(applied: Applied, in_force: InForce, around: Around) -> Applied:
    """The length of its prompt is known later, and that of its answer where it states none."""
    request = applied.request
    prompt, answer = in_force.cap("prompt_tokens"), in_force.cap("max_tokens")
    if prompt is not None:
        bounds = Bounds(int(prompt.most), request.bounds.answer_tokens, told_by(prompt.by), prompt.by.name)
        request = replace(request, bounds=bounds)
    if answer is None or not isinstance(request, GenerationRequest) or request.max_tokens is not None:
        return replace(applied, request=request)
    most = int(answer.most)
    bounds = replace(request.bounds, answer_tokens=most)
    applied = replace(applied, request=replace(request, bounds=bounds))
    if most >= around.defaults.max_tokens:
        return applied
    return _changed(applied, Change("max_tokens", answer.by, f"Answers have at most {most} tokens"))


def _cooled(applied: Applied, in_force: InForce, around: Around) -> Applied:
    request, cap = applied.request, in_force.cap("temperature")
    if cap is None or not isinstance(request, GenerationRequest) or not asks_for_tokens(request):
        return applied
    if request.sampling.temperature is not None or around.defaults.temperature <= cap.most:
        return applied
    sampling = replace(request.sampling, temperature=cap.most)
    applied = replace(applied, request=replace(request, sampling=sampling))
    return _changed(applied, Change("temperature", cap.by, f"The temperature is {cap.most:g}"))


def _begun(applied: Applied, in_force: InForce, _around: Around) -> Applied:
    """All that the client says as the system follows in the same turn, behind the lab's words: a template
    that knows one such turn, or the last one only, leaves none of those out.
    """
    request = applied.request
    rules = [rule for rule in in_force.rules if rule.limits.system_prompt]
    if not rules or isinstance(request, EmbeddingRequest) or not isinstance(request.prompt, ChatPrompt):
        return applied
    messages = request.prompt.messages
    said = [one.content for one in messages if one.role in _OF_THE_SYSTEM and one.content]
    first = Message("system", "\n\n".join([*(rule.limits.system_prompt for rule in rules), *said]))
    rest = tuple(one for one in messages if one.role not in _OF_THE_SYSTEM)
    prompt = replace(request.prompt, messages=(first, *rest))
    applied = replace(applied, request=replace(request, prompt=prompt))
    for rule in rules:
        told = "The conversation begins with words of the lab"
        applied = _changed(applied, Change("system_prompt", rule.restriction, told))
    return applied


def _changed(applied: Applied, change: Change) -> Applied:
    told = replace(change, message=f"{change.message}: {told_by(change.by)}.")
    return replace(applied, changes=(*applied.changes, told))
