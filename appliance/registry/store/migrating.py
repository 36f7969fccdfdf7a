"""Brings a database to this version. A step that was released is never changed; add a new one."""

from typing import Final

from appliance.errors import Conflict
from appliance.registry.store.database import Database, Session
from appliance.registry.store.schema import CLUSTERED, STEPS

_STEPS: Final = "CREATE TABLE IF NOT EXISTS schema_step (name TEXT PRIMARY KEY)"


def migrate(database: Database) -> None:
    """Raises ``Conflict`` for a database that a newer Carrel has written, ``StorageUnavailable``."""
    with database.alone() as session:
        session.run(_STEPS)
        done = {row["name"] for row in session.rows("SELECT name FROM schema_step")}
        if not done <= set(STEPS):
            raise Conflict("The registry's database was written by a newer Carrel. Install that version.")
        for name, script in STEPS.items():
            if name not in done:
                _apply(session, name, script.replace(CLUSTERED, database.clustered))


def _apply(session: Session, name: str, script: str) -> None:
    # One statement at a time: SQLite would commit before a script.
    for statement in script.split(";"):
        if statement.strip():
            session.run(statement)
    session.run("INSERT INTO schema_step (name) VALUES (:name)", {"name": name})
