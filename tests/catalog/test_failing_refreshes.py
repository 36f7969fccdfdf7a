"""Whatever happens in the middle of a refresh, the box goes on with one whole state, the old or the new."""

import os
import resource
import threading
from contextlib import contextmanager
from itertools import pairwise

import pytest

from appliance.catalog.signed.fetching import FolderFetcher
from appliance.catalog.signed.refreshing import refresh_catalog
from appliance.catalog.signed.trusting import trusted_catalogs
from appliance.errors import IntegrityFailed, OutboundFailed, StorageUnavailable
from tests.catalog.signed_catalogs import Keeper, Standing

OLD, NEW = {"tiny": 1}, {"tiny": 2, "other": 1}


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    return Standing(tmp_path_factory.mktemp("standing"), lambda keeper: keeper.add("tiny"))


@pytest.fixture
def both(standing, tmp_path):
    return standing.copied_to(tmp_path)


@pytest.fixture
def keeper(both):
    return both[0]


@pytest.fixture
def box(both, keeper):
    """It knows the first state, and the second is published."""
    keeper.sign("root").add("tiny", 2).add("other", text="Be kind.").publish()
    return both[1]


def known(box):
    return {one.id: one.revision for one in box.state().recipes}


def the_one(box):
    ((trusted,), _) = trusted_catalogs(box.folders.trusted, box.folders.embedded)
    return trusted


def slow(value):
    return pytest.param(value, marks=pytest.mark.slow)


class Dying(FolderFetcher):
    """Ends at its ``last`` file as a killed process does."""

    def __init__(self, folder, last):
        super().__init__(folder)
        self.left = last

    def _fetch(self, url):
        self.left -= 1
        if self.left < 0:
            raise SystemExit
        return super()._fetch(url)


@pytest.mark.parametrize("last", [0, 4, 7, *map(slow, (1, 2, 3, 5, 6))])
def test_a_refresh_that_dies_leaves_the_old_state_and_the_next_one_heals(keeper, box, last):
    with pytest.raises(SystemExit):
        refresh_catalog(the_one(box), box.cache(), Dying(keeper.public, last))
    assert known(box) == OLD
    assert box.state().freshness == "fresh"
    assert box.refresh().outcome == "refreshed"
    assert known(box) == NEW


@contextmanager
def files_of_at_most(size_bytes):
    """A disk that is full at some point: Python ignores SIGXFSZ, so that writing fails with an error."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size_bytes", [600, *map(slow, (0, 500, 1000, 1700))])
def test_a_full_disk_leaves_the_old_state(box, size_bytes):
    with files_of_at_most(size_bytes), pytest.raises(StorageUnavailable, match="carrel doctor"):
        box.refresh()
    assert known(box) == OLD
    assert box.refresh().outcome == "refreshed"
    assert known(box) == NEW


def test_nothing_is_left_over_of_what_is_not_listed_any_more(keeper, box):
    box.refresh()
    keeper.remove("other").publish()
    box.refresh()
    listed = {path.name for path in (box.folders.cache / "lab" / "files").iterdir()}
    assert len(listed) == 3  # a recipe and two license texts
    assert len(list((box.folders.cache / "lab" / "updating").glob("tmp*"))) == 0


class Watched(FolderFetcher):
    """Notes who asked, in order."""

    def __init__(self, folder, asked):
        super().__init__(folder)
        self.asked = asked

    def _fetch(self, url):
        self.asked.append(threading.get_ident())
        return super()._fetch(url)


def test_two_who_refresh_at_once_go_one_after_the_other(keeper, box):
    asked, errors = [], []
    together = threading.Barrier(2)

    def refresh():
        together.wait()
        try:
            refresh_catalog(the_one(box), box.cache(), Watched(keeper.public, asked))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=refresh) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert errors == []
    changes = sum(before != after for before, after in pairwise(asked))
    assert (len(set(asked)), changes) == (2, 1)
    assert known(box) == NEW


@pytest.mark.parametrize("name", ["metadata/timestamp.json", "metadata", "targets/models/tiny"])
def test_links_on_a_stick_are_not_followed(tmp_path, keeper, box, name):
    path = keeper.public / name
    elsewhere = tmp_path / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert box.refresh().outcome == "offline"
    assert known(box) == OLD


def test_what_is_no_file_on_a_stick_is_not_waited_for(keeper, box):
    path = keeper.metadata("timestamp.json")
    path.unlink()
    os.mkfifo(path)
    assert box.refresh().outcome == "offline"


def test_a_disk_that_takes_no_links_is_told_as_such(box):
    link = box.folders.cache / "lab" / "updating" / "root.json"
    link.unlink()
    link.mkdir()  # python-tuf cannot replace it, as on a disk without links
    with pytest.raises(StorageUnavailable):
        box.refresh()
    assert known(box) == OLD


@pytest.mark.parametrize("path", ["../x", "a/../../x", "", "a//b", "/etc/passwd"])
def test_no_path_leads_out_of_a_stick(tmp_path, path):
    from tuf.api.exceptions import DownloadError

    (tmp_path / "x").write_text("secret")
    (tmp_path / "stick" / "a").mkdir(parents=True)
    with pytest.raises(DownloadError):
        FolderFetcher(tmp_path / "stick").fetch(path)


def test_a_stick_with_another_catalog_is_refused(tmp_path, box):
    stranger = Keeper(tmp_path / "stranger").add("evil").add("more").add("much")
    with pytest.raises(IntegrityFailed, match="keys that this box trusts"):
        refresh_catalog(the_one(box), box.cache(), FolderFetcher(stranger.publish()))


def test_an_empty_stick_is_no_catalog(tmp_path, box):
    with pytest.raises(OutboundFailed, match="no catalog lab"):
        refresh_catalog(the_one(box), box.cache(), FolderFetcher(tmp_path / "not there"))


def test_a_file_on_a_stick_is_read_no_further_than_it_may_be_long(keeper, box):
    with keeper.metadata("timestamp.json").open("wb") as file:
        file.truncate(2**40)
    assert box.refresh().outcome == "refused"
