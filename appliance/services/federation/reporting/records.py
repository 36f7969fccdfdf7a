"""From cells to the records of a batch. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Final

import msgspec

from appliance.domain.reporting import MadeRecord, Part, Sums
from appliance.domain.usage import PRICE_METHOD
from appliance.federation.protocol.bounds import MOST
from appliance.federation.protocol.chain import record_id
from appliance.federation.protocol.limits import LEAST_USERS, MESSAGE_BYTES, RECORDS
from appliance.federation.protocol.usage import UsageRecord
from appliance.policy.reporting.cells import Cell
from appliance.policy.reporting.suppressing import told_users
from appliance.trust.canonical import canonical

_FIRST_DAY: Final = date(1970, 1, 1)
_ROOM: Final = MESSAGE_BYTES * 3 // 4 - 4096
"""Bytes of records in one message: it is in base64, and says a few things more."""


def day_of(number: int) -> date:
    """Of days since 1970."""
    return _FIRST_DAY + timedelta(days=number)


@dataclass(frozen=True, slots=True)
class Written:
    """A record, and what it is about without its number."""

    record: UsageRecord
    same: str

    def made(self, part: Part) -> MadeRecord:
        """As it is kept."""
        text = msgspec.json.encode(self.record).decode()
        return MadeRecord(self.record.id, part.number, part.day, self.same, text)


def written(
    cells: Sequence[Cell], part: Part, *, box: str, epoch: int, first: Mapping[str, str]
) -> list[Written]:
    """The records of a part. ``first`` has the ids of records of the same day that were sent before: what
    comes later adjusts them.
    """
    found: list[Written] = []
    known = dict(first)
    for cell in cells:
        for sums in _bounded(cell.sums):
            one = _record(
                replace(cell, sums=sums), part, box=box, epoch=epoch, number=len(found), first=known
            )
            known.setdefault(one.same, one.record.id)
            found.append(one)
    return found


def divided(records: Sequence[Written]) -> Iterator[Sequence[Written]]:
    """As many of them as go into one batch, again and again."""
    chunk: list[Written] = []
    room = _ROOM
    for one in records:
        size = len(canonical(one.record)) + 1
        if chunk and (len(chunk) == RECORDS or size > room):
            yield chunk
            chunk, room = [], _ROOM
        chunk.append(one)
        room -= size
    yield chunk


def _record(
    cell: Cell, part: Part, *, box: str, epoch: int, number: int, first: Mapping[str, str]
) -> Written:
    ran, sums, day = cell.ran, cell.sums, day_of(part.day).isoformat()
    # The part's number is in the id: a record of a copied database is another one, one sent twice the same.
    same = _id(cell, day, box, 0, 0)
    record = UsageRecord(
        id=_id(cell, day, box, epoch, (part.number + number) % MOST),
        day=day,
        group=cell.group,
        purpose=cell.purpose,  # type: ignore[arg-type]
        model=ran.model,
        revision=ran.revision,
        file_sha256=ran.file_sha256,
        backend=ran.backend or "unknown",
        op=ran.op,
        lease=cell.lease,
        adjusts=first.get(same, ""),
        requests=sums.requests,
        failed=sums.failed,
        refused_budget=sums.refused_budget,
        refused_license=sums.refused_license,
        input_tokens=sums.input_tokens,
        cached_input_tokens=sums.cached_tokens,
        output_tokens=sums.output_tokens,
        gflop=gflop_of(sums.gflop, ran.method),
        flop_method=ran.method,
        credits_micro=sums.gflop,
        gpu_ms=sums.gpu_ms,
        wall_ms=sums.wall_ms,
        energy_mj=sums.energy_mj,
        money_micro=sums.money_micro,
        estimated_requests=sums.estimated,
        users=told_users(cell, LEAST_USERS),
        first_hour=cell.first_hour,
        last_hour=cell.last_hour,
    )
    return Written(record, same)


def gflop_of(amount: int, method: str) -> int:
    """What was computed here; what a model elsewhere cost is no compute of this box."""
    return 0 if method == PRICE_METHOD else amount


def _id(cell: Cell, day: str, box: str, epoch: int, number: int) -> str:
    ran = cell.ran
    return record_id(
        box=box,
        epoch=epoch,
        day=day,
        group=cell.group,
        purpose=cell.purpose,
        model=ran.model,
        revision=ran.revision,
        file_sha256=ran.file_sha256,
        backend=ran.backend or "unknown",
        op=ran.op,
        lease=cell.lease,
        number=number,
    )


def _bounded(sums: Sums) -> Iterator[Sums]:
    """What no JSON reader could take in one number is told in several records."""
    left: dict[str, int | None] = asdict(sums)
    while True:
        now = {name: value if value is None else min(value, MOST) for name, value in left.items()}
        yield Sums(**now)  # type: ignore[arg-type]
        left = {name: value if value is None else value - (now[name] or 0) for name, value in left.items()}
        if not any(left.values()):
            return
