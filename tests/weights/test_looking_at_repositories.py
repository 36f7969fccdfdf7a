"""A repository that a recipe is written from: listed at one commit, and read no further than headers."""

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.domain.listing import HubListing, ListedFile
from appliance.errors import BadRequest, IntegrityFailed, NotAllowed, NotFound, Offline, OutboundFailed
from appliance.outbound.switch import Reason, Switch
from appliance.weights.listing.hub import SMALL_BYTES, HubSource
from appliance.weights.listing.process import ListProcess
from appliance.weights.listing.wire import HubPlace
from scripts.local_hub import LocalHub

LARGE = b"GGUF" + bytes(range(256)) * 20_000
HEADER = json.dumps({"a": {"dtype": "F32", "shape": [25000], "data_offsets": [0, 100_000]}}).encode()
TENSORS = len(HEADER).to_bytes(8, "little") + HEADER + b"\1" * 100_000


@pytest.fixture
def hub(tmp_path):
    place = tmp_path / "hub" / "lab" / "tiny"
    (place / "deep").mkdir(parents=True)
    (place / "deep" / "tiny.gguf").write_bytes(LARGE)
    (place / "config.json").write_text("{}")
    (place / "model.safetensors").write_bytes(TENSORS)
    with LocalHub(tmp_path / "hub") as hub:
        yield hub


@pytest.fixture
def asking(hub, tmp_path):
    return ListProcess(HubPlace(hub.address), tmp_path / "home")


class Pieces:
    """A hub without a network; ``asked`` is what was read of which file."""

    def __init__(self, **contents: bytes) -> None:
        self.contents = {name.replace("_", "."): content for name, content in contents.items()}
        self.asked: list[tuple[str, int, int]] = []

    def read(self, listing: HubListing, file: ListedFile, begin: int, end: int) -> bytes:
        self.asked.append((file.path, begin, end))
        return self.contents[file.path][begin:end]

    def source(self, **sizes: int) -> HubSource:
        files = tuple(
            ListedFile(name, sizes.get(name.replace(".", "_"), len(content)), "")
            for name, content in self.contents.items()
        )
        return HubSource(HubListing("lab/tiny", "c" * 40, files), self)


@pytest.mark.enable_socket
def test_a_branch_is_listed_as_the_commit_that_it_is_now(hub, asking):
    listing = asking.list_files("lab/tiny", "main")
    assert listing.commit == hub.commit("lab/tiny")
    source = HubSource(listing, asking)
    large = next(one for one in source.files() if one.name == "tiny.gguf")
    assert (large.path, source.sha256(large)) == ("deep/tiny.gguf", hashlib.sha256(LARGE).hexdigest())
    assert (source.name, source.place.commit) == ("tiny", listing.commit)
    assert asking.read(listing, large, 100, 3_000_000) == LARGE[100:3_000_000]


@pytest.mark.slow
@pytest.mark.enable_socket
def test_what_a_hub_refuses_is_told_as_its_own_error(hub, asking, tmp_path):
    with pytest.raises(NotFound, match="lab/none"):
        asking.list_files("lab/none", "main")
    hub.switches.gated["lab/tiny"] = {"hf_token"}
    listing = asking.list_files("lab/tiny", "main")
    large = next(one for one in HubSource(listing, asking).files() if one.name == "tiny.gguf")
    with pytest.raises(NotAllowed):
        asking.read(listing, large, 0, 8)
    token = tmp_path / "token"
    token.write_text("hf_token\n")
    known = replace(asking, place=HubPlace(hub.address, str(token)))
    assert known.read(listing, large, 0, 4) == b"GGUF"


def test_a_box_that_is_offline_starts_no_process(tmp_path):
    asking = ListProcess(
        HubPlace("http://127.0.0.1:9"), tmp_path, Switch(setting=True), program=("/nonexistent",)
    )
    with pytest.raises(Offline):
        asking.list_files("lab/tiny", "main")


def test_a_process_that_asks_ends_when_the_box_goes_offline(tmp_path):
    reasons: list[Reason] = []
    asked = iter([[], [], [Reason("A class.", None)], [Reason("A class.", None)]])
    says = "import time; time.sleep(60)"
    asking = ListProcess(
        HubPlace("http://127.0.0.1:9"),
        tmp_path,
        Switch(others=lambda: next(asked, reasons)),
        program=(sys.executable, "-c", says),
    )
    with pytest.raises(Offline, match="asks no hub"):
        asking.list_files("lab/tiny", "main")


@pytest.mark.parametrize(
    "says",
    [
        "import sys; sys.exit(3)",
        "print('nonsense')",
        "print('{}')",
        'print(\'{"type":"bytes","data":"AAAA"}\')',
        "import time; time.sleep(60)",
    ],
)
def test_a_process_that_says_something_else_is_no_answer(tmp_path, says):
    asking = ListProcess(
        HubPlace("http://127.0.0.1:9"), tmp_path, program=(sys.executable, "-c", says), deadline_s=0.5
    )
    with pytest.raises(OutboundFailed, match="no answer that makes sense"):
        asking.list_files("lab/tiny", "main")


def test_of_tensors_only_the_header_is_fetched_and_the_rest_is_a_hole():
    pieces = Pieces(model_safetensors=TENSORS)
    source = pieces.source()
    with source.laid_out(source.files()) as places:
        path = places["model.safetensors"]
        assert path.stat().st_size == len(TENSORS)
        assert path.read_bytes()[: 8 + len(HEADER)] == TENSORS[: 8 + len(HEADER)]
    assert pieces.asked == [("model.safetensors", 0, 8), ("model.safetensors", 8, 8 + len(HEADER))]
    assert not Path(path).exists()


@pytest.mark.parametrize("length", [2**62, 10**9, len(TENSORS)])
def test_a_header_that_would_be_longer_than_its_file_is_not_fetched(length):
    pieces = Pieces(model_safetensors=length.to_bytes(8, "little") + b"x" * 1000)
    source = pieces.source()
    with (
        pytest.raises(IntegrityFailed, match="not a whole safetensors file"),
        source.laid_out(source.files()),
    ):
        pass
    assert pieces.asked == [("model.safetensors", 0, 8)]


def test_of_later_parts_less_is_fetched_than_of_the_first():
    names = ("tiny-00001-of-00002.gguf", "tiny-00002-of-00002.gguf")
    pieces = Pieces()
    pieces.contents = dict.fromkeys(names, b"GGUF")
    listing = HubListing("lab/tiny", "c" * 40, tuple(ListedFile(name, 2**40, "") for name in names))
    source = HubSource(listing, pieces)
    with source.laid_out(source.files()) as places:
        assert {path.stat().st_size for path in places.values()} == {2**40}
    assert [end for _, _, end in pieces.asked] == [32 * 2**20, 4 * 2**20]


def test_a_small_file_without_a_hash_is_fetched_and_a_large_one_is_not():
    pieces = Pieces(config_json=b"{}")
    source = pieces.source()
    assert source.sha256(source.files()[0]) == hashlib.sha256(b"{}").hexdigest()
    large = ListedFile("large.json", SMALL_BYTES + 1)
    with pytest.raises(IntegrityFailed, match="does not say the hash"):
        source.sha256(large)
    with pytest.raises(BadRequest):
        source.whole(large, SMALL_BYTES)
