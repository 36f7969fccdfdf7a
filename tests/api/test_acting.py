"""What leads and members do over TCP comes from the table of actions: who and where are from path and key."""

from dataclasses import dataclass, field

import httpx
import pytest
from litestar import Litestar
from litestar.middleware import DefineMiddleware

from appliance.api.acting import Acting, acting_routes
from appliance.api.acting_rows import served
from appliance.domain.action import Action, Argument, Audience, Kind, Permission, Place
from appliance.domain.actions import ACTIONS, action
from appliance.domain.actor import Actor
from appliance.domain.people import Caller
from appliance.domain.results import MemberList
from appliance.edge.callers import Callers
from appliance.edge.errors import exception_handler
from appliance.edge.good_standing import GoodStanding
from appliance.errors import NotAuthenticated, NotPermitted
from appliance.policy.operators import check_permission
from appliance.services.binding import bind

OPERATORS_ONLY = Action("box", "burn", "For operators.", MemberList)
FOR_LEADS = Action(
    "group",
    "add",
    "For leads.",
    MemberList,
    audience=Audience.LEADS,
    arguments=(
        Argument("project", Kind.TEXT, "Where.", required=True),
        Argument("person", Kind.TEXT, "Who."),
        Argument("words", Kind.TEXT, "What."),
    ),
)
FOR_MEMBERS = Action(
    "self",
    "show",
    "For members.",
    MemberList,
    Permission.READ,
    audience=Audience.MEMBERS,
    arguments=(
        Argument("project", Kind.TEXT, "Where.", required=True),
        Argument("person", Kind.TEXT, "Who.", required=True),
    ),
)
FOR_BOTH = Action(
    "both",
    "do",
    "For both.",
    MemberList,
    audience=Audience.LEADS_AND_MEMBERS,
    arguments=(Argument("project", Kind.TEXT, "Where."), Argument("person", Kind.TEXT, "Who.")),
)
LOCAL = Action("here", "do", "Local.", MemberList, audience=Audience.LEADS, place=Place.LOCAL)
TABLE = (OPERATORS_ONLY, FOR_LEADS, FOR_MEMBERS, FOR_BOTH, LOCAL)
PARTS = {("seminar", "prof"): "lead", ("seminar", "ada"): "member", ("other", "prof"): "lead"}
KEYS = {
    "prof": Caller("key_1", "prof", "seminar"),
    "ada": Caller("key_2", "ada", "seminar"),
    "nobody": Caller("key_3", "default", "seminar"),
    "suspended": Caller("key_4", "carl", "seminar"),
}


@dataclass
class Box:
    """Notes what was done, with which arguments and by whom."""

    calls: list[tuple[str, dict[str, object], Actor]] = field(default_factory=list)

    def handlers(self):
        async def burn() -> MemberList:
            raise AssertionError

        async def add(*, project: str, person: str | None, words: str | None, actor: Actor) -> MemberList:
            return self.note("add", {"project": project, "person": person, "words": words}, actor)

        async def show(*, project: str, person: str, actor: Actor) -> MemberList:
            return self.note("show", {"project": project, "person": person}, actor)

        async def do(*, project: str | None, person: str | None, actor: Actor) -> MemberList:
            return self.note("do", {"project": project, "person": person}, actor)

        return {"box.burn": burn, "group.add": add, "self.show": show, "both.do": do}

    def note(self, name, arguments, actor):
        self.calls.append((name, arguments, actor))
        return MemberList(project="seminar", members=())

    def part(self, project, person):
        return PARTS.get((project, person))

    async def authenticate(self, raw, address=""):
        if raw not in KEYS:
            raise NotAuthenticated("unknown")
        return KEYS[raw]

    def check(self, caller, *, belonging_only=False):
        if caller.person_id == "carl" and not belonging_only:
            raise NotPermitted("suspended", rule="person")


class Log:
    def __init__(self):
        self.lines = []

    def info(self, event, /, **fields):
        self.lines.append(fields)

    warning = error = info


@pytest.fixture
def box():
    return Box()


@pytest.fixture
def log():
    return Log()


