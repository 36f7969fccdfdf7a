"""Spot checks, sealed content, flaw reports and alerts on the disk."""

from dataclasses import replace
from fractions import Fraction

import pytest

from appliance.domain.alerts import Alert, AlertLevel, Sign
from appliance.domain.people import Owner
from appliance.domain.reports import Drawn, Report, ReportedModel
from appliance.domain.samples import (
    Choice,
    LedgerLine,
    RateChange,
    ReviewerKey,
    Sealed,
    Seed,
    Taken,
    TierChange,
)
from appliance.domain.usage import Meters, Outcome
from appliance.errors import Conflict, NotFound, TryAgain
from tests.store.conftest import NOON_MS

TAKEN = Taken(
    "smp_1", "req_1", "approved", "chat", "to study bias", True, NOON_MS, (("k1", "jwe"),), NOON_MS + 9
)
REPORT = Report(
    id="rep_1",
    holder="key_1",
    person_id="default",
    project_id="default",
    model=ReportedModel("m@f16", 2, "ab" * 32),
    prompt_sha256="cd" * 32,
    drawn=Drawn(7, temperature=0.5),
    severity="high",
    category="bias",
    description="It does.",
    seen=3,
    made_ms=NOON_MS,
)


@pytest.fixture
async def ledger(store, caller, make_hold):
    """One settled request, and one that is held."""
    for number in (1, 2):
        await store.ledger.reserve(make_hold(f"req_{number}", caller=caller))
    await store.ledger.settle("req_1", Outcome.COMPLETED, Meters(prompt_tokens=5, completion_tokens=6))
    await store.sealed.add_key(ReviewerKey("k1", "Rosa's", "x", "uid 0", NOON_MS))
    return store


async def test_a_sample_is_the_ledger_s_row_beside_the_purpose(ledger):
    assert await ledger.samples.take(TAKEN)
    (sample,) = await ledger.samples.page(open_only=True, limit=5)
    assert (sample.request_id, sample.prompt_tokens, sample.completion_tokens) == ("req_1", 5, 6)
    assert (sample.purpose, sample.holder, sample.project_id) == ("to study bias", "key_1", "default")
    assert sample.keys == ("k1",)


async def test_what_is_not_settled_is_no_sample_and_nothing_is_taken_twice(ledger):
    assert not await ledger.samples.take(Taken("smp_2", "req_2", "approved", "chat", "", False, NOON_MS))
    assert not await ledger.samples.take(Taken("smp_3", "req_3", "approved", "chat", "", False, NOON_MS))
    assert await ledger.samples.take(TAKEN)
    assert not await ledger.samples.take(Taken("smp_4", "req_1", "approved", "chat", "", False, NOON_MS))
    assert await ledger.samples.taken(NOON_MS, NOON_MS + 1) == {"req_1"}


async def test_a_verdict_is_given_once(ledger):
    await ledger.samples.take(TAKEN)
    await ledger.samples.decide("smp_1", "fits", "It is the study.", "uid 0", NOON_MS)
    assert (await ledger.samples.get("smp_1")).verdict == "fits"
    assert await ledger.samples.page(open_only=True, limit=5) == []
    with pytest.raises(Conflict):
        await ledger.samples.decide("smp_1", "unclear", "Hm.", "uid 0", NOON_MS)
    with pytest.raises(NotFound):
        await ledger.samples.decide("smp_9", "unclear", "Hm.", "uid 0", NOON_MS)


async def test_the_ledger_is_read_in_parts_without_what_is_held(ledger, monkeypatch):
    lines, after = await ledger.samples.ledger(NOON_MS, NOON_MS + 1)
    assert (lines, after) == ([LedgerLine("req_1", "key_1", "handbook-tiny", NOON_MS)], None)
    monkeypatch.setattr("appliance.store.samples._PAGE_LINES", 1)
    lines, after = await ledger.samples.ledger(NOON_MS, NOON_MS + 1)
    assert len(lines) == 1
    assert await ledger.samples.ledger(NOON_MS, NOON_MS + 1, after) == ([], None)
    assert await ledger.samples.line("req_1") == (lines[0], "default")
    assert await ledger.samples.line("req_2") is None


