"""A class list taken in: everybody in it belongs to the project afterward, and may have a key there."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from appliance.domain.clock import Clock
from appliance.domain.people import Intake, Membership, Part
from appliance.domain.results import Result, RosterImport, RosterLine
from appliance.policy.rosters.planning import Known, Step, plan
from appliance.policy.rosters.reading import read_roster
from appliance.services.people.directory import Directory
from appliance.services.people.issuing import IssuedKey, Issuer
from appliance.services.people.key_ring import KeyRing


class Rosters(Protocol):
    """Where all of it is remembered at once."""

    async def take_in(self, intake: Intake) -> None:
        """Raises ``Conflict`` where an id was taken meanwhile."""
        ...


class ImportService:
    """Answers ``person import``."""

    def __init__(
        self, *, rosters: Rosters, directory: Directory, issuer: Issuer, ring: KeyRing, clock: Clock
    ) -> None:
        self._rosters = rosters
        self._directory = directory
        self._issuer = issuer
        self._ring = ring
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"person.import": self.take_in}

    async def take_in(
        self,
        *,
        file: str,
        project: str,
        part: Part = "member",
        key: bool = False,
        expires_days: int | None = None,
        keep_email: bool = False,
        dry_run: bool = False,
    ) -> RosterImport:
        """Whatever can be taken in is; each line that cannot says why. The same list again changes nothing.

        Raises ``BadRequest`` for what is no class list, ``NotFound``, ``Conflict``.
        """
        self._directory.require_project(project)
        # Thousands of lines take a tenth of a second, in which streams would stand still.
        roster = await asyncio.to_thread(read_roster, file)
        now_ms = self._clock.now_ms()
        steps = plan(roster, self._known(project), part=part, keep_email=keep_email, now_ms=now_ms)
        keys = self._keys(steps, project, expires_days) if key else {}
        if not dry_run:
            await self._write(steps, project, list(keys.values()))
        return _told(project, roster.form, dry_run, steps, keys)

    def _known(self, project: str) -> Known:
        there = self._directory
        return Known(
            person=there.person,
            part=lambda person: there.part(project, person),
            elsewhere=lambda person: any(one.project_id != project for one in there.projects_of(person)),
        )

    def _keys(self, steps: Sequence[Step], project: str, expires_days: int | None) -> Mapping[str, IssuedKey]:
        """By person: for each who has none in this project."""
        return {
            step.person.id: self._issuer.issue(
                name=step.person.id, person=step.person.id, project=project, expires_days=expires_days
            )
            for step in steps
            if step.person is not None and not self._ring.of(step.person.id, project)
        }

    async def _write(self, steps: Sequence[Step], project: str, keys: Sequence[IssuedKey]) -> None:
        now_ms, there = self._clock.now_ms(), self._directory
        people = [step.person for step in steps if step.person is not None]
        members = [
            Membership(project, step.person.id, step.part, now_ms)
            for step in steps
            if step.person is not None and step.part is not None
        ]
        intake = Intake(
            new=[one for one in people if there.person(one.id) is None],
            changed=[one for one in people if there.person(one.id) not in {None, one}],
            members=members,
            keys=[(made.key, made.digest) for made in keys],
        )
        await self._rosters.take_in(intake)
        for person in (*intake.new, *intake.changed):
            there.put_person(person)
        for membership in members:
            there.put_member(membership)
        for made in keys:
            self._ring.put(made.digest, made.key)


def _told(
    project: str, form: str, dry_run: bool, steps: Sequence[Step], keys: Mapping[str, IssuedKey]
) -> RosterImport:
    lines = tuple(_line(step, None if dry_run else keys) for step in steps)
    outcomes = [step.outcome for step in steps]
    return RosterImport(
        project=project,
        form=form,
        dry_run=dry_run,
        whole="problem" not in outcomes,
        lines=lines,
        new=outcomes.count("new"),
        joined=outcomes.count("joins"),
        changed=outcomes.count("changed"),
        present=outcomes.count("present"),
        skipped=outcomes.count("skipped"),
        problems=outcomes.count("problem"),
        keys=len(keys),
    )


def _line(step: Step, keys: Mapping[str, IssuedKey] | None) -> RosterLine:
    made = (keys or {}).get(step.person.id) if step.person is not None else None
    return RosterLine(
        line=step.line,
        outcome=step.outcome,
        person="" if step.person is None else step.person.id,
        name="" if step.person is None else step.person.name,
        why=step.why,
        key="" if made is None else made.secret,
        key_id="" if made is None else made.key.id,
    )
