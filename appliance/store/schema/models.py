"""Tables of what should run and where, and what was measured of models."""

from typing import Final

WANTED_MODELS: Final = """
CREATE TABLE wanted_model (
    model_id TEXT PRIMARY KEY,
    since_ms INTEGER NOT NULL
) STRICT;
"""

RUN_WISHES: Final = """
ALTER TABLE wanted_model ADD COLUMN replicas INTEGER CHECK (replicas > 0);
ALTER TABLE wanted_model ADD COLUMN seats INTEGER CHECK (seats > 0);
ALTER TABLE wanted_model ADD COLUMN context_tokens INTEGER CHECK (context_tokens > 0);
ALTER TABLE wanted_model ADD COLUMN gpus TEXT;
ALTER TABLE wanted_model ADD COLUMN deterministic INTEGER NOT NULL DEFAULT 0 CHECK (deterministic IN (0, 1));
"""

RELEASED_GPUS: Final = """
CREATE TABLE released_gpu (
    gpu INTEGER PRIMARY KEY CHECK (gpu >= 0),
    since_ms INTEGER NOT NULL
) STRICT;
"""

MEASUREMENTS: Final = """
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

FIDELITY: Final = """
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
