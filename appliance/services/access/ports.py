"""What the services of access need from others."""

from collections.abc import Sequence
from typing import Protocol

from appliance.domain.access import Agreement, Application, EarlyStage, Grant, Signature
from appliance.domain.people import Membership, Part, Person, Project
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.errors import CarrelError


class Directory(Protocol):
    """Who there is, from memory."""

    def person(self, id: str) -> Person | None:
        """Of that id."""
        ...

    def project(self, id: str) -> Project | None:
        """Of that id."""
        ...

    def part(self, project_id: str, person_id: str) -> Part | None:
        """What a person is in a project."""
        ...

    def leads(self, project_id: str) -> Sequence[str]:
        """Ids of those who lead it."""
        ...

    def members(self, project_id: str) -> Sequence[Membership]:
        """Everybody who belongs to it."""
        ...

    def people(self) -> Sequence[Person]:
        """Everybody."""
        ...


class Purposes(Protocol):
    """Where it is kept what projects do."""

    async def describe(self, project: str, purpose: str) -> None:
        """Raises ``NotFound``, ``StorageUnavailable``."""
        ...


class Agreements(Protocol):
    """Where texts and signatures are remembered. None is ever taken out."""

    async def publish(self, agreement: Agreement) -> None:
        """A new version. Raises ``StorageUnavailable``."""
        ...

    async def sign(self, signature: Signature) -> None:
        """A new signature. Raises ``StorageUnavailable``."""
        ...

    async def versions(self) -> Sequence[Agreement]:
        """Every version of every text, oldest first."""
        ...

    async def signatures(self) -> Sequence[Signature]:
        """Every one as it stands in its row: whether it is believed is decided elsewhere."""
        ...


class Grants(Protocol):
    """Where grants are remembered."""

    async def give(self, grant: Grant) -> None:
        """In place of the one that the project has. Raises ``StorageUnavailable``."""
        ...

    async def revoke(self, grant: Grant, now_ms: int) -> None:
        """End the one in its place. Raises ``StorageUnavailable``."""
        ...

    async def all(self) -> Sequence[Grant]:
        """Those that were not taken back, oldest first; some may have run out."""
        ...


class Applications(Protocol):
    """Where applications are remembered."""

    async def add(self, application: Application) -> None:
        """Remember a new one. Raises ``StorageUnavailable``."""
        ...

    async def decide(self, decided: Application) -> bool:
        """Set state and decision of one that is open; False where it is open no more."""
        ...

    async def get(self, application_id: str) -> Application | None:
        """One, or None."""
        ...

    async def open(self) -> Sequence[Application]:
        """Those that wait, oldest first."""
        ...

    async def of_person(self, person_id: str, *, since_ms: int = 0, most: int = 200) -> Sequence[Application]:
        """Somebody's, newest first."""
        ...


class EarlyStages(Protocol):
    """Where stages are remembered."""

    async def put(self, stage: EarlyStage, now_ms: int) -> None:
        """As it is from now on. Raises ``StorageUnavailable``."""
        ...

    async def end(self, model: str) -> None:
        """It is over. Raises ``StorageUnavailable``."""
        ...

    async def all(self) -> Sequence[EarlyStage]:
        """Every one."""
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
        """All requests of that model, in any form, of one project or one person: they end with ``error``.
        Returns at once.
        """
        ...
