"""Decides applications that boxes sent; the answer leaves with their next sync."""

from collections.abc import Sequence
from typing import TypeVar

from appliance.errors import BadRequest, Conflict, NotFound
from appliance.federation.protocol.kinds import COUNTERSIGNATURE, DENIAL
from appliance.federation.protocol.statements import CountersignatureClaims, Denial
from appliance.registry.leasing.countersigning import Countersigning
from appliance.registry.operating.mail import put_mail
from appliance.registry.operating.office import Office, held_box
from appliance.registry.store import applications
from appliance.registry.store.applications import ApplicationState, StoredApplication
from appliance.registry.store.database import Session

Decision = TypeVar("Decision", CountersignatureClaims, Denial)


def list_applications(office: Office, state: ApplicationState | None = None) -> Sequence[StoredApplication]:
    """Oldest first."""
    with office.database.reading() as session:
        return applications.all_of(session, state)


def show_application(office: Office, id: str) -> StoredApplication:
    """Raises ``NotFound``."""
    with office.database.reading() as session:
        return _found(session, id)


def countersign(office: Office, id: str, *, until_s: int) -> CountersignatureClaims:
    """The registry agrees until then. Raises ``NotFound``, ``BadRequest``, ``Conflict`` where it was
    decided.
    """
    if until_s <= office.now_s:
        raise BadRequest("A countersignature ends in the future.", param="until")
    with office.acting() as session:
        application = _found(session, id)
        box = held_box(session, application.box_id)
        claims = _decided(
            Countersigning(office.about).agree(
                session, box, application, until_s=until_s, by=office.actor, now_s=office.now_s
            )
        )
        put_mail(session, box.number, COUNTERSIGNATURE, claims)
        office.note(session, "registry.application.countersign", id)
    return claims


def deny(office: Office, id: str, *, reason: str) -> Denial:
    """The registry does not. Raises ``NotFound``, ``Conflict`` where it was decided, ``BadRequest``."""
    if not reason.strip() or len(reason) > 300:
        raise BadRequest("A no has a reason, of at most 300 characters.", param="reason")
    with office.acting() as session:
        application = _found(session, id)
        box = held_box(session, application.box_id)
        denial = _decided(
            Countersigning(office.about).deny(
                session, box, application, reason=reason.strip(), by=office.actor, now_s=office.now_s
            )
        )
        put_mail(session, box.number, DENIAL, denial)
        office.note(session, "registry.application.deny", id, reason.strip())
    return denial


def _found(session: Session, id: str) -> StoredApplication:
    application = applications.find(session, id)
    if application is None:
        raise NotFound(
            "There is no such application; `carrel registry application list` has them.", param="id"
        )
    return application


def _decided(decision: Decision | None) -> Decision:
    if decision is None:
        raise Conflict("This application was decided before.")
    return decision
