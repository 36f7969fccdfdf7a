"""An audit log over a real database file, and hands that change it behind its back."""

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from appliance.domain.action import Permission
from appliance.domain.actions import action
from appliance.domain.actor import Actor
from appliance.errors import Conflict
from appliance.services.audit.log import AuditLog
from appliance.services.audit.verifying import Verifier
from appliance.store.audit_head import AuditHeadFile
from appliance.store.store import Store

BOX = "thumbprint-of-this-box"
ROOT = Actor("uid 0", Permission.ADMIN)
ADA = Actor("ada", Permission.LEAD, person="ada", project="nlp", origin="10.0.0.7")


class Noted:
    """Keeps what it is told."""

    def __init__(self):
        self.records = []

    def info(self, event, **fields):
        self.records.append((event, fields))

    warning = error = info


class AuditBox:
    """The log of one data folder."""

    def __init__(self, folder: Path, clock) -> None:
        self.folder = folder
        self.path = folder / "carrel.db"
        self.clock = clock
        self.noted = Noted()
        self.store = Store.open(self.path, clock)
        self.heads = AuditHeadFile(folder)
        self.log = AuditLog(self.store.audit, self.heads, box=BOX, clock=clock, log=self.noted)

    async def act(self, name="key.revoke", given=None, actor=ROOT, error=None):
        async with self.log.recording(action(name), given or {"id": "key_1"}, actor):
            if error is not None:
                raise error

    async def verify(self, *heads):
        return (await Verifier(self.store.audit, self.heads, BOX).verify(heads))[1]

    async def rows(self):
        return list(await self.store.audit.rows_after(-1, 1000))

    async def outcomes(self):
        return list(await self.store.audit.outcomes_after(0, 10**6, 1000))

    def close(self):
        self.store.close()

    def again(self) -> "AuditBox":
        """After a restart."""
        self.close()
        return AuditBox(self.folder, self.clock)


async def fill(box: AuditBox, acts: int = 8) -> None:
    """Some end well, some badly, two at once in between."""
    await box.log.open()
    for number in range(acts):
        given = {"id": f"key_{number}"}
        if number % 3 == 2:
            with suppress(Conflict):
                await box.act(given=given, actor=ADA, error=Conflict("no"))
        elif number % 3 == 1:
            async with box.log.recording(action("key.revoke"), given, ROOT):
                await box.act("project.set", {"project": "nlp", "weight": number})
        else:
            await box.act(given=given)
        box.clock.time_ms += 1000


class Intruder:
    """Somebody who may write to the file, and knows no restraint: the triggers are gone."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "carrel.db"

    def run(self, *statements) -> None:
        with closing(sqlite3.connect(self._path)) as database:
            triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in triggers:
                if name.startswith("audit"):
                    database.execute(f"DROP TRIGGER {name}")
            for statement, *values in statements:
                database.execute(statement, values)
            database.commit()

    def read(self, statement, *values):
        with closing(sqlite3.connect(self._path)) as database:
            return database.execute(statement, values).fetchall()


def copied(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to
