"""The processes of the ranks beside this one: started, told, watched and ended together.

They are in the process group of whoever starts them, inside its walls, and see its environment.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Final

from appliance.engines.base import EngineSpec
from appliance.engines.torch.ranks.frames import Channel, Gone, Loaded, Open, ToRank
from appliance.errors import ReplicaFailed

_PROGRAM: Final = "appliance.engines.torch.ranks.program"
_EXIT_FAILED: Final = 1
_END_S: Final = 5.0
_LAST_WORDS_S: Final = 0.5
"""For the thread that works to say why: it may be where nothing reaches it."""


class Child:
    """One of them."""

    def __init__(self, rank: int, place: int) -> None:
        self.rank = rank
        ours, theirs = socket.socketpair()
        with theirs:
            descriptors = theirs.fileno(), place
            self.process = subprocess.Popen(  # noqa: S603 - Python itself, with two numbers
                [sys.executable, "-P", "-m", _PROGRAM, *map(str, descriptors)],
                stdin=subprocess.DEVNULL,
                pass_fds=descriptors,
            )
        self.channel = Channel(ours)


class Children:
    """Ranks 1 to ``size - 1``; ``place`` is where they meet.

    To be made by the main thread, which lives as long as the process: their parent-death signal is about it.
    A child that ends unasked takes this process with it.
    """

    def __init__(self, size: int, place: int) -> None:
        self._size = size
        self._ending = threading.Event()
        self._lost = threading.Event()
        self._why_lost = ""
        self._all = [Child(rank, place) for rank in range(1, size)]

    def open(self, spec: EngineSpec) -> None:
        """Let them load, and go on."""
        for one in self._all:
            with suppress(Gone):
                one.channel.send(Open(spec, one.rank))

    def loaded(self) -> tuple[Loaded, ...]:
        """Wait for all; what each holds. Raises ``ReplicaFailed`` with what the first said that cannot."""
        return tuple(self._answer(one) for one in self._all)

    def watch(self) -> None:
        """From now on an end of one is the end of all."""
        for one in self._all:
            threading.Thread(target=self._outlive, args=(one,), name=f"rank {one.rank}", daemon=True).start()

    def tell(self, command: ToRank) -> None:
        """All of them the same. Raises ``Gone``."""
        data = self._all[0].channel.encoded(command)
        for one in self._all:
            one.channel.send_encoded(data)

    def why_lost(self) -> str:
        """Which of them ended, and how; empty where none did, as far as is known after a moment."""
        return self._why_lost if self._lost.wait(_LAST_WORDS_S) else ""

    def end(self, command: ToRank | None = None) -> None:
        """Returns when all have ended: by themselves, where ``command`` asks them to."""
        self._ending.set()
        for one in self._all:
            with suppress(Gone):
                if command:
                    one.channel.send(command)
        for one in self._all:
            with suppress(subprocess.TimeoutExpired):
                one.process.wait(_END_S if command else 0)
            one.process.kill()
            one.process.wait()
            one.channel.close()

    def _answer(self, one: Child) -> Loaded:
        with suppress(Gone):
            answer = one.channel.answer()
            if isinstance(answer, Loaded):
                return answer
            raise ReplicaFailed(answer.message)
        raise ReplicaFailed(f"{self._name(one)} {_in_words(one.process.wait())} while it loaded.")

    def _outlive(self, one: Child) -> None:
        status = one.process.wait()
        if self._ending.is_set():
            return
        self._why_lost = f"{self._name(one)} {_in_words(status)}, and the others end with it."
        print(self._why_lost, file=sys.stderr, flush=True)  # noqa: T201 - the gateway logs what a child prints
        self._lost.set()
        self._ending.wait(_LAST_WORDS_S)
        os._exit(_EXIT_FAILED)

    def _name(self, one: Child) -> str:
        return f"Process {one.rank + 1} of the {self._size} that share the model"


def _in_words(status: int) -> str:
    if status >= 0:
        return f"exited with status {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"
