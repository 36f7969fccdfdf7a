"""Names in a signed catalog: which files it may list, and who may sign which. Pure.

A catalog's own list (``targets``) has ``models/<id>/<revision>.toml`` and ``licenses/<sha256>.txt``; that of
a registry also ``registry/keys.json``, the keys with which it signs what it says. An organization signs
``org/<name>/<id>/<revision>.toml`` and ``org/<name>/licenses/<sha256>.txt``, and its ids begin with
``<name>.``. Its role is ``org.<name>``: a slash would end up in addresses as ``%2F``, which common web
servers refuse.
"""

import re
from dataclasses import dataclass
from typing import Final

TOP: Final = "targets"
"""The role of a catalog's own list."""
NAME: Final = r"[a-z0-9][a-z0-9-]{0,31}"
METADATA_BYTES: Final = 5_000_000
RECIPE_BYTES: Final = 2**20
TEXT_BYTES: Final = 256 * 1024
REGISTRY_KEYS: Final = "registry/keys.json"
KEYS_BYTES: Final = 16 * 1024
MOST_TARGETS: Final = 10_000
_ROLE: Final = re.compile(rf"org\.({NAME})\Z")
_RECIPE: Final = re.compile(
    rf"(?:models|org/({NAME}))/([a-z0-9][a-z0-9._-]{{0,79}})/([1-9][0-9]{{0,9}})\.toml\Z"
)
_TEXT: Final = re.compile(rf"(?:org/({NAME})/)?licenses/([0-9a-f]{{64}})\.txt\Z")
_WHOLE_NAME: Final = re.compile(rf"{NAME}\Z")


@dataclass(frozen=True, slots=True)
class RecipeTarget:
    """A recipe. ``organization`` is empty in a catalog's own list."""

    path: str
    organization: str
    id: str
    revision: int


@dataclass(frozen=True, slots=True)
class TextTarget:
    """A license text."""

    path: str
    organization: str
    sha256: str


@dataclass(frozen=True, slots=True)
class KeysTarget:
    """The keys of a registry. No organization may list them."""

    path: str
    organization: str = ""


Target = RecipeTarget | TextTarget | KeysTarget


def is_name(text: str) -> bool:
    """Whether a catalog or an organization may be called that."""
    return _WHOLE_NAME.match(text) is not None


def parse_target(path: str) -> Target | None:
    """What is listed there; None for a path that no catalog has."""
    if found := _RECIPE.match(path):
        return RecipeTarget(path, found[1] or "", found[2], int(found[3]))
    if found := _TEXT.match(path):
        return TextTarget(path, found[1] or "", found[2])
    return KeysTarget(path) if path == REGISTRY_KEYS else None


def recipe_path(organization: str, id: str, revision: int) -> str:
    """Where a recipe is listed."""
    folder = _folder(organization) if organization else "models"
    return f"{folder}/{id}/{revision}.toml"


def text_path(organization: str, sha256: str) -> str:
    """Where a license text is listed."""
    return f"{_folder(organization)}/licenses/{sha256}.txt" if organization else f"licenses/{sha256}.txt"


def most_bytes(target: Target) -> int:
    """How large it may be."""
    if isinstance(target, KeysTarget):
        return KEYS_BYTES
    return RECIPE_BYTES if isinstance(target, RecipeTarget) else TEXT_BYTES


def role_of(organization: str) -> str:
    """The role that signs for an organization; for none, the catalog's own."""
    return f"org.{organization}" if organization else TOP


def organization_of(role: str) -> str | None:
    """Whose role it is: empty for the catalog's own, None for a role that counts nowhere."""
    if role == TOP:
        return ""
    found = _ROLE.match(role)
    return found[1] if found else None


def patterns_of(organization: str) -> list[str]:
    """Which paths an organization may sign. TUF's patterns do not cross a slash, and both of its kinds of
    paths have four parts.
    """
    return [f"{_folder(organization)}/*/*"]


def is_own_delegation(role: str, patterns: list[str]) -> bool:
    """Whether a delegation is one of an organization to its own paths. No other counts."""
    organization = organization_of(role)
    return bool(organization) and patterns == patterns_of(organization or "")


def why_not(target: Target, role: str, prefix: str) -> str:
    """Why a target that ``role`` lists does not count; empty where it does. ``prefix`` is what the ids of the
    whole catalog have to begin with.
    """
    if role_of(target.organization) != role:
        return "it is listed by somebody who does not sign for its path"
    if not isinstance(target, RecipeTarget):
        return ""
    if target.organization and not target.id.startswith(f"{target.organization}."):
        return f"the ids of {target.organization} have to begin with `{target.organization}.`"
    if not target.id.startswith(prefix):
        return f"the ids of this catalog have to begin with `{prefix}`"
    return ""


def _folder(organization: str) -> str:
    return f"org/{organization}"
