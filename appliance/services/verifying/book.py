"""What is known of the fidelity of forms: in memory, since it is told with every list of models; kept by the
store.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from appliance.domain.fidelity import FidelityRecord
from appliance.domain.recipe import Recipe, RecipeForm

_Key = tuple[str, int, str, str]


class Table(Protocol):
    """Where records survive a restart."""

    async def keep(self, record: FidelityRecord) -> None:
        """In place of what was measured of the same subject before."""
        ...

    async def all(self) -> Sequence[FidelityRecord]:
        """Every record, those measured first before the others."""
        ...


class FidelityBook:
    """Of each form as its files are, what was measured last, with whatever build and text."""

    def __init__(self, table: Table) -> None:
        self._table: Final = table
        self._latest: dict[_Key, FidelityRecord] = {}

    async def load(self) -> None:
        """What was kept before. Raises ``StorageUnavailable``."""
        for record in await self._table.all():
            self._latest[_key_of(record)] = record

    async def keep(self, record: FidelityRecord) -> None:
        """Return once it is on the disk. Raises ``StorageUnavailable``."""
        await self._table.keep(record)
        self._latest[_key_of(record)] = record

    def of(self, recipe: Recipe, form: RecipeForm) -> FidelityRecord | None:
        """None where these very files were never measured."""
        return self._latest.get((recipe.id, recipe.revision, form.name, form.sha256))


def _key_of(record: FidelityRecord) -> _Key:
    subject = record.subject
    return subject.recipe_id, subject.recipe_revision, subject.form, subject.files_sha256
