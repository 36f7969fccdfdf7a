"""Holds and settlements: the only code that moves money.

Always a row and its accounts in one transaction, so that at every commit ``spent`` is the sum of the settled
rows and ``held`` the sum of the holds that stand. ``reserve`` looks at all accounts and takes from all of
them or from none in one conditional UPDATE: nothing can come between. A row keeps which accounts it took
from, so that it settles into the same ones, whatever day it is by then. The order of rows is ``seq``.
"""

import json
from collections.abc import Sequence
from typing import Final

from sqlite_utils import Database

from appliance.domain.allocation import binding, subjects_of
from appliance.domain.batches import LineAnswer
from appliance.domain.clock import Clock
from appliance.domain.usage import Hold, Meters, Outcome, ProgressMark
from appliance.errors import Conflict
from appliance.store.accounts import concerned
from appliance.store.batch_lines import keep_line
from appliance.store.opening import made
from appliance.store.refusing import exhausted, no_project, no_term
from appliance.store.writer import Writer

_TAKE: Final = """
UPDATE account SET held_micro = held_micro + :gflop
WHERE id IN (SELECT value FROM json_each(:accounts)) AND NOT EXISTS (
    SELECT 1 FROM account AS asked JOIN allocation ON allocation.id = asked.allocation_id
    WHERE asked.id IN (SELECT value FROM json_each(:binding))
        AND asked.spent_micro + asked.held_micro + :gflop > limit_micro + asked.granted_micro
)
"""
_INSERT: Final = """
INSERT INTO usage (
    request_id, key_id, person_id, project_id, model_id, recipe_revision, file_sha256, engine_build,
    started_ms, outcome, hold_gflop, gflop_of_prompt, gflop_per_token, flop_method, resumable, kind, op,
    accounts
) VALUES (
    :request, :key, :person, :project, :model, :revision, :file_sha256, :engine_build,
    :started_ms, 'held', :gflop, :gflop_of_prompt, :gflop_per_token, :flop_method, :resumable, :kind,
    :op, :accounts
) ON CONFLICT (request_id) DO NOTHING
"""
_MARK: Final = """
UPDATE usage SET
    prompt_tokens = max(prompt_tokens, :prompt_tokens),
    completion_tokens = max(completion_tokens, :completion_tokens)
WHERE request_id = :request AND outcome = 'held'
"""
_MOVE: Final = """
UPDATE account SET
    spent_micro = spent_micro + min(:gflop, held.hold_gflop),
    held_micro = held_micro - held.hold_gflop
FROM (
    SELECT one.value AS account, hold_gflop FROM usage, json_each(usage.accounts) AS one
    WHERE request_id = :request AND outcome = 'held'
) AS held
WHERE account.id = held.account
"""
_SETTLE: Final = """
UPDATE usage SET
    outcome = :outcome, ended_ms = :now_ms, prompt_tokens = :prompt_tokens, cached_tokens = :cached_tokens,
    completion_tokens = :completion_tokens, gpu_ms = :gpu_ms, wall_ms = :wall_ms,
    gflop = min(:gflop, hold_gflop), energy_mj = :energy_mj, money_micro = :money_micro
WHERE request_id = :request AND outcome = 'held'
"""
_GIVE_BACK: Final = """
UPDATE account SET held_micro = held_micro - left.held
FROM (
    SELECT one.value AS account, sum(hold_gflop) AS held FROM usage, json_each(usage.accounts) AS one
    WHERE outcome = 'held' AND resumable AND (:request IS NULL OR request_id = :request) GROUP BY one.value
) AS left
WHERE account.id = left.account
"""
_FORGET: Final = """
DELETE FROM usage WHERE outcome = 'held' AND resumable AND (:request IS NULL OR request_id = :request)
"""
_MOVE_CRASHED: Final = """
UPDATE account SET spent_micro = spent_micro + left.charged, held_micro = held_micro - left.held
FROM (
    SELECT one.value AS account, sum(crash_gflop) AS charged, sum(hold_gflop) AS held
    FROM usage, json_each(usage.accounts) AS one WHERE outcome = 'held' GROUP BY one.value
) AS left
WHERE account.id = left.account
"""
_SETTLE_CRASHED: Final = """
UPDATE usage SET outcome = 'crashed', ended_ms = :now_ms, gflop = crash_gflop WHERE outcome = 'held'
"""


