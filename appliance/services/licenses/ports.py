"""What the service of licenses needs from others."""

from collections.abc import Collection, Sequence
from typing import Protocol

from appliance.domain.license import ANY_NEED, Acceptance, Lease, LeaseNeed
from appliance.domain.people import Caller
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.errors import CarrelError


class Acceptances(Protocol):
    """Where acceptances are remembered. None is ever taken out."""

    async def add(self, acceptance: Acceptance) -> None:
        """Remember it. Raises ``StorageUnavailable``."""
        ...

    async def withdraw(self, ids: Collection[str], now_ms: int) -> None:
        """They hold no more; what was withdrawn before keeps its time. Raises ``StorageUnavailable``."""
        ...

    async def all(self) -> Sequence[Acceptance]:
        """Every one, oldest first, as it stands in its row: whether it is believed is decided elsewhere."""
        ...


class Leases(Protocol):
    """The registry's permissions, as they stand now. Asked at every request, so it must not wait."""

    def of(self, model: str, need: LeaseNeed = ANY_NEED) -> Lease | None:
        """The lease of a recipe's id that lets the most, or None."""
        ...


class NoLeases:
    """A box that has no registry."""

    def of(self, _model: str, _need: LeaseNeed = ANY_NEED) -> Lease | None:
        """None for every model."""
        return None


class Tiers(Protocol):
    """What the tier of a model asks, of the box that fetches or starts it and of who uses it. It must not
    wait.
    """

    def is_open_to(self, caller: Caller, recipe: Recipe) -> bool:
        """Whether they may use it, or could by an act of their own."""
        ...

    def lacks_for_box(self, model: str, tier: str) -> str:
        """What is missing, as a sentence; empty: nothing."""
        ...

    def current_grants(self, model: str, tier: str) -> int:
        """How many grants there are now that are for it."""
        ...


class Lent(Protocol):
    """Who knows what labs lend each other."""

    def lacks(self, recipe: Recipe) -> str:
        """Why a model that its owner hosts cannot be asked, as a sentence; empty where it can."""
        ...

    def may_ask(self, caller: Caller, recipe: Recipe) -> bool | None:
        """Whether another lab's box may ask a model; None where the caller is of this lab."""
        ...


class NothingLent:
    """A box that lends and borrows nothing."""

    def lacks(self, _recipe: Recipe) -> str:
        """Nothing."""
        return ""

    def may_ask(self, _caller: Caller, _recipe: Recipe) -> bool | None:
        """Everybody is of this lab."""
        return None


class NoTiers:
    """A box on which every model is for everybody."""

    def is_open_to(self, _caller: Caller, _recipe: Recipe) -> bool:
        """Always."""
        return True

    def lacks_for_box(self, _model: str, _tier: str) -> str:
        """Nothing."""
        return ""

    def current_grants(self, _model: str, _tier: str) -> int:
        """None."""
        return 0


class LicenseTexts(Protocol):
    """License texts by their hash."""

    def text(self, sha256: str) -> str | None:
        """The text with that SHA-256 (hex), or None where this box does not have it."""
        ...


class Catalog(Protocol):
    """What is approved."""

    @property
    def recipes(self) -> Sequence[Recipe]:
        """Every approved model."""
        ...

    def find(self, model_id: str) -> tuple[Recipe, RecipeForm]:
        """Raises ``ModelNotFound``."""
        ...


class Service(Protocol):
    """What is being served, as far as it can be ended."""

    def end_requests(
        self, recipe_id: str, error: CarrelError, *, project: str = "", holder: str = ""
    ) -> None:
        """All requests of that model, in any form, running or waiting, of one project or one person or of
        all: they end with ``error``. Returns at once.
        """
        ...

    async def stop_serving(self, recipe_id: str) -> None:
        """Stop every form of a model; it does not come back after a restart."""
        ...
