"""What one catalog says, as far as it is verified now: read without any network, every file hashed again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tuf.api.metadata import TargetFile

from appliance.catalog.recipes import decode_recipe
from appliance.catalog.signed.cache import Cache
from appliance.catalog.signed.chain import NotVerified, VerifiedChain, VerifiedRole, verify_chain
from appliance.catalog.signed.names import (
    MOST_TARGETS,
    TOP,
    KeysTarget,
    RecipeTarget,
    Target,
    TextTarget,
    most_bytes,
    organization_of,
    parse_target,
    why_not,
)
from appliance.catalog.signed.owned import why_not_owned
from appliance.catalog.signed.trusting import Trusted
from appliance.domain.approval import Freshness
from appliance.domain.catalogs import CatalogState, ListedRecipe, NotListed, RoleState
from appliance.errors import ConfigInvalid

_NEVER: Final = "it was not fetched yet; run `carrel catalog refresh`"
_EXPIRED: Final = (
    "it has expired: what is installed is served and nothing is pulled; run `carrel catalog refresh`"
)
_LOST: Final = "its file is missing or altered; run `carrel catalog refresh`"


@dataclass(frozen=True, slots=True)
class Reading:
    """One catalog at one moment. ``tomls`` are by recipe id, ``texts`` by their SHA-256; ``registry_keys`` is
    the JSON of a registry's list of keys, where the catalog is one of a registry.
    """

    state: CatalogState
    tomls: Mapping[str, bytes] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    registry_keys: bytes | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A listed file that counts: what it is, who lists it, its size and hash."""

    target: Target
    role: VerifiedRole
    size_bytes: int
    sha256: str


def read_catalog(trusted: Trusted, cache: Cache, now_ms: int) -> Reading:
    """Its state and what it lists; nothing of one that cannot be verified. Raises nothing."""
    try:
        chain = cache.chain()
        if chain is None:
            return Reading(_empty(trusted, _NEVER))
        verified = verify_chain(trusted.root, chain)
    except NotVerified as error:
        reason = f"{error}; run `carrel catalog refresh`"
        return Reading(_empty(trusted, reason, freshness="unverifiable"))
    return _read(trusted, cache, verified, now_ms)


def wanted(verified: VerifiedChain, prefix: str) -> tuple[list[Wanted], list[NotListed]]:
    """What the catalog lists that counts, and what does not."""
    found: list[Wanted] = []
    left_out: list[NotListed] = []
    listed = [(role, *one) for role in verified.roles if role.listed for one in role.listed.targets.items()]
    for role, path, file in listed[:MOST_TARGETS]:
        one, reason = _judged(role, path, file, prefix)
        if one is not None:
            found.append(one)
        elif reason:
            left_out.append(NotListed(path, reason))
    if len(listed) > MOST_TARGETS:
        left_out.append(NotListed("", f"it lists more than {MOST_TARGETS} files; the others are not read"))
    return found, left_out


def _judged(role: VerifiedRole, path: str, file: TargetFile, prefix: str) -> tuple[Wanted | None, str]:
    """Paths of another form are for other readers and no fault."""
    target = parse_target(path)
    if target is None:
        return None, ""
    reason = why_not(target, role.role, prefix)
    sha256 = file.hashes.get("sha256", "")
    if not reason and file.length > most_bytes(target):
        reason = f"it is larger than {most_bytes(target)} bytes"
    if not reason and not sha256:
        reason = "it is listed without a SHA-256"
    return (None, reason) if reason else (Wanted(target, role, file.length, sha256), "")


