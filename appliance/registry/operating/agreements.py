"""What was agreed with institutions."""

from collections.abc import Sequence

from appliance.errors import BadRequest, NotFound
from appliance.registry.identifiers import new_id
from appliance.registry.operating.office import Office
from appliance.registry.store import agreements, institutions
from appliance.registry.store.agreements import Agreement


def add_agreement(office: Office, institution: str, model: str, *, until_s: int, note: str = "") -> str:
    """From now on the institution's boxes may lease the model (``*``: every one). The id of the agreement.
    Raises ``BadRequest``.
    """
    if until_s <= office.now_s:
        raise BadRequest("An agreement ends in the future.", param="until")
    agreement = new_id("agr")
    with office.acting() as session:
        agreements.insert(
            session,
            agreement,
            institution=institutions.known(session, institution),
            model=model,
            from_s=office.now_s,
            until_s=until_s,
            note=note,
        )
        office.note(session, "registry.agreement.add", agreement, f"{model} for {institution}")
    return agreement


def end_agreement(office: Office, id: str) -> None:
    """No new leases by it; those that run are taken back one by one, if they are. Raises ``NotFound``."""
    with office.acting() as session:
        if not agreements.end(session, id, office.now_s):
            raise NotFound("There is no agreement of this id that still runs.", param="agreement")
        office.note(session, "registry.agreement.end", id)


def list_agreements(office: Office) -> Sequence[Agreement]:
    """Every one, those that are over too."""
    with office.database.reading() as session:
        return agreements.all_of(session)
