"""Gives a box what waits for it, and takes its word that it has it."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.kinds import BUDGET, RECEIVED, SYNC
from appliance.federation.protocol.shapes import STATEMENTS
from appliance.federation.protocol.statements import BudgetClaims
from appliance.registry.about import About
from appliance.registry.identifiers import new_id
from appliance.registry.leasing.issuing import day_of
from appliance.registry.leasing.statuses import StatusLists
from appliance.registry.receiving.ports import Handled, Incoming, Saying
from appliance.registry.store import boxes, budgets, mailbox
from appliance.registry.store.boxes import Box
from appliance.registry.store.database import Session
from appliance.registry.store.mailbox import Waiting

_MOST: Final = 200
_MOST_BYTES: Final = 500_000
"""Of what is signed; what is left comes with the next sync."""


class Syncing:
    """Each time: the status list, the budget, and the oldest of what waits."""

    kind = SYNC
    repeatable = True

    def __init__(self, about: About, lists: StatusLists) -> None:
        self._about = about
        self._lists = lists

    def handle(self, session: Session, incoming: Incoming) -> Handled:
        """Never refuses."""
        _note(session, incoming)
        items = _fitting(mailbox.waiting(session, incoming.box.number, _MOST))
        mailbox.sent(session, [item.id for item in items], incoming.now_s)
        sayings = [_renewed(item, incoming.box, incoming.now_s) for item in items]
        return Handled(
            statements=(*self._budget(session, incoming), *sayings),
            signed=(self._lists.newest(session, incoming.now_s),),
        )

    def _budget(self, session: Session, incoming: Incoming) -> tuple[Saying, ...]:
        budget = budgets.on(session, incoming.box.number, day_of(incoming.now_s))
        if budget is None:
            return ()
        claims = BudgetClaims(
            iss=self._about.name,
            sub=incoming.box.id,
            jti=new_id("bud"),
            iat=incoming.now_s,
            first_day=budget.first_day,
            last_day=budget.last_day,
            limit_micro=budget.limit_micro,
            reported_micro=budgets.reported_micro(session, budget),
        )
        return (Saying(BUDGET, claims),)


class Receiving:
    """What a box has need not be sent again."""

    kind = RECEIVED
    repeatable = True

    def handle(self, session: Session, incoming: Incoming) -> Handled:
        """Never refuses: what is not this box's stays as it is."""
        mailbox.received(session, incoming.box.number, incoming.message.items, incoming.now_s)
        return Handled()


def _note(session: Session, incoming: Incoming) -> None:
    if incoming.message.software:
        boxes.set_software(session, incoming.box.number, incoming.message.software)
    if incoming.clock_off_s is not None:
        boxes.set_clock(session, incoming.box.number, incoming.clock_off_s)


def _fitting(items: Sequence[Waiting]) -> list[Waiting]:
    chosen: list[Waiting] = []
    left = _MOST_BYTES
    for item in items:
        left -= len(item.body)
        if chosen and left < 0:
            break
        chosen.append(item)
    return chosen


def _renewed(item: Waiting, box: Box, now_s: int) -> Saying:
    """Said now, and for the key that the box has now."""
    statement: Any = msgspec.json.decode(item.body, type=STATEMENTS[item.kind])
    changed: dict[str, object] = {"iat": now_s}
    if hasattr(statement, "cnf"):
        changed["cnf"] = Confirmation(box.key)
    return Saying(item.kind, msgspec.structs.replace(statement, **changed))
