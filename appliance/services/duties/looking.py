"""Duties as they are looked at: by operators, and by leads their own."""

from collections.abc import Awaitable, Callable, Mapping

from appliance.domain.clock import Clock
from appliance.domain.people import Project
from appliance.domain.results import Checklist, DutyDetail, DutyList, DutyTableShown, ProjectDuties, Result
from appliance.errors import NotFound
from appliance.policy.duties.years import year_start_ms
from appliance.services.duties import showing
from appliance.services.duties.duties import Duties
from appliance.services.duties.ports import Budgets, Directory
from appliance.services.duties.register import DutyRegister


class DutyView:
    """Answers ``duty list``, ``show``, ``table`` and ``checklist``."""

    def __init__(
        self, duties: Duties, register: DutyRegister, directory: Directory, budgets: Budgets, clock: Clock
    ) -> None:
        self._duties = duties
        self._register = register
        self._directory = directory
        self._budgets = budgets
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "duty.list": self.show_all,
            "duty.show": self.show,
            "duty.table": self.table,
            "duty.checklist": self.checklist,
        }

    def require(self, project_id: str) -> Project:
        """Raises ``NotFound``."""
        found = self._directory.project(project_id)
        if found is None:
            raise NotFound("No project has this id. `carrel project list` shows them all.", param="project")
        return found

    async def show_all(self, *, project: str | None = None, open: bool = False) -> DutyList:
        """``duty list``. Raises ``NotFound``, ``StorageUnavailable``."""
        wanted = self._directory.projects() if project is None else [self.require(project)]
        await self._duties.look()
        shown = [await self._standing(one) for one in wanted]
        return DutyList(projects=tuple(one for one in shown if not open or _has_open(one)))

    async def show(self, *, project: str) -> DutyDetail:
        """``duty show``. Raises ``NotFound``, ``StorageUnavailable``."""
        found = self.require(project)
        await self._duties.look()
        now_ms = self._clock.now_ms()
        records = [showing.record_summary(one, now_ms) for one in self._register.records(project)]
        trainings = [showing.training_summary(one) for one in self._register.trainings(project)]
        return DutyDetail(
            standing=await self._standing(found),
            records=tuple(reversed(records)),
            trainings=tuple(reversed(trainings)),
        )

    async def table(self) -> DutyTableShown:
        """``duty table``."""
        return showing.table()

    async def checklist(self) -> Checklist:
        """``duty checklist``."""
        return showing.checklist()

    async def _standing(self, project: Project) -> ProjectDuties:
        left_micro = (await self._budgets.get(project.id)).left_micro
        used = self._duties.used(project).inference_gflop
        requested = 0 if left_micro is None else used + left_micro
        return showing.project_duties(
            self._duties.facts(project, requested),
            self._duties.owed(project, requested),
            year_start_ms(project, self._clock.now_ms()),
        )


def _has_open(one: ProjectDuties) -> bool:
    return any(duty.state != "fulfilled" for duty in one.duties)
