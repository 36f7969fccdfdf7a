"""Everything that the work on one batch needs, in one value."""

from dataclasses import dataclass

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.services.batches.pauses import Sleep
from appliance.services.batches.ports import ANYWHERE, Batches, Endpoints, Generations, Holds, Origins
from appliance.services.batches.seats import Seats
from appliance.services.files import Files, Shelf


@dataclass(frozen=True, slots=True)
class Tools:
    """``file_days`` is how long the files that a batch writes are kept."""

    batches: Batches
    files: Files
    shelf: Shelf
    endpoints: Endpoints
    generations: Generations
    holds: Holds
    seats: Seats
    clock: Clock
    log: Log
    sleep: Sleep
    most_line_bytes: int
    file_ms: int
    origins: Origins = ANYWHERE
