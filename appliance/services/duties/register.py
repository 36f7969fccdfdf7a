"""What was done about duties, in memory: learned at the start, kept up by whoever writes it down."""

from collections.abc import Mapping

from appliance.domain.duties import DutyRecord, Level, ReachedLevel, TrainingRecord
from appliance.services.duties.ports import StoredDuties


class DutyRegister:
    """Records, levels and trainings, by project. What changes is on the disk before it is here."""

    def __init__(self, stored: StoredDuties) -> None:
        self._stored = stored
        self._records: dict[str, dict[str, DutyRecord]] = {}
        self._levels: dict[tuple[str, int], dict[Level, int]] = {}
        self._trainings: dict[str, dict[str, TrainingRecord]] = {}

    async def load(self) -> None:
        """Learn what is on the disk."""
        for record in await self._stored.records():
            self._put(record)
        for level in await self._stored.levels():
            self._reach(level)
        for training in await self._stored.trainings():
            self._train(training)

    def records(self, project_id: str) -> tuple[DutyRecord, ...]:
        """Of a project, oldest first."""
        return tuple(self._records.get(project_id, {}).values())

    def record(self, id: str) -> DutyRecord | None:
        """Of that id."""
        return next((found[id] for found in self._records.values() if id in found), None)

    def reached(self, project_id: str, year_ms: int) -> Mapping[Level, int]:
        """When a project first reached each level in a year."""
        return self._levels.get((project_id, year_ms), {})

    def trainings(self, project_id: str) -> tuple[TrainingRecord, ...]:
        """Of a project, oldest first."""
        return tuple(self._trainings.get(project_id, {}).values())

    def training(self, id: str) -> TrainingRecord | None:
        """Of that id."""
        return next((found[id] for found in self._trainings.values() if id in found), None)

    def trained_gflop(self, project_id: str, since_ms: int) -> int:
        """Recorded since then, and not taken back."""
        own = self._trainings.get(project_id)
        if not own:
            return 0
        return sum(one.gflop for one in own.values() if one.recorded_ms >= since_ms and not one.withdrawn_ms)

    async def add(self, record: DutyRecord) -> None:
        """Something new that was done."""
        await self._stored.add(record)
        self._put(record)

    async def accept(self, record: DutyRecord) -> None:
        """Raises ``Conflict`` where it was decided before."""
        await self._stored.accept(record)
        self._put(record)

    async def withdraw(self, record: DutyRecord) -> None:
        """Raises ``Conflict`` where it was taken back before."""
        await self._stored.withdraw(record)
        self._put(record)

    async def reach(self, *levels: ReachedLevel) -> None:
        """Reached for the first time."""
        await self._stored.reach(levels)
        for level in levels:
            self._reach(level)

    async def train(self, training: TrainingRecord) -> None:
        """Something that was trained."""
        await self._stored.train(training)
        self._train(training)

    async def untrain(self, training: TrainingRecord) -> None:
        """It was recorded by mistake."""
        await self._stored.untrain(training.id, training.withdrawn_ms or 0)
        self._train(training)

    def _put(self, record: DutyRecord) -> None:
        self._records.setdefault(record.project_id, {})[record.id] = record

    def _reach(self, one: ReachedLevel) -> None:
        self._levels.setdefault((one.project_id, one.year_ms), {}).setdefault(one.level, one.reached_ms)

    def _train(self, training: TrainingRecord) -> None:
        self._trainings.setdefault(training.project_id, {})[training.id] = training
