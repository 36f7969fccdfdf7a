"""Two of the registry's people, each with a process of their own, at the same moment."""

import pytest

from appliance.errors import CarrelError, Conflict
from appliance.federation.protocol import kinds
from appliance.federation.protocol.messages import ApplicationMessage, LeaseRequest, WantedLease
from appliance.federation.protocol.status_list import Statuses
from appliance.registry.operating.agreements import add_agreement
from appliance.registry.operating.applications import countersign, deny, list_applications
from appliance.registry.operating.boxes import list_boxes, make_code, resume_box, suspend_box
from appliance.registry.operating.leases import list_leases, revoke_lease
from appliance.registry.operating.notices import send_notice
from appliance.registry.operating.office import Office
from appliance.registry.store import audit
from appliance.registry.store.opening import open_database
from tests.registry.desks import DAY_S, NOW_S, at_once


@pytest.fixture
def offices(desk, database_url):
    """Two, each with a database connection of its own, beside the desk's."""
    opened = [open_database(database_url) for _ in range(2)]
    yield [Office(one, desk.about, desk.clock, f"person {n}") for n, one in enumerate(opened)]
    for one in opened:
        one.close()


def acts(office):
    with office.database.reading() as session:
        return [row.act for row in audit.newest(session)]


def test_application_is_decided_once(desk, offices):
    box = desk.box()
    box.say(
        kinds.APPLICATION, ApplicationMessage, application="app_1", grant="grant_1", project="p", person="",
        model="demo", affiliation="", intended_use="", publications="", agreement_sha256="", reviewed_by="r",
        agreed_sha256="d" * 64,
    )  # fmt: skip
    (waiting,) = list_applications(desk.office)
    outcomes = at_once(
        lambda: countersign(offices[0], waiting.id, until_s=NOW_S + DAY_S),
        lambda: deny(offices[1], waiting.id, reason="No."),
    )
    assert sum(isinstance(one, Conflict) for one in outcomes) == 1
    said = [kind for kind, _ in desk.read(box.sync()) if kind in (kinds.COUNTERSIGNATURE, kinds.DENIAL)]
    assert len(said) == 1


def test_box_is_suspended_once(desk, offices):
    box = desk.box()
    outcomes = at_once(*[lambda office=office: suspend_box(office, box.id, "Silence.") for office in offices])
    assert sum(isinstance(one, Conflict) for one in outcomes) == 1
    assert acts(desk.office).count("registry.box.suspend") == 1


def test_leases_are_revoked_while_boxes_sync_and_lease(desk, offices):
    add_agreement(desk.office, "North College", "*", until_s=NOW_S + 400 * DAY_S)
    boxes = desk.boxes(4)
    models = [f"model-{number}" for number in range(6)]

    def leases(box):
        asked = [
            box.say(kinds.LEASE_REQUEST, LeaseRequest, wanted=(WantedLease(model=m, files=()),))
            for m in models
        ]
        box.sync()
        return asked

    def revokes(office):
        for lease in list_leases(office):
            try:
                revoke_lease(office, lease.id, "No.")
            except Conflict:
                continue

    jobs = [lambda box=box: leases(box) for box in boxes] + [lambda o=o: revokes(o) for o in offices]
    outcomes = at_once(*jobs)
    assert not [one for one in outcomes if isinstance(one, CarrelError)]
    at_once(*[lambda o=o: revokes(o) for o in offices])
    statuses = Statuses.unpack(desk.only(boxes[0].sync(), kinds.STATUS_LIST).lst)
    assert {statuses.at(lease.standing) for lease in list_leases(desk.office)} == {"revoked"}


def test_boxes_come_and_go_while_everybody_works(desk, offices):
    boxes = desk.boxes(3)

    def works(office):
        for number in range(6):
            make_code(office, institution=f"College {number % 3}")
            send_notice(office, "all", f"Notice {number}.")
            for box in boxes:
                try:
                    suspend_box(office, box.id, "A question.")
                    resume_box(office, box.id)
                except Conflict:
                    continue

    outcomes = at_once(
        *[lambda o=o: works(o) for o in offices], *[lambda b=b: [b.sync() for _ in range(8)] for b in boxes]
    )
    assert outcomes[:2] == [None, None]
    assert len(list_boxes(desk.office)) == 3
    assert acts(desk.office).count("registry.notice") == 12
