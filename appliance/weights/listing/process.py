"""Asks a hub about a repository by a process of its own: the hub's library is in no other, and finds nothing
of the operator's environment.
"""

import os
import subprocess  # nosec B404 - a program of our own
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from appliance.domain.listing import HubListing, ListedFile
from appliance.errors import OutboundFailed, error_for_code
from appliance.outbound.switch import Switch
from appliance.weights.fetching.hub_environment import hub_environment
from appliance.weights.listing.wire import (
    ANSWER,
    LONGEST_ANSWER_BYTES,
    Answer,
    Failed,
    HubPlace,
    Listed,
    ListRepository,
    Question,
    Read,
    ReadFile,
)

DEADLINE_S: Final = 300.0
_LOOK_S: Final = 1.0
_ASKS_NONE: Final = "it asks no hub"
PROGRAM: Final = (sys.executable, "-P", "-m", "appliance.weights.listing")
_ENVIRONMENT: Final = {"PATH": os.defpath, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class ListProcess:
    """``home`` is a folder for the hub's client library. Every method blocks, and raises what ``hub.Hub`` and
    ``reading.read`` raise, and ``Offline``, at once or when ``switch`` goes on in the middle.
    """

    place: HubPlace
    home: Path
    switch: Switch = field(default_factory=Switch)
    program: tuple[str, ...] = PROGRAM
    deadline_s: float = DEADLINE_S

    def list_files(self, repository: str, revision: str) -> HubListing:
        """``revision`` is a commit, a branch or a tag."""
        answer = self._ask(ListRepository(self.place, repository, revision))
        if not isinstance(answer, Listed):
            raise _no_answer()
        return answer.listing

    def read(self, listing: HubListing, file: ListedFile, begin: int, end: int) -> bytes:
        """Exactly these bytes of a file of it."""
        question = ReadFile(
            self.place, listing.repository, listing.commit, file.path, file.size_bytes, begin, end
        )
        answer = self._ask(question)
        if not isinstance(answer, Read) or len(answer.data) != end - begin:
            raise _no_answer()
        return answer.data

    def _ask(self, question: Question) -> Answer:
        self.switch.check(_ASKS_NONE)
        with subprocess.Popen(  # noqa: S603  # nosec B603 - a program of our own
            self.program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**_ENVIRONMENT, **hub_environment(self.home, offline=False)},
            cwd="/",
        ) as process:
            try:
                said = self._said(process, msgspec.json.encode(question))
            finally:
                process.kill()
        return _answered(said, process.returncode)

    def _said(self, process: "subprocess.Popen[bytes]", question: bytes) -> bytes:
        """All of it. The switch is asked once a second, since a terminal hears of no change."""
        until_s = time.monotonic() + self.deadline_s
        asked: bytes | None = question
        while (left_s := until_s - time.monotonic()) > 0:
            try:
                return process.communicate(asked, timeout=min(_LOOK_S, left_s))[0]
            except subprocess.TimeoutExpired:
                asked = None
                self.switch.check(_ASKS_NONE)
        raise _no_answer()


def _answered(said: bytes, status: int) -> Answer:
    if status != 0 or len(said) > LONGEST_ANSWER_BYTES:
        raise _no_answer()
    try:
        answer = ANSWER.decode(said)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _no_answer() from error
    if isinstance(answer, Failed):
        raise error_for_code(answer.code)(answer.message)
    return answer


def _no_answer() -> OutboundFailed:
    return OutboundFailed("The hub gave no answer that makes sense. Try again later.", trouble="failed")
