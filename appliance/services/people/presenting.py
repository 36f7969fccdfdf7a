"""Persons, projects, members and keys as an operator is answered."""

from collections.abc import Sequence

from appliance.domain.people import ApiKey, Membership, Person, Project
from appliance.domain.results import (
    KeySummary,
    MemberList,
    MemberSummary,
    PersonSummary,
    ProjectSummary,
)
from appliance.services.people.directory import Directory


def key_summary(key: ApiKey, *, expired: bool) -> KeySummary:
    """Without its secret."""
    unrevoked = "expired" if expired else "active"
    return KeySummary(
        id=key.id,
        name=key.name,
        last4=key.last4,
        project=key.project_id,
        person=key.person_id,
        state=unrevoked if key.revoked_ms is None else "revoked",
        created_ms=key.created_ms,
        expires_ms=key.expires_ms,
        revoked_ms=key.revoked_ms,
        requests_per_minute=key.limits.requests_per_minute,
        tokens_per_minute=key.limits.tokens_per_minute,
        requests_per_day=key.limits.requests_per_day,
        running=key.limits.running,
        canary=key.canary,
    )


def person_summary(person: Person, there: Directory) -> PersonSummary:
    """With the ids of the projects that they belong to."""
    return PersonSummary(
        id=person.id,
        name=person.name,
        state=person_state(person),
        role=person.role.value,
        email=person.email,
        login=person.login,
        projects=tuple(one.project_id for one in there.projects_of(person.id)),
        created_ms=person.created_ms,
        ended_ms=person.ended_ms,
    )


def person_state(person: Person | None) -> str:
    """``active``, ``suspended`` or ``erased``."""
    if person is None or person.erased_ms is not None:
        return "erased"
    return "active" if person.ended_ms is None else "suspended"


def project_summary(project: Project, there: Directory, now_ms: int) -> ProjectSummary:
    """With how many belong to it."""
    return ProjectSummary(
        id=project.id,
        name=project.name,
        created_ms=project.created_ms,
        weight=project.weight,
        shares_prefixes=project.shares_prefixes,
        kind=project.kind,
        purpose=project.purpose,
        tags=project.tags,
        state=_project_state(project, now_ms),
        starts_ms=project.starts_ms,
        ends_ms=project.ends_ms,
        leads=tuple(there.leads(project.id)),
        members=len(there.members(project.id)),
    )


def member_summaries(memberships: Sequence[Membership], there: Directory) -> tuple[MemberSummary, ...]:
    """Each with the person's name."""
    return tuple(_member(one, there.person(one.person_id)) for one in memberships)


def member_list(project_id: str, there: Directory) -> MemberList:
    """Everybody in a project."""
    return MemberList(project=project_id, members=member_summaries(there.members(project_id), there))


def _member(one: Membership, person: Person | None) -> MemberSummary:
    return MemberSummary(
        project=one.project_id,
        person=one.person_id,
        name="" if person is None else person.name,
        part=one.part,
        state=person_state(person),
        since_ms=one.since_ms,
    )


def _project_state(project: Project, now_ms: int) -> str:
    if project.closed_ms is not None:
        return "closed"
    if project.starts_ms is not None and now_ms < project.starts_ms:
        return "not_begun"
    return "ended" if project.ends_ms is not None and now_ms >= project.ends_ms else "open"
