"""Records of use as lines for others: a spreadsheet, ACCESS AMIE."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Final

import msgspec

from appliance.federation.protocol.usage import UsageRecord
from appliance.policy.budget import credits_text
from appliance.policy.spreadsheets import csv_lines

_FIRST: Final = ("state",)
_COLUMNS: Final = tuple(UsageRecord.__struct_fields__)
_LAST: Final = ("credits",)


def as_csv(records: Sequence[tuple[str, UsageRecord]]) -> tuple[str, ...]:
    """Headings, then a line a record, each with its state in front."""
    rows = [
        (state, *(getattr(one, name) for name in _COLUMNS), credits_text(one.credits_micro))
        for state, one in records
    ]
    return csv_lines((*_FIRST, *_COLUMNS, *_LAST), rows)


def as_amie(records: Sequence[tuple[str, UsageRecord]]) -> tuple[str, ...]:
    """A usage record of ACCESS AMIE a line, in JSON. What corrects another is an adjustment; the user is the
    group, since nobody's name is known here.
    """
    return tuple(msgspec.json.encode(_amie(state, one)).decode() for state, one in records)


def _amie(state: str, one: UsageRecord) -> Mapping[str, object]:
    return {
        "UsageType": "Adjustment" if one.adjusts else "Compute",
        "LocalRecordID": one.id,
        "LocalProjectID": one.group,
        "Username": one.group,
        "Resource": one.model,
        "Charge": credits_text(one.credits_micro),
        "SubmitTime": _moment(one.day, one.first_hour),
        "StartTime": _moment(one.day, one.first_hour),
        "EndTime": _moment(one.day, one.last_hour, end=True),
        "Attributes": {
            "Queue": one.op,
            "Requests": one.requests,
            "InputTokens": one.input_tokens,
            "OutputTokens": one.output_tokens,
            "Gflop": one.gflop,
            "GpuMs": one.gpu_ms,
            "State": state,
        },
        **({"ParentRecordID": one.adjusts} if one.adjusts else {}),
    }


def _moment(day: str, hour: int, *, end: bool = False) -> str:
    at = datetime.combine(
        datetime.fromisoformat(day).date(), time(hour, 59 if end else 0, 59 if end else 0), UTC
    )
    return at.isoformat().replace("+00:00", "Z")
