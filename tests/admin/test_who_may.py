"""The peer's uid decides: root and the gateway's own user administer, others look, nobody else gets in."""

import errno

import httpx
import pytest

from appliance.api.admin import admin_app
from appliance.client.reaching import why_unreachable
from appliance.domain.action import Permission
from appliance.domain.actions import ACTIONS, action
from appliance.domain.actor import Actor
from appliance.errors import GatewayNotRunning, NotAllowed
from appliance.policy.operators import check_permission, operator_of
from appliance.services.binding import bind
from tests.admin.fake_box import FakeHandlers, SilentLog

OWN, OTHER = 990, 1000


@pytest.mark.parametrize(
    ("peer", "permission"), [(0, Permission.ADMIN), (OWN, Permission.ADMIN), (OTHER, Permission.READ)]
)
def test_a_uid_maps_to_a_permission(peer, permission):
    assert operator_of(peer, OWN) == Actor(f"uid {peer}", permission)


def test_nobody_is_refused():
    with pytest.raises(NotAllowed):
        operator_of(None, OWN)


def test_a_reader_may_do_what_reads_and_nothing_else():
    reader = Actor(f"uid {OTHER}", Permission.READ)
    refused = []
    for one in ACTIONS:
        try:
            check_permission(reader, one)
        except NotAllowed:
            refused.append(one.name)
    assert refused == [one.name for one in ACTIONS if one.permission is not Permission.READ]
    assert "key.new" in refused
    assert "status" not in refused


def test_a_reviewer_may_read_and_review_and_nothing_else():
    reviewer = Actor(f"uid {OTHER}", Permission.REVIEW, person="ada")
    refused = []
    for one in ACTIONS:
        try:
            check_permission(reviewer, one)
        except NotAllowed:
            refused.append(one.name)
    assert refused == [one.name for one in ACTIONS if one.permission is Permission.ADMIN]


def test_what_a_users_role_allows_holds_at_the_socket():
    ada = Actor(f"uid {OTHER}", Permission.REVIEW, person="ada")
    assert operator_of(OTHER, OWN, {OTHER: ada}) == ada
    assert operator_of(OWN, OWN, {OWN: ada}) == Actor(f"uid {OWN}", Permission.ADMIN, person="ada")


async def answer_of(peer_uid: int | None, name: str) -> httpx.Response:
    """The app behind a transport that says ``peer_uid`` as the listener would."""
    handlers = FakeHandlers()
    app = admin_app(bind(handlers.table()), own_uid=OWN, log=SilentLog())

    async def with_peer(scope, receive, send):
        scope["state"] = {} if peer_uid is None else {"peer_uid": peer_uid}
        await app(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(with_peer), base_url="http://carrel") as http:
        path = f"/admin/v1/{name.replace('.', '/')}"
        return await (http.get(path) if name == "actions" else http.post(path, json={}))


@pytest.mark.parametrize(
    ("peer", "name", "status"),
    [
        (0, "down", 200),
        (OWN, "down", 200),
        (OTHER, "down", 403),
        (OTHER, "status", 200),
        (OTHER, "actions", 200),
        (None, "status", 403),
        (None, "actions", 403),
    ],
)
async def test_the_app_obeys_the_mapping(peer, name, status):
    answer = await answer_of(peer, name)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["error"]["code"] == "not_allowed"


def test_the_kernel_says_who_is_at_the_socket(client):
    assert client.run("project.list") is not None
    assert action("project.list").permission is Permission.READ


def test_a_socket_that_this_user_may_not_open_is_not_taken_for_a_box_that_is_down():
    assert isinstance(why_unreachable(PermissionError(errno.EACCES, "no")), NotAllowed)
    assert isinstance(why_unreachable(ConnectionRefusedError(errno.ECONNREFUSED, "no")), GatewayNotRunning)
