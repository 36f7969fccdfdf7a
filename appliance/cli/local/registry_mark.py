"""`carrel registry mark`: somebody has looked."""

from typing import Final

from appliance.cli.desk import Desk
from appliance.cli.registry_folder import office
from appliance.domain.results import RegistryMarkSettled
from appliance.registry.operating.marks import settle_mark


def settle(desk: Desk, *, at: str | None, id: str, words: str | None) -> RegistryMarkSettled:
    """Raises ``NotFound``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        settle_mark(here, id, words or "")
        return RegistryMarkSettled(id=id, by=here.actor)


HANDLERS: Final = {"settle": settle}
