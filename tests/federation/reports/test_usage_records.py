"""What a record of use says, what is never in one, and how long the box keeps what it was made of."""

from appliance.domain.reporting import DAY_MS, backend_of
from appliance.domain.usage import PRICE_METHOD, Outcome
from appliance.errors import BudgetExhausted, ModelNotFound, NotLicensed
from appliance.federation.protocol.bounds import MOST
from appliance.federation.protocol.kinds import CHECK
from appliance.federation.protocol.pseudonyms import pseudonym
from appliance.federation.protocol.statements import Check
from appliance.services.admission.gates import Asked
from appliance.services.federation.reporting.records import day_of
from appliance.trust.signed import signer_of, unfold
from tests.federation.reporting_box import PEOPLE, SECRETS, batches, total
from tests.federation.simulated_transport import SimulatedTransport
from tests.federation.simulator import SimulatedRegistry


async def test_an_integer_above_2_to_the_53_is_told_in_records_that_json_can_carry(box, clock):
    from appliance.domain.reporting import Sums
    from appliance.services.federation.reporting.records import _bounded

    parts = list(_bounded(Sums(requests=3, gflop=2 * MOST + 5, energy_mj=MOST + 1)))
    assert [one.gflop for one in parts] == [MOST, MOST, 5]
    assert sum(one.requests for one in parts) == 3
    assert [one.energy_mj for one in parts] == [MOST, 1, 0]
    await box.all_use(PEOPLE, gflop=MOST // 8)
    clock.time_ms += DAY_MS
    await box.composer.compose()
    (batch,) = await batches(box)
    assert [one.adjusts for one in batch.records] == ["", batch.records[0].id]
    assert total(batch.records, "gflop") == 12 * (MOST // 8)
    assert total(batch.records) == 12


async def test_outcomes_and_operations_are_told_apart(box, clock):
    for name in PEOPLE:
        await box.use(name, op="completion", outcome=Outcome.FAILED)
        await box.use(name, op="embedding", outcome=Outcome.CANCELLED)
        await box.use(name)
    clock.time_ms += DAY_MS
    await box.composer.compose()
    (batch,) = await batches(box)
    found = {one.op: (one.requests, one.failed) for one in batch.records}
    assert found == {"chat": (12, 0), "completion": (12, 12), "embedding": (12, 0)}


async def test_purpose_lease_and_what_is_beside_the_records(box, clock):
    box.around.purposes["nlp"], box.around.leases["demo"] = "course", "lease_1"
    await box.all_use(PEOPLE, energy_mj=4)
    clock.time_ms += DAY_MS
    await box.composer.compose()
    (batch,) = await batches(box)
    (record,) = batch.records
    assert (record.purpose, record.lease, record.energy_mj, record.money_micro) == (
        "course",
        "lease_1",
        48,
        None,
    )
    assert record.group == pseudonym(box.secret, "nlp", day_of(20_700))
    assert (batch.catalog.snapshot_version, batch.audit_rows, batch.audit_head) == (4, 7, "cd" * 32)
    assert batch.software == "carrel test"


async def test_pseudonyms_change_with_the_term_and_the_box():
    june, july = day_of(20_634), day_of(20_635)
    assert (june.isoformat(), july.isoformat()) == ("2026-06-30", "2026-07-01")
    names = {
        pseudonym(secret, project, day)
        for secret in (b"a" * 32, b"b" * 32)
        for project in ("nlp", "bio")
        for day in (june, july)
    }
    assert len(names) == 8
    assert pseudonym(b"a" * 32, "nlp", june) == pseudonym(b"a" * 32, "nlp", day_of(20_600))


def test_backends_are_engines_without_versions_and_without_what_the_lab_calls_a_host():
    assert backend_of("llama.cpp-0.3.36") == "llama.cpp"
    assert backend_of("torch-2.8.0+cpu-bfloat16") == "torch"
    assert backend_of("upstream:ada-s-account") == "remote"
    assert backend_of("") == "unknown"


async def test_what_a_model_elsewhere_cost_is_credits_and_no_compute(box):
    from appliance.services.federation.reporting.records import gflop_of

    assert (gflop_of(5, PRICE_METHOD), gflop_of(5, "mm-v1")) == (0, 5)


class Wanted:
    """As much of a recipe as refusals ask for."""

    id, revision, upstream = "demo", 3, None


def asked(box, name="s1", *, request=True):
    from appliance.domain.generation import GenerationRequest
    from appliance.domain.people import Caller
    from appliance.domain.prompts import TextPrompt

    wanted = GenerationRequest("req_x", "demo", TextPrompt("hunter2-prompt")) if request else None
    caller = Caller(f"key_{name}_nlp", name, "nlp")
    return Asked(caller, Wanted(), "demo", wanted, box.clock.now_ms())


async def test_refusals_are_counted_in_memory_and_reported_with_their_day(box, clock):
    for name in PEOPLE:
        await box.use(name, op="completion")
        box.refusals.refused(asked(box, name), "budget", BudgetExhausted("no"))
        box.refusals.refused(asked(box, name), "license", NotLicensed("no"))
        box.refusals.refused(asked(box, name), "license", NotLicensed("no"))
        box.refusals.refused(asked(box, name), "names", ModelNotFound("no"))
        box.refusals.refused(asked(box, name, request=False), "license", NotLicensed("no"))
    clock.time_ms += DAY_MS
    await box.composer.compose()
    (batch,) = await batches(box)
    (record,) = batch.records
    assert (record.requests, record.refused_budget, record.refused_license, record.users) == (12, 12, 24, 12)


async def test_refusals_of_a_box_that_does_not_report_are_in_no_tally(box):
    await box.store.federation.report(on=False)
    box.refusals.refused(asked(box), "budget", BudgetExhausted("no"))
    await box.refusals.flush()
    assert await box.ask("SELECT * FROM report_tally") == []


async def test_a_large_day_is_divided_into_batches_that_a_message_can_carry(box, clock):
    from appliance.federation.protocol.limits import MESSAGE_BYTES, RECORDS

    def job(database):
        database.execute(
            "INSERT INTO report_part (part, line, day) VALUES (7, 1, ?)", (clock.now_ms() // DAY_MS,)
        )
        for number in range(1500):
            database.execute(
                "INSERT INTO report_tally (part, project_id, model_id, holder, recipe_revision, file_sha256,"
                " backend, op, flop_method, requests, first_hour, last_hour)"
                " VALUES (7, 'p', ?, 'h', 1, ?, 'llama.cpp-1', 'chat', 'mm-v1', 1, 0, 23)",
                (f"model-{number}", "ab" * 32),
            )

    await box.store._writer.run(job)
    clock.time_ms += DAY_MS
    await box.composer.compose()
    made = await box.store.report_batches.batches(box.id)
    assert len(made) > 1
    assert all(len(one.token) <= MESSAGE_BYTES for one in made)
    assert max(len(one.token) for one in made) > MESSAGE_BYTES * 0.9
    found = await batches(box)
    assert sum(len(one.records) for one in found) == 1500
    assert all(len(one.records) <= RECORDS for one in found)
    assert [one.seq for one in found] == list(range(1, len(found) + 1))
    assert len({record.id for one in found for record in one.records}) == 1500


async def test_no_prompt_no_name_and_no_key_is_in_anything_that_leaves(box, clock, tmp_path):
    for name in PEOPLE:
        await box.use(name)
        box.refusals.refused(asked(box, name), "budget", BudgetExhausted("hunter2-prompt"))
    clock.time_ms += DAY_MS
    await box.composer.compose()
    registry = SimulatedRegistry()
    registry.add_box(box.id)
    check = Check(**registry.about(box.id, "chk"), epoch=1, seq=1, leaves=(0, 3), reason="r")
    await box.take(registry.key.sign(CHECK, check))
    await box.checks.decide(check.jti, approve=True, reason="")
    rows = await box.waiting()
    assert len(rows) == 3
    for row in rows:
        text = unfold(row.token, row.kind, signer_of(row.token)).decode() + row.summary
        assert [word for word in SECRETS if f'"{word}' in text or f"{word}_" in text] == []
        assert "req_" not in text
        assert "hunter2" not in text


async def test_folding_usage_keeps_reports_and_sums_as_they_are(box, clock):
    await box.all_use(PEOPLE)
    clock.time_ms += DAY_MS
    before = await box.ask("SELECT sum(gflop) AS gflop, count(*) AS rows FROM usage_settled")
    await box.store.usage_folding.fold(clock.now_ms(), 100)
    after = await box.ask("SELECT sum(gflop) AS gflop, sum(requests) AS rows FROM usage_settled")
    assert [list(one.values()) for one in after] == [list(one.values()) for one in before]
    await box.composer.compose()
    (batch,) = await batches(box)
    assert total(batch.records) == 12
    assert (batch.leaves, batch.merkle_root) == (0, "")


async def test_rows_of_single_holders_go_30_days_after_their_day_once_it_is_acknowledged(box, clock):
    registry = SimulatedRegistry(lambda: clock.now_ms() // 1000)
    registry.add_box(box.id)
    await box.all_use(PEOPLE)
    clock.time_ms += 40 * DAY_MS
    await box.composer.compose()
    assert await box.store.report_tally.forget(clock.now_ms() - 30 * DAY_MS, 10) == 0
    await box.sync(SimulatedTransport(registry))
    assert await box.store.report_tally.forget(clock.now_ms() - 41 * DAY_MS, 10) == 0
    assert await box.store.report_tally.forget(clock.now_ms() - 30 * DAY_MS, 10) == 12


async def test_tokens_are_kept_120_days_after_their_acknowledgement_and_the_last_one_for_good(box, clock):
    registry = SimulatedRegistry(lambda: clock.now_ms() // 1000)
    registry.add_box(box.id)
    for _ in range(3):
        await box.use("s1")
        clock.time_ms += DAY_MS
        await box.sync(SimulatedTransport(registry))
    assert await box.store.report_batches.forget(clock.now_ms() - DAY_MS) == 1
    assert await box.store.report_batches.forget(clock.now_ms() + DAY_MS) == 1
    kept = await box.store.report_batches.batches(box.id)
    assert [bool(one.token) for one in kept] == [False, False, True]
