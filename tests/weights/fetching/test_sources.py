"""Files come from every kind of source, and only what is missing comes."""

import shutil
from dataclasses import replace

import pytest

from appliance.domain.download import Fetched
from appliance.domain.recipe import RecipeFile
from appliance.domain.source import WeightSource
from appliance.errors import IntegrityFailed, NotFound, OutboundFailed
from appliance.weights.fetching.origins import plain_path
from appliance.weights.fetching.patience import Patience

PATHS = ("model.gguf", "parts/second.gguf", "config.json")


@pytest.mark.parametrize("connections", [1, 4])
@pytest.mark.parametrize("kind", ["at_hub", "at_mirror", "at_server"])
def test_files_come_whole_from_the_network(desk, kind, connections):
    desk.connections = connections
    desk.fetch(getattr(desk, kind), paths=PATHS)
    assert all(desk.has(path) for path in PATHS)
    assert desk.events[-1] == Fetched()
    total = sum(desk.file(path).size_bytes for path in PATHS)
    assert (desk.last.verified_bytes, desk.last.fetched_bytes) == (total, total)


def test_several_connections_ask_for_pieces(desk):
    desk.connections = 4
    desk.fetch(desk.at_mirror)
    assert len({one.range for one in desk.hub.seen}) == 3


def test_what_is_there_is_not_fetched_again(desk):
    desk.fetch(desk.at_mirror)
    asked = len(desk.hub.seen)
    desk.fetch(desk.at_mirror, paths=PATHS)
    assert {one.path for one in desk.hub.seen[asked:]} == {
        f"/mirror/{desk.file(path).sha256}" for path in PATHS[1:]
    }


def test_an_empty_file_comes_too(desk):
    sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    desk.carry_out(replace(desk.order(), files=(RecipeFile("none.txt", 0, sha256),)))
    assert desk.store.blob(sha256).read_bytes() == b""


def folder(desk, tmp_path_factory):
    place = tmp_path_factory.mktemp("stick")
    for path in PATHS:
        (place / path).parent.mkdir(exist_ok=True)
        shutil.copy(desk.hub.file("lab/tiny", path).place, place / path)
    return place


def test_a_folder_has_files_by_their_path(desk, tmp_path_factory):
    desk.fetch(WeightSource("folder", folder=str(folder(desk, tmp_path_factory))), paths=PATHS)
    assert all(desk.has(path) for path in PATHS)
    assert not desk.hub.seen
    assert desk.last.fetched_bytes == 0


def test_a_folder_has_files_by_their_hash(desk, tmp_path_factory):
    place = tmp_path_factory.mktemp("stick")
    shutil.copy(desk.hub.file("lab/tiny", "model.gguf").place, place / desk.file().sha256)
    desk.fetch(WeightSource("folder", folder=str(place)))
    assert desk.has()


def test_a_link_in_a_folder_is_not_followed(desk, tmp_path_factory):
    place = folder(desk, tmp_path_factory)
    (place / "model.gguf").rename(place / "real")
    (place / "model.gguf").symlink_to(place / "real")
    with pytest.raises(OutboundFailed, match="no plain file"):
        desk.fetch(WeightSource("folder", folder=str(place)))
    (place / "model.gguf").unlink()
    (place / "real").rename(place / "model.gguf")
    (place / "parts").rename(place / "elsewhere")
    (place / "parts").symlink_to(place / "elsewhere")
    with pytest.raises(OutboundFailed, match="no plain file"):
        desk.fetch(WeightSource("folder", folder=str(place)), paths=PATHS)


def test_a_folder_without_the_file_leaves_it_to_the_next_source(desk, tmp_path_factory):
    desk.fetch(WeightSource("folder", folder=str(tmp_path_factory.mktemp("stick"))), desk.at_mirror)
    assert desk.has()


def test_a_file_in_a_folder_of_another_size_is_left_alone(desk, tmp_path_factory):
    place = tmp_path_factory.mktemp("stick")
    (place / "model.gguf").write_bytes(b"short")
    with pytest.raises(OutboundFailed, match="another size"):
        desk.fetch(WeightSource("folder", folder=str(place)))


@pytest.mark.parametrize(
    "path",
    ["../model.gguf", "/etc/passwd", "a//b", "a/./b", "a\0b", "a?b", "a%2fb", "%2e%2e/b", "a" * 300, ""],
)
def test_paths_that_could_lead_elsewhere_are_none(path):
    with pytest.raises(IntegrityFailed):
        plain_path(path)


@pytest.mark.parametrize("kind", ["at_hub", "at_mirror", "at_server", "folder"])
def test_for_a_path_that_could_lead_elsewhere_nobody_is_asked(desk, kind, tmp_path):
    source = WeightSource("folder", folder=str(tmp_path)) if kind == "folder" else getattr(desk, kind)
    order = desk.order(source)
    with pytest.raises(IntegrityFailed):
        desk.carry_out(replace(order, files=(replace(order.files[0], path="../model.gguf"),)))
    assert not desk.hub.seen


def test_a_recipe_without_sources_says_so(desk):
    with pytest.raises(NotFound, match="names no place"):
        desk.carry_out(replace(desk.order(), sources=()))


def test_the_reason_of_the_first_source_is_told_where_none_has_the_file(desk):
    desk.hub.switches.captive = True
    nowhere = WeightSource("mirror", address="http://127.0.0.1:1")
    with pytest.raises(OutboundFailed, match=r"127\.0\.0\.1:1 cannot be reached"):
        desk.fetch(nowhere, desk.at_mirror)


def test_a_source_that_failed_is_asked_last_for_the_next_file(desk):
    waits = []

    class Noting(Patience):
        def wait_s(self, fruitless, asked_s):
            waits.append(fruitless)
            return super().wait_s(fruitless, asked_s)

    desk.patience = Noting(tries=2, first_s=0.001)
    nowhere = WeightSource("mirror", address="http://127.0.0.1:1")
    desk.fetch(nowhere, desk.at_mirror, paths=PATHS)
    assert all(desk.has(path) for path in PATHS)
    assert waits == [1, 2]
