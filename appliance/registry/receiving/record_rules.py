"""What the shape of a batch alone does not say: days that are days, and corrections of what is there. It
knows no IO.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

from appliance.federation.protocol.limits import SKEW_S
from appliance.federation.protocol.replies import Refused
from appliance.federation.protocol.usage import UsageBatch
from appliance.registry.store.amounts import amounts_of

_MOST_DAYS: Final = 400


def check_days(batch: UsageBatch, now_s: int) -> None:
    """Raises ``Refused``: ``schema``, ``bad-time`` for a day that has not begun."""
    first, last = _day(batch.first_day), _day(batch.last_day)
    today = datetime.fromtimestamp(now_s + SKEW_S, UTC).date()
    if last > today:
        raise Refused("bad-time", "This batch is about a day that has not begun.")
    if not 0 <= (last - first).days < _MOST_DAYS:
        raise Refused("schema", "The days of the batch are in the wrong order, or too many.")
    for day in {record.day for record in batch.records}:
        if not first <= _day(day) <= last:
            raise Refused("schema", "A record is of a day that the batch does not name.")


def check_records(batch: UsageBatch, known: Mapping[str, str]) -> None:
    """``known``: the models of records of these days that are here, by id. Raises ``Refused``
    (``schema``).
    """
    models = {record.id: record.model for record in batch.records}
    if len(models) != len(batch.records):
        raise Refused("schema", "Two records of the batch have one id.")
    for record in batch.records:
        base = models.get(record.adjusts) or known.get(record.adjusts)
        if record.adjusts and base != record.model:
            raise Refused("schema", "A correction is about a record that is not here.")
        if not record.adjusts and amounts_of(record).is_below_zero:
            raise Refused("schema", "Only a correction may be below zero.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("schema", "A day is none of the calendar.") from None
