"""The configuration file: strict to read, kept with its comments when written, never half written."""

import difflib
import os
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec
import tomlkit
from tomlkit.exceptions import TOMLKitError

from appliance.config.options import FIELDS, LISTS, allowed
from appliance.config.places import make_private
from appliance.errors import ConfigInvalid, NotFound


def read_file(path: Path) -> Mapping[str, object]:
    """The settings that the file holds, checked; none if there is no file.

    Raises ``ConfigInvalid`` for TOML that does not parse, an unknown setting or a value out of its range.
    """
    return check_file(_text(path))


def check_file(text: str) -> Mapping[str, object]:
    """The settings in the text of a configuration file. Raises ``ConfigInvalid``."""
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigInvalid(f"The configuration file is not TOML: {error}.") from error
    return {
        name: convert(name, value, "the configuration file", strict=True) for name, value in values.items()
    }


def write_setting(path: Path, name: str, text: str) -> None:
    """Write one setting into the file and leave everything else in it, comments too, as it was.

    The new file is checked as a whole before it takes the old one's place.
    Raises ``ConfigInvalid``, ``NotFound``.
    """
    value = convert(known(name), from_text(name, text), "the command line", strict=False)
    try:
        document = tomlkit.parse(_text(path))
    except TOMLKitError as error:
        raise ConfigInvalid(f"The configuration file is not TOML: {error}; mend it by hand first.") from error
    document[name] = list(value) if isinstance(value, tuple) else value
    new = tomlkit.dumps(document)
    check_file(new)
    _replace(path, new)


def known(name: str) -> str:
    """The name itself. Raises ``NotFound`` with the nearest setting for one that does not exist."""
    if name in FIELDS:
        return name
    raise NotFound(
        f"There is no setting `{name}`{nearest(name)}. `carrel config get` lists all.", param="key"
    )


def from_text(name: str, text: str) -> object:
    """A value as the environment and the command line give it: lists are separated by commas."""
    if name in LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def convert(name: str, value: object, where: str, *, strict: bool) -> object:
    """A value in the type of its setting. ``where`` names its origin for the error: ``ConfigInvalid``."""
    if name not in FIELDS:
        raise ConfigInvalid(f"Unknown setting `{name}` in {where}{nearest(name)}.", param=name)
    try:
        return msgspec.convert(value, FIELDS[name].type, strict=strict)
    except msgspec.ValidationError as error:
        shown = str(value)[:80]
        raise ConfigInvalid(f"`{name} = {shown}` in {where} must be {allowed(name)}.", param=name) from error


def nearest(name: str) -> str:
    """`` (did you mean `port`?)``, or nothing."""
    found = difflib.get_close_matches(name.lower(), FIELDS, n=1)
    return f" (did you mean `{found[0]}`?)" if found else ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise ConfigInvalid("The configuration file is not UTF-8 text.") from error
    except OSError as error:
        raise ConfigInvalid(f"The configuration file cannot be read: {error.strerror}.") from error


def _replace(path: Path, text: str) -> None:
    target = path.resolve()
    make_private(target.parent)
    try:
        _write_and_rename(target, text.encode())
    except OSError as error:
        raise ConfigInvalid(f"The configuration file cannot be written: {error.strerror}.") from error


def _write_and_rename(target: Path, content: bytes) -> None:
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as new:
        new.write(content)
        new.flush()
        os.fchmod(new.fileno(), mode)
        os.fsync(new.fileno())
    Path(new.name).replace(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
