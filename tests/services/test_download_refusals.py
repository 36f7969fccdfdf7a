"""What stands in the way of a pull, each with the next step; nothing is begun then."""

from dataclasses import replace

import pytest

from appliance.domain.download import FetchProgress
from appliance.domain.upstream import Upstream
from appliance.errors import (
    BadRequest,
    IntegrityFailed,
    ModelNotFound,
    NotAllowed,
    NotFound,
    NotLicensed,
    Offline,
    StorageUnavailable,
)
from appliance.services.downloads.ports import AcceptedTerms
from appliance.services.downloads.space import KEPT_FREE_BYTES
from tests.services.downloads_fakes import APPROVED_BY_CATALOG, GIB, Box, Shelf, file, form, recipe

STALE = replace(APPROVED_BY_CATALOG, freshness="stale")
UNVERIFIABLE = replace(APPROVED_BY_CATALOG, freshness="unverifiable")
LARGE = form(files=[file(size_bytes=60 * GIB)])


@pytest.fixture
async def box():
    box = Box(Shelf(recipe(), recipe("large", forms=[LARGE]), recipe("huge", forms=[LARGE])))
    yield box
    await box.service.close()
    assert box.fetcher.orders == [] or box.table.rows


def upstream() -> Upstream:
    import inspect

    values = {
        name: "x" if one.annotation in {"str", str} else 1
        for name, one in inspect.signature(Upstream).parameters.items()
        if one.default is inspect.Parameter.empty
    }
    return Upstream(**values)


@pytest.mark.parametrize(
    ("changes", "error", "step"),
    [
        ({"draft": True}, ModelNotFound, "`carrel recipe new tiny`"),
        ({"upstream": upstream()}, BadRequest, "hosted elsewhere"),
        ({"approval": STALE}, NotAllowed, "`carrel catalog refresh`"),
        ({"approval": UNVERIFIABLE}, IntegrityFailed, "`carrel catalog show`"),
        ({"forms": (form(sources=()),)}, NotFound, "folder `tiny` of the models' folder"),
    ],
)
async def test_a_recipe_that_cannot_be_pulled_says_what_to_do(box, changes, error, step):
    box.catalog.change("tiny", **changes)
    with pytest.raises(error, match=step):
        await box.service.pull(model="tiny")
    assert box.table.rows == {}


@pytest.mark.parametrize("name", ["nothing", "tiny@f16", "../tiny", "tiny\n"])
async def test_what_is_no_model_is_not_found(box, name):
    with pytest.raises(ModelNotFound):
        await box.service.pull(model=name)


async def test_a_license_that_is_not_accepted_refuses(box):
    box.permits.refusal = NotLicensed("Read it with `carrel license show tiny --text`.")
    with pytest.raises(NotLicensed, match="license show"):
        await box.service.pull(model="tiny")
    assert box.table.rows == {}


async def test_a_license_can_be_accepted_with_the_pull(box):
    box.permits.refusal = NotLicensed("Read it.")
    terms = {"who": "A", "authority": "head of the lab", "purpose": "teaching"}
    await box.service.pull(model="tiny", accept_license="ab" * 32, **terms)
    await box.until("done")
    accepted = AcceptedTerms("ab" * 32, "A", "head of the lab", "teaching")
    assert box.permits.accepted == [("tiny", accepted)]


@pytest.mark.parametrize("missing", ["who", "authority", "purpose"])
async def test_whoever_accepts_says_who_they_are(box, missing):
    terms = {"who": "A", "authority": "head of the lab", "purpose": "teaching", missing: " "}
    with pytest.raises(BadRequest, match=f"--{missing}"):
        await box.service.pull(model="tiny", accept_license="ab" * 32, **terms)
    assert box.permits.accepted == []


async def test_nothing_is_accepted_of_a_model_that_cannot_be_pulled(box):
    box.catalog.change("tiny", approval=STALE)
    terms = {"who": "A", "authority": "head of the lab", "purpose": "teaching"}
    with pytest.raises(NotAllowed):
        await box.service.pull(model="tiny", accept_license="ab" * 32, **terms)
    assert box.permits.accepted == []


async def test_a_box_without_network_says_how_files_come_otherwise(box):
    await box.switch.set(True, "ann", 1)
    with pytest.raises(Offline, match="carrel bundle install"):
        await box.service.pull(model="tiny")
    box.blobs.whole.add(file().sha256)
    await box.service.pull(model="tiny")
    await box.until("done")


async def test_too_little_room_is_said_to_the_byte_before_anything_is_fetched(box):
    box.disk.free = 60 * GIB + KEPT_FREE_BYTES - 7
    with pytest.raises(StorageUnavailable, match=r"large needs 64.42 GB.*: 7 bytes are missing"):
        await box.service.pull(model="large")
    box.disk.free += 7
    assert (await box.service.pull(model="large")).state == "waiting"


async def test_room_that_another_download_still_needs_is_not_there(box):
    box.catalog.change("huge", forms=(form(files=[file("huge.gguf", 30 * GIB)]),))
    box.disk.free = 80 * GIB
    box.fetcher.script = [["hold"]]
    await box.service.pull(model="large")
    with pytest.raises(StorageUnavailable, match=r"downloads before it 64.42 GB"):
        await box.service.pull(model="huge")
    # Once all of it is reserved on the disk, what is left is free.
    box.blobs.parts[file().sha256] = 60 * GIB
    box.disk.free = 31 * GIB
    await box.service.pull(model="huge")


async def test_a_file_that_two_models_have_needs_room_once(box):
    box.disk.free = 61 * GIB
    box.fetcher.script = [["hold"]]
    await box.service.pull(model="large")
    await box.service.pull(model="huge")


async def test_a_file_that_is_here_needs_no_room(box):
    here = file("here.gguf", 50 * GIB)
    box.catalog.change("large", forms=(form(files=[here, file("missing.gguf", 10 * GIB)]),))
    box.blobs.whole.add(here.sha256)
    box.disk.free = 11 * GIB
    await box.service.pull(model="large")


async def test_what_is_half_here_needs_the_other_half(box):
    box.disk.free = 31 * GIB
    box.blobs.parts[file().sha256] = 30 * GIB
    box.fetcher.script = [[FetchProgress(30 * GIB, 0, "hub"), "hold"]]
    await box.service.pull(model="large")


async def test_resuming_asks_for_license_and_room_again(box):
    box.fetcher.script = [["hold"]]
    await box.service.pull(model="large")
    await box.service.pause(download="large")
    box.disk.free = 0
    with pytest.raises(StorageUnavailable):
        await box.service.resume(download="large")
    box.permits.refusal = NotLicensed("Not any more.")
    with pytest.raises(NotLicensed):
        await box.service.resume(download="large")
    assert (await box.service.show(download="large")).state == "paused"
