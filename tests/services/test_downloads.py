"""A download from its first byte to a model's folder, and everything that can come between."""

import asyncio
from dataclasses import replace

import pytest

from appliance.domain.download import FetchProgress, SourceDropped
from appliance.errors import IntegrityFailed, NotLicensed, Offline, OutboundFailed, StorageUnavailable
from appliance.services.downloads.course import WAITS
from tests.services import downloads_fakes as fakes
from tests.services.downloads_fakes import HUB, MIRROR, STICK, Box, Shelf, file, form, recipe

TWO_PLACES = recipe(forms=[form(sources=(HUB, MIRROR))])
HALF = FetchProgress(500, 500, "hub lab/tiny")


@pytest.fixture
async def box():
    """With a small model, whose files are on two hosts."""
    box = Box(Shelf(TWO_PLACES))
    yield box
    await box.service.close()


async def test_a_pull_answers_at_once_and_ends_with_the_files_in_place(box):
    box.fetcher.script = [["hold", "rest"]]
    begun = await box.service.pull(model="tiny")
    assert begun.state == "waiting"
    assert begun.total_bytes == 1000
    await box.fetcher.held.wait()
    assert (await box.service.show(download=begun.id)).state == "running"
    box.fetcher.go_on.set()
    done = await box.until("done")
    assert (done.percent, done.verified_bytes, done.fetched_bytes) == (100, 1000, 1000)
    assert box.blobs.models["tiny"].keys() == {"tiny.gguf"}
    assert box.inspector.seen[0][1]["tiny.gguf"].name == file().sha256
    assert box.table.rows[begun.id].state == "done"
    assert box.service.unfinished == ()


