"""``GET /v1/me``: the caller's own account. Never the key itself, and nobody else's numbers."""

from typing import Any, Final, Protocol

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from appliance.api.documentation.endpoint import Endpoint
from appliance.domain.me import Me
from appliance.domain.people import Caller
from appliance.domain.rates import RateLeft
from appliance.domain.usage import Budget, UsageSum
from appliance.edge.callers import caller_of
from appliance.errors import StorageUnavailable
from appliance.policy.budget import WITHOUT_LIMIT, credits_text

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


class MyBudget(msgspec.Struct, frozen=True, kw_only=True):
    """The project's budget, in micro-credits and as credits; no limit is null and ``none``."""

    limit_micro: int | None
    spent_micro: int
    held_micro: int
    left_micro: int | None
    limit: str
    spent: str
    held: str
    left: str


class MyRate(msgspec.Struct, frozen=True):
    """Per minute. ``full_in_s`` is when all of it is left again, if nothing more is taken."""

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
        budget=_budget(me.budget),
        rates=MyRates(_rate(me.rates.requests), _rate(me.rates.tokens)),
        queue=MyQueue(queue.waiting, queue.waiting_limit, queue.running, queue.running_limit),
        usage=MyUsage(me.since_ms, "key" if own_key else "person", [_usage(one) for one in me.usage]),
        recorded=MyRecords(list(me.records.of_each_request), list(me.records.statements)),
    )


def _budget(budget: Budget) -> MyBudget:
    limit = budget.limit_micro
    left = None if limit is None else max(0, limit - budget.spent_micro - budget.held_micro)
    return MyBudget(
        limit_micro=limit,
        spent_micro=budget.spent_micro,
        held_micro=budget.held_micro,
        left_micro=left,
        limit=_credits(limit),
        spent=_credits(budget.spent_micro),
        held=_credits(budget.held_micro),
        left=_credits(left),
    )


def _credits(micro: int | None) -> str:
    return WITHOUT_LIMIT if micro is None else credits_text(micro)


def _rate(rate: RateLeft | None) -> MyRate | None:
    return None if rate is None else MyRate(rate.limit, rate.left, round(rate.full_in_s, 3))


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
