"""Rows of spot checks. What they say of the request itself is the ledger's row, which they point to."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.people import DEFAULT_ID
from appliance.domain.samples import LedgerLine, Sample, Taken, Verdict
from appliance.errors import Conflict, NotFound
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_HOLDER: Final = f"CASE WHEN usage.person_id = '{DEFAULT_ID}' THEN usage.key_id ELSE usage.person_id END"
_TAKE: Final = """
INSERT INTO sample (id, request_id, tier, kind, purpose, consents, taken_ms)
SELECT :id, request_id, :tier, :kind, :purpose, :consents, :taken_ms
FROM usage WHERE request_id = :request_id AND outcome <> 'held' AND kind = 'inference'
ON CONFLICT (request_id) DO NOTHING
"""
_SEAL: Final = """
INSERT INTO sealed (owner, key_id, jwe, until_ms) VALUES (:owner, :key_id, :jwe, :until_ms)
"""
_ROWS: Final = f"""
SELECT sample.*, {_HOLDER} AS holder, usage.person_id, usage.key_id, usage.project_id,
    usage.model_id, usage.outcome, usage.prompt_tokens, usage.completion_tokens,
    usage.started_ms, usage.ended_ms,
    (SELECT group_concat(key_id) FROM sealed WHERE owner = sample.id) AS keys
FROM sample JOIN usage ON usage.request_id = sample.request_id
"""  # noqa: S608  # nosec B608 - nothing of it comes from outside
_PAGE: Final = f"""
{_ROWS} WHERE (:open = 0 OR sample.verdict IS NULL)
    AND (:project IS NULL OR usage.project_id = :project)
    AND (:holder IS NULL OR {_HOLDER} = :holder)
ORDER BY sample.seq DESC LIMIT :limit
"""
_WAITING: Final = f"{_ROWS} WHERE sample.verdict IS NULL ORDER BY sample.seq LIMIT :limit"
"""By the index of those without a verdict."""
_ONE: Final = f"{_ROWS} WHERE sample.id = :id"
_DECIDE: Final = """
UPDATE sample SET verdict = :verdict, reason = :reason, decided_by = :by, decided_ms = :now_ms
WHERE id = :id AND verdict IS NULL
"""
_TAKEN_OF: Final = """
SELECT sample.request_id FROM sample JOIN usage ON usage.request_id = sample.request_id
WHERE usage.started_ms >= :since_ms AND usage.started_ms < :until_ms
"""
_LEDGER: Final = f"""
SELECT seq, request_id, {_HOLDER} AS holder, model_id, started_ms FROM usage
WHERE started_ms >= :since_ms AND started_ms < :until_ms AND outcome <> 'held'
    AND kind = 'inference' AND (started_ms, seq) > (:after_ms, :after)
