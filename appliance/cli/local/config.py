"""`carrel config`: settings, where they come from, and writing them to the file."""

from typing import Final

from appliance.cli.desk import Desk
from appliance.cli.listening import is_listening
from appliance.config import Origin, Settings
from appliance.config.file import known, write_setting
from appliance.config.options import FIELDS, describe
from appliance.domain.results import Configuration, Setting


def get(desk: Desk, *, key: str | None) -> Configuration:
    """One setting, or all. Raises ``NotFound``, ``ConfigInvalid``."""
    names = list(FIELDS) if key is None else [known(key)]
    settings = desk.settings()
    return Configuration(
        file=str(settings.places.config_file), settings=tuple(_winner(settings, name) for name in names)
    )


def explain(desk: Desk, *, key: str) -> Configuration:
    """Everything that names a value for the setting: the winner, then what it overrules."""
    settings = desk.settings()
    origins = settings.origins[known(key)]
    return Configuration(
        file=str(settings.places.config_file), settings=tuple(_setting(key, origin) for origin in origins)
    )


def write(desk: Desk, *, key: str, value: str) -> Configuration:
    """Write to the file; the answer is what counts from now on, which a variable may still overrule."""
    write_setting(desk.places.config_file, key, value)
    settings = desk.settings()
    return Configuration(
        file=str(settings.places.config_file),
        settings=(_winner(settings, key),),
        restart_needed=is_listening(desk.socket),
    )


def _winner(settings: Settings, name: str) -> Setting:
    """The setting as it is in force: a folder or a number of threads that was left open is filled in."""
    origin = settings.origins[name][0]
    return _setting(name, Origin(origin.kind, origin.detail, getattr(settings, name)))


def _setting(name: str, origin: Origin) -> Setting:
    return Setting(
        key=name,
        value=_as_text(origin.value),
        origin=origin.kind,
        detail=origin.detail,
        help=describe(name),
    )


def _as_text(value: object) -> str:
    """A value as ``config set`` takes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, tuple) else str(value)


HANDLERS: Final = {"get": get, "explain": explain, "set": write}