async def test_what_decides_on_samples_is_kept_change_by_change(store):
    assert {one.tier: one.rate for one in await store.sampling.rates()} == {
        "open": 0,
        "registered": Fraction(1, 1000),
        "approved": Fraction(1, 200),
        "restricted": Fraction(1, 20),
    }
    rate, tier = RateChange("open", Fraction(1, 3), 5, "uid 0"), TierChange("m", "open", 6)
    choice = Choice("ada", "nlp", True, False, 7)
    await store.sampling.add_rate(rate)
    await store.sampling.add_tier(tier)
    await store.sampling.add_choice(choice)
    await store.sampling.add_seeds([Seed("2026-11-21", b"a" * 32, 8)])
    await store.sampling.add_seeds([Seed("2026-11-21", b"b" * 32, 9)])
    assert (await store.sampling.rates())[-1] == rate
    assert await store.sampling.tiers() == [tier]
    assert await store.sampling.choices() == [choice]
    assert await store.sampling.seeds() == [Seed("2026-11-21", b"a" * 32, 8)]


async def test_sealed_content_goes_when_its_time_is_over_or_its_person_says_so(ledger):
    await ledger.samples.take(TAKEN)
    assert await ledger.sealed.of("smp_1", NOON_MS) == [Sealed("smp_1", "k1", "jwe", NOON_MS + 9)]
    assert await ledger.sealed.of("smp_1", NOON_MS + 9) == []
    assert await ledger.sealed.expire(NOON_MS + 8) == 0
    await ledger.reports.add(REPORT, [Sealed("rep_1", "k1", "jwe", NOON_MS + 9)], most_open=1)
    assert await ledger.sealed.forget("somebody") == 0
    assert await ledger.sealed.forget("key_1") == 2
    await ledger.reports.add(
        replace(REPORT, id="rep_2"),
        [Sealed("rep_2", "k1", "jwe", NOON_MS + 9)],
        most_open=2,
    )
    assert await ledger.sealed.expire(NOON_MS + 9) == 1


async def test_a_key_ends_and_can_count_again(store):
    await store.sealed.add_key(ReviewerKey("k1", "Rosa's", "x", "uid 0", 1))
    await store.sealed.end_key("k1", 5)
    assert [one.ended_ms for one in await store.sealed.keys()] == [5]
    with pytest.raises(NotFound):
        await store.sealed.end_key("k2", 5)
    await store.sealed.add_key(ReviewerKey("k1", "Rosa's again", "x", "uid 0", 7))
    assert [(one.ended_ms, one.label) for one in await store.sealed.keys()] == [(None, "Rosa's again")]


async def test_a_report_is_its_reporter_s_until_it_is_triaged(store):
    await store.reports.add(REPORT, [], most_open=1)
    assert await store.reports.get("rep_1", Owner("key_1", "default")) == REPORT
    for another in (Owner("key_2", "default"), Owner("key_1", "other")):
        with pytest.raises(NotFound):
            await store.reports.get("rep_1", another)
        assert await store.reports.page(open_only=False, owner=another, limit=9) == []
    second = replace(REPORT, id="rep_2")
    with pytest.raises(TryAgain):
        await store.reports.add(second, [], most_open=1)
    await store.reports.triage("rep_1", "accepted", reason="Seen.", micro=5, by="uid 0", now_ms=NOON_MS)
    with pytest.raises(Conflict):
        await store.reports.triage("rep_1", "declined", reason="No.", micro=0, by="uid 0", now_ms=NOON_MS)
    with pytest.raises(NotFound):
        await store.reports.triage("rep_9", "declined", reason="No.", micro=0, by="uid 0", now_ms=NOON_MS)
    assert [one.id for one in await store.reports.due()] == ["rep_1"]
    await store.reports.paid("rep_1")
    assert await store.reports.due() == []
    await store.reports.add(second, [], most_open=1)
    assert [one.id for one in await store.reports.page(open_only=False, limit=9)] == ["rep_2", "rep_1"]
    assert [one.id for one in await store.reports.page(open_only=True, limit=9)] == ["rep_2"]


async def test_an_alert_is_kept_as_it_stands(store):
    alert = Alert("alr_1", Sign("disk", "data", AlertLevel.WARN, "Little room.", "df"), 1, 5, 5)
    told = Alert("alr_1", alert.sign, 3, 5, 9, 3, "delivered", "", 9)
    await store.alerts.keep(alert)
    assert await store.alerts.waiting() == [alert]
    await store.alerts.keep(told)
    assert await store.alerts.waiting() == []
    assert await store.alerts.recent(5) == [told]
    assert await store.alerts.expire(9) == 0
    assert await store.alerts.expire(10) == 1
