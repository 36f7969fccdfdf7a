"""`carrel doctor`: checks what the box stands on; needs no gateway and no valid configuration."""

from typing import Final

from appliance.cli.checks import engines, gateway, lan, licenses, machine, recipes, storage, walls
from appliance.cli.desk import Desk
from appliance.config import Places
from appliance.domain.results import Diagnosis
from appliance.errors import ConfigInvalid


def doctor(desk: Desk) -> Diagnosis:
    """All checks; ``ok`` if none failed."""
    checks = (
        *machine.look(),
        *gateway.look(desk),
        *lan.look(desk),
        *storage.look(_places(desk), desk.around.uid),
        *engines.look(),
        *recipes.look(desk),
        *licenses.look(desk),
        *walls.look(desk),
    )
    return Diagnosis(ok=all(one.state != "fail" for one in checks), checks=checks)


def _places(desk: Desk) -> Places:
    """With the model files where the configuration puts them, if it can be read."""
    try:
        return desk.settings().places
    except ConfigInvalid:
        return desk.places


HANDLERS: Final = {"doctor": doctor}
