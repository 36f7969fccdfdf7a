"""The inspecting process: an order on stdin, a verdict on stdout, and an end."""

import sys
from collections.abc import Callable

import msgspec

from appliance.domain.inspection import Inspection
from appliance.errors import IntegrityFailed
from appliance.weights.inspecting.limits import shut_in
from appliance.weights.inspecting.looking import look
from appliance.weights.inspecting.order import (
    LONGEST_ORDER_BYTES,
    ORDER,
    InspectOrder,
    Refused,
    Sound,
    Verdict,
)

_TOO_MUCH = "Looking into its files takes more memory than any model's needs; they are damaged or hostile."
_BROKEN = "Its files are not those of a model: they could not be read to an end."


def main() -> int:
    """Whatever the files do, the answer is a verdict, or there is none."""
    order = ORDER.decode(sys.stdin.buffer.read(LONGEST_ORDER_BYTES))
    shut_in(order.places.values())
    verdict = judged(order, look)
    sys.stdout.buffer.write(msgspec.json.encode(verdict))
    sys.stdout.buffer.flush()
    return 0


def judged(order: InspectOrder, looking: Callable[[InspectOrder], Inspection]) -> Verdict:
    """What ``looking`` makes of it."""
    try:
        return Sound(looking(order))
    except IntegrityFailed as error:
        return Refused(error.message)
    except MemoryError:
        return Refused(_TOO_MUCH)
    except Exception:  # noqa: BLE001 - the one place of this process that catches everything
        return Refused(_BROKEN)


if __name__ == "__main__":
    sys.exit(main())
