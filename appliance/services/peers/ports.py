"""What lending and borrowing need of others."""

from collections.abc import Sequence
from typing import Protocol

from appliance.domain.allocation import Account, Allocation
from appliance.domain.peers import Borrowed, Peer
from appliance.domain.people import DEFAULT_ID, NO_KEY_LIMITS, ApiKey, KeyLimits, Project, ProjectKind
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.restriction import Limits, Restriction, Scope
from appliance.domain.sharing import Sharing
from appliance.federation.protocol.letters import AnyBody
from appliance.services.letters.ports import Reader


class Peers(Protocol):
    """Where boxes elsewhere are remembered that asked for a model."""

    async def add(self, peer: Peer) -> bool:
        """The first of an id counts; whether this is it."""
        ...

    async def change(self, peer: Peer) -> None:
        """What is known of it now."""
        ...

    async def all(self) -> Sequence[Peer]:
        """Every one, the oldest first."""
        ...


class BorrowedModels(Protocol):
    """Where models elsewhere are remembered that this box asked for."""

    async def add(self, borrowed: Borrowed) -> bool:
        """The first of an id counts; whether this is it."""
        ...

    async def change(self, borrowed: Borrowed) -> None:
        """What is known of it now."""
        ...

    async def all(self) -> Sequence[Borrowed]:
        """Every one, the oldest first."""
        ...


class Sender(Protocol):
    """Who sends letters."""

    def require_enrolled(self) -> None:
        """Raises ``Conflict``."""
        ...

    async def send(self, reader: Reader, thread: str, body: AnyBody) -> str:
        """Its id. Raises ``Conflict``, ``BadRequest``, ``StorageUnavailable``."""
        ...


class Catalog(Protocol):
    """Every source of recipes, joined."""

    @property
    def recipes(self) -> Sequence[Recipe]:
        """Every model, ordered by id."""
        ...

    def find(self, model_id: str) -> tuple[Recipe, RecipeForm]:
        """Raises ``ModelNotFound``."""
        ...

    def toml_of(self, recipe_id: str) -> bytes:
        """The very bytes that were approved. Raises ``ModelNotFound``."""
        ...


class Shared(Protocol):
    """One model of the organization's list."""

    @property
    def recipe(self) -> Recipe:
        """As it is listed."""
        ...

    @property
    def sharing(self) -> Sharing:
        """What is said of it."""
        ...


class OwnList(Protocol):
    """What this lab shares."""

    @property
    def models(self) -> Sequence[Shared]:
        """All that are shared now, by id."""
        ...


class Projects(Protocol):
    """Projects are made and closed here."""

    async def new(self, *, project: str, title: str, kind: ProjectKind, purpose: str) -> object:
        """Raises ``Conflict`` where it is there."""
        ...

    async def close(self, *, project: str) -> object:
        """Compute nothing for it any more."""
        ...


class Directory(Protocol):
    """Who there is."""

    def project(self, id: str) -> Project | None:
        """None for one that is not known."""
        ...


class Issued(Protocol):
    """A key with its secret."""

    @property
    def secret(self) -> str:
        """Shown once."""
        ...

    @property
    def key(self) -> ApiKey:
        """What is remembered of it."""
        ...


class Keys(Protocol):
    """Keys are made and revoked here."""

    async def issue(
        self,
        *,
        name: str,
        project: str = DEFAULT_ID,
        person: str = DEFAULT_ID,
        expires_days: int | None = None,
        limits: KeyLimits = NO_KEY_LIMITS,
    ) -> Issued:
        """Raises ``NotFound``, ``StorageUnavailable``."""
        ...

    async def revoke(self, *, id: str) -> object:
        """At once, and what it runs ends. Raises ``NotFound``, ``StorageUnavailable``."""
        ...


class Allocations(Protocol):
    """What may be spent, and what was."""

    async def set(self, wanted: Allocation) -> Allocation:
        """Make it, or change its limit."""
        ...

    async def standing(self, project_id: str) -> Sequence[tuple[Allocation, Sequence[Account]]]:
        """Raises ``NotFound``."""
        ...


class Restrictions(Protocol):
    """Where versions of restrictions are remembered."""

    async def add(
        self, scope: Scope, limits: Limits, *, why: str, by: str, now_ms: int, removed: bool = False
    ) -> Restriction:
        """The next version for a scope."""
        ...


class RestrictionBook(Protocol):
    """The restrictions that hold."""

    def put(self, restriction: Restriction) -> None:
        """A new version."""
        ...


class Secrets(Protocol):
    """Keys that hosts want; all methods block."""

    def write(self, name: str, secret: str) -> None:
        """In the place of an older one. Raises ``BadRequest``, ``ConfigInvalid``."""
        ...

    def forget(self, name: str) -> None:
        """Remove it, if it is there. Raises ``ConfigInvalid``."""
        ...


class Serving(Protocol):
    """What runs."""

    async def stop_serving(self, recipe_id: str) -> None:
        """End what runs of a recipe, and keep it from the next start."""
        ...


class SealingKey(Protocol):
    """The box's own key for letters."""

    def public(self) -> str:
        """Its public half (``x``). Blocks."""
        ...
