"""``GET /v1/me``: the caller's own account. Never the key itself, and nobody else's numbers."""

from typing import Any, Final, Protocol

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from appliance.api.documentation.endpoint import Endpoint
from appliance.api.my_budget import MyAllocation, MyBudget, my_allocation, my_budget
from appliance.domain.access import OwnAccess
from appliance.domain.me import Me, ModelRestriction
from appliance.domain.people import Caller
from appliance.domain.rates import LimitLeft, RateLeft
from appliance.domain.usage import UsageSum
from appliance.edge.callers import caller_of
from appliance.errors import StorageUnavailable
from appliance.policy.budget import credits_text

AnyRequest = Request[Any, Any, Any]


class Accounts(Protocol):
    """Who knows what is whose."""

    async def me(self, caller: Caller) -> Me:
        """The caller's own account."""
        ...


class MyKey(msgspec.Struct, frozen=True):
    """The key that was sent, without its secret. Times in ms since 1970 UTC."""

    id: str
    name: str
    last4: str
    created_ms: int
    expires_ms: int | None


class MyProject(msgspec.Struct, frozen=True):
    """The project that pays. ``weight`` is its share of a busy model."""

    id: str
    title: str
    weight: int
    shares_prefixes: bool


class MyModel(msgspec.Struct, frozen=True):
    """A model that may be used. ``alias_of`` where this is another name for one; ``leaves_box`` is the host
    that prompts are sent to, null where they stay on this box.
    """

    id: str
    alias_of: str | None
    leaves_box: str | None


class MyRate(msgspec.Struct, frozen=True):
    """Of what is left least of. ``full_in_s`` is when all of it is left again, if nothing more is taken."""

    limit: int
    left: int
    full_in_s: float


class MyRates(msgspec.Struct, frozen=True):
    """Null where there is no limit."""

    requests: MyRate | None
    tokens: MyRate | None


class MyQueue(msgspec.Struct, frozen=True):
    """Requests of this person that wait and that are computed, and how many there may be."""

    waiting: int
    waiting_limit: int
    running: int
    running_limit: int


class MyModelUsage(msgspec.Struct, frozen=True, kw_only=True):
    """What was used of one model."""

    model: str
    requests: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    spent_micro: int
    spent: str


class MyUsage(msgspec.Struct, frozen=True):
    """Of this key, or of this person with all their keys: ``of`` says which."""

    since_ms: int
    of: str
    models: list[MyModelUsage]


class MyRecords(msgspec.Struct, frozen=True):
    """What the box keeps."""

    of_each_request: list[str]
    statements: list[str]


class MyLimit(msgspec.Struct, frozen=True):
    """A limit of ``requests`` or ``tokens`` per ``minute`` or ``day`` of UTC. ``by``: ``box``, the key, or a
    restriction.
    """

    by: str
    counted: str
    window: str
    limit: int
    left: int
    full_in_s: float


class MyRestriction(msgspec.Struct, frozen=True):
    """What the lab allows of some models, by one version of a restriction."""

    restriction: str
    models: list[str]
    says: list[str]
    why: str
    since_ms: int


class MyAccess(msgspec.Struct, frozen=True):
    """A model whose tier asks for something. ``lacks`` is the first rule that stands against it, null where
    it may be used; ``waits_for`` who can change that, ``next`` what they do. ``conditions`` and ``until_ms``
    are those of the grant.
    """

    model: str
    tier: str
    lacks: str | None
    waits_for: str | None
    next: str | None
    conditions: str
    until_ms: int | None


class MeBody(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer."""

    object: str = "carrel.me"
    key: MyKey
    person: str
    project: MyProject
    models: list[MyModel]
    budget: MyBudget
    rates: MyRates
    queue: MyQueue
    usage: MyUsage
    recorded: MyRecords
    notices: list[str] = []
    limits: list[MyLimit] = []
    restrictions: list[MyRestriction] = []
    access: list[MyAccess] = []
    allocations: list[MyAllocation] = []


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/v1/me",
        "You",
        "Who am I, what may I use, what is left, and what is recorded about me?",
        "The account of the key that was sent, and nobody else's.",
        answer_shape=MeBody,
        errors=(StorageUnavailable,),
    ),
)


def me_routes(accounts: Accounts) -> list[HTTPRouteHandler]:
    """One route."""

    @get("/v1/me", name="me")
    async def show(request: AnyRequest) -> Response[bytes]:
        body = me_body(await accounts.me(caller_of(request.scope)))
        headers = {"cache-control": "no-store"}
        return Response(msgspec.json.encode(body), media_type="application/json", headers=headers)

    return [show]


def me_body(me: Me) -> MeBody:
    """The wire shape."""
    caller, project, queue = me.key.caller(), me.project, me.queue
    own_key = caller.holder == caller.key_id
    return MeBody(
        key=MyKey(me.key.id, me.key.name, me.key.last4, me.key.created_ms, me.key.expires_ms),
        person=caller.person_id,
        project=MyProject(project.id, project.name, project.weight, project.shares_prefixes),
        models=[MyModel(card.id, card.alias_of or None, card.leaves_box or None) for card in me.models],
        budget=my_budget(me.budget),
        rates=MyRates(_rate(me.rates.requests), _rate(me.rates.tokens)),
        queue=MyQueue(queue.waiting, queue.waiting_limit, queue.running, queue.running_limit),
        usage=MyUsage(me.since_ms, "key" if own_key else "person", [_usage(one) for one in me.usage]),
        recorded=MyRecords(list(me.records.of_each_request), list(me.records.statements)),
        notices=list(me.notices),
        limits=[_limit(one) for one in me.limits],
        restrictions=[_restriction(one) for one in me.restrictions],
        access=[_access(one) for one in me.access],
        allocations=[my_allocation(one) for one in me.allocations],
    )


def _rate(rate: RateLeft | None) -> MyRate | None:
    return None if rate is None else MyRate(rate.limit, rate.left, round(rate.full_in_s, 3))


def _access(one: OwnAccess) -> MyAccess:
    found = one.decision
    return MyAccess(
        model=one.model,
        tier=one.tier,
        lacks=found.lacks or None,
        waits_for=found.waits_for or None,
        next=found.message or None,
        conditions=found.grant.conditions if found.grant else "",
        until_ms=found.grant.until_ms if found.grant else None,
    )


def _limit(one: LimitLeft) -> MyLimit:
    left = one.left
    return MyLimit(one.by, one.counted, one.window, left.limit, left.left, round(left.full_in_s, 3))


def _restriction(one: ModelRestriction) -> MyRestriction:
    return MyRestriction(one.name, list(one.models), list(one.says), one.why, one.since_ms)


def _usage(one: UsageSum) -> MyModelUsage:
    return MyModelUsage(
        model=one.group,
        requests=one.requests,
        prompt_tokens=one.meters.prompt_tokens,
        cached_tokens=one.meters.cached_tokens,
        completion_tokens=one.meters.completion_tokens,
        spent_micro=one.meters.gflop,
        spent=credits_text(one.meters.gflop),
    )
