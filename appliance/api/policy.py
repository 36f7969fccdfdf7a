"""``GET /v1/policy``: what the box does with what people send. For everybody, also before they have a key."""

from typing import Final, Protocol

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from appliance.api.documentation.endpoint import Endpoint
from appliance.domain.results import PolicyShown

PATH: Final = "/v1/policy"
PUBLIC_PATHS: Final = (PATH,)


class Policy(Protocol):
    """Who knows how the box is set."""

    def told(self) -> PolicyShown:
        """As it is now."""
        ...


class PolicySectionBody(msgspec.Struct, frozen=True):
    """Statements about one question."""

    title: str
    statements: list[str]


class PolicyBody(msgspec.Struct, frozen=True, kw_only=True):
    """``keeps_content`` is true where anything is on by which others could read a prompt or answer later."""

    object: str = "carrel.policy"
    keeps_content: bool
    sections: list[PolicySectionBody]


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        PATH,
        "You",
        "What is kept of what I send, for how long, who looks, and what leaves the box?",
        "The privacy policy of this box, made from its present settings. It needs no key.",
        answer_shape=PolicyBody,
        needs_key=False,
    ),
)


def policy_routes(policy: Policy) -> list[HTTPRouteHandler]:
    """One route."""

    @get(PATH, name="policy")
    async def show() -> Response[bytes]:
        told = policy.told()
        body = PolicyBody(
            keeps_content=told.keeps_content,
            sections=[PolicySectionBody(one.title, list(one.statements)) for one in told.sections],
        )
        headers = {"cache-control": "no-store"}
        return Response(msgspec.json.encode(body), media_type="application/json", headers=headers)

    return [show]
