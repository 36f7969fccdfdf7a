"""How much was used, by whom, of what: from the sums that are kept with each report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from appliance.registry.operating.office import Office
from appliance.registry.store import uses
from appliance.registry.store.uses import UseSum

Grouping = Literal["institution", "model", "day", "box"]
EVERY: Final = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """UTC days, both within it; empty: no bound. ``institution`` and ``model`` narrow it down."""

    by: Grouping
    since: str = EVERY
    until: str = EVERY
    institution: str = EVERY
    model: str = EVERY


def show_usage(office: Office, asked: Asked) -> Sequence[UseSum]:
    """Most used first; by day, in their order."""
    with office.database.reading() as session:
        found = uses.sums(
            session,
            asked.by,
            since=asked.since,
            until=asked.until,
            institution=asked.institution,
            model=asked.model,
        )
    return found if asked.by == "day" else sorted(found, key=lambda one: -one.amounts.credits_micro)
