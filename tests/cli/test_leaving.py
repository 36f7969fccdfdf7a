"""`carrel down` returns when the box is gone, not when it was told."""

import subprocess
import sys
import threading

import pytest

from appliance.cli.leaving import Leaving
from appliance.errors import RequestTimeout
from tests.admin.fake_box import status

UNTIL_TOLD = (sys.executable, "-c", "import sys; sys.stdin.read()")


def test_it_waits_for_the_process_to_end(carrel, box):
    with subprocess.Popen(UNTIL_TOLD, stdin=subprocess.PIPE) as gateway:
        box.handlers.answers["status"] = status(pid=gateway.pid)
        leaving = Leaving(carrel.desk())
        waiting = threading.Thread(target=leaving.wait)
        waiting.start()
        assert waiting.is_alive()
        gateway.stdin.close()
        waiting.join(30)
        assert not waiting.is_alive()


def test_down_returns_when_the_process_has_ended(carrel, box):
    told = threading.Event()
    box.handlers.notice = lambda name: told.set() if name == "down" else None
    with subprocess.Popen(UNTIL_TOLD, stdin=subprocess.PIPE) as gateway:
        box.handlers.answers["status"] = status(pid=gateway.pid)
        waiting = threading.Thread(target=carrel, args=["down"])
        waiting.start()
        assert told.wait(30)
        waiting.join(0.5)
        assert waiting.is_alive()
        gateway.stdin.close()
        waiting.join(30)
        assert not waiting.is_alive()


def test_a_box_that_does_not_go_is_reported(carrel, box):
    with pytest.raises(RequestTimeout, match="still stopping"):
        Leaving(carrel.desk(), limit_s=0.1).wait()
