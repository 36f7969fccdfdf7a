"""A long action ends when whoever asked for it leaves; any other is carried out to its end."""

import asyncio
import threading

import httpx
import pytest

from appliance.client.admin import AdminClient
from appliance.domain.actions import action
from tests.admin.fake_box import FakeBox, raw_client, sample

pytestmark = pytest.mark.slow

BODY = {"model": "handbook-tiny"}


class Held(FakeBox):
    """One action waits until it is let go, or cancelled."""

    def __init__(self, socket_path, name: str) -> None:
        super().__init__(socket_path)
        self.name = name
        self.begun, self.ended, self.cancelled = threading.Event(), threading.Event(), threading.Event()
        self.go_on = threading.Event()
        table = dict(self.handlers.table())
        answer = self.handlers.handler(action(name))

        async def held(**arguments: object):
            self.begun.set()
            try:
                while not self.go_on.is_set():
                    await asyncio.sleep(0)
                return await answer(**arguments)
            except asyncio.CancelledError:
                self.cancelled.set()
                raise
            finally:
                self.ended.set()

        held.__signature__ = answer.__signature__
        self.serve({**table, name: held})

    def __exit__(self, *left: object) -> None:
        self.go_on.set()
        super().__exit__(*left)


def leave(box: Held) -> None:
    """Ask for the action over a connection that is closed before the answer."""
    with raw_client(box) as http:
        timeout = httpx.Timeout(0.2, connect=5)
        with pytest.raises(httpx.ReadTimeout):
            http.post(f"/admin/v1/{box.name.replace('.', '/')}", json=BODY, timeout=timeout)


def test_a_long_action_ends_with_its_caller(tmp_path):
    assert action("model.verify").long
    with Held(tmp_path / "s", "model.verify") as box:
        leave(box)
        assert box.ended.wait(10)
        assert box.cancelled.is_set()


def test_any_other_action_goes_on_without_its_caller(tmp_path):
    with Held(tmp_path / "s", "model.run") as box:
        leave(box)
        with AdminClient(box.path) as other:
            for _ in range(3):  # by then the box has noticed that the first one left
                other.run("status")
        assert not box.ended.is_set()
        box.go_on.set()
        assert box.ended.wait(10)
        assert not box.cancelled.is_set()


def test_a_long_action_may_take_longer_than_any_other(tmp_path):
    with Held(tmp_path / "s", "model.verify") as box, AdminClient(box.path, answer_timeout_s=0.01) as client:
        threading.Timer(0.2, box.go_on.set).start()
        assert client.run("model.verify", BODY) == sample(action("model.verify").result)
