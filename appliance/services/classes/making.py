"""Classes made, changed, listed and shown."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from itertools import count
from typing import Final, Protocol

import msgspec

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.classes import ClassMode, SchoolClass, SeatCaps
from appliance.domain.clock import Clock
from appliance.domain.enrolling import Founding
from appliance.domain.people import Project
from appliance.domain.results import ClassDetail, ClassList, Result
from appliance.errors import BadRequest, Conflict
from appliance.policy.classes.describing import Described, described, usual_end
from appliance.policy.classes.shape import check_class, check_lives, models_in, own_id, require_class_id
from appliance.services.classes.book import ClassBook
from appliance.services.classes.changing import Changing
from appliance.services.classes.details import ClassDetails
from appliance.services.classes.enrolling import NO_LIST, Enrolling
from appliance.services.classes.ports import Classes
from appliance.services.classes.recapping import Recapping
from appliance.services.classes.rostering import remarks
from appliance.services.labels import require_label
from appliance.services.people.directory import Directory

COURSE: Final = "course"


class Models(Protocol):
    """What names mean, and what runs."""

    def ids(self, names: Sequence[str]) -> tuple[str, ...]:
        """As they are served, with their forms. Raises ``ModelNotFound``."""
        ...

    def running(self) -> tuple[str, ...]:
        """What answers now."""
        ...


class Making:
    """Answers ``class new|set|list|show``. ``zone`` is the box's own; None is that of the machine."""

    def __init__(
        self,
        *,
        classes: Classes,
        book: ClassBook,
        directory: Directory,
        enrolling: Enrolling,
        changing: Changing,
        recapping: Recapping,
        details: ClassDetails,
        models: Models,
        clock: Clock,
        zone: tzinfo | None = None,
    ) -> None:
        self._classes = classes
        self._book = book
        self._directory = directory
        self._enrolling = enrolling
        self._changing = changing
        self._recapping = recapping
        self._details = details
        self._models = models
        self._clock = clock
        self._zone = zone

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {
            "class.new": self.new,
            "class.set": self.change,
            "class.list": self.show_all,
            "class.show": self.show,
        }

    async def new(
        self,
        *,
        name: str,
        project: str | None = None,
        roster: str | None = None,
        title: str | None = None,
        mode: ClassMode | None = None,
        models: str | None = None,
        seat_tokens: int | None = None,
        seat_running: int | None = None,
        seat_requests_per_min: int | None = None,
        seat_tokens_per_min: int | None = None,
        starts: str | None = None,
        ends: str | None = None,
        minutes: int | None = None,
        grace_min: int | None = None,
        guests: int | None = None,
        networks: str | None = None,
        seed: int | None = None,
        actor: Actor,
    ) -> ClassDetail:
        """Make one, with whoever is in its list. Raises ``BadRequest``, ``Conflict``, ``NotFound``,
        ``ModelNotFound``.
        """
        said = Described(
            _label(title),
            mode,
            self._models.running() if models is None else self._ids(models),
            seat_tokens,
            seat_running,
            seat_requests_per_min,
            seat_tokens_per_min,
            starts,
            ends,
            minutes,
            grace_min,
            guests,
            networks,
            seed,
        )
        class_id = require_class_id(name)
        async with self._enrolling.alone():
            course = self._course(project, class_id, said.title)
            class_id = self._own_id(class_id, course.id, actor)
            lesson = self._fresh(class_id, course, said, actor)
            read = NO_LIST
            if roster is not None:
                read = await self._enrolling.read(class_id, course.id, roster, actor)
            await self._classes.add(Founding(lesson, read.enrolment, course if project is None else None))
            self._directory.put_project(course)
            self._book.put_class(lesson)
            self._enrolling.tell(read.enrolment)
        made = await self._details.of(lesson)
        return msgspec.structs.replace(made, warnings=(*made.warnings, *remarks(read)))

    async def change(
        self,
        *,
        name: str,
        project: str | None = None,
        title: str | None = None,
        mode: ClassMode | None = None,
        models: str | None = None,
        seat_tokens: int | None = None,
        seat_running: int | None = None,
        seat_requests_per_min: int | None = None,
        seat_tokens_per_min: int | None = None,
        starts: str | None = None,
        ends: str | None = None,
        minutes: int | None = None,
        grace_min: int | None = None,
        guests: int | None = None,
        networks: str | None = None,
        seed: int | None = None,
    ) -> ClassDetail:
        """Set what is given; its keys have other caps and another end at once. Raises ``NotFound``,
        ``BadRequest``, ``Conflict``, ``ModelNotFound``.
        """
        said = Described(
            _label(title),
            mode,
            None if models is None else self._ids(models),
            seat_tokens,
            seat_running,
            seat_requests_per_min,
            seat_tokens_per_min,
            starts,
            ends,
            minutes,
            grace_min,
            guests,
            networks,
            seed,
        )
        changed = await self._changing.change(
            name, project, lambda lesson: self._changed(lesson, said), self._recapping.of
        )
        self._recapping.tell(changed)
        return await self._details.of(changed)

    async def show_all(self, *, project: str | None = None, all: bool = False) -> ClassList:
        """The newest first; those that are over only with ``all``. Raises ``NotFound``."""
        if project is not None:
            self._directory.require_project(project)
        now_ms = self._clock.now_ms()
        found = [
            one
            for one in self._book.all()
            if project in {None, one.project_id} and (all or one.state(now_ms) != "over")
        ]
        return ClassList(classes=tuple(self._details.line(one) for one in reversed(found)))

    async def show(self, *, name: str, project: str | None = None) -> ClassDetail:
        """One of them. Raises ``NotFound``."""
        return await self._details.of(self._book.require(name, project))

    def _ids(self, models: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._models.ids(models_in(models))))

    def _course(self, project: str | None, class_id: str, title: str | None) -> Project:
        """That of this id, or a new one of the class's."""
        if project is None:
            if self._directory.project(class_id) is not None:
                raise Conflict(
                    f"A project `{class_id}` exists. Say `--project {class_id}` for a class in it, or choose "
                    "another id.",
                    param="name",
                )
            return Project(class_id, title or class_id, self._clock.now_ms(), kind=COURSE)
        found = self._directory.require_project(project)
        if found.kind != COURSE:
            raise BadRequest(
                f"Project `{project}` is of kind {found.kind}, and classes are in courses. Who runs the box "
                f"changes that: `carrel project set {project} --kind course`.",
                param="project",
            )
        return found

    def _own_id(self, class_id: str, project: str, actor: Actor) -> str:
        """Classes of other projects are not there for a lead: whoever has the id of one gets another."""
        taken = self._book.find(class_id)
        if taken is None:
            return class_id
        if actor.permission is not Permission.LEAD or taken.project_id == project:
            raise Conflict("A class of this id exists. Choose another id.", param="name")
        return next(one for number in count(2) if self._book.find(one := own_id(class_id, number)) is None)

    def _fresh(self, class_id: str, course: Project, said: Described, actor: Actor) -> SchoolClass:
        now_ms = self._clock.now_ms()
        plain = SchoolClass(
            id=class_id,
            project_id=course.id,
            title=class_id,
            mode="open",
            models=(),
            caps=SeatCaps(),
            ends_ms=usual_end(now_ms),
            created_ms=now_ms,
            created_by=actor.known_as,
        )
        made = described(plain, said, now_ms, self._zone)
        check_class(made, now_ms)
        _check_course(made, course)
        return made

    def _changed(self, lesson: SchoolClass, said: Described) -> SchoolClass:
        check_lives(lesson)
        now_ms = self._clock.now_ms()
        changed = described(lesson, said, now_ms, self._zone)
        if changed.mode != lesson.mode and lesson.opened_ms is not None:
            raise Conflict("A class that was opened keeps its mode. Make another one.", param="mode")
        if lesson.frozen and (changed.models != lesson.models or changed.seed != lesson.seed):
            raise Conflict(
                "This exam was opened, so its models and its seed stay as they are. Make another one.",
                param="models",
            )
        check_class(changed, now_ms)
        _check_course(changed, self._directory.require_project(lesson.project_id))
        return replace(changed, address=lesson.address)


def _check_course(lesson: SchoolClass, course: Project) -> None:
    if course.ends_ms is not None and lesson.ends_ms > course.ends_ms:
        raise BadRequest(
            f"Course `{course.id}` ends before the class does. Say an earlier `--ends`, or ask who runs the "
            "box to give the course more time.",
            param="ends",
        )


def _label(title: str | None) -> str | None:
    return None if title is None else require_label(title, "title")
