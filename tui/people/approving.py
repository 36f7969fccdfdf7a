"""What a reviewer reads before they decide: the request in full, and what an approval will record. Pure."""

from typing import Final

from appliance.client.presenting.budgets import amount
from appliance.client.presenting.cells import day
from appliance.domain.amounts import duration
from appliance.domain.results import ApplicationSummary, BudgetRequestState, ProjectSummary
from tui.parts.facts import Fact

USUAL_DAYS: Final = 180
"""A grant's, where neither the applicant nor the reviewer says."""


def application_pairs(one: ApplicationSummary, project: ProjectSummary | None) -> list[Fact]:
    """All of an application, then what approving it does."""
    return [
        ("application", one.id),
        ("waits for", one.waits_for or "nobody: it is decided"),
        ("asks for", f"{one.model} (tier {one.tier})" if one.model else f"every model up to tier {one.tier}"),
        ("person", f"{one.person}, of project {one.project}"),
        ("affiliation", one.affiliation),
        ("project does", one.purpose or "does not say"),
        ("intended use", one.intended_use),
        ("publications", one.publications or "none named"),
        ("agreed to", f"text {one.agreement_sha256[:12]}"),
        ("applied", f"{day(one.applied_ms)} UTC, {duration(one.waiting_s)} ago"),
        ("approval records", records(one)),
        ("who may decide", self_approval(one, project)),
    ]


def records(one: ApplicationSummary) -> str:
    """What an approval writes down."""
    what = one.model or f"all models up to tier {one.tier}"
    days = one.days or USUAL_DAYS
    return (
        f"a grant of {what} to project {one.project} for {days} days or those that you give, your name, your "
        "conditions, and your reason, which the applicant reads"
    )


def self_approval(one: ApplicationSummary, project: ProjectSummary | None) -> str:
    """When a decision counts as one about oneself."""
    if project is not None and project.members <= 1:
        return (
            f"{one.person} is the only one of the project: if that is you, another reviewer decides; where "
            "the box has none, the grant is marked as self-approved"
        )
    return f"any reviewer but {one.person}; where the box has no other, the grant is marked as self-approved"


def budget_pairs(one: BudgetRequestState) -> list[Fact]:
    """All of a request for more."""
    given = f"{amount(one.micro)} credits or those that you give"
    whose = f"project {one.project}" if one.scope == "project" else f"{one.person} in project {one.project}"
    return [
        ("request", one.id),
        ("waits for", one.waits_for or "nobody: it is decided"),
        ("more for", whose),
        ("asked by", one.person),
        ("credits", amount(one.micro)),
        ("why", one.reason),
        ("asked", f"{day(one.created_ms)} UTC"),
        (
            "approval records",
            f"{given}, added to the limit of {whose}, your name, and your reason, which whoever asked reads",
        ),
    ]
