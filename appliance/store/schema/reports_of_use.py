"""Tables of what is reported of the box's use.

A trigger of the ledger adds each settled request to the tally of its day within the settlement's own
transaction, so that both are one commit; only while the box reports. A tally is in parts: rows go to the open
part of the day, and a closed one never changes. The number of a part is drawn, so that two copies of a
database give two parts two numbers; ``line`` is their order.
"""

from typing import Final

REPORTS_OF_USE: Final = """
ALTER TABLE usage ADD COLUMN op TEXT NOT NULL DEFAULT 'chat'
    CHECK (op IN ('chat', 'completion', 'embedding', 'finetune'));
ALTER TABLE usage ADD COLUMN report_part INTEGER;
CREATE INDEX usage_report_part ON usage (report_part) WHERE report_part IS NOT NULL;
CREATE TABLE report_part (
    part INTEGER PRIMARY KEY,
    line INTEGER NOT NULL UNIQUE,
    day INTEGER NOT NULL,
    closed INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)),
    due INTEGER NOT NULL DEFAULT 0 CHECK (due IN (0, 1)),
    broken_off INTEGER NOT NULL DEFAULT 0 CHECK (broken_off IN (0, 1)),
    batched_ms INTEGER,
    CHECK (closed OR NOT due)
) STRICT;
CREATE UNIQUE INDEX report_part_open ON report_part (day) WHERE closed = 0;
CREATE INDEX report_part_left ON report_part (day) WHERE batched_ms IS NULL;
CREATE TABLE report_tally (
    part INTEGER NOT NULL REFERENCES report_part (part),
    project_id TEXT NOT NULL,
    model_id TEXT NOT NULL,
    holder TEXT NOT NULL,
    recipe_revision INTEGER NOT NULL,
    file_sha256 TEXT NOT NULL,
    backend TEXT NOT NULL,
    op TEXT NOT NULL CHECK (op IN ('chat', 'completion', 'embedding', 'finetune')),
    flop_method TEXT NOT NULL,
    requests INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    refused_budget INTEGER NOT NULL DEFAULT 0,
    refused_license INTEGER NOT NULL DEFAULT 0,
    estimated INTEGER NOT NULL DEFAULT 0,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    cached_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    gflop INTEGER NOT NULL DEFAULT 0,
    gpu_ms INTEGER NOT NULL DEFAULT 0,
    wall_ms INTEGER NOT NULL DEFAULT 0,
    energy_mj INTEGER,
    money_micro INTEGER,
    first_hour INTEGER NOT NULL,
    last_hour INTEGER NOT NULL,
    PRIMARY KEY (
        part, project_id, model_id, holder, recipe_revision, file_sha256, backend, op, flop_method
    )
) STRICT, WITHOUT ROWID;
CREATE TRIGGER usage_reported AFTER UPDATE OF outcome ON usage
WHEN OLD.outcome = 'held' AND NEW.outcome <> 'held' AND (SELECT reporting FROM federation_state) = 1
BEGIN
    INSERT INTO report_part (part, line, day)
    SELECT abs(random() % 281474976710656), (SELECT coalesce(max(line), 0) + 1 FROM report_part),
        NEW.ended_ms / 86400000
    WHERE NOT EXISTS (SELECT 1 FROM report_part WHERE day = NEW.ended_ms / 86400000 AND closed = 0);
    INSERT INTO report_tally (
        part, project_id, model_id, holder, recipe_revision, file_sha256, backend, op, flop_method,
        requests, failed, estimated, input_tokens, cached_tokens, output_tokens, gflop, gpu_ms, wall_ms,
        energy_mj, money_micro, first_hour, last_hour
    )
    SELECT part, NEW.project_id, NEW.model_id, iif(NEW.person_id = 'default', NEW.key_id, NEW.person_id),
        NEW.recipe_revision, NEW.file_sha256, NEW.engine_build,
        iif(NEW.kind = 'training', 'finetune', NEW.op), NEW.flop_method,
        1, NEW.outcome IN ('failed', 'crashed'), NEW.outcome = 'crashed', NEW.prompt_tokens,
        NEW.cached_tokens, NEW.completion_tokens, NEW.gflop, NEW.gpu_ms, NEW.wall_ms, NEW.energy_mj,
        NEW.money_micro, NEW.ended_ms / 3600000 % 24, NEW.ended_ms / 3600000 % 24
    FROM report_part WHERE day = NEW.ended_ms / 86400000 AND closed = 0
    ON CONFLICT DO UPDATE SET
        requests = requests + 1,
        failed = failed + excluded.failed,
        estimated = estimated + excluded.estimated,
        input_tokens = input_tokens + excluded.input_tokens,
        cached_tokens = cached_tokens + excluded.cached_tokens,
        output_tokens = output_tokens + excluded.output_tokens,
        gflop = gflop + excluded.gflop,
        gpu_ms = gpu_ms + excluded.gpu_ms,
        wall_ms = wall_ms + excluded.wall_ms,
        energy_mj = coalesce(energy_mj + excluded.energy_mj, energy_mj, excluded.energy_mj),
        money_micro = coalesce(money_micro + excluded.money_micro, money_micro, excluded.money_micro),
        first_hour = min(first_hour, excluded.first_hour),
        last_hour = max(last_hour, excluded.last_hour);
    UPDATE usage SET report_part = (
        SELECT part FROM report_part WHERE day = NEW.ended_ms / 86400000 AND closed = 0
    ) WHERE seq = NEW.seq;
END;
CREATE TABLE report_batch (
    box TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    digest TEXT NOT NULL,
    prev TEXT NOT NULL,
    jti TEXT NOT NULL UNIQUE,
    token TEXT NOT NULL,
    part INTEGER NOT NULL,
    day INTEGER NOT NULL,
    leaves INTEGER NOT NULL,
    merkle_root TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    acked_ms INTEGER,
    replaced INTEGER NOT NULL DEFAULT 0 CHECK (replaced IN (0, 1)),
    PRIMARY KEY (box, epoch, seq)
) STRICT;
CREATE INDEX report_batch_open ON report_batch (box, epoch, seq) WHERE acked_ms IS NULL AND replaced = 0;
CREATE TABLE report_record (
    id TEXT PRIMARY KEY,
    line INTEGER NOT NULL,
    part INTEGER NOT NULL,
    day INTEGER NOT NULL,
    same TEXT NOT NULL,
    record TEXT NOT NULL
) STRICT;
CREATE INDEX report_record_day ON report_record (day, same);
CREATE INDEX report_record_part ON report_record (part);
CREATE TABLE report_chain (
    box TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL DEFAULT 1,
    prev TEXT NOT NULL DEFAULT '',
    acked_epoch INTEGER NOT NULL DEFAULT 1,
    acked_seq INTEGER NOT NULL DEFAULT 0,
    acked_iat INTEGER NOT NULL DEFAULT 0,
    asked_ms INTEGER NOT NULL DEFAULT 0,
    begun_day INTEGER NOT NULL DEFAULT 0,
    begun INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE report_mark (
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    what TEXT NOT NULL,
    sentence TEXT NOT NULL
) STRICT;
CREATE TABLE report_check (
    id TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    leaves TEXT NOT NULL,
    reason TEXT NOT NULL,
    came_ms INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'shown', 'refused')),
    why TEXT NOT NULL DEFAULT '',
    decided_ms INTEGER
) STRICT;
"""
