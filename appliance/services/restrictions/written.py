"""Restrictions as the text of a TOML file, which a lab can keep with its other settings.

[[restriction]]
tier = "restricted"
why = "single answers only"
max_tokens = 512
logprobs = "off"
hours = ["mon-fri 08:00-18:00"]
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import msgspec
import tomlkit
from msgspec import Meta

from appliance.domain.restriction import Limits, Restriction, Scope
from appliance.errors import BadRequest

MOST_CHARACTERS: Final = 48_000
_Name = Annotated[str, Meta(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a file says of one scope."""

    scope: Scope
    limits: Limits
    why: str


class _Entry(Limits, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    why: Annotated[str, Meta(min_length=1, max_length=300)]
    tier: Literal["open", "registered", "approved", "restricted"] | None = None
    model: _Name | None = None
    project: _Name | None = None
    all: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    restriction: Annotated[tuple[_Entry, ...], Meta(max_length=200)] = ()


def read(text: str) -> Sequence[Wanted]:
    """What is wanted, in the order of the file. Raises ``BadRequest`` with the place of what is wrong."""
    try:
        entries = msgspec.convert(tomllib.loads(text), _File, strict=True).restriction
    except tomllib.TOMLDecodeError as error:
        raise BadRequest(f"The file is not TOML: {error}.") from error
    except msgspec.ValidationError as error:
        raise BadRequest(
            f"The file does not fit: {error}. `carrel restriction show` prints the form."
        ) from error
    wanted = [_wanted(entry) for entry in entries]
    ids = [one.scope.id for one in wanted]
    if twice := {one for one in ids if ids.count(one) > 1}:
        raise BadRequest(f"The file says two things of {min(twice)}. Join them into one.")
    return wanted


def scope_of(*, tier: str | None, model: str | None, project: str | None, all: bool) -> Scope:
    """The one scope that was named. Raises ``BadRequest`` for none or several."""
    named = [
        *([Scope("tier", tier)] if tier else []),
        *([Scope("model", model)] if model else []),
        *([Scope("project", project)] if project else []),
        *([Scope("all")] if all else []),
    ]
    if len(named) != 1:
        raise BadRequest("Say to what it applies: one of a model, a tier, a project, or all.")
    return named[0]


def scope_named(id: str) -> Scope:
    """Of an id such as ``tier:restricted``. Raises ``BadRequest``."""
    kind, _, name = id.partition("@")[0].partition(":")
    if kind == "all" and not name:
        return Scope("all")
    if kind in {"tier", "model", "project"} and name:
        return Scope(kind, name)  # type: ignore[arg-type]
    raise BadRequest(
        f"`{id}` names no restriction. One is all, tier:NAME, model:ID or project:ID; `carrel restriction "
        "list` shows them.",
        param="id",
    )


def write(restriction: Restriction) -> str:
    """The same restriction as the text of a file."""
    table = tomlkit.table()
    scope = restriction.scope
    table.append(scope.kind, scope.name or True)
    table.append("why", restriction.why)
    limits: dict[str, Any] = msgspec.to_builtins(restriction.limits)
    for name, value in limits.items():
        table.append(name, list(value) if isinstance(value, tuple) else value)
    tables = tomlkit.aot()
    tables.append(table)
    document = tomlkit.document()
    document.append("restriction", tables)
    return tomlkit.dumps(document)


def _wanted(entry: _Entry) -> Wanted:
    scope = scope_of(tier=entry.tier, model=entry.model, project=entry.project, all=entry.all)
    limits = Limits(**{name: getattr(entry, name) for name in Limits.__struct_fields__})
    return Wanted(scope, limits, entry.why)
