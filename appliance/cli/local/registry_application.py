"""`carrel registry application`: countersigns what labs have approved, or denies it."""

from typing import Final, Literal

from appliance.cli.desk import Desk
from appliance.cli.registry_folder import end_of_day_s, ms, office
from appliance.domain.results import RegistryApplication, RegistryApplications
from appliance.registry.operating.applications import countersign, deny, list_applications, show_application
from appliance.registry.operating.office import Office
from appliance.registry.store.applications import StoredApplication

_YEAR_S: Final = 365 * 86_400


def list_all(
    desk: Desk, *, at: str | None, state: Literal["waiting", "countersigned", "denied"] | None
) -> RegistryApplications:
    """Raises ``NotFound``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        return RegistryApplications(applications=tuple(_shown(one) for one in list_applications(here, state)))


def show(desk: Desk, *, at: str | None, id: str) -> RegistryApplication:
    """Raises ``NotFound``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        return _shown(show_application(here, id))


def decide(
    desk: Desk,
    *,
    at: str | None,
    id: str,
    decision: Literal["countersign", "deny"],
    until: str | None,
    reason: str | None,
) -> RegistryApplication:
    """Raises ``NotFound``, ``BadRequest``, ``Conflict``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        if decision == "deny":
            deny(here, id, reason=reason or "")
        else:
            countersign(here, id, until_s=_until_s(here, id, until))
        return _shown(show_application(here, id))


def _until_s(here: Office, id: str, until: str | None) -> int:
    """What was said, else what was asked for, at most a year."""
    if until:
        return end_of_day_s(until, "until")
    asked_s = show_application(here, id).message.until
    year_s = here.now_s + _YEAR_S
    return min(asked_s, year_s) if asked_s > here.now_s else year_s


def _shown(one: StoredApplication) -> RegistryApplication:
    sent = one.message
    return RegistryApplication(
        id=one.id,
        box=one.box_id,
        state=one.state,
        model=sent.model,
        project=sent.project,
        person=sent.person,
        affiliation=sent.affiliation,
        intended_use=sent.intended_use,
        publications=sent.publications,
        reviewed_by=sent.reviewed_by,
        conditions=sent.conditions,
        agreement_sha256=sent.agreement_sha256,
        agreed_sha256=sent.agreed_sha256,
        received_ms=one.received_s * 1000,
        asked_until_ms=ms(sent.until),
        until_ms=ms(one.until_s),
        decided_ms=ms(one.decided_s),
        decided_by=one.decided_by,
        reason=one.reason,
    )


HANDLERS: Final = {"list": list_all, "show": show, "decide": decide}