def _read(trusted: Trusted, cache: Cache, verified: VerifiedChain, now_ms: int) -> Reading:
    top = _freshness(verified.expires_ms, now_ms)
    roles = tuple(_role_state(one, top, now_ms) for one in verified.roles)
    found, left_out = wanted(verified, trusted.where.prefix)
    shelf = _Shelf({one.role: one.freshness for one in roles} | {TOP: top})
    for one in sorted(found, key=_precedence):
        data = cache.file(one.sha256, one.size_bytes)
        reason = _LOST if data is None else shelf.put(one, data)
        left_out += [NotListed(one.target.path, reason)] if reason else []
    left_out += [NotListed(one.role, one.trouble) for one in verified.roles if one.trouble]
    state = CatalogState(
        trusted.name,
        trusted.place,
        trusted.where.prefix,
        top,
        _EXPIRED if top == "stale" else "",
        roles,
        tuple(sorted(shelf.recipes.values(), key=lambda one: one.id)),
        tuple(left_out),
    )
    return Reading(state, shelf.tomls, shelf.texts, shelf.registry_keys)


class _Shelf:
    """What was read of one catalog so far; the first of an id counts."""

    def __init__(self, freshness: Mapping[str, Freshness]) -> None:
        self._freshness = freshness
        self.recipes: dict[str, ListedRecipe] = {}
        self.tomls: dict[str, bytes] = {}
        self.texts: dict[str, str] = {}
        self.registry_keys: bytes | None = None

    def put(self, one: Wanted, data: bytes) -> str:
        """Why it does not count; empty where it does, or where something newer of its id is there."""
        if isinstance(one.target, TextTarget):
            return self._put_text(one.target, one.sha256, data)
        if isinstance(one.target, KeysTarget):
            self.registry_keys = data
            return ""
        if one.target.id in self.recipes:
            return self._second(one.target)
        reason = why_not_recipe(one.target, data)
        if not reason:
            self.tomls[one.target.id] = data
            self.recipes[one.target.id] = ListedRecipe(
                one.target.id,
                one.target.revision,
                one.target.organization,
                self._freshness[one.role.role],
                one.sha256,
            )
        return reason

    def _second(self, target: RecipeTarget) -> str:
        """Older revisions may stay listed; another's recipe of the same id is a fault."""
        first = self.recipes[target.id]
        return "" if first.organization == target.organization else "the catalog itself lists that id"

    def _put_text(self, target: TextTarget, sha256: str, data: bytes) -> str:
        if sha256 != target.sha256:
            return "it is another text than its name says"
        try:
            self.texts[sha256] = data.decode("utf-8")
        except UnicodeDecodeError:
            return "it is no text in UTF-8"
        return ""


def why_not_recipe(target: RecipeTarget, data: bytes) -> str:
    """Why the bytes of a listed recipe cannot be used; empty where they can."""
    try:
        recipe = decode_recipe(data, target.path)
    except ConfigInvalid as error:
        return error.message
    if (recipe.id, recipe.revision) != (target.id, target.revision):
        return f"it is of {recipe.id}, revision {recipe.revision}, and listed as another"
    return why_not_owned(target, recipe)


def _precedence(one: Wanted) -> tuple[bool, int, str]:
    """The catalog's own list goes before organizations, and the newest revision before others."""
    revision = one.target.revision if isinstance(one.target, RecipeTarget) else 0
    return bool(one.target.organization), -revision, one.target.path


def _role_state(one: VerifiedRole, top: Freshness, now_ms: int) -> RoleState:
    """An organization's list is never fresher than the catalog that lists it."""
    if one.trouble:
        return RoleState(one.role, 0, 0, "unverifiable")
    own = _freshness(one.expires_ms, now_ms)
    freshness = top if organization_of(one.role) and top != "fresh" else own
    return RoleState(one.role, one.version, one.expires_ms, freshness)


def _freshness(expires_ms: int, now_ms: int) -> Freshness:
    return "stale" if now_ms >= expires_ms else "fresh"


def _empty(trusted: Trusted, reason: str, *, freshness: Freshness = "stale") -> CatalogState:
    return CatalogState(trusted.name, trusted.place, trusted.where.prefix, freshness, reason, (), (), ())
