"""Everything an operator can do, as one table.

CLI verbs, admin routes and (later) screens are generated from ``ACTIONS``; services bind a handler to every
action of ``Place.GATEWAY`` and the command line to every one of ``Place.LOCAL``. Nobody writes a verb by
hand: to add one, add a row in the file of its noun, a result in ``domain.results`` and a handler.
"""

from typing import Final

from appliance.domain.action import Action
from appliance.domain.actions import (
    access,
    alerts,
    audit,
    batches,
    box,
    budgets,
    bundles,
    catalogs,
    classes,
    downloads,
    duties,
    federation,
    finding,
    gpus,
    inbox,
    keys,
    lending,
    licenses,
    measuring,
    models,
    offline,
    oversight,
    people,
    privacy,
    projects,
    recipes,
    registry,
    reports,
    restrictions,
    samples,
    settings,
    sharing,
    upstreams,
    usage,
    usage_reports,
)

ACTIONS: Final[tuple[Action, ...]] = (
    *box.ACTIONS,
    *inbox.ACTIONS,
    *finding.ACTIONS,
    *settings.ACTIONS,
    *offline.ACTIONS,
    *people.ACTIONS,
    *projects.ACTIONS,
    *keys.ACTIONS,
    *budgets.ACTIONS,
    *classes.ACTIONS,
    *usage.ACTIONS,
    *sharing.STATEMENTS,
    *models.ACTIONS,
    *downloads.ACTIONS,
    *batches.ACTIONS,
    *licenses.ACTIONS,
    *access.ACTIONS,
    *duties.ACTIONS,
    *gpus.ACTIONS,
    *measuring.ACTIONS,
    *recipes.ACTIONS,
    *catalogs.ACTIONS,
    *bundles.ACTIONS,
    *federation.ACTIONS,
    *usage_reports.ACTIONS,
    *oversight.ACTIONS,
    *samples.ACTIONS,
    *reports.ACTIONS,
    *alerts.ACTIONS,
    *sharing.ACTIONS,
    *lending.ACTIONS,
    *upstreams.ACTIONS,
    *restrictions.ACTIONS,
    *audit.ACTIONS,
    *privacy.ACTIONS,
    *registry.ACTIONS,
)


def action(name: str) -> Action:
    """The action of that name. Raises ``KeyError`` for a name that is not in the table."""
    return _BY_NAME[name]


_BY_NAME: Final = {one.name: one for one in ACTIONS}
