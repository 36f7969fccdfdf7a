"""Downloads on the disk: one of each model, and nothing that was verified is ever taken back."""

from dataclasses import replace

import pytest

from appliance.domain.download import Download, DownloadState
from appliance.store.store import Store

ONE = Download(
    id="dl-1",
    model="tiny@q8",
    revision=3,
    state=DownloadState.RUNNING,
    total_bytes=2**43,
    verified_bytes=2**40,
    fetched_bytes=2**41,
    source="hub lab/tiny",
    reason="Carrel does so by itself after 5 s.",
    error="",
    dropped=("mirror https://a", "https://b"),
    sha256s=("ab" * 32, "cd" * 32),
    created_ms=5,
    updated_ms=6,
)


async def test_a_download_comes_back_as_it_went_in(store):
    await store.downloads.put(ONE)
    assert list(await store.downloads.all()) == [ONE]


async def test_speed_is_not_remembered(store):
    await store.downloads.put(replace(ONE, bytes_per_s=7, eta_s=8))
    assert list(await store.downloads.all()) == [ONE]


async def test_what_was_verified_and_fetched_never_goes_back(store):
    await store.downloads.put(ONE)
    await store.downloads.put(replace(ONE, verified_bytes=1, fetched_bytes=1, state=DownloadState.PAUSED))
    (kept,) = await store.downloads.all()
    assert kept == replace(ONE, state=DownloadState.PAUSED)


async def test_another_download_of_a_model_replaces_the_one_before(store):
    other = replace(ONE, id="dl-2", model="other")
    again = replace(ONE, id="dl-3", verified_bytes=0, state=DownloadState.WAITING)
    for one in (ONE, other, again):
        await store.downloads.put(one)
    assert list(await store.downloads.all()) == [other, again]


async def test_one_that_is_forgotten_is_gone(store):
    await store.downloads.put(ONE)
    await store.downloads.remove("dl-1")
    await store.downloads.remove("dl-1")
    assert list(await store.downloads.all()) == []


@pytest.mark.parametrize("state", DownloadState)
async def test_every_state_survives_a_restart(store, path, clock, state):
    await store.downloads.put(replace(ONE, state=state))
    store.close()
    again = Store.open(path, clock)
    try:
        (kept,) = await again.downloads.all()
    finally:
        again.close()
    assert kept.state is state