async def test_the_fetcher_is_told_what_is_missing_and_where_it_can_be_had(box):
    shared, own = file("a.safetensors", 300), file("b.safetensors", 700)
    box.catalog.change("tiny", forms=(form(files=(shared, own), sources=(HUB, MIRROR)),))
    box.blobs.whole.add(shared.sha256)
    box.fetcher.script = [[FetchProgress(100, 100, "hub lab/tiny"), "hold", "rest"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    assert (await box.service.show(download="tiny")).verified_bytes == 400
    box.fetcher.go_on.set()
    done = await box.until("done")
    (order,) = box.fetcher.orders
    assert order.files == (own,)
    assert order.sources == (HUB, MIRROR)
    assert order.hub == "https://hub.lab"
    assert (done.verified_bytes, done.fetched_bytes) == (1000, 700)


async def test_what_is_here_already_is_neither_fetched_nor_asked_for(box):
    box.blobs.whole.add(file().sha256)
    await box.service.pull(model="tiny")
    done = await box.until("done")
    assert box.fetcher.orders == []
    assert done.reason.startswith("Nothing to fetch")
    assert "tiny" in box.blobs.models


async def test_files_that_were_put_there_by_hand_are_read_and_then_taken_as_they_are(box):
    box.files.by_hand.add("tiny")
    await box.service.pull(model="tiny")
    done = await box.until("done")
    assert len(box.files.verified) == 1
    assert box.fetcher.orders == []
    assert done.reason.startswith("Nothing to fetch")


async def test_wrong_files_that_were_put_there_by_hand_are_replaced(box):
    box.files.by_hand.add("tiny")
    box.files.wrong.add("tiny")
    await box.service.pull(model="tiny")
    await box.until("done")
    assert len(box.fetcher.orders) == 1


async def test_progress_never_goes_back_and_reaches_the_disk_once_a_second(box):
    box.fetcher.script = [[HALF, FetchProgress(200, 600, "mirror"), FetchProgress(300, 7, "mirror"), "hold"]]
    begun = await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    shown = await box.service.show(download="tiny")
    assert (shown.verified_bytes, shown.fetched_bytes, shown.percent) == (500, 600, 50)
    assert box.table.rows[begun.id].verified_bytes == 0
    puts = len(box.table.puts)
    await box.ticks.tick()
    await box.ticks.tick()
    assert box.table.rows[begun.id].verified_bytes == 500
    assert len(box.table.puts) - puts <= 2


async def test_after_a_crash_it_goes_on_by_itself_and_shows_no_less_than_before(box):
    box.fetcher.script = [[HALF, "hold"], [FetchProgress(100, 100, "hub lab/tiny"), "hold"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    await box.ticks.tick()
    await asyncio.sleep(0)
    await box.service.close()
    box.fetcher.held.clear()
    assert await box.restart().start() == 1
    await box.fetcher.held.wait()
    shown = await box.service.show(download="tiny")
    assert (shown.state, shown.verified_bytes, shown.fetched_bytes) == ("running", 500, 600)
    box.fetcher.go_on.set()


@pytest.mark.parametrize("step", ["fetching", "inspecting", "placed"])
async def test_a_crash_at_any_step_is_mended_by_the_next_start(box, step):
    box.fetcher.script = [["hold" if step == "fetching" else "rest"]]
    box.inspector.hold = step == "inspecting"
    begun = await box.service.pull(model="tiny")
    await {"fetching": box.fetcher.held, "inspecting": box.inspector.held}.get(step, _over()).wait()
    if step == "placed":
        # The names were there, and the row was not written any more.
        await box.until("done")
        row = box.table.rows[begun.id]
        box.table.rows[begun.id] = replace(row, state=type(row.state)("checking"))
    await box.service.close()
    box.inspector.hold = False
    await box.restart().start()
    await box.until("done")
    assert "tiny" in box.blobs.models


def _over():
    event = asyncio.Event()
    event.set()
    return event


async def test_what_is_over_does_not_begin_again_at_the_next_start(box):
    await box.service.pull(model="tiny")
    await box.until("done")
    assert await box.restart().start() == 0
    assert (await box.service.show(download="tiny")).state == "done"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (IntegrityFailed("All places served other bytes."), "integrity_failed"),
        (fakes.FULL, "insufficient_storage"),
        (Offline("No network."), "offline"),
        (OutboundFailed("Nobody answers."), "outbound_failed"),
    ],
)
async def test_a_fetch_that_fails_says_why_and_a_pull_goes_on_with_it(box, error, code):
    box.fetcher.script = [[error]]
    begun = await box.service.pull(model="tiny")
    failed = await box.until("failed")
    assert (failed.reason, failed.error) == (error.message, code)
    assert box.table.rows[begun.id].state == "failed"
    again = await box.service.pull(model="tiny")
    assert again.id == begun.id
    assert (await box.until("done")).reason is None


async def test_one_that_had_begun_to_come_is_tried_again_when_nobody_can_be_reached(box):
    gone = OutboundFailed("Nobody answers.")
    box.fetcher.script = [[HALF, gone], [gone], [gone, "rest"]]
    await box.service.pull(model="tiny")
    await box.ticks.tick(5)
    waiting = await box.service.show(download="tiny")
    assert (waiting.state, waiting.verified_bytes) == ("running", 500)
    await box.ticks.tick(15)
    await box.ticks.tick(60)
    await box.until("done")
    assert len(box.fetcher.orders) == 4


async def test_whatever_comes_in_between_makes_it_patient_again(box):
    gone = OutboundFailed("Nobody answers.")
    more = FetchProgress(600, 100, "hub lab/tiny")
    box.fetcher.script = [[HALF, gone], [gone], [more, gone], ["rest"]]
    await box.service.pull(model="tiny")
    for seconds in (5, 15, 5):
        await box.ticks.tick(seconds)
    await box.until("done")


async def test_it_gives_up_when_nothing_comes_for_long(box):
    gone = OutboundFailed("Nobody answers.")
    box.fetcher.script = [[HALF, gone], *([gone] for _ in range(8))]
    await box.service.pull(model="tiny")
    for seconds in (5, 15, 60, 300):
        await box.ticks.tick(seconds)
    failed = await box.until("failed")
    assert (failed.error, failed.verified_bytes) == ("outbound_failed", 500)


async def test_a_place_that_served_other_bytes_is_named_and_not_asked_again_after_a_restart(box):
    box.fetcher.script = [[SourceDropped("hub lab/tiny", "Other bytes."), "hold"], ["rest"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    assert (await box.service.show(download="tiny")).dropped == ("hub lab/tiny",)
    assert box.log.records[-1][1] == "source_dropped"
    await box.ticks.tick()
    await asyncio.sleep(0)
    await box.service.close()
    await box.restart().start()
    done = await box.until("done")
    assert box.fetcher.orders[1].sources == (MIRROR,)
    assert done.dropped == ("hub lab/tiny",)


async def test_an_operator_who_pulls_again_has_every_place_asked_again(box):
    dropped = [SourceDropped(one, "Other bytes.") for one in ("hub lab/tiny", "mirror https://mirror.lab")]
    box.fetcher.script = [[*dropped, IntegrityFailed("All places served other bytes.")]]
    await box.service.pull(model="tiny")
    assert len((await box.until("failed")).dropped) == 2
    await box.service.pull(model="tiny")
    assert (await box.until("done")).dropped == ()
    assert box.fetcher.orders[1].sources == (HUB, MIRROR)


async def test_files_that_are_not_what_they_should_be_inside_fail_with_the_reason(box):
    box.inspector.refusal = IntegrityFailed("tiny.gguf has a header that points outside of it.")
    await box.service.pull(model="tiny")
    failed = await box.until("failed")
    assert "points outside" in failed.reason
    assert failed.error == "integrity_failed"
    assert box.blobs.models == {}


async def test_names_that_cannot_be_given_fail_it(box):
    def full():
        raise StorageUnavailable("The disk with the models is full.")

    box.blobs.placing = full
    await box.service.pull(model="tiny")
    assert (await box.until("failed")).error == "insufficient_storage"


async def test_a_license_that_is_withdrawn_stops_it(box):
    box.fetcher.script = [[HALF, "hold"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    box.permits.refusal = NotLicensed("The license of tiny has to be accepted first.")
    await box.ticks.tick()
    failed = await box.until("failed")
    assert failed.error == "not_licensed"
    assert box.fetcher.left == 1


async def test_pulling_again_what_was_begun_is_refused_once_the_license_is_withdrawn(box):
    box.fetcher.script = [[HALF, "hold"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    box.permits.refusal = NotLicensed("The license of tiny has to be accepted first.")
    with pytest.raises(NotLicensed):
        await box.service.pull(model="tiny")


async def test_a_license_that_is_withdrawn_while_it_is_looked_into_keeps_it_from_its_folder(box):
    refusal = NotLicensed("The license of tiny has to be accepted first.")
    box.inspector.meanwhile = lambda: setattr(box.permits, "refusal", refusal)
    await box.service.pull(model="tiny")
    assert (await box.until("failed")).error == "not_licensed"
    assert box.blobs.models == {}


async def test_a_catalog_that_cannot_be_verified_any_more_stops_it(box):
    box.fetcher.script = [[HALF, "hold"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    box.catalog.change("tiny", approval=replace(fakes.APPROVED_BY_CATALOG, freshness="unverifiable"))
    await box.ticks.tick()
    assert (await box.until("failed")).error == "integrity_failed"


async def test_a_recipe_that_is_withdrawn_stops_it(box):
    box.fetcher.script = [[HALF, "hold"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    del box.catalog.known["tiny"]
    await box.ticks.tick()
    assert (await box.until("failed")).error == "model_not_found"


async def test_another_revision_stops_it_and_a_pull_fetches_that_one(box):
    box.fetcher.script = [[HALF, "hold"]]
    begun = await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    box.catalog.change("tiny", revision=2)
    await box.ticks.tick()
    assert "another revision" in (await box.until("failed")).reason
    fresh = await box.service.pull(model="tiny")
    assert (fresh.revision, fresh.id != begun.id) == (2, True)
    await box.until("done")
    assert [one.id for one in (await box.service.list_downloads()).downloads] == [fresh.id]


async def test_a_catalog_that_expires_stops_nothing_that_was_begun(box):
    box.fetcher.script = [["hold", "rest"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    stale = replace(fakes.APPROVED_BY_CATALOG, freshness="stale")
    box.catalog.change("tiny", approval=stale)
    await box.ticks.tick()
    box.fetcher.go_on.set()
    await box.until("done")


async def test_a_disk_that_takes_no_rows_fails_it(box):
    box.fetcher.script = [[HALF, "hold"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    box.table.refusal = StorageUnavailable("The database could not commit.")
    await box.ticks.tick()
    assert (await box.until("failed")).reason == "The database could not commit."


async def test_a_download_under_way_waits_while_the_box_is_offline_and_goes_on_by_itself(box):
    box.fetcher.script = [[HALF, "hold"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    await box.switch.set(True, "ann", 1)
    waiting = await box.until("waiting")
    assert (waiting.reason, waiting.verified_bytes) == (WAITS, 500)
    assert box.service.line("tiny") == "waits for the network, 50 %"
    assert len(box.service.kept_offline_since_ms) == 1

    await box.switch.set(False, "ann", 2)
    await box.until("done")
    assert box.service.kept_offline_since_ms == []


async def test_a_download_that_an_offline_box_was_started_with_waits_too(box):
    box.fetcher.script = [[HALF, "hold"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    await box.service.close()
    await box.switch.set(True, "ann", 1)
    await box.restart().start()
    assert (await box.until("waiting")).reason == WAITS
    await box.switch.set(False, "ann", 2)
    await box.until("done")


async def test_an_operator_may_pause_or_cancel_what_waits_for_the_network(box):
    box.fetcher.script = [[HALF, "hold"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    await box.switch.set(True, "ann", 1)
    await box.until("waiting")
    assert (await box.service.pause(download="tiny")).state == "paused"
    await box.switch.set(False, "ann", 2)
    assert (await box.service.show(download="tiny")).state == "paused"
    assert (await box.service.cancel(download="tiny")).state == "cancelled"


async def test_a_download_goes_on_from_a_folder_when_the_box_goes_offline(box):
    box.catalog.change("tiny", forms=(form(sources=(HUB, STICK)),))
    box.fetcher.script = [[HALF, "hold"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    await box.switch.set(True, "ann", 1)
    await box.until("done")
    assert [one.sources for one in box.fetcher.orders] == [(HUB, STICK), (STICK,)]


async def test_a_download_from_a_folder_is_not_cut(box):
    box.catalog.change("tiny", forms=(form(sources=(STICK,)),))
    box.fetcher.script = [[HALF, "hold"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    await box.switch.set(True, "ann", 1)
    await box.ticks.tick()
    assert (await box.service.show(download="tiny")).state == "running"
    assert (len(box.fetcher.orders), box.fetcher.left) == (1, 0)


async def test_without_the_network_a_folder_is_a_place(box):
    await box.switch.set(True, "ann", 1)
    box.catalog.change("tiny", forms=(form(sources=(HUB, STICK)),))
    await box.service.pull(model="tiny")
    await box.until("done")
    assert box.fetcher.orders[0].sources == (STICK,)


async def test_what_downloads_still_take_of_the_disk_is_told_while_they_go_on(box):
    assert await box.service.needed_bytes() == 0
    box.fetcher.script = [["hold", "rest"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    assert await box.service.needed_bytes() == 1000
    box.fetcher.go_on.set()
    await box.until("done")
    assert await box.service.needed_bytes() == 0


async def test_what_is_paused_takes_nothing_for_now(box):
    box.fetcher.script = [["hold", "rest"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    await box.service.pause(download="tiny")
    assert await box.service.needed_bytes() == 0
