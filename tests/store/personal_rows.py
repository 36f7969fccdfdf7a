"""A row for every table that names people, which names one of them wherever it can."""

from appliance.domain.people import DEFAULT_ID
from appliance.store.personal_tables import TABLES

MARK = "s2914-lovelace"
FIRST = ("key", "membership", "usage", "batch", "reviewer_key", "allocation", "sample", "report")
CHOSEN = {
    "key": {"id": "key_1", "canary": 0},
    "allocation": {
        "scope": "person",
        "limit_micro": None,
        "window": "total",
        "starts_ms": None,
        "ends_ms": None,
        "id": "alc_1",
        "ended_ms": None,
    },
    "account": {"allocation_id": "alc_1"},
    "adjustment": {"kind": "grant", "request_id": None, "allocation_id": "alc_1"},
    "budget_request": {"scope": "person", "state": "open"},
    "application": {"id": "app_1", "state": "open"},
    "signature": {"kind": "conduct"},
    "membership": {"part": "lead"},
    "early_member": {"model_id": "m"},
    "usage": {
        "outcome": "completed",
        "kind": "inference",
        "op": "chat",
        "accounts": "[]",
        "request_id": "req_1",
        "report_part": None,
    },
    "report_tally": {"part": 1, "op": "chat"},
    "usage_day": {"kind": "inference"},
    "sample": {"id": "smp_1", "request_id": "req_1", "verdict": None},
    "sealed": {"owner": "smp_1", "key_id": "rkey"},
    "reviewer_key": {"id": "rkey"},
    "sample_choice": {"consents": 1, "refuses": 0},
    "batch": {"id": "batch_1"},
    "batch_line": {"batch_id": "batch_1", "body": b"{}"},
    "restriction": {"kind": "all"},
    "report": {"id": "rep_1", "prompt_sha256": "ab" * 32},
    "report_travel": {"report_id": "rep_1"},
    "registry_application": {"message_id": "msg_1", "application_id": "app_1", "answer": "no"},
    "federation_outbox": {"id": "msg_1", "state": "done"},
    "class": {"id": "class_1", "mode": "exam"},
    "class_seat": {"class_id": "class_1", "how": "card"},
    "class_key": {"class_id": "class_1"},
    "session": {"key_id": "key_1"},
    "switch": {"name": "offline"},
    "peer": {"state": "granted"},
    "borrowed": {"state": "asked"},
}


def table_names(database):
    """Of every table there is."""
    return [row["name"] for row in database.query("SELECT name FROM sqlite_master WHERE type = 'table'")]


def fill(database):
    """Inside a job of the writer; the person is there already."""
    declared = {table.name: table for table in TABLES}
    tables = [declared[name] for name in FIRST] + [table for table in TABLES if table.name not in FIRST]
    database.execute("INSERT INTO early_stage VALUES ('m', 10, 1, 1)")
    database.execute("INSERT INTO report_part (part, line, day) VALUES (1, 1, 20000)")
    columns = "SELECT name, type FROM pragma_table_xinfo(?) WHERE hidden = 0"
    for table in tables:
        info = list(database.query(columns, (table.name,)))
        database.table(table.name).insert(
            {one["name"]: value_for(table, one["name"], one["type"]) for one in info}
        )


def value_for(table, column, kind):
    """One that fits."""
    if column in CHOSEN.get(table.name, {}):
        return CHOSEN[table.name][column]
    if column in table.columns:
        return "key_1" if column in table.keys else MARK
    if column in {"project_id", "project"}:
        return DEFAULT_ID
    if kind == "INTEGER":
        return 1000 if column in {"id", "seq"} else 1
    return b"x" * 32 if kind == "BLOB" else f"{column} of {MARK}"
