"""Reports, from a box's ledger to the sums of the product's own registry, over a real socket."""

import base64
import shutil
import time

import pytest

from appliance.domain.reporting import DAY_MS
from appliance.federation.protocol.kinds import CHECK_ANSWER, USAGE_BATCH
from appliance.registry.operating.checks import ask_check, list_checks
from appliance.registry.store.opening import open_database
from appliance.services.federation.reporting.previewing import Previews
from tests.federation.real_registry import RealRegistry, bring_mail
from tests.federation.reporting_box import PEOPLE


@pytest.fixture
def registry(box, clock, tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/registry.db")
    made = RealRegistry(database, tmp_path, clock)
    made.enroll(box)
    yield made
    database.close()


async def a_day(box, people=PEOPLE):
    await box.all_use(people)
    box.next_day()


async def test_a_preview_shows_byte_for_byte_what_the_registry_gets(box, registry):
    await a_day(box)
    shown = await Previews(box.store.outbox, box.composer, box.composer.compose).preview(today=False)
    async with registry.on_http(box) as transport:
        await box.sync(transport)
    assert len(shown.messages) == len(registry.heard.tokens) == 2
    for one, token in zip(shown.messages, registry.heard.tokens, strict=True):
        payload = token.split(".")[1]
        assert one.payload.encode() == base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        assert one.size_bytes == len(token)
    assert registry.requests == 12


async def test_a_preview_of_today_says_that_it_is_not_waiting(box):
    await box.use("s1")
    previews = Previews(box.store.outbox, box.composer, box.composer.compose)
    shown = await previews.preview(today=True)
    assert [(one.kind, one.waits) for one in shown.messages if one.kind == USAGE_BATCH] == [
        (USAGE_BATCH, False)
    ]
    assert [one.kind for one in await box.waiting()] == ["head-request+jws"]


async def test_a_spot_check_goes_there_and_back(box, registry):
    await a_day(box)
    async with registry.on_http(box) as transport:
        await box.sync(transport)
        ask_check(registry.office.office, box.id, day="2026-09-04", leaves=4)
        await bring_mail(box, transport)
        (check,) = await box.store.report_checks.all()
        await box.checks.decide(check.id, approve=True, reason="")
        assert [row.kind for row in await box.waiting()] == [CHECK_ANSWER]
        await box.sync(transport)
    assert [one.state for one in list_checks(registry.office.office)] == ["fits"]


@pytest.mark.parametrize("few", [PEOPLE, PEOPLE[:2]], ids=["a class", "two people"])
async def test_restored_box_whose_day_goes_on(box, registry, tmp_path, few):
    """Part of a day was used before the backup, part after it was put back: each is counted once."""
    transport = registry.direct(box)
    await a_day(box)
    await box.sync(transport)
    await box.all_use(few)
    box.close()
    shutil.copytree(box.path.parent, tmp_path / "backup", ignore=shutil.ignore_patterns("*.lock"))
    box.open()
    await a_day(box)
    await box.sync(transport)
    lost = 12 + len(few) + 12
    assert registry.requests == lost
    box.close()
    shutil.rmtree(box.path.parent)
    shutil.copytree(tmp_path / "backup", box.path.parent)
    box.open()
    box.clock.time_ms -= DAY_MS
    await box.store.report_tally.end_open()
    await a_day(box, few)
    await box.sync(transport)
    assert await box.waiting() == []
    assert registry.requests == lost + len(few)
    assert sorted(registry.marks) == ["epoch", "fork"]
    await a_day(box)
    await box.sync(transport)
    assert registry.requests == lost + len(few) + 12


async def test_late_use_of_a_reported_day_adds_to_it(box, registry):
    transport = registry.direct(box)
    await a_day(box)
    await box.sync(transport)
    box.clock.time_ms -= DAY_MS
    await a_day(box)
    await box.sync(transport)
    assert registry.requests == 24
    assert await box.waiting() == []


@pytest.mark.slow
async def test_eight_weeks_backlog_over_http_in_ten_seconds(box, registry):
    for _ in range(56):
        await a_day(box)
        await box.composer.compose()
    async with registry.on_http(box) as transport:
        begun = time.monotonic()
        await box.sync(transport)
        took_s = time.monotonic() - begun
    assert registry.requests == 56 * 12
    assert await box.waiting() == []
    assert took_s < 10