@pytest.fixture
async def http(box, log):
    app = Litestar(
        route_handlers=acting_routes(Acting(bind(box.handlers(), actions=TABLE), box), log),
        middleware=[
            DefineMiddleware(Callers, authenticator=box, public_paths=()),
            DefineMiddleware(GoodStanding, standing=box, computing=()),
        ],
        exception_handlers={Exception: exception_handler(log)},
        openapi_config=None,
        logging_config=None,
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("10.0.0.9", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="https://box") as client:
        yield client


async def post(http, who, path, body=None):
    return await http.post(path, json=body or {}, headers={"authorization": f"Bearer {who}"})


async def test_a_lead_acts_in_the_project_of_the_path(http, box):
    answer = await post(http, "prof", "/v1/projects/seminar/group/add", {"person": "ada", "words": "hi"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    ((name, arguments, actor),) = box.calls
    assert (name, arguments) == ("add", {"project": "seminar", "person": "ada", "words": "hi"})
    assert actor == Actor(
        "prof", Permission.LEAD, person="prof", project="seminar", origin="10.0.0.9", key_id="key_1"
    )


@pytest.mark.parametrize("path", ["/v1/me/self/show", "/v1/me/both/do"])
async def test_a_member_acts_for_themself(http, box, path):
    assert (await post(http, "ada", path)).status_code == 200
    ((_, arguments, actor),) = box.calls
    assert arguments == {"project": "seminar", "person": "ada"}
    assert (actor.permission, actor.person) == (Permission.MEMBER, "ada")


@pytest.mark.parametrize(
    ("who", "project"),
    [
        (who, project)
        for who in ("ada", "prof", "nobody")
        for project in ("other", "nothing", "seminar")
        if (who, project) != ("prof", "seminar")
    ],
)
async def test_a_project_that_a_key_does_not_lead_is_not_there(http, box, who, project):
    answer = await post(http, who, f"/v1/projects/{project}/group/add")
    unknown = await post(http, who, "/v1/projects/no-such-project/group/add")
    assert answer.status_code == unknown.status_code == 404
    assert answer.json()["error"]["message"] == unknown.json()["error"]["message"]
    assert box.calls == []


@pytest.mark.parametrize(
    ("who", "path", "body"),
    [
        ("ada", "/v1/me/self/show", {"person": "prof"}),
        ("ada", "/v1/me/self/show", {"project": "other"}),
        ("prof", "/v1/projects/seminar/group/add", {"project": "other"}),
        ("prof", "/v1/projects/seminar/group/add", {"actor": "root"}),
    ],
)
async def test_who_and_where_are_never_in_the_body(http, box, who, path, body):
    answer = await post(http, who, path, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request")
    assert box.calls == []


async def test_a_key_of_nobody_in_particular_does_nothing_for_persons(http, box):
    answer = await post(http, "nobody", "/v1/me/self/show")
    assert answer.status_code == 403
    assert answer.json()["error"]["rule"] == {"name": "person", "waits_for": "admin"}
    assert "carrel person new" in answer.json()["error"]["message"]
    assert box.calls == []


async def test_who_is_suspended_leads_nothing_and_reaches_what_is_theirs(http, box):
    assert (await post(http, "suspended", "/v1/projects/seminar/group/add")).status_code == 403
    assert (await post(http, "suspended", "/v1/me/self/show")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/v1/projects/seminar/box/burn",
        "/v1/me/box/burn",
        "/v1/me/group/add",
        "/v1/projects/seminar/self/show",
    ],
)
async def test_what_is_for_others_has_no_route(http, path):
    assert (await post(http, "prof", path)).status_code == 404


async def test_a_body_that_is_no_object_or_far_too_large_is_refused(http, box):
    headers = {"authorization": "Bearer ada"}
    for body, status in ((b"[]", 400), (b"{", 400), (b'"' + b"x" * 70_000 + b'"', 413)):
        answer = await http.post("/v1/me/self/show", content=body, headers=headers)
        assert answer.status_code == status
    assert box.calls == []


async def test_what_was_changed_is_logged_without_its_arguments(http, log):
    await post(http, "prof", "/v1/projects/seminar/group/add", {"words": "secret words"})
    await post(http, "ada", "/v1/me/self/show")
    (line,) = log.lines
    assert (line["action"], line["who"]) == ("group.add", "prof")
    assert "secret" not in repr(log.lines)


def test_whoever_acts_by_key_has_exactly_the_actions_of_their_audience():
    by_key = {Permission.LEAD: {"group.add", "both.do"}, Permission.MEMBER: {"self.show", "both.do"}}
    for permission, wanted in by_key.items():
        allowed = set()
        for one in TABLE[:-1]:
            try:
                check_permission(Actor("x", permission), one)
            except Exception:
                continue
            allowed.add(one.name)
        assert allowed == wanted


def test_every_row_that_is_served_to_leads_says_for_which_project_or_is_of_none():
    for one in served(ACTIONS):
        names = {argument.name for argument in one.action.arguments}
        of_none = one.action.permission is Permission.READ and not names & {"id", "person"}
        assert one.by is not Permission.LEAD or "project" in names or of_none, one.action.name


def test_members_and_keys_are_in_the_hands_of_leads():
    assert action("member.add").audience is Audience.LEADS
    assert action("key.new").audience is Audience.LEADS_AND_MEMBERS
    assert action("person.new").audience is Audience.OPERATORS
    assert action("project.close").audience is Audience.OPERATORS
