"""The tripwires as this box has them: those of Carrel and of packs, as the lab set them; and what projects
declared about their use.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.oversight import DeclaredPattern, WireSetting
from appliance.errors import NotFound
from appliance.policy.packs.matching import PackSet
from appliance.policy.packs.pack import Pack, joined
from appliance.policy.tripwires.wires import WIRES, Wire, as_set, declared_by_kind, explanation
from appliance.services.oversight.pack_files import PackFault
from appliance.services.oversight.ports import Directory, Wires

LabPacks = Callable[[], tuple[Sequence[Pack], Sequence[PackFault]]]


class Tripwires:
    """``on`` are those that count; ``patterns`` look for packs."""

    def __init__(self, table: Wires, release: Sequence[Pack], clock: Clock) -> None:
        self._table = table
        self._release: Final = tuple(release)
        self._clock = clock
        self._settings: dict[str, WireSetting] = {}
        self._declared: dict[str, dict[str, DeclaredPattern]] = {}
        self.packs: Sequence[Pack] = ()
        self.faults: Sequence[PackFault] = ()
        self.all: Mapping[str, Wire] = {}
        self.on: Mapping[str, Wire] = {}
        self.patterns = PackSet(())

    async def load(self, lab: Sequence[Pack] = (), faults: Sequence[PackFault] = ()) -> None:
        """Learn what is on the disk. Raises ``StorageUnavailable``."""
        self._settings = {one.wire: one for one in await self._table.settings()}
        for one in await self._table.declared():
            self._declared.setdefault(one.project_id, {})[one.pattern] = one
        self.take_packs(lab, faults)

    def take_packs(self, lab: Sequence[Pack], faults: Sequence[PackFault]) -> None:
        """The lab's packs are these now."""
        self.packs, self.faults = joined(self._release, lab), faults
        self.patterns = PackSet(self.packs)
        self._join()

    def wire(self, id: str) -> Wire:
        """Raises ``NotFound``."""
        if id not in self.all:
            raise NotFound("There is no such tripwire. `carrel tripwire list` shows them.", param="wire")
        return self.all[id]

    def setting(self, wire: str) -> WireSetting:
        """What the lab set of a wire."""
        return self._settings.get(wire, WireSetting(wire))

    async def set(self, setting: WireSetting) -> None:
        """Counts at once. Raises ``StorageUnavailable``."""
        await self._table.set(setting)
        self._settings[setting.wire] = setting
        self._join()

    def declared(self, project_id: str | None = None) -> list[DeclaredPattern]:
        """What was declared and holds now, of one project or of all."""
        now_ms = self._clock.now_ms()
        projects = self._declared if project_id is None else {project_id}
        every = (one for project in projects for one in self._declared.get(project, {}).values())
        return [one for one in every if one.until_ms is None or now_ms < one.until_ms]

    async def declare(self, one: DeclaredPattern) -> None:
        """Holds at once. Raises ``StorageUnavailable``."""
        await self._table.declare(one)
        self._declared.setdefault(one.project_id, {})[one.pattern] = one

    async def forget(self, project_id: str, pattern: str) -> None:
        """Raises ``NotFound``, ``StorageUnavailable``."""
        if all(one.pattern != pattern for one in self.declared(project_id)):
            raise NotFound("The project has not declared this. `carrel tripwire list` shows what it has.")
        await self._table.forget(project_id, pattern, self._clock.now_ms())
        self._declared[project_id].pop(pattern, None)

    def _join(self) -> None:
        every = (*WIRES, *(pack.wire for pack in self.packs))
        self.all = {wire.id: as_set(wire, self._settings.get(wire.id)) for wire in every}
        self.on = {name: wire for name, wire in self.all.items() if wire.on}


class Explaining:
    """Which declared pattern explains that a project touches a wire."""

    def __init__(self, tripwires: Tripwires, directory: Directory) -> None:
        self._tripwires = tripwires
        self._directory = directory

    def explained_by(self, wire: Wire, project_id: str) -> str:
        """Empty: none does."""
        project = self._directory.project(project_id)
        by_kind = declared_by_kind(project.kind) if project is not None else ()
        return explanation(wire, (*(one.pattern for one in self._tripwires.declared(project_id)), *by_kind))
