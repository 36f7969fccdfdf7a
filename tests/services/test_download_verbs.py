"""What operators do to downloads, at every moment at which they may do it."""

import asyncio

import pytest

from appliance.domain.download import FetchProgress
from appliance.errors import Conflict, IntegrityFailed, NotFound
from tests.services.downloads_fakes import Box, Shelf, file, form, recipe

HALF = FetchProgress(500, 500, "hub lab/tiny")


@pytest.fixture
async def box():
    """With three models."""
    shared, own = file("shared.json", 300), file("large.gguf", 700)
    box = Box(
        Shelf(
            recipe(),
            recipe("large", forms=[form(files=[own, shared])]),
            recipe("other", forms=[form(files=[file("other.gguf"), shared])]),
        )
    )
    yield box
    await box.service.close()


async def test_one_downloads_and_the_others_wait_in_their_order(box):
    box.fetcher.script = [["hold", "rest"]]
    for name in ("tiny", "large", "other"):
        await box.service.pull(model=name)
    await box.fetcher.held.wait()
    states = [one.state for one in box.service.unfinished]
    assert states == ["running", "waiting", "waiting"]
    box.fetcher.go_on.set()
    for name in ("tiny", "large", "other"):
        await box.until("done", name)
    names = [one.name for order in box.fetcher.orders for one in order.files]
    assert names == ["tiny.gguf", "large.gguf", "shared.json", "other.gguf"]


async def test_two_pulls_of_one_model_are_one_download(box):
    box.fetcher.script = [["hold", "rest"]]
    first, second = await asyncio.gather(*(box.service.pull(model=name) for name in ("tiny", "tiny@q8")))
    assert first.id == second.id
    await box.fetcher.held.wait()
    assert (await box.service.pull(model="tiny")).state == "running"
    box.fetcher.go_on.set()
    await box.until("done")
    assert len(box.fetcher.orders) == 1


