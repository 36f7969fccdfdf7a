"""A real box on a real network: a long-lived key that somebody sends it in the clear is refused, and told to
nobody who reads the answer or the log; keys of a class that is open for it are answered.
"""

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.network_namespace import BOX_ADDRESS, LocalNetwork, local_network
from tests.system.box import RealBox

pytestmark = pytest.mark.slow

COOKIE = "carrel_session=" + "s" * 43


@dataclass
class BoxOnNetwork(RealBox):
    """Its gateway is at one end of the network; its folder and its admin socket are here."""

    lan: LocalNetwork | None = None

    def _ready(self) -> bool:
        asked = self.lan.on_box("curl", "-sf", "-m", "2", f"http://127.0.0.1:{self.port}/readyz")
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0

    @property
    def log(self) -> str:
        return (self.home / "box" / "log" / "carrel.jsonl").read_text()


@pytest.fixture(scope="module")
def lan() -> Iterator[LocalNetwork]:
    with local_network() as made:
        yield made


@pytest.fixture(scope="module")
def box(lan, tmp_path_factory, request) -> Iterator[BoxOnNetwork]:
    settings = {
        "CARREL_HOST": "0.0.0.0",
        "CARREL_LAN_HOST": BOX_ADDRESS,
        "CARREL_MDNS": "box",
        "CARREL_PLAIN_HTTP": getattr(request, "param", "classes"),
    }
    made = BoxOnNetwork(tmp_path_factory.mktemp("home"), extra=settings, lan=lan)
    made.program = lan.on_box(*made.program)
    made.start()
    yield made
    made.stop()


def asked(words, box, address, *headers, path="/v1/models", url=""):
    """Status and the whole answer, with its head."""
    sent = [part for header in headers for part in ("-H", header)]
    url = url or f"http://{address}:{box.port}{path}"
    done = subprocess.run(
        words("curl", "-sS", "-i", "-m", "20", *sent, url), capture_output=True, text=True, check=True
    )
    return int(done.stdout.split(" ", 2)[1]), done.stdout


def line_in_log(box, event):
    """The line that the log has by then: it is written by another thread."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = [line for line in box.log.splitlines() if event in line]
        if found:
            return found[0]
        time.sleep(0.02)  # a file that another process writes: it has no event to offer
    raise AssertionError(f"the log has no {event}")


def test_a_long_lived_key_from_the_network_is_refused_and_from_the_box_itself_is_not(box, lan):
    made = box.carrel("key", "new", "laptop")
    key = made["key"]
    for header in (f"Authorization: Bearer {key}", f"X-Api-Key: {key}"):
        status, answer = asked(lan.on_laptop, box, BOX_ADDRESS, header)
        assert status == 403
        assert "sent in the clear" in answer
        assert key not in answer
        assert made["id"] not in answer
    # From the box, by the address that others know: the network carries nothing, and yet nobody can tell.
    assert asked(lan.on_box, box, BOX_ADDRESS, f"Authorization: Bearer {key}")[0] == 403
    assert asked(lan.on_box, box, "127.0.0.1", f"Authorization: Bearer {key}")[0] == 200
    assert made["id"] in line_in_log(box, "key_in_the_clear")
    assert key not in box.log
    told = box.carrel("alert", "list")["alerts"]
    assert [(one["kind"], one["subject"]) for one in told if one["kind"] == "clear"] == [
        ("clear", made["id"])
    ]


def test_what_no_key_is_for_is_answered_and_a_session_that_nobody_began_is_not(box, lan):
    assert asked(lan.on_laptop, box, BOX_ADDRESS, path="/v1/policy")[0] == 200
    assert asked(lan.on_laptop, box, BOX_ADDRESS, f"Cookie: {COOKIE}")[0] == 401
    assert asked(lan.on_laptop, box, BOX_ADDRESS, "X-Forwarded-For: 127.0.0.1", path="/metrics")[0] == 401
    assert asked(lan.on_laptop, box, BOX_ADDRESS, "Host: evil.example", path="/v1/policy")[0] == 400


def test_a_card_of_a_class_that_is_open_in_the_clear_works_there_until_the_class_is_closed(
    box, lan, tmp_path
):
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name\ns1,Ada L\n")
    box.carrel("class", "new", "monday", "--roster", str(roster))
    card = box.carrel("class", "cards", "monday")["cards"][0]
    header, long_lived = f"Authorization: Bearer {card['key']}", f"Authorization: Bearer {box.new_key()}"
    assert asked(lan.on_laptop, box, BOX_ADDRESS, header)[0] == 403
    opened = box.carrel("class", "open", "monday", "--plain", "--address", BOX_ADDRESS)
    models = f"{opened['plain_address']}/v1/models"
    status, answer = asked(lan.on_laptop, box, BOX_ADDRESS, header, url=models)
    assert (status, "class-model" in answer) == (200, True)
    for url in (models, f"http://{BOX_ADDRESS}:{box.port}/v1/models"):
        status, answer = asked(lan.on_laptop, box, BOX_ADDRESS, long_lived, url=url)
        assert (status, "sent in the clear" in answer) == (403, True)
    box.carrel("class", "close", "monday", "--yes")
    assert asked(lan.on_laptop, box, BOX_ADDRESS, header)[0] == 401
    assert card["key"] not in box.log


@pytest.mark.parametrize("box", ["all"], indirect=True)
def test_an_operator_may_take_every_key_in_the_clear(box, lan):
    key = box.new_key()
    assert asked(lan.on_laptop, box, BOX_ADDRESS, f"Authorization: Bearer {key}")[0] == 200
