"""Finds the box that somebody means."""

from typing import Final

from appliance.errors import BadRequest, NotFound
from appliance.registry.operating.office import Office
from appliance.registry.store import boxes
from appliance.registry.store.boxes import Box

_LEAST: Final = 6


def find_box(office: Office, text: str) -> Box:
    """By its id, the beginning of it, or its name. Raises ``NotFound``, ``BadRequest`` where several fit."""
    with office.database.reading() as session:
        exact = boxes.of_id(session, text)
        if exact is not None:
            return exact
        known = boxes.all_of(session)
    found = [one for one in known if one.name == text or (len(text) >= _LEAST and one.id.startswith(text))]
    if len(found) > 1:
        raise BadRequest(
            "Several boxes fit that; give the id as `carrel registry boxes` tells it.", param="box"
        )
    if not found:
        raise NotFound("No such box has enrolled here; `carrel registry boxes` lists them.", param="box")
    return found[0]
