"""`carrel registry box`: keeps a box out, or lets it in again."""

from typing import Final

from appliance.cli.desk import Desk
from appliance.cli.registry_folder import office
from appliance.domain.results import RegistryBoxChanged
from appliance.registry.operating.boxes import link_box, resume_box, suspend_box
from appliance.registry.operating.finding import find_box
from appliance.registry.store.boxes import Box


def suspend(desk: Desk, *, at: str | None, box: str, reason: str) -> RegistryBoxChanged:
    """Raises ``NotFound``, ``BadRequest``, ``Conflict``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        return _changed(suspend_box(here, find_box(here, box).id, reason))


def resume(desk: Desk, *, at: str | None, box: str) -> RegistryBoxChanged:
    """Raises ``NotFound``, ``BadRequest``, ``Conflict``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        return _changed(resume_box(here, find_box(here, box).id))


def link(desk: Desk, *, at: str | None, box: str, replaces: str) -> RegistryBoxChanged:
    """Raises ``NotFound``, ``BadRequest``, ``StorageUnavailable``."""
    with office(desk, at) as here:
        lost = find_box(here, replaces)
        return _changed(link_box(here, find_box(here, box).id, replaces=lost.id))


def _changed(box: Box) -> RegistryBoxChanged:
    return RegistryBoxChanged(id=box.id, name=box.name, state=box.state, replaces=box.replaces)


HANDLERS: Final = {"suspend": suspend, "resume": resume, "link": link}
