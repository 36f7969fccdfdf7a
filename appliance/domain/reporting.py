"""What is reported of a box's use: tallies of days as the ledger keeps them, batches as they were made."""

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from appliance.domain.usage import Operation

DAY_MS: Final = 86_400_000
_ELSEWHERE: Final = "upstream:"
_VERSION: Final = re.compile(r"-(?=[0-9])")


@dataclass(frozen=True, slots=True)
class Sums:
    """Of some requests. ``failed`` and ``estimated`` (charged by what was marked before a crash) are among
    ``requests``; those refused are not. None: nobody measured.
    """

    requests: int = 0
    failed: int = 0
    refused_budget: int = 0
    refused_license: int = 0
    estimated: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    gflop: int = 0
    """Micro-credits where the method is one of prices."""
    gpu_ms: int = 0
    wall_ms: int = 0
    energy_mj: int | None = None
    money_micro: int | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """What was computed with: the same in all rows that become one record."""

    model: str
    """A recipe's id, without a form."""
    revision: int
    file_sha256: str
    backend: str
    op: Operation
    method: str


def backend_of(build: str) -> str:
    """An engine's name without its version: ``llama.cpp-0.3.36`` is ``llama.cpp``. What the lab calls a host
    elsewhere is left out.
    """
    if build.startswith(_ELSEWHERE):
        return "remote"
    return _VERSION.split(build, maxsplit=1)[0] or "unknown"


@dataclass(frozen=True, slots=True)
class TallyRow:
    """What one holder used in one project with one thing, within one part of a day."""

    holder: str
    project_id: str
    ran: Ran
    sums: Sums
    first_hour: int
    last_hour: int


@dataclass(frozen=True, slots=True)
class Refusals:
    """How often a holder was refused at the gates on a UTC day, for want of budget or license."""

    day: int
    holder: str
    project_id: str
    model_id: str
    ran: Ran
    hour: int
    budget: int
    license: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a UTC day's tally that takes no more rows. ``day`` in days since 1970."""

    number: int
    day: int


@dataclass(frozen=True, slots=True)
class LeafRow:
    """One settled request of a part, as the ledger has it."""

    seq: int
    request_id: str
    project_id: str
    ran: Ran
    outcome: str
    ended_ms: int
    input_tokens: int
    output_tokens: int
    gflop: int


@dataclass(frozen=True, slots=True)
class MadeRecord:
    """A record of a batch. ``same`` is what it is about, without its number; ``record`` its JSON."""

    id: str
    part: int
    day: int
    same: str
    record: str


@dataclass(frozen=True, slots=True)
class MadeBatch:
    """One link of the chain as it was signed. ``token`` is empty once it need not be offered again."""

    box: str
    epoch: int
    seq: int
    digest: str
    prev: str
    jti: str
    token: str
    part: int
    day: int
    leaves: int
    merkle_root: str
    made_ms: int
    acked_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a box's chain stands. ``prev`` is what the first batch of ``epoch`` follows."""

    box: str
    epoch: int = 1
    prev: str = ""
    acked_epoch: int = 1
    acked_seq: int = 0
    acked_iat: int = 0
    asked_ms: int = 0
    """When the registry was last asked for what it has."""
    begun_day: int = 0
    begun: int = 0
    """New epochs on that day."""
    last: MadeBatch | None = field(default=None, compare=False)

    @property
    def next_seq(self) -> int:
        """The number of the next batch."""
        return self.last.seq + 1 if self.last is not None and self.last.epoch == self.epoch else 1

    @property
    def head(self) -> str:
        """What the next batch follows."""
        return self.last.digest if self.last is not None and self.last.epoch == self.epoch else self.prev


@dataclass(frozen=True, slots=True)
class ReportMark:
    """Something that a person should look at."""

    at_ms: int
    what: str
    sentence: str


CheckState = Literal["open", "shown", "refused"]


@dataclass(frozen=True, slots=True)
class SpotRequest:
    """The registry asks to be shown some rows of one batch; an operator decides."""

    id: str
    epoch: int
    seq: int
    leaves: tuple[int, ...]
    reason: str
    came_ms: int
    state: CheckState = "open"
    why: str = ""
    decided_ms: int | None = None
