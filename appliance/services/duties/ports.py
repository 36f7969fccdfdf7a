"""What duties need from others."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from appliance.domain.duties import DutyRecord, ModelUse, ReachedLevel, TrainingRecord
from appliance.domain.people import Membership, Part, Person, Project
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.usage import Budget


class Directory(Protocol):
    """Who there is, known without a query."""

    def project(self, id: str) -> Project | None:
        """Of that id."""
        ...

    def projects(self) -> Sequence[Project]:
        """All of them."""
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


class Recipes(Protocol):
    """What the catalog knows of a model."""

    def find(self, model: str) -> tuple[Recipe, RecipeForm]:
        """Raises ``ModelNotFound``."""
        ...


class Conduct(Protocol):
    """Who has signed the code of conduct."""

    def signed(self, project_id: str) -> bool:
        """Whether it is signed for a project: by one who leads it, or for all of it."""
        ...


class Budgets(Protocol):
    """What projects may spend."""

    async def get(self, project_id: str) -> Budget:
        """Raises ``NotFound``."""
        ...


class YearUse(Protocol):
    """What the ledger knows."""

    async def sums(self, since_ms: Mapping[str, int]) -> Sequence[ModelUse]:
        """Of each project that is named, from the time beside it on."""
        ...


class StoredDuties(Protocol):
    """Where it is remembered. Every method returns after its commit is on the disk, or raises
    ``StorageUnavailable``.
    """

    async def records(self) -> Sequence[DutyRecord]:
        """Every one, oldest first."""
        ...

    async def levels(self) -> Sequence[ReachedLevel]:
        """Of all projects and years."""
        ...

    async def trainings(self) -> Sequence[TrainingRecord]:
        """Every one, oldest first."""
        ...

    async def add(self, record: DutyRecord) -> None:
        """Something new."""
        ...

    async def accept(self, record: DutyRecord) -> None:
        """Raises ``Conflict`` where it was decided before."""
        ...

    async def withdraw(self, record: DutyRecord) -> None:
        """Raises ``Conflict`` where it was taken back before."""
        ...

    async def reach(self, levels: Sequence[ReachedLevel]) -> None:
        """What was reached before keeps its time."""
        ...

    async def train(self, training: TrainingRecord) -> None:
        """Something that was trained."""
        ...

    async def untrain(self, id: str, now_ms: int) -> None:
        """It was recorded by mistake."""
        ...
