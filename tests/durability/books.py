"""Reads the books of a box whose gateway is down, by opening its store as the next start would."""

from pathlib import Path

from sqlite_utils import Database

from appliance.store.connection import connect_writer
from appliance.store.store import Store
from appliance.wiring.system_clock import SystemClock
from tests.durability.history import Books, Row

ROWS = "SELECT request_id, outcome, prompt_tokens, completion_tokens, gflop FROM usage ORDER BY seq"


async def read_books(database: Path, project: str = "default") -> Books:
    """Open, check, migrate, sweep, read, close. Raises what ``Store.open`` raises."""
    store = Store.open(database, SystemClock(), connect=_hasty)
    try:
        await store.ledger.sweep()
        rows = await store._reader.run(lambda db: [Row(*row) for row in db.execute(ROWS).fetchall()])
        budget = await store.budgets.get(project)
    finally:
        store.close()
    return Books(rows, budget.limit_micro, budget.spent_micro, budget.held_micro)


def _hasty(path: Path) -> Database:
    """Nobody cuts the power while the books are read, so nothing has to wait for the disk."""
    database = connect_writer(path)
    database.execute("PRAGMA synchronous = OFF")
    return database
