"""The schema, as the steps that made it; ``schema`` has their SQL. A step that was released is never changed;
add a new one.

Tables are STRICT: a column takes its type and nothing else. Amounts are integers in gflop or micro-credits
(the same number), times are ms since 1970 UTC.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from sqlite_utils import Database, Migrations

from appliance.domain.people import DEFAULT_ID
from appliance.errors import Conflict
from appliance.store.schema import (
    access,
    accounts,
    allocations,
    applications,
    audit,
    checks,
    classes,
    duties,
    federation,
    leases,
    letters,
    licenses,
    models,
    overnight,
    oversight,
    people,
    reports_of_use,
    restrictions,
    sharing,
    weights,
)


def migrate(database: Database, now_ms: int) -> None:
    """Bring the database to this version, each step in a transaction of its own.

    Raises ``Conflict`` for a database that a newer Carrel has written, ``sqlite3.Error``.
    """
    steps = Migrations("carrel")
    for name, step in _STEPS.items():
        steps(name=name)(partial(step, now_ms))
    if any(applied.name not in _STEPS for applied in steps.applied(database)):
        raise Conflict("The database was written by a newer Carrel. Install that version again.")
    steps.apply(database)


def _access(now_ms: int, database: Database) -> None:
    database.executescript(accounts.ACCESS)
    for table in ("person", "project"):
        database.table(table).insert({"id": DEFAULT_ID, "name": DEFAULT_ID, "created_ms": now_ms})


def _ledger(_now_ms: int, database: Database) -> None:
    database.executescript(accounts.LEDGER)
    database.execute("INSERT INTO budget (project_id) SELECT id FROM project")


def _allocations(now_ms: int, database: Database) -> None:
    database.executescript(allocations.ALLOCATIONS)
    for statement in allocations.BUDGETS_MOVED:
        database.execute(statement, {"now_ms": now_ms})


def _restrictions(now_ms: int, database: Database) -> None:
    database.executescript(restrictions.RESTRICTIONS)
    database.execute(restrictions.RESTRICTED_TIER, {"now_ms": now_ms})


def _script(sql: str) -> Callable[[int, Database], None]:
    def run(_now_ms: int, database: Database) -> None:
        database.executescript(sql)

    return run


_STEPS: Final[dict[str, Callable[[int, Database], None]]] = {
    "0001_access": _access,
    "0002_ledger": _ledger,
    "0003_wanted_models": _script(models.WANTED_MODELS),
    "0004_project_shares": _script(accounts.PROJECT_SHARES),
    "0005_run_wishes": _script(models.RUN_WISHES),
    "0006_released_gpus": _script(models.RELEASED_GPUS),
    "0007_files": _script(overnight.FILES),
    "0008_batches": _script(overnight.BATCHES),
    "0009_measurements": _script(models.MEASUREMENTS),
    "0010_fidelity": _script(models.FIDELITY),
    "0011_downloads": _script(weights.DOWNLOADS),
    "0012_licenses": _script(licenses.LICENSES),
    "0013_seals": _script(weights.SEALS),
    "0014_people": _script(people.PEOPLE),
    "0015_access": _script(access.ACCESS),
    "0016_duties": _script(duties.DUTIES),
    "0017_allocations": _allocations,
    "0018_restrictions": _restrictions,
    "0019_incidents": _script(oversight.INCIDENTS),
    "0020_samples_reports": _script(checks.CHECKS),
    "0021_audit_privacy": _script(audit.AUDIT + audit.USAGE_DAYS),
    "0022_files_of_projects": _script(overnight.FILES_OF_PROJECTS),
    "0023_federation": _script(federation.FEDERATION),
    "0024_leases": _script(leases.LEASES),
    "0025_usage_reports": _script(reports_of_use.REPORTS_OF_USE),
    "0026_applications": _script(applications.REGISTRY_APPLICATIONS),
    "0027_sharing": _script(sharing.SHARING),
    "0028_letters": _script(letters.LETTERS),
    "0029_classes": _script(classes.CLASSES),
    "0030_sessions": _script(classes.SESSIONS),
    "0031_switches": _script(classes.SWITCHES),
    "0032_paused_batches": _script(overnight.PAUSED_BATCHES),
}
