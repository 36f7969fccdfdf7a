"""The schema, as the steps that made it. A step that was released is never changed; add a new one.

Tables are STRICT: a column takes its type and nothing else. Amounts are integers in gflop or micro-credits
(the same number), times are ms since 1970 UTC.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from sqlite_utils import Database, Migrations

from appliance.domain.people import DEFAULT_ID
from appliance.errors import Conflict

_ACCESS: Final = """
CREATE TABLE person (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE project (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE key (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    last4 TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    person_id TEXT NOT NULL REFERENCES person (id),
    project_id TEXT NOT NULL REFERENCES project (id),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER,
    revoked_ms INTEGER
) STRICT;
"""

_LEDGER: Final = """
CREATE TABLE budget (
    project_id TEXT PRIMARY KEY REFERENCES project (id),
    limit_micro INTEGER CHECK (limit_micro >= 0),
    spent_micro INTEGER NOT NULL DEFAULT 0 CHECK (spent_micro >= 0),
    held_micro INTEGER NOT NULL DEFAULT 0 CHECK (held_micro >= 0)
) STRICT;
CREATE TABLE usage (
    seq INTEGER PRIMARY KEY,
    request_id TEXT NOT NULL UNIQUE,
    key_id TEXT NOT NULL REFERENCES key (id),
    person_id TEXT NOT NULL REFERENCES person (id),
    project_id TEXT NOT NULL REFERENCES project (id),
    model_id TEXT NOT NULL,
    recipe_revision INTEGER NOT NULL,
    file_sha256 TEXT NOT NULL,
    engine_build TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    outcome TEXT NOT NULL,
    hold_gflop INTEGER NOT NULL CHECK (hold_gflop >= 0),
    gflop_of_prompt INTEGER NOT NULL CHECK (gflop_of_prompt >= 0),
    gflop_per_token INTEGER NOT NULL CHECK (gflop_per_token >= 0),
    prompt_tokens INTEGER NOT NULL DEFAULT 0,
    cached_tokens INTEGER NOT NULL DEFAULT 0,
    completion_tokens INTEGER NOT NULL DEFAULT 0,
    gpu_ms INTEGER NOT NULL DEFAULT 0,
    wall_ms INTEGER NOT NULL DEFAULT 0,
    gflop INTEGER NOT NULL DEFAULT 0 CHECK (gflop BETWEEN 0 AND hold_gflop),
    flop_method TEXT NOT NULL,
    crash_gflop INTEGER NOT NULL GENERATED ALWAYS AS (
        CASE WHEN prompt_tokens > 0
        THEN min(hold_gflop, gflop_of_prompt + completion_tokens * gflop_per_token)
        ELSE 0 END
    ) VIRTUAL
) STRICT;
CREATE INDEX usage_started ON usage (started_ms);
CREATE INDEX usage_held ON usage (seq) WHERE outcome = 'held';
"""

_WANTED_MODELS: Final = """
CREATE TABLE wanted_model (
    model_id TEXT PRIMARY KEY,
    since_ms INTEGER NOT NULL
) STRICT;
"""

_PROJECT_SHARES: Final = """
ALTER TABLE project ADD COLUMN weight INTEGER NOT NULL DEFAULT 1 CHECK (weight > 0);
ALTER TABLE project ADD COLUMN shares_prefixes INTEGER NOT NULL DEFAULT 0 CHECK (shares_prefixes IN (0, 1));
"""

_RUN_WISHES: Final = """
ALTER TABLE wanted_model ADD COLUMN replicas INTEGER CHECK (replicas > 0);
ALTER TABLE wanted_model ADD COLUMN seats INTEGER CHECK (seats > 0);
ALTER TABLE wanted_model ADD COLUMN context_tokens INTEGER CHECK (context_tokens > 0);
ALTER TABLE wanted_model ADD COLUMN gpus TEXT;
ALTER TABLE wanted_model ADD COLUMN deterministic INTEGER NOT NULL DEFAULT 0 CHECK (deterministic IN (0, 1));
"""

_RELEASED_GPUS: Final = """
CREATE TABLE released_gpu (
    gpu INTEGER PRIMARY KEY CHECK (gpu >= 0),
    since_ms INTEGER NOT NULL
) STRICT;
"""

_FILES: Final = """
CREATE TABLE file (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    holder TEXT NOT NULL,
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX file_holder ON file (holder, seq);
CREATE INDEX file_expires ON file (expires_ms);
"""

_BATCHES: Final = """
CREATE TABLE batch (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    holder TEXT NOT NULL,
    key_id TEXT NOT NULL REFERENCES key (id),
    person_id TEXT NOT NULL REFERENCES person (id),
    project_id TEXT NOT NULL REFERENCES project (id),
    endpoint TEXT NOT NULL,
    input_file_id TEXT NOT NULL,
    completion_window TEXT NOT NULL,
    metadata TEXT NOT NULL,
    status TEXT NOT NULL,
    ending TEXT NOT NULL,
    total INTEGER NOT NULL DEFAULT 0,
    completed INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    in_progress_ms INTEGER,
    finalizing_ms INTEGER,
    cancelling_ms INTEGER,
    ended_ms INTEGER,
    output_file_id TEXT,
    error_file_id TEXT,
    faults TEXT NOT NULL
) STRICT;
CREATE INDEX batch_holder ON batch (holder, seq);
CREATE TABLE batch_line (
    batch_id TEXT NOT NULL REFERENCES batch (id),
    line INTEGER NOT NULL CHECK (line > 0),
    custom_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (batch_id, line)
) STRICT;
ALTER TABLE usage ADD COLUMN resumable INTEGER NOT NULL DEFAULT 0 CHECK (resumable IN (0, 1));
"""

_MEASUREMENTS: Final = """
CREATE TABLE memory_measurement (
    model_id TEXT NOT NULL,
    recipe_revision INTEGER NOT NULL,
    on_gpus INTEGER NOT NULL CHECK (on_gpus IN (0, 1)),
    engine_build TEXT NOT NULL,
    precision TEXT NOT NULL,
    gpus TEXT NOT NULL,
    planned_bytes INTEGER NOT NULL CHECK (planned_bytes >= 0),
    weight_bytes INTEGER NOT NULL CHECK (weight_bytes >= 0),
    cache_bytes INTEGER NOT NULL CHECK (cache_bytes >= 0),
    resident_bytes INTEGER NOT NULL CHECK (resident_bytes >= 0),
    gpu_bytes INTEGER NOT NULL CHECK (gpu_bytes >= 0),
    measured_ms INTEGER NOT NULL,
    PRIMARY KEY (model_id, recipe_revision, on_gpus)
) STRICT;
"""

_FIDELITY: Final = """
CREATE TABLE fidelity (
    recipe_id TEXT NOT NULL,
    recipe_revision INTEGER NOT NULL,
    form TEXT NOT NULL,
    files_sha256 TEXT NOT NULL,
    engine_build TEXT NOT NULL,
    text_sha256 TEXT NOT NULL,
    reference TEXT NOT NULL,
    reference_perplexity REAL NOT NULL,
    tokens INTEGER NOT NULL CHECK (tokens > 0),
    nll REAL NOT NULL,
    perplexity REAL NOT NULL,
    nll_difference REAL NOT NULL,
    agreement REAL NOT NULL CHECK (agreement BETWEEN 0 AND 1),
    mean_difference REAL NOT NULL,
    largest_difference REAL NOT NULL,
    window_tokens INTEGER NOT NULL,
    seconds REAL NOT NULL,
    measured_ms INTEGER NOT NULL,
    PRIMARY KEY (recipe_id, recipe_revision, form, files_sha256, engine_build, text_sha256)
) STRICT;
"""


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
    database.executescript(_ACCESS)
    for table in ("person", "project"):
        database.table(table).insert({"id": DEFAULT_ID, "name": DEFAULT_ID, "created_ms": now_ms})


def _ledger(_now_ms: int, database: Database) -> None:
    database.executescript(_LEDGER)
    database.execute("INSERT INTO budget (project_id) SELECT id FROM project")


def _wanted_models(_now_ms: int, database: Database) -> None:
    database.executescript(_WANTED_MODELS)


def _project_shares(_now_ms: int, database: Database) -> None:
    database.executescript(_PROJECT_SHARES)


def _run_wishes(_now_ms: int, database: Database) -> None:
    database.executescript(_RUN_WISHES)


def _released_gpus(_now_ms: int, database: Database) -> None:
    database.executescript(_RELEASED_GPUS)


def _files(_now_ms: int, database: Database) -> None:
    database.executescript(_FILES)


def _batches(_now_ms: int, database: Database) -> None:
    database.executescript(_BATCHES)


def _measurements(_now_ms: int, database: Database) -> None:
    database.executescript(_MEASUREMENTS)


def _fidelity(_now_ms: int, database: Database) -> None:
    database.executescript(_FIDELITY)


_STEPS: Final[dict[str, Callable[[int, Database], None]]] = {
    "0001_access": _access,
    "0002_ledger": _ledger,
    "0003_wanted_models": _wanted_models,
    "0004_project_shares": _project_shares,
    "0005_run_wishes": _run_wishes,
    "0006_released_gpus": _released_gpus,
    "0007_files": _files,
    "0008_batches": _batches,
    "0009_measurements": _measurements,
    "0010_fidelity": _fidelity,
}
