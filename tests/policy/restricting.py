"""Restrictions and requests for tests of their rules."""

from datetime import UTC, datetime
from typing import Any

from appliance.domain.generation import AnyRequest, GenerationRequest
from appliance.domain.prompts import ChatPrompt, Message, Prompt
from appliance.domain.recipe import SamplingDefaults
from appliance.domain.restriction import Limits, Restriction, Scope
from appliance.policy.restrictions.applying import apply
from appliance.policy.restrictions.combining import InForce, Rule
from appliance.policy.restrictions.deciding import Applied, Refusal
from appliance.policy.restrictions.refusing import Around

TUESDAY_NOON = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
HELLO = ChatPrompt((Message("user", "Hello"),))
RESTRICTED = Scope("tier", "restricted")


def rule(scope: Scope = RESTRICTED, version: int = 1, **limits: Any) -> Rule:
    return Rule.of(Restriction(scope, version, Limits(**limits), "two GPUs", "uid 0", 0))


def in_force(**limits: Any) -> InForce:
    return InForce.of(rule(**limits))


def request(prompt: Prompt = HELLO, **more: Any) -> GenerationRequest:
    return GenerationRequest("req_1", "m", prompt, **more)


def around(**more: Any) -> Around:
    return Around(**{"local": TUESDAY_NOON, "address": "10.1.2.3", **more})


def tried(asked: AnyRequest, rules: InForce, **more: Any) -> Applied | Refusal:
    return apply(asked, rules, around(**more))


def refused(asked: AnyRequest, rules: InForce, **more: Any) -> Refusal:
    found = tried(asked, rules, **more)
    assert isinstance(found, Refusal), found
    return found


def let(asked: AnyRequest, rules: InForce, **more: Any) -> Applied:
    found = tried(asked, rules, **more)
    assert isinstance(found, Applied), found
    return found


LONG = SamplingDefaults(max_tokens=1000, temperature=1.0)
