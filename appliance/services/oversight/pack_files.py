"""Reads packs: those that come with Carrel and the lab's own, one TOML file each."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from appliance.domain.oversight import Level
from appliance.errors import BadRequest, ConfigInvalid
from appliance.policy.packs.matching import PackSet
from appliance.policy.packs.pack import Needs, Pack, PackPattern
from appliance.policy.tripwires.wires import WIRES, WORDS

MOST_BYTES: Final = 2**18
_TAKEN: Final = frozenset({wire.id for wire in WIRES} | set(WORDS))
_Id = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
_Line = Annotated[str, Meta(min_length=1, max_length=500)]


class PatternToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One pattern, as RE2 takes it."""

    id: _Id
    pattern: _Line
    group: _Id = "any"
    weight: Annotated[int, Meta(ge=1, le=100)] = 1


class NeedsToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many prompts with patterns of every group, in what time, with how many different texts."""

    hits: Annotated[int, Meta(ge=1, le=1_000_000)]
    groups: Annotated[tuple[_Id, ...], Meta(min_length=1, max_length=8)] = ("any",)
    window_hours: Annotated[int, Meta(ge=1, le=24)] = 24
    distinct: Annotated[int, Meta(ge=1, le=64)] = 1


class PackToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole pack. Its file is named by its id."""

    id: _Id
    version: Annotated[int, Meta(ge=1, le=2**31)]
    title: Annotated[str, Meta(min_length=1, max_length=120)]
    category: _Id
    why: _Line
    needs: NeedsToml
    patterns: Annotated[tuple[PatternToml, ...], Meta(min_length=1, max_length=200)]
    level: Level = Level.WARN
    most: Level = Level.HOLD
    on: bool = True

    def __post_init__(self) -> None:
        """Refuse what the single fields cannot: the decoder turns ``ValueError`` into a validation error."""
        if self.id in _TAKEN:
            raise ValueError(f"`id` {self.id} is that of a tripwire of Carrel")
        if missing := set(self.needs.groups) - {one.group for one in self.patterns}:
            raise ValueError(f"`needs.groups` names {min(missing)}, and no pattern is of that group")

    def value(self, origin: str) -> Pack:
        """The pack as the rest of Carrel knows it."""
        return Pack(
            id=self.id,
            version=self.version,
            title=self.title,
            category=self.category,
            why=self.why,
            first=self.level,
            most=self.most,
            needs=Needs(self.needs.groups, self.needs.hits, self.needs.window_hours, self.needs.distinct),
            patterns=tuple(PackPattern(one.id, one.group, one.pattern, one.weight) for one in self.patterns),
            on=self.on,
            origin=origin,
        )


@dataclass(frozen=True, slots=True)
class PackFault:
    """A file of the lab that is not used, and why."""

    file: str
    reason: str


def release_packs() -> tuple[Pack, ...]:
    """Those that come with Carrel. Raises ``ConfigInvalid``: then the installation is damaged."""
    folder = resources.files("appliance") / "policy" / "packs"
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".toml")), key=lambda one: one.name)
    return tuple(_decoded(one.read_bytes(), one.name, "release") for one in files)


def lab_packs(folder: Path) -> tuple[Sequence[Pack], Sequence[PackFault]]:
    """The lab's own. What is wrong with a file keeps that file out, and nothing else. Blocks."""
    packs, faults = [], []
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        try:
            pack = _decoded(_raw(path), path.name, "lab")
            PackSet((pack,))
        except (BadRequest, ConfigInvalid) as error:
            faults.append(PackFault(path.name, error.message))
        else:
            packs.append(pack)
    return packs, faults


def _raw(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigInvalid(f"Pack {path.name} cannot be read: {error.strerror}.") from error
    if len(raw) > MOST_BYTES:
        raise ConfigInvalid(f"Pack {path.name} is larger than {MOST_BYTES} bytes.")
    return raw


def _decoded(raw: bytes, name: str, origin: str) -> Pack:
    try:
        pack = msgspec.toml.decode(raw, type=PackToml)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigInvalid(f"Pack {name}: {error}.") from error
    if name != f"{pack.id}.toml":
        raise ConfigInvalid(f"Pack {name}: `id` is {pack.id}, so the file must be {pack.id}.toml.")
    return pack.value(origin)
