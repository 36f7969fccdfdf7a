"""Several restrictions are the strictest of them, in whatever order; and nothing gets past any cap."""

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.domain.generation import SamplingWishes
from appliance.domain.prompts import ChatPrompt, Message, TextPrompt
from appliance.domain.restriction import Limits, Restriction, Scope
from appliance.policy.restrictions.combining import OFF, InForce, Rule
from appliance.policy.restrictions.deciding import Refusal
from tests.policy.restricting import LONG, request, rule, tried

CAPS = ("max_tokens", "prompt_tokens", "n", "logprobs", "prompt_logprobs", "temperature")
SCOPES = [
    Scope("all"),
    Scope("tier", "open"),
    Scope("tier", "restricted"),
    Scope("model", "m"),
    Scope("project", "p"),
]
ALTERNATIVES = st.none() | st.just("off") | st.integers(0, 6)

LIMITS = st.builds(
    Limits,
    max_tokens=st.none() | st.integers(1, 6),
    prompt_tokens=st.none() | st.integers(1, 6),
    n=st.none() | st.integers(1, 6),
    logprobs=ALTERNATIVES,
    prompt_logprobs=ALTERNATIVES,
    temperature=st.none() | st.sampled_from([0.0, 0.5, 1.0]),
    system_prompt=st.sampled_from(["", "Be kind."]),
    tools=st.booleans(),
    fine_tune=st.booleans(),
)
RULES = st.builds(
    lambda scope, limits: Rule.of(Restriction(scope, 1, limits, "why", "uid 0", 0)),
    st.sampled_from(SCOPES),
    LIMITS,
)
SETS = st.lists(RULES, max_size=4, unique_by=lambda one: one.restriction.name).map(
    lambda some: InForce.of(*some)
)
REQUESTS = st.builds(
    request,
    st.sampled_from([ChatPrompt((Message("user", "Hi"),)), TextPrompt("Hi")]),
    max_tokens=st.none() | st.integers(0, 8),
    n=st.integers(1, 8),
    logprobs=st.none() | st.integers(0, 8),
    prompt_logprobs=st.none() | st.integers(0, 8),
    sampling=st.builds(SamplingWishes, temperature=st.none() | st.sampled_from([0.0, 0.5, 1.0, 1.5])),
)


def caps_of(rules: InForce) -> dict:
    return {name: cap.most for name in CAPS if (cap := rules.cap(name)) is not None}


def combine(one: InForce, other: InForce) -> InForce:
    return InForce.of(*one.rules, *other.rules)


def numbered(one: InForce, base: int) -> InForce:
    """With versions of its own, so that two sets never have two rules of one name."""
    return InForce.of(*(rule(each.restriction.scope, base, **_as_dict(each.limits)) for each in one.rules))


def _as_dict(limits: Limits) -> dict:
    return {name: getattr(limits, name) for name in Limits.__struct_fields__}


@given(SETS, SETS, SETS)
@settings(max_examples=60, deadline=None)
def test_combining_knows_no_order_and_no_repetition(one, two, three):
    one, two, three = numbered(one, 1), numbered(two, 2), numbered(three, 3)
    assert combine(one, two) == combine(two, one)
    assert combine(one, combine(two, three)) == combine(combine(one, two), three)
    assert combine(one, one) == one


@given(SETS, SETS)
@settings(max_examples=60, deadline=None)
def test_the_strictest_of_both_holds(one, two):
    one, two = numbered(one, 1), numbered(two, 2)
    both, first, second = caps_of(combine(one, two)), caps_of(one), caps_of(two)
    assert both.keys() == first.keys() | second.keys()
    for name, most in both.items():
        assert most == min(first.get(name, most), second.get(name, most))
    assert (combine(one, two).against("fine_tune") is None) == (
        one.against("fine_tune") is None and two.against("fine_tune") is None
    )


@given(REQUESTS, SETS)
@settings(max_examples=200, deadline=None)
def test_what_is_computed_is_above_no_cap(asked, rules):
    found = tried(asked, rules, defaults=LONG)
    if isinstance(found, Refusal):
        return
    caps, made = caps_of(rules), found.request
    assert made.n <= caps.get("n", made.n)
    answer = made.bounds.answer_tokens if made.max_tokens is None else made.max_tokens
    assert "max_tokens" not in caps or answer <= caps["max_tokens"]
    assert "prompt_tokens" not in caps or made.bounds.prompt_tokens == caps["prompt_tokens"]
    for name in ("logprobs", "prompt_logprobs"):
        told = getattr(made, name)
        assert (OFF if told is None else told) <= caps.get(name, 100)
    if made.max_tokens != 0:
        wish = made.sampling.temperature
        assert (LONG.temperature if wish is None else wish) <= caps.get("temperature", 100)


@given(REQUESTS, SETS)
@settings(max_examples=60, deadline=None)
def test_a_request_is_refused_by_some_rule_alone_or_by_none(asked, rules):
    """Only the strictest cap can refuse, and it would by itself."""
    alone = [tried(asked, InForce.of(each), defaults=LONG) for each in rules.rules]
    together = tried(asked, rules, defaults=LONG)
    assert isinstance(together, Refusal) == any(isinstance(one, Refusal) for one in alone)
