"""Answers ``early …``: a model for a named group of a few dozen, until a day."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from appliance.domain.access import EarlyStage
from appliance.domain.clock import Clock
from appliance.domain.people import DEFAULT_ID
from appliance.domain.results import EarlyList, EarlySummary, Result
from appliance.errors import BadRequest, NotFound, NotPermitted
from appliance.services.access.early import EarlyBook
from appliance.services.access.ports import Catalog, Directory, Service

DAY_MS: Final = 86_400_000


class EarlyService:
    """Whoever is not in the group is refused at once; whoever leaves it is ended at once."""

    def __init__(
        self, book: EarlyBook, catalog: Catalog, directory: Directory, service: Service, clock: Clock
    ) -> None:
        self._book = book
        self._catalog = catalog
        self._directory = directory
        self._service = service
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "early.start": self.start,
            "early.add": self.add,
            "early.drop": self.drop,
            "early.end": self.end,
            "early.list": self.show_all,
        }

    async def start(self, *, model: str, days: int, most: int) -> EarlyList:
        """``early start``; of a stage that runs already its end and its bound are set anew. Raises
        ``ModelNotFound``, ``BadRequest``, ``StorageUnavailable``.
        """
        recipe, _ = self._catalog.find(model)
        before = self._book.of(recipe.id)
        people = () if before is None else before.people
        if len(people) > most:
            raise BadRequest(
                f"{len(people)} people are in the group; take some out with `carrel early drop` before.",
                param="most",
            )
        stage = EarlyStage(recipe.id, most, self._clock.now_ms() + days * DAY_MS, people)
        await self._book.put(stage)
        if before is None:
            self._service.end_requests(recipe.id, _not_in_group(recipe.id))
        return self._shown(stage)

    async def add(self, *, model: str, person: str | None = None, project: str | None = None) -> EarlyList:
        """``early add``: one person, or everybody who belongs to a project now. Raises ``NotFound``,
        ``BadRequest``, ``NotPermitted`` where the group would grow too large.
        """
        stage = self._require(model)
        more = [one for one in self._people(person, project) if one not in stage.people]
        if len(stage.people) + len(more) > stage.most:
            raise NotPermitted(
                f"The group of {stage.model} may have {stage.most} people and would have "
                f"{len(stage.people) + len(more)}. Take somebody out with `carrel early drop`, or raise it "
                f"with `carrel early start {stage.model} --days N --most N`, to 50 at most.",
                rule="early",
                waits_for="operator",
            )
        grown = replace(stage, people=(*stage.people, *more))
        await self._book.put(grown)
        return self._shown(grown)

    async def drop(self, *, model: str, person: str | None = None, project: str | None = None) -> EarlyList:
        """``early drop``: their requests to the model end. Raises ``NotFound``, ``BadRequest``."""
        stage = self._require(model)
        gone = [one for one in self._people(person, project) if one in stage.people]
        left = replace(stage, people=tuple(one for one in stage.people if one not in gone))
        self._book.shrink(left)
        for one in gone:
            self._service.end_requests(stage.model, _not_in_group(stage.model), holder=one)
        await self._book.put(left)
        return self._shown(left)

    async def end(self, *, model: str) -> EarlyList:
        """``early end``: from now on the model is for everybody whom its tier admits. Raises ``NotFound``."""
        await self._book.end(self._require(model).model)
        return await self.show_all()

    async def show_all(self) -> EarlyList:
        """``early list``."""
        return self._shown(*self._book.stages)

    def _require(self, model: str) -> EarlyStage:
        found = self._book.of(model.partition("@")[0])
        if found is None:
            raise NotFound(
                f"{model} is not in early access. `carrel early start {model} --days N` begins it.",
                param="model",
            )
        return found

    def _people(self, person: str | None, project: str | None) -> Sequence[str]:
        if (person is None) == (project is None):
            raise BadRequest("Name either a person or a project, whose members are meant.", param="person")
        if person is not None:
            if person == DEFAULT_ID or self._directory.person(person) is None:
                raise NotFound("No person has this id. `carrel person list` shows them all.", param="person")
            return [person]
        found = [one.person_id for one in self._directory.members(project or "")]
        if not found:
            raise NotFound(
                "Nobody belongs to a project of this id. `carrel project list` shows them all.",
                param="project",
            )
        return found

    def _shown(self, *stages: EarlyStage) -> EarlyList:
        now_ms = self._clock.now_ms()
        return EarlyList(
            stages=tuple(
                EarlySummary(
                    model=one.model,
                    most=one.most,
                    until_ms=one.until_ms,
                    people=one.people,
                    state="over" if one.until_ms <= now_ms else "runs",
                )
                for one in stages
            )
        )


def _not_in_group(model: str) -> NotPermitted:
    return NotPermitted(
        f"{model} is in early access for a named group that you are not in, so your requests to it end. Ask "
        "who runs the box: `carrel early list` shows the group.",
        rule="early",
        waits_for="operator",
    )
