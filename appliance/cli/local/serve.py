"""`carrel serve`: the gateway in this process. The only command that loads it."""

import asyncio
from typing import Final

from appliance.cli.desk import Desk
from appliance.config import Settings
from appliance.domain.results import Stopped


def serve(desk: Desk) -> Stopped:
    """Run until told to stop. Raises what keeps the gateway from starting."""
    return serve_with(desk.settings())


def serve_with(settings: Settings) -> Stopped:
    """Run a gateway with these settings until it is told to stop."""
    from appliance.wiring.running import run_gateway  # noqa: PLC0415 - litestar takes most of a second

    asyncio.run(run_gateway(settings))
    return Stopped(stopped=True)


HANDLERS: Final = {"serve": serve}
