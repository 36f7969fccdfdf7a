"""Decides where each setting comes from: flag, then environment, then file, then default."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec

from appliance.config.file import convert, from_text, read_file
from appliance.config.lan_options import one_label
from appliance.config.options import FIELDS, Options
from appliance.config.places import Places, UserFolders, find_places

_FOREIGN: Final = {"hub": "HF_ENDPOINT"}
"""Variables of others that name a setting of ours: who has them set means them. Ours is stronger."""
_FOR_CHILDREN: Final = frozenset({"PATH", "LANG", "LC_ALL", "CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH"})


class OriginKind(StrEnum):
    """What decided a value, strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value stands: ``--port``, ``CARREL_PORT``, a file or the program itself."""

    kind: OriginKind
    detail: str
    value: object


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of the process and its machine the settings depend on."""

    environ: Mapping[str, str]
    uid: int
    cores: int
    """Cores that this process may use."""
    folders: UserFolders
    host_name: str = ""
    """Of this machine, as it calls itself."""


class Settings(Options, frozen=True, kw_only=True):
    """All that is set, resolved: ``worker_threads`` is at least 1, ``models_dir`` is never empty, and
    ``mdns`` is the host's name unless somebody set it.
    """

    places: Places
    child_environment: Mapping[str, str]
    """The whole environment of worker processes."""
    origins: Mapping[str, tuple[Origin, ...]]
    """For each setting everything that names a value, the winner first."""

    @property
    def reachable_host(self) -> str:
        """The address at which this machine reaches the box: loopback for one that listens everywhere."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 # nosec B104

    @property
    def api_url(self) -> str:
        """The base URL that clients on this machine are given."""
        host = self.reachable_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/v1"


def load_settings(around: Surroundings, flags: Mapping[str, object] | None = None) -> Settings:
    """Read and resolve. ``flags`` holds settings by name; None in it means not given.

    Raises ``ConfigInvalid`` naming the setting, where it was set, and what it may be.
    """
    places = places_of(around)
    values = read_file(places.config_file)
    origins = {
        name: tuple(_origins(name, flags or {}, around.environ, values, str(places.config_file)))
        for name in FIELDS
    }
    options = Options(**{name: found[0].value for name, found in origins.items()})  # type: ignore[arg-type]
    return _resolve(options, places.with_models_dir(options.models_dir), around, origins)


def places_of(around: Surroundings) -> Places:
    """Where everything lies but the model files, which the file may move; it may be broken meanwhile."""
    return find_places(around.environ, around.uid, around.folders)


def as_variables(flags: Mapping[str, object]) -> dict[str, str]:
    """Settings of the command line as variables, for a gateway that is started with them."""
    given = {name: value for name, value in flags.items() if value is not None}
    return {_variable(name): str(value).lower() for name, value in given.items()}


def _resolve(
    options: Options, places: Places, around: Surroundings, origins: Mapping[str, tuple[Origin, ...]]
) -> Settings:
    resolved: dict[str, Any] = {
        **msgspec.structs.asdict(options),
        "models_dir": str(places.models_dir),
        "worker_threads": options.worker_threads or max(1, around.cores - 1),
        "mdns": one_label(around.host_name) if _is_default(origins["mdns"]) else options.mdns,
    }
    children = {name: value for name, value in around.environ.items() if _is_for_children(name)}
    return Settings(places=places, child_environment=children, origins=origins, **resolved)


def _is_default(origins: tuple[Origin, ...]) -> bool:
    return origins[0].kind is OriginKind.DEFAULT


def _origins(
    name: str,
    flags: Mapping[str, object],
    environ: Mapping[str, str],
    values: Mapping[str, object],
    file: str,
) -> Iterator[Origin]:
    flag = flags.get(name)
    if flag is not None:
        given = from_text(name, flag) if isinstance(flag, str) else flag
        detail = "--" + name.replace("_", "-")
        yield Origin(OriginKind.FLAG, detail, convert(name, given, detail, strict=False))
    variable = _variable(name)
    if environ.get(variable):
        value = convert(
            name, from_text(name, environ[variable]), f"the environment ({variable})", strict=False
        )
        yield Origin(OriginKind.ENVIRONMENT, variable, value)
    foreign = _FOREIGN.get(name, "")
    if environ.get(foreign):
        value = convert(name, environ[foreign].rstrip("/"), f"the environment ({foreign})", strict=False)
        yield Origin(OriginKind.ENVIRONMENT, foreign, value)
    if name in values:
        yield Origin(OriginKind.FILE, file, values[name])
    yield Origin(OriginKind.DEFAULT, "built in", FIELDS[name].default)


def _variable(name: str) -> str:
    return f"CARREL_{name.upper()}"


def _is_for_children(name: str) -> bool:
    return name in _FOR_CHILDREN or name.startswith("OMP_")
