"""What a form's fidelity is kept as, for the tests of whoever keeps or tells it."""

from appliance.domain.fidelity import FidelityDistance, FidelityMeasures, FidelityRecord, FidelitySubject

SUBJECT = FidelitySubject("tiny", 2, "q8", "a" * 64, "llama.cpp-1", "b" * 64)
RECORD = FidelityRecord(
    subject=SUBJECT,
    reference="f16",
    reference_perplexity=1.9,
    measures=FidelityMeasures(4000, 0.6523, 1.92),
    distance=FidelityDistance(0.0104, 0.991, 0.02, 0.5),
    window_tokens=512,
    seconds=3.25,
    measured_ms=1_790_000_000_000,
)
