"""How faithful the forms of models are, as it was measured last. A row is about exact bytes: it outlives
them, and says nothing of others.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from appliance.domain.fidelity import FidelityDistance, FidelityMeasures, FidelityRecord, FidelitySubject
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_KEEP: Final = """
INSERT OR REPLACE INTO fidelity (
    recipe_id, recipe_revision, form, files_sha256, engine_build, text_sha256, reference,
    reference_perplexity, tokens, nll, perplexity, nll_difference, agreement, mean_difference,
    largest_difference, window_tokens, seconds, measured_ms
) VALUES (
    :recipe_id, :recipe_revision, :form, :files_sha256, :engine_build, :text_sha256, :reference,
    :reference_perplexity, :tokens, :nll, :perplexity, :nll_difference, :agreement, :mean_difference,
    :largest_difference, :window_tokens, :seconds, :measured_ms
)
"""
_ALL: Final = "SELECT * FROM fidelity ORDER BY measured_ms, rowid"


class FidelityTable:
    """One row for each form, build and text."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def keep(self, record: FidelityRecord) -> None:
        """Remember it in place of what was measured of the same subject before."""
        await self._writer.run(lambda database: database.execute(_KEEP, _row(record)).rowcount)

    async def all(self) -> Sequence[FidelityRecord]:
        """Every record, those measured first before the others."""
        return await self._reader.run(lambda database: [_record(row) for row in database.query(_ALL)])


def _row(record: FidelityRecord) -> dict[str, str | int | float]:
    subject, measures, distance = record.subject, record.measures, record.distance
    return {
        "recipe_id": subject.recipe_id,
        "recipe_revision": subject.recipe_revision,
        "form": subject.form,
        "files_sha256": subject.files_sha256,
        "engine_build": subject.engine_build,
        "text_sha256": subject.text_sha256,
        "reference": record.reference,
        "reference_perplexity": record.reference_perplexity,
        "tokens": measures.tokens,
        "nll": measures.nll,
        "perplexity": measures.perplexity,
        "nll_difference": distance.nll_difference,
        "agreement": distance.agreement,
        "mean_difference": distance.mean_difference,
        "largest_difference": distance.largest_difference,
        "window_tokens": record.window_tokens,
        "seconds": record.seconds,
        "measured_ms": record.measured_ms,
    }


def _record(row: Mapping[str, Any]) -> FidelityRecord:
    return FidelityRecord(
        subject=FidelitySubject(
            recipe_id=row["recipe_id"],
            recipe_revision=row["recipe_revision"],
            form=row["form"],
            files_sha256=row["files_sha256"],
            engine_build=row["engine_build"],
            text_sha256=row["text_sha256"],
        ),
        reference=row["reference"],
        reference_perplexity=row["reference_perplexity"],
        measures=FidelityMeasures(row["tokens"], row["nll"], row["perplexity"]),
        distance=FidelityDistance(
            row["nll_difference"], row["agreement"], row["mean_difference"], row["largest_difference"]
        ),
        window_tokens=row["window_tokens"],
        seconds=row["seconds"],
        measured_ms=row["measured_ms"],
    )
