"""The rows of applications and of requests for more budget. Pure."""

from collections.abc import Iterable
from typing import Final

from appliance.client.presenting.budgets import amount
from appliance.domain.results import ApplicationSummary, BudgetRequestState
from tui.parts.cells import cell, clock, duration
from tui.parts.rows import Row
from tui.parts.widths import Column

APPLICATIONS: Final = (
    Column("WAITS", 9),
    Column("PERSON", share=2, least=8),
    Column("PROJECT", share=2, from_width=56),
    Column("FOR", share=3),
    Column("TIER", 10, from_width=66),
    Column("INTENDED USE", share=4, from_width=48),
)
ASKS: Final = (
    Column("SINCE", 16, from_width=56),
    Column("PERSON", share=2, least=8),
    Column("PROJECT", share=2),
    Column("FOR", 7, from_width=64),
    Column("CREDITS", 9, right=True),
    Column("WHY", share=4, from_width=40),
)


def application_rows(found: Iterable[ApplicationSummary]) -> list[Row]:
    """One row an application, in the order of the box: the oldest first."""
    return [
        Row(
            one.id,
            (
                cell(duration(one.waiting_s), "warn"),
                cell(one.person),
                cell(one.project),
                cell(one.model or f"tier {one.tier}"),
                cell(one.tier),
                cell(one.intended_use),
            ),
            one,
        )
        for one in found
    ]


def ask_rows(found: Iterable[BudgetRequestState]) -> list[Row]:
    """One row a request, the oldest first."""
    return [
        Row(
            one.id,
            (
                cell(clock(one.created_ms)),
                cell(one.person),
                cell(one.project),
                cell(one.scope),
                cell(amount(one.micro)),
                cell(one.reason),
            ),
            one,
        )
        for one in sorted(found, key=lambda one: one.created_ms)
    ]
