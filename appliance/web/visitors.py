"""Who looks at a page: found once a request from the session's cookie."""

from dataclasses import dataclass, replace

from litestar.types import ASGIApp, Receive, Scope, Send

from appliance.domain.people import DEFAULT_ID, Caller
from appliance.edge.actors import leads
from appliance.edge.sessions import cookie_in
from appliance.edge.ways import is_private
from appliance.errors import CarrelError, NotAllowed, NotAuthenticated, NotPermitted
from appliance.services.classes.book import Sitting
from appliance.web.parts import WebParts
from appliance.web.paths import Place, place_of

_STATE = "visitor"
_REFUSED = "visitor_refused"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a session. ``leads`` are the projects that the session's key gives power over: that of
    the key, or none. ``refused`` is why they may see only what is theirs, where that is so. ``cookie`` is the
    session's secret.
    """

    caller: Caller
    name: str
    cookie: str
    leads: tuple[str, ...] = ()
    sitting: Sitting | None = None
    refused: CarrelError | None = None

    @property
    def is_person(self) -> bool:
        """Not a key of nobody in particular: such has no account of its own."""
        return self.caller.person_id != DEFAULT_ID


class SignInFirst(Exception):
    """The page is for somebody with a session; ``place`` is where they go on then."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.place: Place = place


class Visitors:
    """ASGI middleware of the page app. Whoever has no session, or one that is over, is a visitor without a
    name; pages say themselves whom they are for.
    """

    def __init__(self, app: ASGIApp, parts: WebParts) -> None:
        self._app = app
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        scope["state"][_STATE] = None
        try:
            scope["state"][_STATE] = await self._find(scope)
        except (NotAllowed, NotPermitted) as refused:
            scope["state"][_REFUSED] = refused
        except NotAuthenticated:
            pass
        await self._app(scope, receive, send)

    async def _find(self, scope: Scope) -> Visitor | None:
        cookie = cookie_in(scope)
        if cookie is None:
            return None
        address, private = address_of(scope), is_private(scope)
        caller = await self._parts.sessions.caller(cookie, secure=private, address=address)
        caller = replace(caller, address=address)
        if not private:
            self._parts.plain.check(caller)
        self._parts.standing.check(caller, belonging_only=True)
        return self._visitor(caller, cookie)

    def _visitor(self, caller: Caller, cookie: str) -> Visitor:
        parts = self._parts
        person = parts.belonging.person(caller.person_id)
        leading = leads(caller, caller.project_id, parts.belonging)
        return Visitor(
            caller=caller,
            name=(person.name if person is not None else "") or caller.person_id,
            cookie=cookie,
            leads=(caller.project_id,) if leading else (),
            sitting=parts.classes.sitting(caller),
            refused=self._refusal(caller),
        )

    def _refusal(self, caller: Caller) -> CarrelError | None:
        try:
            self._parts.standing.check(caller)
        except NotPermitted as refused:
            return refused
        return None


def address_of(scope: Scope) -> str:
    """Where a request came from; empty on a Unix socket."""
    client = scope.get("client")
    return client[0] if client is not None else ""


def visitor_of(scope: Scope) -> Visitor | None:
    """Whoever looks; None without a session."""
    found = scope["state"].get(_STATE)
    return found if isinstance(found, Visitor) else None


def require_visitor(scope: Scope, *, own: bool = False) -> Visitor:
    """Whoever looks. ``own``: the page shows what is theirs, so who is suspended may see it too.

    Raises ``SignInFirst``, ``NotPermitted``, and ``NotAllowed`` for a key that does not work on this way.
    """
    refused = scope["state"].get(_REFUSED)
    if isinstance(refused, CarrelError):
        raise refused
    found = visitor_of(scope)
    if found is None:
        raise SignInFirst(place_of(scope["path"]))
    if found.refused is not None and not own:
        raise found.refused
    return found


def require_lead(scope: Scope) -> Visitor:
    """A visitor who leads the project of their key. Raises as ``require_visitor``, and ``NotAllowed``."""
    found = require_visitor(scope)
    if not found.leads:
        raise NotAllowed(
            "This page is for who leads a course. Sign in with a key of yours in the course, or ask who runs"
            " the box: `carrel member add PERSON --project P --lead`."
        )
    return found
