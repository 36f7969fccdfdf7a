"""The fake engine, with options from its environment, and a way to be told to eat memory: SIGUSR1."""

import json
import os
import signal
import time
from collections.abc import Callable
from threading import Event

import msgspec

from appliance.engines.base import EngineSpec, unheard
from appliance.engines.fake import FakePlugin, FakeRunner


def _eat(*_: object) -> None:
    """Up to 1 GiB, slowly enough to be seen."""
    eaten = []
    for _ in range(64):
        eaten.append(b"x" * 2**24)
        time.sleep(0.01)
    Event().wait()


class MortalPlugin(FakePlugin):
    def open_runner(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> FakeRunner:
        signal.signal(signal.SIGUSR1, _eat)
        options = json.loads(os.environ.get("MORTAL_OPTIONS", "{}"))
        return super().open_runner(msgspec.structs.replace(spec, options=options), on_progress)


plugin = MortalPlugin()
