"""A real box pulls a real model from a hub of this machine, by way of a recipe that the lab approved."""

import hashlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from scripts.local_hub import LocalHub
from tests.system.box import RealBox
from tests.system.programs import carry_out

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

RECIPE = """
id = "{id}"
revision = 1
title = "Tiny"
summary = "Random weights."
license = "Apache-2.0"
tier = "open"
context_tokens = 512
max_sequences = 2
chat_template = "{{{{ messages[0].content }}}}"
[defaults]
max_tokens = 8
{sources}
[[forms]]
name = "f32"
engine = "llama_cpp"
[[forms.files]]
name = "tiny.gguf"
size_bytes = {size}
sha256 = "{sha256}"
"""
CRAWL = 256 * 1024
"""Bytes a second at which nothing ends while a test looks."""
WHOLE = {"done", "failed", "paused", "cancelled"}


@dataclass
class Lab:
    """A box, a hub with one model, and the lab that approves recipes of it."""

    box: RealBox
    hub: LocalHub
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "hub" / "lab" / "tiny" / "tiny.gguf"

    def approve(self, name: str, *sources: str) -> None:
        content = self.file.read_bytes()
        text = RECIPE.format(
            id=name,
            sources="\n".join(f"[[sources]]\n{one}" for one in sources),
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        written = self.folder / f"{name}.toml"
        written.write_text(text)
        self.box.carrel("recipe", "approve", str(written), "--who", "test")

    @property
    def from_hub(self) -> str:
        return f'kind = "hub"\nrepository = "lab/tiny"\ncommit = "{self.hub.commit("lab/tiny")}"'

    def until(self, name: str, states: set[str], percent: int = 0) -> dict:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = self.box.carrel("download", "show", name)
            if found["state"] in states and found["percent"] >= percent:
                return found
            time.sleep(0.05)  # another process: it has no event to offer
        raise AssertionError(f"{name} is {found}")

    def ask(self, name: str) -> int:
        body = {"model": name, "messages": [{"role": "user", "content": "Hi"}]}
        headers = {"authorization": f"Bearer {self.box.new_key()}"}
        answer = httpx.post(f"{self.box.url}/chat/completions", json=body, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()["usage"]["completion_tokens"]

    def placed(self, name: str) -> bytes:
        return (self.box.home / "box" / "models" / name / "tiny.gguf").read_bytes()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
    try:
        from make_tiny_gguf import make_tiny_gguf
    finally:
        sys.path.pop(0)
    path = tmp_path_factory.mktemp("model") / "tiny.gguf"
    make_tiny_gguf(path, width=512, layers=3)
    return path


@contextmanager
def lab_in(folder: Path, model: Path) -> Iterator[Lab]:
    place = folder / "hub" / "lab" / "tiny"
    place.mkdir(parents=True)
    (place / "tiny.gguf").hardlink_to(model)
    with LocalHub(folder / "hub") as hub:
        box = RealBox(folder, extra={"CARREL_HUB": hub.address, "CARREL_RUN_DEMO": "false"})
        try:
            yield Lab(box.start(), hub, folder)
        finally:
            box.stop()


@pytest.fixture
def lab(tmp_path: Path, model: Path) -> Iterator[Lab]:
    """With nothing in it."""
    with lab_in(tmp_path, model) as lab:
        yield lab


@pytest.fixture(scope="module")
def used_lab(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Iterator[Lab]:
    """For tests with models of their own names. The file itself is there once one of them has been pulled."""
    with lab_in(tmp_path_factory.mktemp("lab"), model) as lab:
        yield lab


def fetching_children() -> list[psutil.Process]:
    return [one for one in psutil.Process().children(recursive=True) if fetches(one)]


def fetches(process: psutil.Process) -> bool:
    try:
        return "appliance.weights.fetching" in process.cmdline()
    except psutil.NoSuchProcess:
        return False  # it has ended meanwhile


def test_a_model_is_pulled_verified_run_asked_and_removed(lab: Lab):
    lab.approve("tiny", lab.from_hub)
    done = lab.box.carrel("model", "pull", "tiny")
    assert (done["state"], done["percent"]) == ("done", 100)
    assert done["source"] == "hub lab/tiny"
    assert done["fetched_bytes"] == lab.file.stat().st_size
    assert lab.placed("tiny") == lab.file.read_bytes()
    assert lab.box.carrel("model", "verify", "tiny")["ok"] is True
    lab.box.carrel("model", "run", "tiny")
    assert lab.ask("tiny") > 0
    again = lab.box.carrel("model", "pull", "tiny")
    assert again["reason"].startswith("Nothing to fetch")
    # A second model of the same bytes takes no room, and keeps them when the first one goes.
    lab.approve("twin", lab.from_hub)
    assert lab.box.carrel("model", "pull", "twin")["fetched_bytes"] == 0
    lab.box.carrel("model", "stop", "tiny")
    removed = lab.box.carrel("model", "remove", "tiny")
    assert removed["freed_bytes"] == 0
    assert removed["kept"] == [{"name": "tiny.gguf", "models": ["twin"]}]
    assert lab.box.carrel("model", "remove", "twin")["freed_bytes"] >= lab.file.stat().st_size
    names = [one["id"] for one in lab.box.carrel("model", "list")["models"]]
    assert {"tiny", "twin"} & set(names) == set()


def test_after_a_killed_gateway_the_download_goes_on_by_itself(lab: Lab):
    lab.approve("tiny", lab.from_hub)
    lab.hub.switches.bytes_s = 8 * 2**20
    begun = lab.box.carrel("model", "pull", "tiny", "--background")
    before = lab.until("tiny", {"running"}, percent=10)
    lab.hub.switches.bytes_s = CRAWL
    shown = lab.box.carrel("status")["downloads"]
    assert [one["id"] for one in shown] == [begun["id"]]
    (line,) = [one for one in lab.box.carrel("model", "list")["models"] if one["id"] == "tiny"]
    assert line["reason"].startswith("downloading ")
    children = fetching_children()
    assert len(children) == 1
    lab.box.kill()
    psutil.wait_procs(children, timeout=10)
    assert not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in children)
    lab.hub.switches.bytes_s = 0
    lab.box.start()
    done = lab.until("tiny", WHOLE)
    assert (done["state"], done["id"]) == ("done", begun["id"])
    assert done["verified_bytes"] >= before["verified_bytes"]
    assert lab.placed("tiny") == lab.file.read_bytes()
    size = lab.file.stat().st_size
    assert lab.hub.sent_bytes <= 1.1 * size + 4 * 2**20


def test_a_pause_ends_the_child_and_a_cancel_leaves_nothing(lab: Lab):
    lab.approve("tiny", lab.from_hub)
    lab.hub.switches.bytes_s = 4 * 2**20
    lab.box.carrel("model", "pull", "tiny", "--background")
    lab.until("tiny", {"running"}, percent=5)
    lab.hub.switches.bytes_s = CRAWL
    assert lab.box.carrel("download", "pause", "tiny")["state"] == "paused"
    assert fetching_children() == []
    incoming = lab.box.home / "box" / "models" / ".incoming"
    assert list(incoming.iterdir()) != []
    assert lab.box.carrel("download", "cancel", "tiny")["state"] == "cancelled"
    assert list(incoming.iterdir()) == []


def test_a_pull_that_cannot_end_says_why_by_its_exit_code(used_lab: Lab, tmp_path: Path):
    other = tmp_path / "other.gguf"
    other.write_bytes(bytes(used_lab.file.stat().st_size))
    sha256 = hashlib.sha256(used_lab.file.read_bytes()).hexdigest()
    used_lab.hub.switches.instead[f"/mirror/{sha256}"] = other
    for place, code in (("mirror", 8), ("nothing", 3)):
        name = f"from-{place}"
        used_lab.approve(name, f'kind = "mirror"\naddress = "{used_lab.hub.address}/{place}"')
        with pytest.raises(AssertionError, match=f"exit {code}"):
            used_lab.box.carrel("model", "pull", name)
        failed = used_lab.box.carrel("download", "show", name)
        assert failed["state"] == "failed"
        assert str(used_lab.folder) not in failed["reason"]


def test_a_mirror_with_other_bytes_is_named_and_the_next_place_goes_on(used_lab: Lab, tmp_path: Path):
    other = tmp_path / "other.gguf"
    content = bytearray(used_lab.file.read_bytes())
    content[len(content) // 2] ^= 1
    other.write_bytes(content)
    sha256 = hashlib.sha256(used_lab.file.read_bytes()).hexdigest()
    used_lab.hub.switches.instead[f"/mirror/{sha256}"] = other
    mirror = f"{used_lab.hub.address}/mirror"
    used_lab.approve("mirrored", f'kind = "mirror"\naddress = "{mirror}"', used_lab.from_hub)
    done = carry_out(("model", "pull", "mirrored"), used_lab.box.environment)
    assert done.returncode == 0, done.stderr
    assert f"mirror {mirror}" in done.stdout
    assert used_lab.placed("mirrored") == used_lab.file.read_bytes()
