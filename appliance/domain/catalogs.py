"""Signed catalogs as they stand, and what a refresh of one did."""

from dataclasses import dataclass
from typing import Literal

from appliance.domain.approval import Freshness

RefreshWord = Literal["refreshed", "offline", "refused"]
"""``offline``: nobody could be asked. ``refused``: what came is not what whoever keeps the catalog signed, or
has expired. In both the box goes on with what it had.
"""


@dataclass(frozen=True, slots=True)
class RoleState:
    """One signed list. ``expires_ms`` is in ms since 1970 UTC. Both are 0 where it is unverifiable."""

    role: str
    version: int
    expires_ms: int
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class ListedRecipe:
    """A recipe that a catalog lists. ``organization`` is empty where the catalog itself signed it."""

    id: str
    revision: int
    organization: str
    freshness: Freshness
    sha256: str
    """Of its TOML."""


@dataclass(frozen=True, slots=True)
class NotListed:
    """Something in a catalog that does not count; ``what`` is a path, a role or an id."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class CatalogState:
    """One catalog that the box trusts. ``reason`` says what is wrong with it, and is empty otherwise."""

    name: str
    place: str
    prefix: str
    freshness: Freshness
    reason: str
    roles: tuple[RoleState, ...]
    recipes: tuple[ListedRecipe, ...]
    left_out: tuple[NotListed, ...]


@dataclass(frozen=True, slots=True)
class RefreshOutcome:
    """What a refresh of one catalog did. Recipes are told as ``id revision``."""

    name: str
    outcome: RefreshWord
    reason: str = ""
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
