"""What sharing needs from others."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from appliance.domain.federation import Membership
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.sharing import FetchedShare, KeptStatement, SentList
from appliance.errors import Conflict, NotAllowed
from appliance.federation.protocol.lease_state import ListView
from appliance.federation.protocol.statements import LeaseClaims

Shape = TypeVar("Shape", bound=msgspec.Struct)


class Identity(Protocol):
    """Who this box is to its registry."""

    @property
    def membership(self) -> Membership | None:
        """Where it belongs."""
        ...

    @property
    def box_id(self) -> str:
        """For good. Blocks at first."""
        ...

    def sign(self, kind: str, value: msgspec.Struct) -> str:
        """With the present key. Blocks at first."""
        ...


class Registries(Protocol):
    """Whom this box believes."""

    def believed(self, token: str, kind: str, shape: type[Shape]) -> tuple[Shape, str]:
        """What was signed, and the id of the key. Blocks. Raises ``IntegrityFailed``, ``ConfigInvalid``."""
        ...


class Statuses(Protocol):
    """The registry's newest list of leases that were taken back."""

    def view(self, claims: LeaseClaims) -> ListView:
        """What is said of a lease."""
        ...


class TrustedTime(Protocol):
    """The clock that signed times defend."""

    @property
    def suspect(self) -> bool:
        """Whether the machine's clock cannot be right."""
        ...

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z."""
        ...


class Leases(Protocol):
    """This box's own leases."""

    async def token_of(self, model: str) -> str:
        """The one that counts now, as it was signed; empty: none."""
        ...


class Catalog(Protocol):
    """Every source of recipes, joined."""

    def find(self, model_id: str) -> tuple[Recipe, RecipeForm]:
        """Raises ``ModelNotFound``."""
        ...

    def toml_of(self, recipe_id: str) -> bytes:
        """The very bytes that were approved. Raises ``ModelNotFound``."""
        ...


class Files(Protocol):
    """Where the files of models lie."""

    def folder_of(self, recipe: Recipe, form: RecipeForm) -> Path | None:
        """The folder that holds all files of the form, or None."""
        ...

    def verify(self, form: RecipeForm, folder: Path, on_progress: Callable[[float], None]) -> None:
        """Hash every file; blocking. Raises ``IntegrityFailed``."""
        ...


class Blobs(Protocol):
    """The files of all models, each once, by hash."""

    def blob(self, sha256: str) -> Path:
        """Where a verified one is, or would be."""
        ...


class Inspector(Protocol):
    """Looks inside files, in a process of its own."""

    async def inspect(self, recipe: Recipe, form: RecipeForm, files: Mapping[str, Path]) -> object:
        """Raises ``IntegrityFailed`` with the reason why nothing may open them."""
        ...


class Lists(Protocol):
    """Where the organization's lists are remembered."""

    async def add(self, one: SentList) -> None:
        """It counts from now on."""
        ...

    async def queued(self, id: str) -> None:
        """It is in the outbox."""
        ...

    async def refused(self, id: str, why: str) -> None:
        """The registry did not take it."""
        ...

    async def newest(self) -> SentList | None:
        """None before the first."""
        ...


class Fetches(Protocol):
    """Who fetched what."""

    async def add(self, one: FetchedShare) -> None:
        """So much more."""
        ...

    async def of(self, model: str) -> Sequence[FetchedShare]:
        """The newest days first."""
        ...


class KeptStatements(Protocol):
    """What the registry said of this lab's models."""

    async def add(self, one: KeptStatement) -> None:
        """The first of an id counts."""
        ...

    async def newest(self, most: int, month: str = "") -> Sequence[KeptStatement]:
        """Those of one month, or of all."""
        ...


def organization_of(identity: Identity) -> str:
    """In whose name this lab shares. Raises ``Conflict``, ``NotAllowed``."""
    membership = identity.membership
    if membership is None:
        raise Conflict(
            "This box belongs to no registry, so nobody could find what it shares; `carrel fed enroll` first."
        )
    if not membership.organization:
        raise NotAllowed(
            "The registry has given this box no name under which its lab may share models; ask whoever keeps "
            "it for a code with an organization, then `carrel fed enroll` again."
        )
    return membership.organization
