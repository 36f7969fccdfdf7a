"""The child, ``python -m appliance.weights.fetching PARENT``: one order, what becomes of it, the end.

PARENT is the id of the process that started it.
"""

import os
import sys
import traceback

import msgspec

from appliance.confinement.confine import shut
from appliance.domain.download import FetchEvent, FetchOrder
from appliance.domain.recipe import RecipeFile
from appliance.domain.source import WeightSource
from appliance.errors import CarrelError, OutboundFailed
from appliance.outbound.certificates import trusted
from appliance.outbound.ranged.connecting import Dialer
from appliance.weights.fetching.hub import Hub
from appliance.weights.fetching.order import Fetch, Surroundings
from appliance.weights.fetching.parent import end_with_input
from appliance.weights.fetching.token_file import read_token
from appliance.weights.fetching.wire import LINE_BYTES, ORDER, Failed, Line, line_of


def main(parent: int) -> int:
    """Its exit status; everything worth saying is said on standard output."""
    shut()
    if os.getppid() != parent:
        return 0  # died before this process asked to die with it
    try:
        order = ORDER.decode(sys.stdin.buffer.readline(LINE_BYTES))
        end_with_input(sys.stdin.buffer)
        _fetch(order)
    except CarrelError as error:
        trouble = error.trouble if isinstance(error, OutboundFailed) else ""
        _say(Failed(error.code, error.message, trouble))
        return 1
    except Exception as error:  # noqa: BLE001 - the one place where the child says that it cannot go on
        print("".join(traceback.format_tb(error.__traceback__)), file=sys.stderr)  # noqa: T201
        what = f"The download met an error that it does not know ({type(error).__name__}); pull again."
        _say(Failed(CarrelError.code, what))
        return 1
    return 0


def _fetch(order: FetchOrder) -> None:
    token = read_token(order.token) if any(source.kind == "hub" for source in order.sources) else ""
    hub = Hub(order.hub, token, order.proxy, order.ca_file)

    def check(source: WeightSource, file: RecipeFile) -> None:
        hub.check(source.repository, source.commit, file.source_path)

    def tell(event: FetchEvent) -> None:
        _say(line_of(event))

    Fetch(order, Surroundings(Dialer(trusted(order.ca_file), order.proxy), check, token), tell).run()


def _say(said: Line) -> None:
    line = msgspec.json.encode(said) + b"\n"
    while line:
        line = line[os.write(1, line) :]


if __name__ == "__main__":
    # Threads that wait on a connection would hold up a tidy exit.
    os._exit(main(int(sys.argv[1])))