ORDER BY started_ms, seq LIMIT :limit
"""  # noqa: S608  # nosec B608
_LINE: Final = f"""
SELECT request_id, {_HOLDER} AS holder, model_id, started_ms, project_id FROM usage
WHERE request_id = :request_id AND outcome <> 'held' AND kind = 'inference'
"""  # noqa: S608  # nosec B608
_PAGE_LINES: Final = 20_000


class SampleTable:
    """Takes, lists and decides."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def take(self, one: Taken) -> bool:
        """Remember it with its sealed content, in one commit. False where the ledger has no such request that
        has ended (a line of a batch that will come again), or it was taken before.
        """
        row = {
            "id": one.id,
            "request_id": one.request_id,
            "tier": one.tier,
            "kind": one.kind,
            "purpose": one.purpose,
            "consents": int(one.consents),
            "taken_ms": one.taken_ms,
        }
        seals = [
            {"owner": one.id, "key_id": key, "jwe": jwe, "until_ms": one.sealed_until_ms}
            for key, jwe in one.sealed
        ]

        def job(database: Database) -> bool:
            taken = bool(database.execute(_TAKE, row).rowcount == 1)
            for seal in seals if taken else ():
                database.execute(_SEAL, seal)
            return taken

        return await self._writer.run(job)

    async def page(
        self, *, open_only: bool, project: str | None = None, holder: str | None = None, limit: int
    ) -> Sequence[Sample]:
        """The newest first."""
        row = {"open": int(open_only), "project": project, "holder": holder, "limit": limit}
        return await self._reader.run(lambda database: [_sample(one) for one in database.query(_PAGE, row)])

    async def waiting(self, limit: int) -> Sequence[Sample]:
        """Those without a verdict, the oldest first."""
        row = {"limit": limit}
        return await self._reader.run(
            lambda database: [_sample(one) for one in database.query(_WAITING, row)]
        )

    async def get(self, sample_id: str) -> Sample:
        """Raises ``NotFound``."""
        found = await self._reader.run(lambda database: list(database.query(_ONE, {"id": sample_id})))
        if not found:
            raise _unknown()
        return _sample(found[0])

    async def decide(self, sample_id: str, verdict: Verdict, reason: str, by: str, now_ms: int) -> None:
        """Once. Raises ``NotFound``, ``Conflict`` where it was decided before."""
        row = {"id": sample_id, "verdict": verdict, "reason": reason, "by": by, "now_ms": now_ms}

        def job(database: Database) -> None:
            if database.execute(_DECIDE, row).rowcount == 1:
                return
            known = database.execute("SELECT 1 FROM sample WHERE id = :id", row).fetchone()
            raise (
                Conflict("This sample was decided already; see `carrel sample show`.")
                if known
                else (_unknown())
            )

        await self._writer.run(job)

    async def taken(self, since_ms: int, until_ms: int) -> frozenset[str]:
        """Ids of requests that began then and were taken."""
        row = {"since_ms": since_ms, "until_ms": until_ms}
        return await self._reader.run(
            lambda database: frozenset(one["request_id"] for one in database.query(_TAKEN_OF, row))
        )

    async def ledger(
        self, since_ms: int, until_ms: int, after: tuple[int, int] = (-1, -1)
    ) -> tuple[Sequence[LedgerLine], tuple[int, int] | None]:
        """Settled requests that began then, some at a time: those behind ``after``, and where the next ones
        begin; None at the end.
        """
        row = {"since_ms": since_ms, "until_ms": until_ms, "after_ms": after[0], "after": after[1]}
        row["limit"] = _PAGE_LINES
        found = await self._reader.run(lambda database: list(database.query(_LEDGER, row)))
        last = (found[-1]["started_ms"], found[-1]["seq"]) if len(found) == _PAGE_LINES else None
        return [_line(one) for one in found], last

    async def line(self, request_id: str) -> tuple[LedgerLine, str] | None:
        """One settled request and its project; None where the ledger has none."""
        row = {"request_id": request_id}
        found = await self._reader.run(lambda database: list(database.query(_LINE, row)))
        return (_line(found[0]), found[0]["project_id"]) if found else None


def _line(row: Mapping[str, Any]) -> LedgerLine:
    return LedgerLine(row["request_id"], row["holder"], row["model_id"].partition("@")[0], row["started_ms"])


def _unknown() -> NotFound:
    return NotFound("There is no such sample; see `carrel sample list --all`.", param="id")


def _sample(row: Mapping[str, Any]) -> Sample:
    return Sample(
        id=row["id"],
        request_id=row["request_id"],
        tier=row["tier"],
        kind=row["kind"],
        purpose=row["purpose"],
        consents=bool(row["consents"]),
        taken_ms=row["taken_ms"],
        holder=row["holder"],
        person_id=row["person_id"],
        key_id=row["key_id"],
        project_id=row["project_id"],
        model_id=row["model_id"],
        outcome=row["outcome"],
        prompt_tokens=row["prompt_tokens"],
        completion_tokens=row["completion_tokens"],
        started_ms=row["started_ms"],
        ended_ms=row["ended_ms"],
        keys=tuple((row["keys"] or "").split(",")) if row["keys"] else (),
        verdict=row["verdict"],
        reason=row["reason"],
        decided_by=row["decided_by"],
        decided_ms=row["decided_ms"],
    )
