"""`carrel registry agreement`: what was agreed with institutions."""

from typing import Final

from appliance.cli.desk import Desk
from appliance.cli.registry_folder import end_of_day_s, ms, office
from appliance.domain.results import RegistryAgreement, RegistryAgreements
from appliance.registry.operating.agreements import add_agreement, end_agreement, list_agreements
from appliance.registry.operating.office import Office


def add(
    desk: Desk, *, at: str | None, institution: str, model: str, until: str, note: str | None
) -> RegistryAgreements:
    """Raises ``NotFound``, ``BadRequest``, ``StorageUnavailable``."""
    until_s = end_of_day_s(until, "until")
    with office(desk, at) as here:
        made = add_agreement(here, institution, model, until_s=until_s, note=note or "")
        return _known(here, made)


def list_all(desk: Desk, *, at: str | None) -> RegistryAgreements:
    """Raises ``NotFound``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        return _known(here)


def end(desk: Desk, *, at: str | None, id: str) -> RegistryAgreements:
    """Raises ``NotFound``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        end_agreement(here, id)
        return _known(here, id)


def _known(here: Office, only: str | None = None) -> RegistryAgreements:

    found = [one for one in list_agreements(here) if only in {None, one.id}]
    return RegistryAgreements(
        agreements=tuple(
            RegistryAgreement(
                id=one.id,
                institution=one.institution,
                model=one.model,
                from_ms=one.from_s * 1000,
                until_ms=one.until_s * 1000,
                ended_ms=ms(one.ended_s),
                note=one.note,
            )
            for one in found
        )
    )


HANDLERS: Final = {"add": add, "list": list_all, "end": end}
