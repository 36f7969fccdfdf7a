"""A worker's heart: a thread of its own that says once in a while that the process lives, and since when it
is in the present step.
"""

import threading
import time
from contextlib import suppress
from typing import Final, Protocol

from appliance.workers.child_channel import ChildChannel, GatewayGone
from appliance.workers.frames import Heartbeat, Loading
from appliance.workers.resident import resident_bytes

PROGRESS_EVERY_S: Final = 0.2


class Expecting(Protocol):
    """The part of an engine that the heart asks."""

    @property
    def expected_step_ms(self) -> float:
        """See ``engines.base.Engine``; read from the heart's thread."""
        ...


class Pulse:
    """Beats from ``start`` until the gateway is gone. The other methods are for the thread that works."""

    def __init__(self, channel: ChildChannel, every_s: float) -> None:
        self._channel = channel
        self._every_s = every_s
        self._engine: Expecting | None = None
        self._step_began_s: float | None = None
        self._last_progress_s = 0.0

    def start(self) -> None:
        """Once the process is confined: threads that were started before would not be."""
        threading.Thread(target=self._beat, name="pulse", daemon=True).start()

    def loading(self, part: float) -> None:
        """Tell the part of the model that is loaded, 0 to 1, a few times a second at most."""
        now_s = time.monotonic()
        if now_s - self._last_progress_s < PROGRESS_EVERY_S:
            return
        self._last_progress_s = now_s
        # The model library calls this from its middle: who reads the commands sees the same end.
        with suppress(GatewayGone):
            self._channel.send(Loading(min(1.0, max(0.0, part))))

    def loaded(self, engine: Expecting) -> None:
        """From here on the heart knows what a step should take."""
        self._engine = engine

    def step_begins(self) -> None:
        """The engine computes."""
        self._step_began_s = time.monotonic()

    def step_ends(self) -> None:
        """The engine has computed."""
        self._step_began_s = None

    def _beat(self) -> None:
        with suppress(GatewayGone):
            while True:
                self._channel.send(self._heartbeat())
                time.sleep(self._every_s)

    def _heartbeat(self) -> Heartbeat:
        began_s, engine = self._step_began_s, self._engine
        return Heartbeat(
            step_age_ms=None if began_s is None else (time.monotonic() - began_s) * 1000,
            expected_step_ms=0.0 if engine is None else engine.expected_step_ms,
            memory_bytes=resident_bytes(),
        )