class LedgerTable:
    """Keeps the ``Ledger`` port. Every method returns after its commit is on the disk.

    All raise ``StorageUnavailable`` when the disk refuses; then nothing has changed.
    """

    def __init__(self, writer: Writer, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock

    async def reserve(self, hold: Hold) -> None:
        """Hold the most a request can cost, in every account that it counts to.

        Raises ``BudgetExhausted``, ``NotFound`` for a project without an account, ``Conflict`` for a
        request id that was used before.
        """
        row = _held_row(hold)

        def job(database: Database) -> None:
            taken = _take(database, hold)
            if database.execute(_INSERT, row | {"accounts": taken}).rowcount == 0:
                raise Conflict("A request of this id was accounted before. Send it again under a new id.")

        await self._writer.run(job)

    async def mark(self, marks: Sequence[ProgressMark]) -> None:
        """Note progress of running requests; a mark never goes back, and settled requests ignore it."""
        rows = [
            {
                "request": mark.request_id,
                "prompt_tokens": mark.prompt_tokens,
                "completion_tokens": mark.completion_tokens,
            }
            for mark in marks
        ]

        def job(database: Database) -> None:
            for row in rows:
                database.execute(_MARK, row)

        await self._writer.run(job)

    async def settle(
        self, request_id: str, outcome: Outcome, meters: Meters, kept: LineAnswer | None = None
    ) -> None:
        """Charge what was used, never more than was held, and release the rest; ``kept`` is stored in the
        same transaction.

        A request that holds nothing (settled before, or never reserved) stays as it is. Raises ``Conflict``
        where something should be kept of such a one: nothing is given that was not charged.
        """
        row = {
            "request": request_id,
            "outcome": outcome.value,
            "now_ms": self._clock.now_ms(),
            "prompt_tokens": meters.prompt_tokens,
            "cached_tokens": meters.cached_tokens,
            "completion_tokens": meters.completion_tokens,
            "gpu_ms": meters.gpu_ms,
            "wall_ms": meters.wall_ms,
            "gflop": meters.gflop,
            "energy_mj": meters.energy_mj,
            "money_micro": meters.money_micro,
        }

        def job(database: Database) -> None:
            database.execute(_MOVE, row)
            settled = database.execute(_SETTLE, row).rowcount
            if kept is not None:
                if not settled:
                    raise Conflict("Nothing is held for this request, so its answer is not kept.")
                keep_line(database, kept)

        await self._writer.run(job)

    async def release(self, request_id: str) -> None:
        """Give back a resumable hold as if it had never been. What is not held stays as it is."""
        row = {"request": request_id}

        def job(database: Database) -> None:
            database.execute(_GIVE_BACK, row)
            database.execute(_FORGET, row)

        await self._writer.run(job)

    async def sweep(self) -> int:
        """Settle what the last process left held: charge its marks, release the rest, all of it where it is
        resumable. Returns how many were settled.

        Only at start, before the first ``reserve``: it cannot tell a crashed request from a running one.
        """
        row = {"now_ms": self._clock.now_ms()}

        def job(database: Database) -> int:
            database.execute(_GIVE_BACK, {"request": None})
            database.execute(_FORGET, {"request": None})
            database.execute(_MOVE_CRASHED)
            return int(database.execute(_SETTLE_CRASHED, row).rowcount)

        return await self._writer.run(job)


def _take(database: Database, hold: Hold) -> str:
    """The rows of all accounts that were taken from, as JSON."""
    subjects = subjects_of(hold.caller, hold.model.id)
    found = concerned(database, subjects, hold.started_ms)
    if not found:
        raise no_project()
    bound = list(binding(found, hold.started_ms))
    if late := [one for one in bound if not one.runs(hold.started_ms)]:
        raise no_term(late[0], hold.started_ms)
    # What counts without binding is charged all the same: its sum stays that of its rows.
    rows = {
        one: made(database, account) if row is None else row
        for one, (row, account) in found.items()
        if one.runs(hold.started_ms)
    }
    accounts = json.dumps(list(rows.values()))
    asked = {"gflop": hold.gflop, "accounts": accounts, "binding": json.dumps([rows[one] for one in bound])}
    if database.execute(_TAKE, asked).rowcount == 0:
        raise exhausted([found[one][1] for one in bound], hold.gflop, hold.started_ms)
    return accounts


def _held_row(hold: Hold) -> dict[str, str | int]:
    return {
        "request": hold.request_id,
        "key": hold.caller.key_id,
        "person": hold.caller.person_id,
        "project": hold.caller.project_id,
        "model": hold.model.id,
        "revision": hold.model.recipe_revision,
        "file_sha256": hold.model.file_sha256,
        "engine_build": hold.model.engine_build,
        "started_ms": hold.started_ms,
        "gflop": hold.gflop,
        "gflop_of_prompt": hold.gflop_of_prompt,
        "gflop_per_token": hold.gflop_per_token,
        "flop_method": hold.method,
        "resumable": hold.resumable,
        "kind": hold.kind,
        "op": hold.op,
    }
