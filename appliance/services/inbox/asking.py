"""People who ask for something: access, budget. Pure."""

from collections.abc import Iterable, Iterator

from appliance.domain.access import Application
from appliance.domain.adjustment import BudgetRequest
from appliance.domain.allocation import Scope
from appliance.domain.inbox import Kind, Urgency
from appliance.domain.results import InboxRow
from appliance.policy.budget import credits_text
from appliance.services.inbox.rows import row, said


def applications(waiting: Iterable[Application]) -> Iterator[InboxRow]:
    """Those that nobody has decided on."""
    for one in waiting:
        wanted = one.model or f"models of tier {one.tier}"
        yield row(
            Kind.APPLICATION,
            one.id,
            f"{one.person_id} of {one.project_id} applies for {wanted}: {said(one.intended_use)}",
            urgency=Urgency.SOON,
            action="access.decide",
            given={"id": one.id},
            since_ms=one.applied_ms,
            project=one.project_id,
            person=one.person_id,
        )


def budget_requests(waiting: Iterable[BudgetRequest]) -> Iterator[InboxRow]:
    """Those that nobody has decided on."""
    for one in waiting:
        whose = "the whole project" if one.scope is Scope.PROJECT else "themselves"
        yield row(
            Kind.BUDGET_REQUEST,
            one.id,
            f"{one.person_id} of {one.project_id} asks for {credits_text(one.micro)} credits more for "
            f"{whose}: {said(one.reason)}",
            urgency=Urgency.SOON,
            action="budget.decide",
            given={"id": one.id},
            since_ms=one.created_ms,
            project=one.project_id,
            person=one.person_id,
        )