async def test_a_pause_ends_the_process_and_keeps_what_is_here(box):
    box.fetcher.script = [[HALF, "hold"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    paused = await box.service.pause(download="tiny")
    assert (paused.state, paused.verified_bytes) == ("paused", 500)
    assert "carrel download resume tiny" in paused.reason
    assert box.fetcher.left == 1
    assert box.blobs.parts == {file().sha256: 500}
    assert await box.restart().start() == 0
    assert (await box.service.resume(download="tiny")).state == "waiting"
    assert (await box.until("done")).fetched_bytes == 1500


async def test_who_waits_can_be_paused_and_lets_others_go_first(box):
    box.fetcher.script = [["hold", "rest"]]
    for name in ("tiny", "large", "other"):
        await box.service.pull(model=name)
    await box.fetcher.held.wait()
    assert (await box.service.pause(download="large")).state == "paused"
    box.fetcher.go_on.set()
    await box.until("done", "other")
    assert (await box.service.show(download="large")).state == "paused"


async def test_a_pull_goes_on_with_what_is_paused(box):
    box.fetcher.script = [["hold"]]
    begun = await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    await box.service.pause(download=begun.id)
    assert (await box.service.pull(model="tiny")).id == begun.id
    await box.until("done")


async def test_a_pause_while_it_is_looked_into_looks_again(box):
    box.inspector.hold = True
    await box.service.pull(model="tiny")
    await box.inspector.held.wait()
    looking = await box.service.show(download="tiny")
    assert (looking.state, looking.verified_bytes, looking.percent) == ("checking", 1000, 99)
    assert (await box.service.pause(download="tiny")).state == "paused"
    box.inspector.hold = False
    await box.service.resume(download="tiny")
    await box.until("done")
    assert len(box.fetcher.orders) == 1


async def test_a_pause_that_comes_while_names_are_given_comes_too_late(box):
    import threading

    placing, go_on = threading.Event(), threading.Event()
    box.blobs.placing = lambda: (placing.set(), go_on.wait(5))
    await box.service.pull(model="tiny")
    await asyncio.to_thread(placing.wait, 5)
    pausing = asyncio.create_task(box.service.pause(download="tiny"))
    await asyncio.sleep(0)
    go_on.set()
    assert (await pausing).state == "done"
    assert "tiny" in box.blobs.models


async def test_a_cancelled_download_leaves_nothing_behind(box):
    box.fetcher.script = [[HALF, "hold"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    cancelled = await box.service.cancel(download="tiny")
    assert cancelled.state == "cancelled"
    assert box.blobs.parts == {}
    assert box.service.unfinished == ()
    fresh = await box.service.pull(model="tiny")
    assert fresh.id != cancelled.id
    await box.until("done")


async def test_a_cancelled_download_leaves_what_another_one_needs(box):
    box.fetcher.script = [["hold"]]
    for name in ("large", "other"):
        await box.service.pull(model=name)
    await box.fetcher.held.wait()
    shared, own = file("shared.json").sha256, file("large.gguf").sha256
    box.blobs.whole |= {shared, own}
    await box.service.cancel(download="large")
    assert box.blobs.whole == {shared}


async def test_a_cancel_finds_what_came_though_the_recipe_is_gone(box):
    box.fetcher.script = [[HALF, "hold"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    del box.catalog.known["tiny"]
    await box.service.cancel(download="tiny")
    assert box.blobs.parts == {}


async def test_what_came_of_another_revision_goes_when_the_new_one_is_pulled(box):
    box.fetcher.script = [[HALF, "hold"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    box.catalog.change("tiny", revision=2, forms=(form(files=[file("new.gguf")]),))
    await box.service.pull(model="tiny")
    await box.until("done")
    assert box.blobs.parts == {}
    assert box.fetcher.left == 2


async def test_one_that_failed_can_be_cancelled_and_its_files_go(box):
    box.inspector.refusal = IntegrityFailed("Hostile.")
    await box.service.pull(model="tiny")
    await box.until("failed")
    assert box.blobs.whole == {file().sha256}
    await box.service.cancel(download="tiny")
    assert box.blobs.whole == set()


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
async def test_what_is_over_refuses_every_verb(box, verb):
    await box.service.pull(model="tiny")
    await box.until("done")
    with pytest.raises(Conflict, match="is done"):
        await getattr(box.service, verb)(download="tiny")


@pytest.mark.parametrize("verb", ["show", "pause", "resume", "cancel"])
async def test_what_was_never_begun_is_not_found(box, verb):
    with pytest.raises(NotFound, match="carrel download list"):
        await getattr(box.service, verb)(download="nothing")


async def test_resuming_what_runs_changes_nothing(box):
    box.fetcher.script = [["hold", "rest"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    assert (await box.service.resume(download="tiny")).state == "running"
    assert len(box.fetcher.orders) == 1


async def test_verbs_at_once_leave_one_of_their_outcomes(box):
    box.fetcher.script = [[HALF, "hold"]]
    await box.service.pull(model="tiny")
    await box.fetcher.held.wait()
    verbs = ("pause", "resume", "cancel", "pause")
    done = await asyncio.gather(
        *(getattr(box.service, verb)(download="tiny") for verb in verbs), return_exceptions=True
    )
    assert [getattr(one, "state", None) for one in done] == ["paused", "waiting", "cancelled", None]
    assert isinstance(done[3], Conflict)
    assert box.blobs.parts == {}


async def test_the_list_of_models_says_how_far_each_is(box):
    box.fetcher.script = [[HALF, "hold"], [IntegrityFailed("Other bytes.")]]
    await box.service.pull(model="tiny")
    await box.service.pull(model="large")
    await box.fetcher.held.wait()
    assert box.service.line("tiny") == "downloading 50 %"
    assert box.service.line("large") == "waits for its download, 0 %"
    assert box.service.line("other") is None
    await box.service.pause(download="tiny")
    assert box.service.line("tiny") == "download paused at 50 %"
    await box.until("failed", "large")
    assert box.service.line("large") == "download failed at 0 %: Other bytes."
    await box.service.cancel(download="tiny")
    assert box.service.line("tiny") is None
